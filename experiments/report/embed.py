"""Make figures and data part of a page that loads nothing."""

import base64
import re

import pandas as pd
from markupsafe import Markup


def inline(svg: str, name: str, text: str) -> Markup:
    """An SVG as part of the page: its ids made the figure's own, its size the column's, its finding read aloud."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\b(id="|xlink:href="#|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]*"', body)
    if not box:
        raise ValueError(f"{name}: the SVG has no viewBox")
    head = Markup(
        '<svg {} role="img" aria-label="{}" class="figure" xmlns="http://www.w3.org/2000/svg" '
    ).format(Markup(box.group()), text)
    head += Markup('xmlns:xlink="http://www.w3.org/1999/xlink">')
    return head + Markup(re.sub(r"\s*\n\s*", "\n", body[body.index(">") + 1 :]))


def picture(png: bytes, text: str) -> Markup:
    """A PNG as part of the page."""
    source = base64.b64encode(png).decode()
    return Markup('<img class="figure" alt="{}" src="data:image/png;base64,{}">').format(text, source)


def data_link(frame: pd.DataFrame) -> str:
    """A frame as the address of a CSV file that the page carries itself."""
    text = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(text.encode("utf-8-sig")).decode()
