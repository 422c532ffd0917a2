"""Places where a user's own rule, focus, lever or kind of bank is made known, from a notebook or a package."""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any


class Registry[T]:
    """Named things of one sort; the shipped ones are registered the same way as a user's.

    Parameters
    ----------
    what : str
        What is registered, for messages: ``"allocation rule"``.
    """

    def __init__(self, what: str) -> None:
        self.what, self._known = what, dict[str, T]()

    def register(self, name: str, thing: T | None = None) -> Any:
        """Register under a name; without a thing, return a decorator that does. A later one replaces an earlier one."""
        if thing is not None:
            self._known[name] = thing
            return thing

        def decorate(decorated: T) -> T:
            self._known[name] = decorated
            return decorated

        return decorate

    def get(self, asked: str | T) -> T:
        """Return what is registered under a name; anything but a name is returned as it is.

        Raises
        ------
        KeyError
            If nothing is known by that name; the message lists what is.
        """
        if not isinstance(asked, str):
            return asked
        if asked not in self._known:
            raise KeyError(f"no {self.what} is called {asked!r}; known are {', '.join(self._known)}")
        return self._known[asked]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def identity(self) -> dict[str, str]:
        """Digest of the code behind every name, so that a study can tell one rule from another of the same name."""
        return {name: digest_of(thing) for name, thing in self._known.items()}


def digest_of(thing: Any) -> str:
    """Sixteen hexadecimal digits that change when the code (or the value) of a registered thing does.

    Code is read as it is loaded in memory, constants and names included, so that a rule typed in a notebook or replaced
    at run time counts.
    """
    if inspect.isclass(thing):
        own = {k: v for k, v in vars(thing).items() if not k.startswith("__")}
        parts = [
            f"{name}={digest_of(value)}" for name, value in sorted(own.items(), key=lambda item: item[0])
        ]
        text = "".join(parts)
    elif hasattr(thing, "__func__") or isinstance(thing, Callable):  # type: ignore[arg-type]
        code = getattr(getattr(thing, "__func__", thing), "__code__", None)
        text = _code(code) if code else repr(thing)
    else:
        text = repr(thing)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _code(code: Any) -> str:
    constants = [_code(c) if inspect.iscode(c) else repr(c) for c in code.co_consts]
    return f"{code.co_code.hex()}{code.co_names}{constants}"
