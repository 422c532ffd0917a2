"""What the store holds, by study and age, and its removal on demand: chunks only, never a study's folder."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from experiments.config.errors import ENGLISH, REMOVED_LATER, Sentence, failure, sentence, unwritable
from experiments.runs.store import MEGABYTE, NOBODY, Entry, Store, by_user

OUTPUTS: Final = "outputs"
STORE: Final = ".studies"
UNITS: Final = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True)
class Cleaned:
    """What a store holds, and what was removed from it.

    Attributes
    ----------
    lines : tuple of Sentence
        One for every study that uses the store, largest first, as it was before anything was removed.
    removed : int
        Files that were removed.
    freed : int
        Their bytes.
    shared : int
        Files of the study that stay because another one uses them too.
    lists : bool
        Whether it was only asked what there is.
    """

    lines: tuple[Sentence, ...]
    removed: int = 0
    freed: int = 0
    shared: int = 0
    lists: bool = False

    def __str__(self) -> str:
        return self.spoken(ENGLISH)

    def spoken(self, language: str) -> str:
        """What there is and what went, in ``en`` or ``zh``."""
        stay = sentence("; {} stay, which other studies use too", self.shared) if self.shared else ""
        gone = sentence("{} files removed, {:.1f} MB{}", self.removed, self.freed / MEGABYTE, stay)
        lines = (self.lines or (sentence("the store is empty"),)) if self.lists else (*self.lines, gone)
        return "\n".join(line.spoken(language) for line in lines)


def clean(what: str = "list", *, now: float | None = None) -> Cleaned:
    """List the files of a store, or remove some of them.

    Parameters
    ----------
    what : str
        ``list``; ``all``; ``older:7d``, what was last used more than that ago; or the name of a study, whose files go
        unless another study uses them too. With a folder before it, the store of that folder of outputs:
        ``elsewhere/list``.
    now : float, optional
        Seconds since 1970.

    Raises
    ------
    StudyFailed
        For a word that means nothing, a folder that is not there or a study that the store does not know.
    """
    place, _, word = what.rstrip("/").rpartition("/")
    if place and not Path(place).is_dir():
        raise failure("clean={}: there is no folder {}", what, place)
    store = Store(Path(place or OUTPUTS) / STORE)
    files, now = list(store.files()), time.time() if now is None else now
    users = by_user(store.uses(), files)
    lines = tuple(listing(users, store, now))
    if word == "list":
        return Cleaned(lines, lists=True)
    chosen = list(selected(word, files, users, now))
    shared = len(users.get(word, chosen)) - len(chosen)
    try:
        return Cleaned(lines, len(chosen), store.remove(chosen), shared)
    except OSError as error:
        raise unwritable(error, store.root, REMOVED_LATER) from error


def selected(word: str, files: Iterable[Entry], users: dict[str, list[Entry]], now: float) -> Iterable[Entry]:
    """Return the files that a word chooses."""
    if word == "all":
        return files
    if age := re.fullmatch(r"older:(\d+(?:\.\d+)?)([hdw])", word):
        before = now - float(age[1]) * UNITS[age[2]]
        return [file for file in files if file.used < before]
    if word in users:
        shared = {file.name for user, used in users.items() if user != word for file in used}
        return [file for file in users[word] if file.name not in shared]
    raise failure(
        "clean={}: the store has no files of such a study; allowed: list, all, older:7d (h, d or w), or the name "
        "of a study in the list",
        word,
    )


def listing(users: dict[str, list[Entry]], store: Store, now: float) -> Iterable[Sentence]:
    """Yield a line for every user of a store: name, files, size, age, whether it is needed or confidential."""
    uses = store.uses()
    sizes = {user: sum(file.size for file in files) for user, files in users.items()}
    for user in sorted(users, key=lambda user: (-sizes[user], user)):
        age = now - max(file.used for file in users[user])
        use = uses.get(user, {})
        yield sentence(
            "{:<40} {:>5} files {:>9.1f} MB  used {} ago{}{}",
            "(no study's)" if user == NOBODY else user,
            len(users[user]),
            sizes[user] / MEGABYTE,
            age_sentence(age),
            sentence("  needed") if use.get("needed") else "",
            sentence("  confidential") if use.get("confidential") else "",
        )


def age_sentence(seconds: float) -> Sentence:
    """Write an age in the largest unit of which there are two."""
    if seconds >= 2 * UNITS["d"]:
        return sentence("{:.0f} d", seconds / UNITS["d"])
    if seconds >= 2 * UNITS["h"]:
        return sentence("{:.0f} h", seconds / UNITS["h"])
    return (
        sentence("{:.0f} min", seconds / 60.0)
        if seconds >= 120.0
        else sentence("{:.0f} s", max(seconds, 0.0))
    )
