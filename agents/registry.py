"""Places where a user's own rule, focus, lever or kind of bank is made known, from a notebook or a package."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any


class Registry[T]:
    """Named things of one sort; the shipped ones are registered the same way as a user's.

    Parameters
    ----------
    what : str
        What is registered, for messages: ``"allocation rule"``.
    check : callable, optional
        Takes a name and a thing, and raises for what nothing could use.
    """

    def __init__(self, what: str, check: Callable[[str, T], None] | None = None) -> None:
        self.what, self._check, self._things = what, check, dict[str, T]()

    def register(self, name: str, thing: T | None = None) -> Any:
        """Register under a name; without a thing, return a decorator that does. A later one replaces an earlier one."""
        if thing is None:
            return partial(self.register, name)
        if self._check is not None:
            self._check(name, thing)
        self._things[name] = thing
        return thing

    def get(self, name: str | T) -> T:
        """Return what is registered under a name; anything but a name is returned as it is.

        Raises
        ------
        KeyError
            If nothing is known by that name; the message lists what is.
        """
        if not isinstance(name, str):
            return name
        if name not in self._things:
            raise KeyError(f"no {self.what} is called {name!r}; known are {', '.join(self._things)}")
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._things)

    def __contains__(self, name: object) -> bool:
        return name in self._things
