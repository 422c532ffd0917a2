"""Numbers that a file gives together with what is known of them: ``{value, unit, range, source, grade}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from experiments.config import catalogue
from experiments.config.catalogue import GRADES, Row, is_number
from experiments.config.errors import Faults, shown
from experiments.config.names import nearest
from experiments.config.numbers import is_finite, unknown
from experiments.config.sentences import Refused, Sentence
from experiments.config.units import converted

Where = Callable[[str], str]


def separated(tree: Any, key: str, rows: dict[str, Row], faults: Faults, where: Where) -> Any:
    """A plain tree with nothing but values, each in the unit of the catalogue.

    Parameters
    ----------
    tree : any
        Plain data.
    key : str
        Dotted name of the tree.
    rows : dict
        Grows by what the tree says of numbers beside their values.
    faults : Faults
        Grows by what is wrong with that.
    where : callable
        From a dotted key to ``file:key``.
    """
    if not isinstance(tree, Mapping):
        return tree
    if is_number(tree) and catalogue.known(key):
        row = catalogue.row(key)
        rows[key] = _row(row, tree, key, faults, where)
        try:
            return converted(tree["value"], row.unit, tree.get("unit"))
        except Refused as error:
            # A unit is wrong for the value, or the value is no number in it: the place says which.
            faults.refused(where(f"{key}.unit" if "unit" in tree else f"{key}.value"), error)
            return tree["value"] if "unit" not in tree else row.low
    return {
        name: separated(item, f"{key}.{name}" if key else name, rows, faults, where)
        for name, item in tree.items()
    }


def _row(row: Row, node: Mapping[str, Any], key: str, faults: Faults, where: Where) -> Row:
    sound = dict(node)
    bounds = node.get("range", [row.low, row.high])
    try:
        bounds = converted(bounds, row.unit, node.get("unit") if "range" in node else None)
    except Refused:
        bounds = node.get("range")
    pair = isinstance(bounds, list | tuple) and len(bounds) == 2 and all(map(is_finite, bounds))
    if not pair:
        what = Sentence(f"is {shown(bounds)}", f"为 {shown(bounds)}")
        faults.add(where(f"{key}.range"), what, Sentence("two finite numbers", "两个有限的数"))
        sound.pop("range")
    elif bounds[0] > bounds[1]:
        low, high = bounds
        what = Sentence(f"runs from {low} down to {high}", f"从 {low} 降到 {high}")
        faults.add(where(f"{key}.range"), what, Sentence("a range that rises", "递增的范围"))
        sound.pop("range")
    else:
        sound["range"] = list(bounds)
    if "grade" in node and node["grade"] not in GRADES:
        best = nearest(node["grade"], GRADES)
        faults.add(where(f"{key}.grade"), unknown(node["grade"]), ", ".join(GRADES), best)
    if "source" in node and (not isinstance(node["source"], str) or not node["source"].strip()):
        what = Sentence(f"{shown(node['source'])} is not text", f"{shown(node['source'])} 不是文本")
        faults.add(where(f"{key}.source"), what, Sentence("a line of text", "一行文本"))
    if not isinstance(node.get("sampled", False), bool):
        what = Sentence(
            f"{shown(node['sampled'])} is not true or false", f"{shown(node['sampled'])} 不是 true 或 false"
        )
        faults.add(where(f"{key}.sampled"), what, "true, false")
    return row.given(sound)
