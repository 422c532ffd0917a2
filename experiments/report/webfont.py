"""The Chinese letters of a page as fonts that the page carries itself: no machine needs to have them."""

import base64
from io import BytesIO

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from experiments.figures.lettering import FONTS

WEIGHTS = {"Regular": 400, "Bold": 700}


def faces(text: str) -> str:
    """CSS of the fonts, in both weights, that hold the Chinese letters of a text; empty when it has none.

    Parameters
    ----------
    text
        Everything the page shows.
    """
    letters = sorted(code for code in map(ord, set(text)) if code >= 0x2E80)
    if not letters:
        return ""
    return "\n".join(_face(f"NotoSansSC-{style}.otf", weight, letters) for style, weight in WEIGHTS.items())


# They come first in the page's list of fonts, or a heading in Chinese alone shows boxes where the machine has no such
# font; the range leaves Latin letters, and the height of a line, to the machine's own.
def _face(name: str, weight: int, letters: list[int]) -> str:
    options = subset.Options(flavor="woff", recalc_timestamp=False, notdef_outline=True, layout_features=[])
    with TTFont(FONTS / name, recalcTimestamp=False) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        font.flavor = "woff"
        store = BytesIO()
        font.save(store)
    source = base64.b64encode(store.getvalue()).decode()
    return (
        f"@font-face{{font-family:'Report SC';font-weight:{weight};unicode-range:U+2E80-FFFF;"
        f"src:url(data:font/woff;base64,{source}) format('woff')}}"
    )
