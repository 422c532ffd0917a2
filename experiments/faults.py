"""Faults of a configuration: gathered in one pass, each with its place, what is allowed and a suggestion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

COMMAND_LINE: Final = "command line"


def plain(text: object, limit: int = 200) -> str:
    """Text that can be printed on one line: control characters escaped, long values cut."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
    return line if len(line) <= limit else f"{line[:limit]}…"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a configuration.

    Parameters
    ----------
    where : str
        ``file:key``, for instance ``conf/policy/data_sharing.yaml:policy.data_sharing.start`` or
        ``command line:replicates``.
    what : str
        What is wrong, in plain words.
    allowed : str
        What would be accepted, with range and unit; empty when it goes without saying.
    suggestion : str
        The likeliest thing meant; empty when there is none.
    """

    where: str
    what: str
    allowed: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        parts = [f"{plain(self.where)}: {plain(self.what, 400)}"]
        if self.allowed:
            parts.append(f"allowed {plain(self.allowed, 600)}")
        if self.suggestion:
            parts.append(f"did you mean {plain(self.suggestion)}?")
        return "; ".join(parts)


class ConfigError(Exception):
    """A configuration that cannot run, with every fault found in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[Fault, ...]]]:
        return ConfigError, (self.faults,)


class Faults:
    """A list of faults that grows while a configuration is read."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}
        self._places: set[str] = set()
        self._said: set[tuple[str, str]] = set()

    def add(self, where: str, what: str, allowed: str = "", suggestion: str = "") -> None:
        """Note one fault."""
        self.extend([Fault(where, what, allowed, suggestion)])

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note several faults; of an override that is wrong in itself the first is enough."""
        for fault in faults:
            known = fault.where in self._places and COMMAND_LINE in fault.where
            if not known and (fault.where, fault.what) not in self._said:
                self._found[fault] = None
                self._places.add(fault.where)
                self._said.add((fault.where, fault.what))

    def join(self, error: ConfigError) -> None:
        """Note every fault that was gathered elsewhere, such as those of several jobs at one place."""
        for fault in error.faults:
            self._found[fault] = None
            self._places.add(fault.where)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def stop(self) -> None:
        """Raise every fault noted so far as one `ConfigError`; do nothing when there is none."""
        if self._found:
            raise ConfigError(self._found)
