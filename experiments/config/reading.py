"""Files of text that a user brings, in whatever form an office leaves them.

A file is read right (a byte order mark, UTF-16, GBK, Windows line ends), or refused with one sentence that says what
to do (a workbook under another name, a folder, a picture).
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from experiments.config.sentences import Refused, Sentence

LARGEST: Final = 50_000_000

WORKBOOK: Final = Sentence(
    "open it in Excel and save it as 'CSV UTF-8' (a table), or copy its text into a plain-text file (a configuration)",
    "请在 Excel 中另存为“CSV UTF-8”（表格），或把内容粘贴到纯文本文件（配置）",
)
PLAIN_TEXT: Final = Sentence("a text file in UTF-8", "UTF-8 编码的文本文件")
SIGNATURES: Final = (
    (b"\xd0\xcf\x11\xe0", Sentence("an old Excel or Word file", "旧版 Excel 或 Word 文件"), WORKBOOK),
    (b"%PDF", Sentence("a PDF", "PDF 文件"), PLAIN_TEXT),
    (b"\x89PNG", Sentence("a picture", "图片"), PLAIN_TEXT),
    (b"\xff\xd8\xff", Sentence("a picture", "图片"), PLAIN_TEXT),
    (b"PAR1", Sentence("a Parquet file", "Parquet 文件"), Sentence("the table as CSV", "CSV 格式的表格")),
    (b"\x1f\x8b", Sentence("a compressed file", "压缩文件"), Sentence("the file unpacked", "解压后的文件")),
    (b"Rar!", Sentence("a compressed file", "压缩文件"), Sentence("the file unpacked", "解压后的文件")),
    (b"7z\xbc\xaf", Sentence("a compressed file", "压缩文件"), Sentence("the file unpacked", "解压后的文件")),
)
MARKS_OF_ORDER: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Text:
    """The text of a file, with plain line ends and no byte order mark.

    Parameters
    ----------
    content : str
    encoding : str
        What it was stored in.
    marked : bool
        Whether it began with a byte order mark.
    """

    content: str
    encoding: str
    marked: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a reader that knows UTF-8 alone sees the same."""
        return self.encoding == "utf-8" and not self.marked


def text(path: str | os.PathLike[str]) -> Text:
    """Read a file of text, whatever encoding it is in.

    Parameters
    ----------
    path : path

    Returns
    -------
    Text

    Raises
    ------
    Refused
        When it is missing, a folder, empty, too large, or no text.
    """
    data = _bytes(Path(path))
    for mark, encoding in MARKS_OF_ORDER:
        if data.startswith(mark):
            return Text(_lines(_decoded(data[len(mark) :], encoding)), encoding, marked=True)
    for signature, kind, allowed in (*SIGNATURES, *_zip(data)):
        if data.startswith(signature):
            raise Refused(Sentence(f"is {kind.en}, whatever its name says", f"其实是{kind.zh}"), allowed)
    for encoding in _likely(data):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(content, encoding):
            return Text(_lines(content), encoding)
    raise Refused(Sentence("is no text that can be read", "不是可读的文本"), PLAIN_TEXT)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Refused(Sentence("is a folder", "是文件夹"), Sentence("one file", "单个文件"))
        if path.stat().st_size > LARGEST:
            raise Refused(
                Sentence("is larger than 50 MB", "大于 50 MB"), Sentence("a smaller file", "较小的文件")
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(
            Sentence("does not exist", "不存在"), Sentence("a file that is there", "存在的文件")
        ) from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise Refused(Sentence(f"cannot be read: {said}", f"无法读取：{said}")) from error
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise Refused(Sentence("is empty", "是空文件"), Sentence("a file with content", "有内容的文件"))
    return data


def _zip(data: bytes) -> Iterator[tuple[bytes, Sentence, Sentence]]:
    """What a ZIP archive is, by the names of the parts in it."""
    if b"xl/" in data:
        yield b"PK", Sentence("an Excel workbook", "Excel 工作簿"), WORKBOOK
    elif b"word/" in data:
        yield b"PK", Sentence("a Word document", "Word 文档"), PLAIN_TEXT
    yield (
        b"PK\x03\x04",
        Sentence("a compressed file", "压缩文件"),
        Sentence("the file unpacked", "解压后的文件"),
    )


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        what = Sentence(f"is not sound {encoding.upper()} text", f"不是有效的 {encoding.upper()} 文本")
        raise Refused(what, PLAIN_TEXT) from error


def _likely(data: bytes) -> tuple[str, ...]:
    """Encodings to try, the likeliest first."""
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        return (
            ("utf-16-le", "utf-16-be")
            if head[1::2].count(0) > head[::2].count(0)
            else ("utf-16-be", "utf-16-le")
        )
    return ("utf-8", "gb18030")


def _is_text(content: str, encoding: str) -> bool:
    """Whether decoding gave text: no control characters, and in GBK nothing but what Chinese is written with."""
    if any(c < " " and c not in "\t\r\n\f" for c in content):
        return False
    foreign = [c for c in content if c > "\x7f"]
    return encoding == "utf-8" or all(_is_chinese_mark(c) for c in foreign)


def _is_chinese_mark(character: str) -> bool:
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3000 <= code <= 0x303F
        or 0xFF00 <= code <= 0xFFEF
        or character in "·—‘’“”…‰×÷±°→￥①②③④⑤⑥⑦⑧⑨⑩≤≥≈√∞％"
    )


def _lines(content: str) -> str:
    return content.replace("\r\n", "\n").replace("\r", "\n")
