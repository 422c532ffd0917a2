"""Shipped numbers against changed ones: the shipped files are the schema that a change must fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from experiments.settings.quantity import Quantity, Tree, freeze, is_number, quantity
from experiments.settings.soundness import is_finite, number_faults, shown

Finding = tuple[str, str, str]
FREE: Final = ("value", "range", "prior")


class Checker:
    """Checks trees of numbers against the shipped ones and freezes them; branches seen before are not checked again.

    Parameters
    ----------
    fixed : bool
        Whether only numbers may differ from the shipped tree; dates and texts as well when False.
    """

    def __init__(self, fixed: bool = True) -> None:
        self.fixed = fixed
        self._seen: dict[tuple[int, int], tuple[Tree, tuple[Finding, ...], Any, Any]] = {}

    def frozen(self, shipped: Any, given: Any) -> tuple[Tree, tuple[Finding, ...]]:
        """A tree of numbers, frozen, and everything wrong with it.

        Parameters
        ----------
        shipped, given : dict
            The tree as the files of the groups have it, and after experiments and overrides.

        Returns
        -------
        tree : Tree
            The frozen tree, without what is wrong.
        findings : tuple of (key, what, allowed)
            What is wrong, by dotted key below this tree.
        """
        mark = (id(shipped), id(given))
        if mark not in self._seen:
            items: dict[str, Any] = {}
            findings: list[Finding] = []
            for key, value in given.items():
                before = shipped.get(key) if isinstance(shipped, Mapping) else None
                item, wrong = self._item(before, value)
                findings += [(f"{key}.{below}".rstrip("."), what, allowed) for below, what, allowed in wrong]
                items[str(key)] = item
            # The trees are kept so that their ids stay theirs.
            self._seen[mark] = (Tree(items), tuple(findings), shipped, given)
        return self._seen[mark][:2]

    def _item(self, shipped: Any, given: Any) -> tuple[Any, tuple[Finding, ...]]:
        if is_number(shipped) or is_number(given):
            return _number(shipped, given)
        if isinstance(given, Mapping):
            if shipped is not None and not isinstance(shipped, Mapping):
                return None, (("", "is a mapping", f"like the shipped {shown(shipped)}"),)
            return self.frozen(shipped or {}, given)
        if self.fixed and (shipped != given or type(shipped) is not type(given)):
            return None, (
                ("", f"{shown(given)} would replace the shipped {shown(shipped)}", "only numbers change"),
            )
        return freeze(given), ()


def _number(shipped: Any, given: Any) -> tuple[Quantity | None, tuple[Finding, ...]]:
    if not is_number(given):
        return None, (
            ("", f"{shown(given)} stands where a number has value, unit and range", "key.value=number"),
        )
    findings = tuple(number_faults(given))
    if is_number(shipped) and shipped is not given:
        findings += tuple(_changes(shipped, given))
    if findings:
        return None, findings
    return quantity(given, changed=is_number(shipped) and shipped["value"] != given["value"]), ()


def _changes(shipped: Mapping[Any, Any], given: Mapping[Any, Any]) -> Iterator[Finding]:
    for key in {**shipped, **given}:
        if key not in FREE and shipped.get(key) != given.get(key):
            yield (
                str(key),
                f"{shown(given.get(key))} would replace {shown(shipped.get(key))}",
                "value, range or prior",
            )
    yield from _shape(shipped["value"], given["value"])
    old, new = shipped.get("range"), given.get("range")
    sound = all(isinstance(r, list | tuple) and len(r) == 2 and all(map(is_finite, r)) for r in (old, new))
    if sound and (new[0] < old[0] or new[1] > old[1]):  # type: ignore[index]
        yield "range", f"{list(new)} reaches beyond the shipped one", f"inside {list(old)}"  # type: ignore[arg-type]


def _shape(shipped: Any, given: Any, key: str = "value") -> Iterator[Finding]:
    if isinstance(shipped, Mapping):
        if not isinstance(given, Mapping) or set(map(str, given)) != set(map(str, shipped)):
            yield key, f"{shown(given)} has another shape", f"numbers for {', '.join(map(str, shipped))}"
        else:
            for name in shipped:
                yield from _shape(shipped[name], given[name], f"{key}.{name}")
    elif isinstance(shipped, list | tuple):
        if not isinstance(given, list | tuple) or len(given) != len(shipped):
            yield key, f"{shown(given)} has another shape", f"a list of {len(shipped)} numbers"
    elif isinstance(given, Mapping | list | tuple):
        yield key, f"{shown(given)} has another shape", "one number"
