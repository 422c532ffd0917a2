"""Mutated configurations: no traceback, nothing wrong accepted in silence, the right key suggested first.

Each mutant goes through the command's own entry, up to the point where the study would run.
``python -m stress.configs --mutants 5000``
"""

import contextlib
import io
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiments import cli
from experiments.config import study
from experiments.config.study import StudySettings
from stress.mutants import Mutant, Reference, mutants
from stress.trial import command, report

NEEDED = 0.95


class Entry:
    """The command line with its last step, running the study, taken out."""

    def __init__(self) -> None:
        self.studies: list[dict[str, Any]] = []

    def run(self, words: Sequence[str]) -> tuple[int, str, list[dict[str, Any]]]:
        """Return exit status, what was printed as an error, and the studies that would have run."""
        self.studies, errors = [], io.StringIO()
        kept, place = study.task_function, Path.cwd()
        study.task_function = self.task  # type: ignore[assignment]
        try:
            with (
                TemporaryDirectory() as folder,
                contextlib.redirect_stderr(errors),
                contextlib.redirect_stdout(io.StringIO()),
            ):
                os.chdir(folder)
                try:
                    status = cli.main(list(words))
                finally:
                    os.chdir(place)
        finally:
            study.task_function = kept
        return status, errors.getvalue(), self.studies

    def task(self, name: str) -> Callable[[StudySettings, Path], Path]:
        """Stand in for what runs a study."""

        def run(study: StudySettings, folder: Path) -> Path:
            self.studies.append(study.plain())
            return folder

        return run


def judged(mutant: Mutant, entry: Entry, reference: Reference) -> tuple[str, str]:
    """Return what became of a mutant (refused, accepted or broken) and why it is broken."""
    try:
        status, text, studies = entry.run(mutant.words)
    except BaseException as error:
        return "broken", f"{type(error).__name__} from {shown(mutant)}: {str(error)[:200]}"
    if "Traceback" in text:
        return "broken", f"a traceback from {shown(mutant)}"
    if status and mutant.sound:
        return "narrow", text
    if status:
        empty = status != cli.FAULTY or not text.strip()
        return ("broken", f"refused without a word: {shown(mutant)}") if empty else ("refused", text)
    if mutant.wrong:
        return "broken", f"accepted in silence: {shown(mutant)}"
    changed = any(reference.differs(study) for study in studies)
    if changed or not studies or reference.asks_for_what_is(mutant.words[-1]):
        return "accepted", ""
    return "broken", f"accepted without effect: {shown(mutant)}"


def shown(mutant: Mutant) -> str:
    """Show the words of a mutant on one short line."""
    return ascii(" ".join(mutant.words))[:160]


def suggested(text: str, key: str) -> bool:
    """Tell whether the first suggestion in the faults is the right key."""
    first = text.partition("did you mean ")[2].splitlines()[:1]
    words = first[0].rstrip("?").replace(" or ", ", ").split(", ") if first else []
    return bool(words) and words[0].partition("=")[0] == key


def trial(number: int, seed: int) -> int:
    """Try so many mutants and count what becomes of them."""
    began = time.monotonic()
    entry, reference = Entry(), Reference()
    ends: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    typos = right = 0
    broken = []
    for mutant in mutants(reference, number, random.Random(seed)):
        end, text = judged(mutant, entry, reference)
        ends[end] += 1
        kinds[mutant.kind] += 1
        if end == "broken":
            broken.append(text)
        if mutant.key is not None:
            typos += 1
            right += end == "refused" and suggested(text, mutant.key)
    share = right / max(typos, 1)
    figures = {
        "mutated commands": sum(kinds.values()),
        "of these": ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())),
        "refused with every fault named": ends["refused"],
        "accepted, with the effect asked for": ends["accepted"],
        "tracebacks or silent acceptances": ends["broken"],
        "sound changes refused because of other numbers": f"{ends['narrow']} of {kinds['sound']}",
        "key typos with the right suggestion first": f"{right} of {typos} ({share:.1%})",
        "seconds": round(time.monotonic() - began),
    }
    if typos - right > 1 and share < NEEDED:  # one of a few says little
        broken.append(f"only {share:.1%} of typos get the right suggestion first")
    if ends["narrow"] > 0.2 * kinds["sound"]:
        broken.append("too many sound changes are refused")
    return report("Mutated configurations", figures, broken)


if __name__ == "__main__":
    raise SystemExit(command(lambda mutants, seed, _: trial(mutants, seed), mutants=5000, seed=1))
