"""A file in any form an office leaves it is read right, or refused with one sentence that says what to do."""

import zipfile
from pathlib import Path

import pytest

from experiments.config.errors import Faults, Refused
from experiments.config.reading import dangers, for_hydra, mapping, mapping_of, text
from experiments.config.tables import Column, quarter, table, whole_number

SENTENCE = "replicates: 64\nname: 试点研究\n"
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, told: str, ends: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(SENTENCE.replace("\n", ends).encode(encoding))
    file = text(path)
    assert (file.content, file.encoding) == (SENTENCE, told)
    assert mapping(path) == {"replicates": 64, "name": "试点研究"}
    assert file.is_plain == (encoding == "utf-8")
    if not file.is_plain:
        with pytest.raises(Refused) as caught:
            for_hydra(path)
        assert "is stored as" in caught.value.at("").spoken("en")
        assert "UTF-8" in caught.value.at("").spoken("zh")


def workbook(path: Path, part: str = "xl/workbook.xml") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "<x/>")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"  \r\n", "is empty"),
        (
            b"\xd0\xcf\x11\xe0" + bytes(600),
            "is an old Excel or Word file, whatever its name says; allowed open it in Excel",
        ),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\x89PNG\r\n", "is a picture"),
        (b"PAR1....", "is a Parquet file"),
        (bytes(range(256)) * 4, "is no text that can be read"),
        ("café, naïve".encode("latin-1"), "is no text that can be read"),
        (b"a\x00b: 1", "is no text that can be read"),
    ],
)
def test_what_is_no_text_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(Refused) as caught:
        text(path)
    assert said in caught.value.at("").spoken("en")
    assert caught.value.at("").spoken("zh") != caught.value.at("").spoken("en")


def test_workbooks_folders_and_nothing(tmp_path: Path) -> None:
    for name in ("book.yaml", "book.csv"):
        workbook(tmp_path / name)
        with pytest.raises(Refused, match="is an Excel workbook"):
            text(tmp_path / name)
    workbook(tmp_path / "letter.yaml", "word/document.xml")
    with pytest.raises(Refused, match="is a Word document"):
        text(tmp_path / "letter.yaml")
    with pytest.raises(Refused, match="is a folder"):
        text(tmp_path)
    with pytest.raises(Refused, match="does not exist"):
        text(tmp_path / "nowhere.csv")
    faults = Faults()
    assert not list(table(tmp_path / "book.csv", [Column("a")], faults))
    assert "is an Excel workbook" in str(*faults)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [1\n", "is not sound YAML: line"),
        ("a: 1\na: 2\n", "key 'a' stands twice"),
        ("? [a, b]\n: 1\n", "a key is no plain text"),
        ("a: &a\n  b: *a\n", "refers to itself"),
        (LAUGHS, "holds more than 100000 values"),
        ("- a\n", "is not a mapping"),
        ("a: !!python/object/apply:os.system [ls]\n", "is not sound YAML"),
        ("a: !tag x\n", "is not sound YAML"),
        ("[" * 2000, "is not sound YAML"),
        (
            "seed：3\n",
            "line 1 has the full-width '：' where YAML needs a plain one; allowed : typed with the keyboard",
        ),
        ("seed: 3\nname：x\n", "line 2 has the full-width '：'"),
        ("a:\n\tb: 1\n", "line 2, column 1: begins with a tab; allowed spaces"),
    ],
)
def test_what_is_no_yaml_is_said(content: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        mapping_of(content)
    assert said in caught.value.at("").spoken("en")


def test_yaml_is_read_as_hydra_reads_it() -> None:
    content = "a: 1e5\nb: 2024-01-01\nc: on\nd: 试点：一\ne: .5\nf: 12:30\ng: null\n"
    assert mapping_of(content) == {
        "a": 1e5,
        "b": "2024-01-01",
        "c": True,
        "d": "试点：一",
        "e": 0.5,
        "f": 750,
        "g": None,
    }
    assert mapping_of("# 只有注释\n") == {}


@pytest.mark.parametrize(
    ("tree", "where"),
    [
        ({"a": {"_target_": "os.system"}}, "a._target_"),
        ({"a": "${oc.env:HOME}"}, "a"),
        ({"a": "${b"}, "a"),
        ({"${x}": 1}, "${x}"),
        ({True: 1}, "True"),
        ({"a": "x\x07"}, "a"),
        ({"a": "\u202e"}, "a"),
        ({"a": b"x"}, "a"),
    ],
)
def test_what_could_act_is_found(tree: object, where: str) -> None:
    assert [key for key, _ in dangers(tree)] == [where]
    assert not list(dangers({"a": "${seed}", "b": [1, 2.0, None, True, "试点\n"], 2025: "x"}))


def test_nesting_has_an_end() -> None:
    tree: object = 1
    for _ in range(40):
        tree = {"a": tree}
    assert "nested too deeply" in str(next(dangers(tree))[1])


COLUMNS = (Column("year", ("年份",)), Column("value", ("净息差",)), Column("unit", needed=False))


@pytest.mark.parametrize(
    "content",
    [
        "year,value\n2023,1.5\n",
        "\ufeffYear,Value\r\n2023,1.5\r\n\r\n,\r\n",
        "sep=;\nyear;value\n2023;1.5\n",
        "year\tvalue\textra\n2023\t1.5\tx\n",
        "年份，净息差\n2023，1.5\n",
        '"year" , "value"\n2023, 1.5 \n'.replace('" , "', '","'),
        "年份,净息差\n2023,1.5\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_tables_of_every_dialect(tmp_path: Path, content: str, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes((content if encoding == "utf-8" else content.removeprefix("\ufeff")).encode(encoding))
    (found,) = table(path, COLUMNS, Faults())
    assert found[1] == {"year": "2023", "value": "1.5"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("year,valu\n2023,1\n", "has no column value, only year, valu; allowed the columns year, value"),
        ("year,value,value\n2023,1,2\n", "has the column value twice"),
        ('year,value\n2023,"1\n', "no row"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8")
    faults = Faults()
    rows = list(table(path, COLUMNS, faults))
    if said == "no row":
        assert rows  # an open quote runs to the end of the file
    else:
        assert said in str(*faults)


def test_cells() -> None:
    assert (
        whole_number("2024年", 2000, 2040)
        == whole_number("２０２４", 2000, 2040)
        == whole_number("2024.0", 2000, 2040)
    )
    for given in ("2024Q4", "2024q4", "2024-Q4", "2024年第四季度", "2024年四季度", "2024", "2024年末"):
        assert quarter(given) == "2024Q4"
    assert quarter("2025年2季度") == "2025Q2"
    with pytest.raises(Refused):
        quarter("2024Q5")
    with pytest.raises(Refused):
        whole_number("1999", 2000, 2040)
