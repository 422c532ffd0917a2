"""The board paper: four pages to print, the same as slides with native charts, and a workbook of all tables behind."""

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from experiments.labels import columns
from experiments.own_bank.answers import ANSWERS
from experiments.own_bank.figures import Chart
from experiments.own_bank.pages import Board
from experiments.report.console import labels_of, laid_out
from experiments.report.embed import environment, faces
from experiments.report.page import opened
from experiments.report.registry import Page
from experiments.report.tables import Cell

PAPER: Final = ("board.html", "board.pptx", "board.xlsx")
TOLD: Final = 5  # columns of the plans on the console
MOST_ROWS: Final = 12  # of a table on a slide
WIDTH: Final = 12.3  # of what stands on a slide, inches
TALLEST: Final = 5.2  # of a table on a slide, inches
LONGEST: Final = 31  # letters of a sheet's name
EPOCH: Final = datetime(2020, 1, 1)  # files are the same whenever they are written


def write_board(page: Page) -> list[Path]:
    """Write the board paper of a study that holds a bank.

    Parameters
    ----------
    page : Page
        Of a finished study (`experiments.report.page.opened`).

    Returns
    -------
    list of Path
        ``board.html``, ``board.pptx`` and ``board.xlsx``; none where the study holds no bank.
    """
    if not page.study.settings.get("bank") or not page.study.has("own_bank"):
        return []
    board = page.once(Board)
    paths = [page.study.folder / name for name in PAPER]
    paths[0].write_text(as_page(board), "utf-8")
    as_slides(board).save(str(paths[1]))
    as_workbook(board, paths[2])
    for path in paths[1:]:
        path.write_bytes(undated(path.read_bytes()))
    return paths


def console_text(folder: Path) -> str:
    """What the console says of a study with a bank: what each sheet finds, and its plans side by side."""
    board, lines = opened(folder, labels_of(folder).language).once(Board), []
    for sheet in board.sheets:
        lines += [sheet.title, *(f"  {point}" for point in sheet.points), ""]
        if sheet.id == "choice":
            table = sheet.tables[0]
            rows = [[cell.text for cell in row[:TOLD]] for row in table.rows]
            lines.append(laid_out(table.caption, [table.head[:TOLD], *rows]))
    if len(board.runs.axes["replicate"]) == 1:
        lines.append(board.labels("uncertainty.one"))
    return "\n".join(lines)


def undated(document: bytes) -> bytes:
    """A zipped document without the times of writing, so that the same study gives the same bytes."""
    written = BytesIO()
    with ZipFile(BytesIO(document)) as archive, ZipFile(written, "w", ZIP_DEFLATED) as plain:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".xlsx"):  # the numbers behind a chart
                content = undated(content)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", f"{EPOCH:%FT%TZ}".encode(), content)
            plain.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return written.getvalue()


def title_of(board: Board) -> str:
    """What the paper is called."""
    return board.labels("own.paper", name=board.bank["name"])


def as_page(board: Board) -> str:
    """The paper as one self-contained page, a sheet to a printed page or two."""
    folder = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    template = environment().overlay(loader=folder).get_template("board.html.j2")
    figures = {sheet.id: board.figure(sheet) for sheet in board.sheets}
    board.page.draw()
    content = {"title": title_of(board), "sheets": board.sheets, "labels": board.labels, "figures": figures}
    return template.render(**content, style=Markup(faces(template.render(**content, style=""))))


def as_slides(board: Board) -> Any:
    """The paper as a presentation: a title, then for each sheet its sentences and charts, and each of its tables."""
    from pptx import Presentation
    from pptx.util import Inches, Pt

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    deck.core_properties.created = deck.core_properties.modified = EPOCH
    deck.core_properties.author = deck.core_properties.title = title_of(board)
    front = deck.slides.add_slide(deck.slide_layouts[0])
    title = title_of(board)
    lines = ((title, 2.3, 40 if columns(title) <= 60 else 24), (board.labels("own.confidential"), 4.0, 24))
    for placeholder, (text, top, size) in zip(front.placeholders, lines, strict=True):
        placeholder.text = text
        placeholder.text_frame.paragraphs[0].font.size = Pt(size)
        _place(placeholder, 0.5, top, WIDTH, 1.5)
    for sheet in board.sheets:
        slide = _slide(deck, sheet.title)
        width = 5.6 if sheet.charts else WIDTH
        box = slide.shapes.add_textbox(Inches(0.5), Inches(1.3), Inches(width), Inches(5.6)).text_frame
        box.word_wrap = True
        for k, point in enumerate(sheet.points):
            paragraph = box.paragraphs[0] if k == 0 else box.add_paragraph()
            paragraph.text, paragraph.font.size, paragraph.space_after = point, Pt(14), Pt(8)
        for k, chart in enumerate(sheet.charts):
            tall = Inches(5.6 / len(sheet.charts))
            _native(slide, chart, Inches(6.3), Inches(1.3) + k * tall, Inches(6.6), tall)
        for table in sheet.tables:
            for start in range(0, len(table.rows), MOST_ROWS):
                rows = table.rows[start : start + MOST_ROWS]
                _laid(_slide(deck, table.caption or sheet.title), table.head, rows, table.note)
    return deck


def _slide(deck: Any, title: str) -> Any:
    from pptx.util import Pt

    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = title
    _place(slide.shapes.title, 0.5, 0.2, WIDTH, 1.0)
    slide.shapes.title.text_frame.paragraphs[0].font.size = Pt(24 if columns(title) <= 80 else 20)
    return slide


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    """Where a shape stands, inches; one that follows its layout has no height of its own."""
    from pptx.util import Inches

    shape.left, shape.top, shape.width, shape.height = map(Inches, (left, top, width, height))


def _native(slide: Any, chart: Chart, left: int, top: int, width: int, height: int) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
    from pptx.util import Pt

    data = CategoryChartData()
    data.categories = chart.categories
    for name, values in chart.series.items():
        data.add_series(name, values)
    kind = XL_CHART_TYPE.LINE if chart.kind == "line" else XL_CHART_TYPE.COLUMN_CLUSTERED
    native = slide.shapes.add_chart(kind, left, top, width, height, data).chart
    native.font.size = Pt(10)
    native.has_title = True
    native.chart_title.text_frame.text = f"{chart.title} ({chart.unit})"
    native.chart_title.text_frame.paragraphs[0].font.size = Pt(12)
    native.has_legend = len(chart.series) > 1
    if native.has_legend:
        native.legend.position, native.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        native.legend.font.size = Pt(10)


def _laid(slide: Any, head: list[str], rows: list[list[Cell]], note: str) -> None:
    """A table of a slide in the largest letters in which it leaves room for its note."""
    from pptx.util import Inches, Pt

    lines = [head, *([str(cell) for cell in row] for row in rows)]
    letters = np.array([[columns(word) for word in line] for line in lines])
    parts = np.clip(letters.max(0), 8, 36) + 3.0
    widths = WIDTH * parts / parts.sum()
    for size in (11, 10, 9, 8):
        wraps = np.ceil(letters * size * 0.6 / 72 / (widths - 0.2)).max(1).clip(1)
        heights = (1.2 * size * wraps + 8) / 72
        if heights.sum() <= TALLEST:
            break
    shape = slide.shapes.add_table(
        len(lines), len(head), Inches(0.5), Inches(1.3), Inches(WIDTH), Inches(heights.sum())
    )
    for column, width in zip(shape.table.columns, widths, strict=True):
        column.width = Inches(width)
    strong = [[True] * len(head), *([cell.strong for cell in row] for row in rows)]
    for row, line, bold, height in zip(shape.table.rows, lines, strong, heights, strict=True):
        row.height = Inches(height)
        for cell, word, stands_out in zip(row.cells, line, bold, strict=True):
            cell.text, cell.margin_top, cell.margin_bottom = word, Pt(3), Pt(3)
            font = cell.text_frame.paragraphs[0].font
            font.size, font.bold = Pt(size), stands_out
    if note:
        text = slide.shapes.add_textbox(Inches(0.5), Inches(6.6), Inches(WIDTH), Inches(0.7)).text_frame
        text.word_wrap, text.text = True, note
        text.paragraphs[0].font.size = Pt(10)


def as_workbook(board: Board, path: Path) -> None:
    """Every table behind the paper, a sheet each, with the paper's sentences first."""
    from openpyxl.styles import Font

    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        writer.book.properties.created = writer.book.properties.modified = EPOCH
        first = writer.book.create_sheet("board")
        for sheet in board.sheets:
            first.append([sheet.title])
            first.cell(first.max_row, 1).font = Font(bold=True)
            for point in sheet.points:
                first.append(["", point])
        for name in (*ANSWERS, "own_reverse", "own_search", "own_breaks"):
            if len(table := board.frame(name)):
                table.to_excel(writer, sheet_name=name[:LONGEST], index=False, freeze_panes=(1, 0))
