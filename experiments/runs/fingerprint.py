"""One digest for whatever numbers depend on: code as it is loaded, and data of any shape.

How code is read. A function is its instructions, the constants they load, the names they use and its defaults. Where
it was written, its comments, docstring, annotations and the names of its variables do not count, nor does the text of
an error it raises: none of them can change a number. A class is its bases and everything in it. Nothing is read from
source files: what counts is what Python would execute now, so that a rule replaced in a notebook
(``RuralBank.divide = ...``) or a constant set there gives another digest, and a file edited after it was
loaded does not.

How far it goes. From a function or class of the economics (`WHOLE`) its module is read whole, then the modules that
this one imports, also those imported within functions, and so on. From any other function (of the experiments, or a
user's own) only the names are followed that it uses, also into a file of the user's that it imports. Other people's
packages count by name and version, those of the lab (`PACKAGES`) by name, and so does this room, which only runs and
keeps what others compute; the versions of the packages that compute stand in a study's identity beside this digest.

An installed package whose modules lie below another name (``honeycomb.agents``) has the digest of the repository.
"""

import dis
import hashlib
import importlib
import importlib.util
import re
import struct
import sys
import sysconfig
import types
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import Field
from enum import Enum
from functools import cache, cached_property, partial
from importlib.metadata import packages_distributions, version
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_VARARGS, CO_VARKEYWORDS
from pathlib import PurePath
from typing import Any, Final

import numpy as np

ABOVE: Final = __name__.removesuffix("experiments.runs.fingerprint")
WHOLE: Final = ("agents", "model")
KEEPER: Final = "experiments.runs."  # this room runs and keeps what others compute
OURS: Final = (*WHOLE, "experiments")
NUMERICAL: Final = ("numpy", "scipy", "networkx", "mesa")
PACKAGES: Final = (
    *NUMERICAL,
    "pandas",
    "pyarrow",
    "pydantic",
    "hydra-core",
    "joblib",
    "matplotlib",
    "jinja2",
)

FLAGS: Final = CO_VARARGS | CO_VARKEYWORDS | CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
CONSTANT, WIDE = frozenset(dis.hasconst), dis.EXTENDED_ARG
RAISE, IMPORT = dis.opmap["RAISE_VARARGS"], dis.opmap["IMPORT_NAME"]
# What Python itself writes into a class; none of it computes.
ASIDE: Final = {
    "__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__type_params__",
    "__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__", "__conditional_annotations__",
    "__static_attributes__", "__parameters__", "__orig_bases__", "_abc_impl", "__signature__", "__class_vars__",
    "__private_attributes__", "__dataclass_params__", "__match_args__", "__classdictcell__",
    "__slotnames__",  # once an instance is copied or sent
}  # fmt: skip
FIELD: Final = ("name", "default", "default_factory", "init", "kw_only", "metadata")
TYPING: Final = ("typing", "types", "typing_extensions")


def fingerprint(*things: object) -> str:
    """Return the SHA-256 of some functions, classes and data, in hexadecimal.

    Parameters
    ----------
    *things
        Functions and classes count with all the code they lead to; numbers, texts, arrays, mappings, sequences and
        objects by what they hold, mappings in their order.

    Raises
    ------
    TypeError
        For something that no digest can hold, such as an open file.
    """
    return Reader().digest(things)


class Reader:
    """Reads what is asked for and, after it, the code that it leads to, each piece once.

    Parameters
    ----------
    parent : Reader, optional
        Has read code whose digest is among the things: each piece of it counts by its mark there and is not read again.
    """

    def __init__(self, parent: "Reader | None" = None) -> None:
        self._parent_marks = parent._marks if parent else {}
        self._marks: dict[int, tuple[bytes, Any]] = {}
        self._waiting: deque[tuple[bytes, Callable[[Any], bytes], Any]] = deque()

    def digest(self, things: object) -> str:
        """Return the digest of all things and of the code they lead to."""
        total = hashlib.sha256(self.encode(things))
        while self._waiting:
            name, read, thing = self._waiting.popleft()
            total.update(name)
            total.update(read(thing))
        return total.hexdigest()

    def encode(self, thing: Any) -> bytes:
        """Write a thing in one way only; code is written as a name and read later."""
        simple = SIMPLE.get(type(thing))
        if simple is not None:
            return simple(thing)
        if isinstance(thing, np.ndarray | np.generic):
            return self._array(np.asarray(thing))
        if isinstance(thing, Enum):
            return b"e" + self.encode(type(thing)) + self.encode(thing.name)
        if type(thing) in (tuple, list, deque):
            return self._all(type(thing).__name__[:1].encode(), map(self.encode, thing))
        if isinstance(thing, set | frozenset):
            return self._all(b"S", iter(sorted(map(self.encode, thing))))
        if type(thing) in (dict, types.MappingProxyType):
            return self._all(b"M", (self.encode(part) for item in thing.items() for part in item))
        return self._code_or_object(thing)

    def _array(self, array: np.ndarray) -> bytes:
        head = repr((array.dtype.str, array.shape)).encode()
        if array.dtype.hasobject:
            return tagged(b"o", head) + self.encode(array.ravel().tolist())
        return tagged(b"a", head) + tagged(b"", np.ascontiguousarray(array).tobytes())

    def _all(self, tag: bytes, parts: Iterator[bytes]) -> bytes:
        return tagged(tag, b"".join(parts)) + b"."

    def _code_or_object(self, thing: Any) -> bytes:
        if isinstance(thing, types.ModuleType):
            whole = room(thing.__name__) in WHOLE or is_own(thing)
            return self._refer(thing, thing.__name__, self._module if whole else None)
        if isinstance(thing, types.FunctionType):
            return self._function_or_name(thing)
        if isinstance(thing, type):
            library = is_library(thing.__module__)
            return self._refer(
                thing, f"{thing.__module__}.{thing.__qualname__}", None if library else self._class
            )
        if isinstance(thing, types.CodeType):
            return self._code(thing)
        if (parts := wrapped(thing)) is not None:
            return self._all(tagged(b"w", type(thing).__name__.encode()), map(self.encode, parts))
        if type(thing).__module__ in TYPING and not isinstance(thing, types.SimpleNamespace):
            return tagged(b"t", type(thing).__name__.encode())
        return self._object(thing)

    def _refer(self, thing: Any, name: str, read: Callable[[Any], bytes] | None) -> bytes:
        """Refer to a piece of code by name, and put it in line to be read unless it is somebody else's."""
        if read is None:
            return tagged(b"n", f"{name}{installed(name.partition('.')[0])}".encode())
        if id(thing) in self._parent_marks:
            return tagged(b"n", self._parent_marks[id(thing)][0])
        if id(thing) not in self._marks:
            mark = tagged(b"c", f"{len(self._marks)} {short(name)}".encode())
            self._marks[id(thing)] = mark, thing
            self._waiting.append((mark, read, thing))
        return self._marks[id(thing)][0]

    def _function_or_name(self, function: types.FunctionType) -> bytes:
        name = f"{function.__module__}.{function.__qualname__}"
        return self._refer(function, name, None if is_library(function.__module__) else self._function)

    def _module(self, module: types.ModuleType) -> bytes:
        """Everything that a module of the economics, or a file of the user's, defines or imports."""
        parts = {n: part for n, part in sorted(vars(module).items()) if not n.startswith("__")}
        # Which modules lie inside a package is known to it once somebody has loaded them.
        inside = {n for n, part in parts.items() if getattr(part, "__name__", "") == f"{module.__name__}.{n}"}
        return b"".join(self.encode(n) + self.encode(part) for n, part in parts.items() if n not in inside)

    def _class(self, kind: type) -> bytes:
        names = sorted(name for name in vars(kind) if name not in ASIDE and not name.startswith("__pydantic"))
        body = b"".join(self.encode(name) + self.encode(vars(kind)[name]) for name in names)
        return self._home(kind.__module__) + self.encode(kind.__bases__) + self.encode(type(kind)) + body

    def _function(self, function: types.FunctionType) -> bytes:
        cells = [cell.cell_contents for cell in function.__closure__ or () if cell_is_full(cell)]
        parts = [function.__defaults__, function.__kwdefaults__, cells, dict(sorted(vars(function).items()))]
        home = self._home(function.__module__)
        if not home:
            parts += [self._used(function)]
        return home + self._code(function.__code__) + self.encode(parts)

    def _home(self, module: str) -> bytes:
        """The module of a function or class when it counts whole, otherwise nothing."""
        return self.encode(sys.modules[module]) if room(module) in WHOLE and module in sys.modules else b""

    def _used(self, function: types.FunctionType) -> list[object]:
        """What a function outside the economics refers to: globals, and what it takes from modules not read whole."""
        names = sorted(names_of(function.__code__))
        used = [(name, function.__globals__[name]) for name in names if name in function.__globals__]
        modules = [value for _, value in used if isinstance(value, types.ModuleType)]
        modules += imports(function.__code__)
        for module in modules:  # grows while it is walked: a package leads to its modules
            if is_own(module) or (room(module.__name__) in OURS and room(module.__name__) not in WHOLE):
                taken = [(name, vars(module)[name]) for name in names if name in vars(module)]
                modules += [part for _, part in taken if is_own(part) and part not in modules]
                used += taken
        return [
            (name, thing.__name__ if is_own(thing) else thing) for name, thing in used if not is_typing(thing)
        ]

    def _code(self, code: types.CodeType) -> bytes:
        entry = READ.get(id(code))
        if entry is None:
            entry = READ[id(code)] = code, *self._read_code(code)
        return entry[1] + b"".join(map(self.encode, entry[2]))

    def _read_code(self, code: types.CodeType) -> tuple[bytes, tuple[types.ModuleType, ...]]:
        """Instructions with the constants they load, without what only describes or reports; and what they import."""
        raw, constants, wide = bytearray(code.co_code), code.co_consts, 0
        silent = reported(code)
        written: list[bytes | None] = [None] * len(constants)
        parts: list[bytes] = []
        modules = [module for module in imports(code) if room(module.__name__) in WHOLE]
        for place in range(0, len(raw), 2):
            operation, argument = raw[place], raw[place + 1] | wide
            wide = argument << 8 if operation == WIDE else 0
            if place in silent:
                raw[place : place + 2] = b"\0\0"
            elif operation in CONSTANT:
                raw[place + 1] = 0  # where it lies: a docstring before it changes nothing
                constant = constants[argument]
                if isinstance(constant, types.CodeType):
                    parts.append(self._read_code(constant)[0])
                    continue
                encoded = written[argument]
                if encoded is None:
                    encoded = written[argument] = self.encode(constant)
                parts.append(encoded)
        counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & FLAGS)
        arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        words = "\0".join([*map(short, code.co_names), "", *arguments, repr(counts)])
        pieces = (bytes(raw), code.co_exceptiontable, words.encode(), b"".join(parts))
        return b"".join(tagged(b"k", piece) for piece in pieces), tuple(modules)

    def _object(self, thing: object) -> bytes:
        """Anything else by its class and what it holds."""
        kind = type(thing)
        if isinstance(thing, Field):
            return self._all(b"F", (self.encode(getattr(thing, name, None)) for name in FIELD))
        if not is_library(kind.__module__) and hasattr(thing, "__dict__") and not hasattr(kind, "__slots__"):
            inside = {name: part for name, part in sorted(vars(thing).items()) if not is_cached(kind, name)}
            return b"i" + self.encode(kind) + self.encode(inside)
        try:
            reduced = thing.__reduce_ex__(4)
        except TypeError as error:
            raise TypeError(f"no digest can hold {thing!r}") from error
        if isinstance(reduced, str):
            return tagged(b"g", f"{kind.__module__}.{reduced}".encode())
        return self._all(b"R", (self.encode(list(p) if isinstance(p, Iterator) else p) for p in reduced))


def scalar(thing: object) -> bytes:
    """Write a thing that its text tells all about."""
    return tagged(b"r", repr(thing).encode())


def text(thing: str) -> bytes:
    """Write a text."""
    return tagged(b"s", thing.encode("utf-8", "surrogatepass"))


def tagged(tag: bytes, content: bytes) -> bytes:
    """Mark some bytes by kind and length, so that no two sequences of pieces read alike."""
    return tag + struct.pack("<q", len(content)) + content


def room(module: str) -> str:
    """Return the top-level package of a module as the repository names it; nothing for a module that is not ours."""
    return short(module).partition(".")[0] if module.startswith(ABOVE) else ""


def short(name: str) -> str:
    """Return the name of a module as the repository has it."""
    return name.removeprefix(ABOVE) if ABOVE else name


@cache
def is_library(module: str | None) -> bool:
    """Tell whether a module is Python's or an installed package's: known by its name, not by its content."""
    if module is None or room(module) in OURS:
        return module is None or short(module).startswith(KEEPER)
    if module == "__main__":
        return False  # a script's or a notebook's own, also where an installed program runs it
    if module.partition(".")[0] in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    return module in sys.modules if file is None else is_installed(file)


def is_installed(file: str) -> bool:
    """Tell whether a file lies where Python and packages are installed."""
    return any(file.startswith(sysconfig.get_path(place)) for place in ("purelib", "platlib", "stdlib"))


def is_own(thing: Any) -> bool:
    """Tell whether a thing is a module of the user's own, neither installed nor the lab's."""
    return (
        isinstance(thing, types.ModuleType)
        and room(thing.__name__) not in OURS
        and not is_library(thing.__name__)
    )


def leads_to_own(name: str) -> bool:
    """Tell whether importing a name would load a file of the user's; nothing else is loaded to find out."""
    if name in sys.modules:
        return is_own(sys.modules[name])
    package = name.partition(".")[0]
    try:
        place = None if package in sys.stdlib_module_names else importlib.util.find_spec(package)
    except (ImportError, ValueError):  # a relative import, or a module without a place
        return False
    return place is not None and bool(place.has_location) and not is_installed(str(place.origin))


@cache
def installed(package: str) -> str:
    """Return the version of an installed package that the lab itself does not use; nothing for any other."""
    if (
        package in PACKAGES
        or room(package) in OURS
        or package in (*sys.stdlib_module_names, ABOVE.rstrip("."))
    ):
        return ""
    distributions = packages_distributions().get(package, [])
    return "".join(f" {name} {version(name)}" for name in sorted(set(distributions) - set(PACKAGES)))


def is_typing(thing: object) -> bool:
    """Tell whether a thing only describes types."""
    return getattr(type(thing), "__module__", "") == "typing"


def is_cached(kind: type, name: str) -> bool:
    """Tell whether what an object holds under a name was only worked out from the rest of it."""
    return isinstance(getattr(kind, name, None), cached_property)


def cell_is_full(cell: types.CellType) -> bool:
    """Tell whether a closure's variable has a value by now."""
    try:
        return cell.cell_contents is not None or True
    except ValueError:
        return False


HOLDS: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    staticmethod: lambda thing: (thing.__func__,),
    classmethod: lambda thing: (thing.__func__,),
    property: lambda thing: (thing.fget, thing.fset, thing.fdel),
    cached_property: lambda thing: (thing.func,),
    types.MethodType: lambda thing: (thing.__func__, thing.__self__),
    partial: lambda thing: (thing.func, thing.args, thing.keywords),
    re.Pattern: lambda thing: (thing.pattern, thing.flags),
    np.ufunc: lambda thing: (thing.__name__,),
    PurePath: lambda thing: (thing.as_posix(),),
    **dict.fromkeys(
        (
            types.BuiltinFunctionType,
            types.MethodDescriptorType,
            types.WrapperDescriptorType,
            types.MemberDescriptorType,
            types.GetSetDescriptorType,
        ),
        lambda thing: (str(getattr(thing, "__module__", None)), thing.__name__),
    ),
}


def wrapped(thing: object) -> tuple[object, ...] | None:
    """Return what a wrapper of code holds; None for anything else."""
    for kind, inner in HOLDS.items():
        if isinstance(thing, kind):
            return inner(thing)
    return (thing.__wrapped__,) if hasattr(thing, "cache_clear") and hasattr(thing, "__wrapped__") else None


def names_of(code: types.CodeType) -> set[str]:
    """Return the names that a function and those written inside it use."""
    inside = (names_of(constant) for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*inside)


def imports(code: types.CodeType) -> list[types.ModuleType]:
    """Return the modules of ours or its user's that a function imports when it runs, loaded now if they were not."""
    raw, modules = code.co_code, []
    for place in range(0, len(raw), 2):
        if raw[place] == IMPORT and (
            room(name := code.co_names[raw[place + 1]]) in OURS or leads_to_own(name)
        ):
            modules.append(importlib.import_module(name))
            if hasattr(modules[-1], "__path__"):  # `from model import calendar`
                parts = (f"{name}.{part}" for part in code.co_names if part.isidentifier())
                modules += [importlib.import_module(part) for part in parts if importlib.util.find_spec(part)]
    for constant in code.co_consts:
        modules += imports(constant) if isinstance(constant, types.CodeType) else []
    return modules


def reported(code: types.CodeType) -> frozenset[int]:
    """Return the places of the instructions that lie inside a function's raise and assert statements."""
    raw = code.co_code
    if RAISE not in raw[::2]:
        return frozenset()
    places = [(2 * n, *where) for n, where in enumerate(code.co_positions()) if None not in where]
    raised = [where for where in places if raw[where[0]] == RAISE and raw[where[0] + 1]]
    return frozenset(
        place
        for place, line, end, column, last in places
        for _, first, final, left, right in raised
        if (first, left) <= (line, column) and (end, last) <= (final, right)
    )


SIMPLE: Final[dict[type, Callable[[Any], bytes]]] = {
    **dict.fromkeys((type(None), bool, int, complex, type(...), type(NotImplemented), range, slice), scalar),
    str: text,
    float: lambda thing: b"f" + struct.pack("<d", thing),
    bytes: lambda thing: tagged(b"b", thing),
}
# What functions say, once read, by their code: that cannot be changed, only replaced.
READ: Final[dict[int, tuple[types.CodeType, bytes, tuple[types.ModuleType, ...]]]] = {}
