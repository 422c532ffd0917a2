"""Sweeps: a command line, or the rows of a design table, as jobs; each is checked before the first one runs."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from experiments.config import load
from experiments.config.composition import REFUSED_BY_HYDRA, composed
from experiments.config.errors import (
    COMMAND_LINE,
    ENGLISH,
    ConfigError,
    Fault,
    Faults,
    Refused,
    sentence,
    typed,
)
from experiments.config.folders import OwnFiles, parsed
from experiments.config.study import StudySettings
from experiments.config.tables import single_table, sound
from experiments.config.tree import Tree
from experiments.config.words import hydra_words

MOST_JOBS: Final = 10_000
MOST_TRIED: Final = 100
type Job = tuple[list[str], Row | None]
"""Words of a job, and the row of the design table that it comes from."""


def jobs(overrides: Sequence[str], language: str = ENGLISH) -> list[list[str]]:
    """The command lines of a sweep, in the order in which Hydra's basic sweeper runs them, the last varying fastest.

    Parameters
    ----------
    overrides : sequence of str
        With several values where the study should vary, such as ``policy=none,data_sharing``.
    language : str
        Of what is wrong with them.

    Raises
    ------
    ConfigError
        If a key sweeps over an interval, over a value twice, or over too many jobs.
    """
    faults = Faults()
    values = [_values(override, faults) for override in parsed(overrides)]
    _held(math.prod(map(len, values)), COMMAND_LINE, faults)
    faults.stop(language)
    return [list(words) for words in itertools.product(*values)]


def _held(number: int, where: str, faults: Faults) -> bool:
    """Whether a sweep has no more jobs than it may; more are a fault."""
    if number > MOST_JOBS:
        faults.add(where, sentence("the sweep has {} jobs", number), sentence("at most {}", MOST_JOBS))
    return number <= MOST_JOBS


def _values(override: Override, faults: Faults, chosen: bool = False) -> list[str]:
    """The words that a word of a sweep stands for: of an interval its ends, if a sweeper chooses between them."""
    where, swept = typed(override.key_or_group), override.value()
    if not override.is_sweep_override():
        return [str(override.input_line)]
    values: list[Any] = []
    if isinstance(swept, IntervalSweep):
        values = [swept.start, swept.end]
        if not chosen:
            faults.add(where, sentence("sweeps over an interval"))
    else:
        with suppress(HydraException, ValueError, AssertionError, TypeError, OverflowError):
            values = list(itertools.islice(override.sweep_string_iterator(), MOST_JOBS + 1))
        if not values:
            faults.add(where, sentence("cannot be swept over: {}", override.input_line))
    for value, times in Counter(values).items():
        if times > 1:
            faults.add(where, sentence("{} stands there twice", value), sentence("each value once"))
    return [f"{override.get_key_element()}={value}" for value in values]


def studies(config: DictConfig, own: OwnFiles) -> list[StudySettings]:
    """The studies of a sweep that Hydra is about to run, with the faults of all of them found together.

    Parameters
    ----------
    config : DictConfig
        What Hydra composed for the sweep as a whole.
    own : OwnFiles
        The user's files.

    Returns
    -------
    list of StudySettings
        One per job; for a sweeper that chooses values itself, those at the ends of what it may choose (`corners`).
    """
    words = [str(word) for word in config.hydra.overrides.task]
    machinery = Faults()
    _machinery(config, words, machinery)
    language = str(OmegaConf.select(config, "report.language") or ENGLISH)
    sweeper = config.hydra.runtime.choices.get("hydra/sweeper")
    asked_for: list[Job] = (
        [*designed(config.hydra.sweeper.table, words, own, machinery, language)]
        if sweeper == "design"
        else [(job, None) for job in (jobs if sweeper == "basic" else corners)(words, language)]
    )
    _note_shared(config, [job for job, _ in asked_for], own, machinery)
    return checked(asked_for, own, machinery, language, sweeper in ("basic", "design"))


def checked(
    asked_for: Sequence[Job],
    own: OwnFiles,
    before: Iterable[Fault] = (),
    language: str = ENGLISH,
    apart: bool = True,
) -> list[StudySettings]:
    """The studies of jobs, with the faults of all of them found together.

    Parameters
    ----------
    asked_for : sequence of Job
    own : OwnFiles
        The user's files.
    known : iterable of Fault
        What is known to be wrong already.
    language : str
        Of the messages, where no job names one.
    apart : bool
        Whether two jobs may not be one study.

    Raises
    ------
    ConfigError
        With every fault found.
    """
    settings: list[StudySettings] = []
    faults: list[Fault] = []
    for job, row in asked_for:
        try:
            settings.append(load.study(job, own))
        except ConfigError as error:
            language = language if error.language == ENGLISH else error.language
            faults.extend(map(row.placed, error.faults) if row else error.faults)
    alike = Faults()
    if apart and len(settings) == len(asked_for):
        _note_alike(settings, asked_for, alike)
    faults = [*before, *alike, *faults]
    if faults:
        raise ConfigError(faults, language)
    return settings


def _note_alike(studies: Sequence[StudySettings], asked_for: Sequence[Job], faults: Faults) -> None:
    """Note jobs that are one study, called by two names of one thing, or by a value that is the usual one."""
    every = set.intersection(*(set(job) for job, _ in asked_for)) if asked_for else set()
    first: dict[str, str] = {}
    for study, (job, row) in zip(studies, asked_for, strict=True):
        name = row.place if row else " ".join(word for word in job if word not in every)
        other = first.setdefault(
            study.model_copy(update={"overrides": (), "choices": Tree({})}).model_dump_json(), name
        )
        if other != name:
            faults.add(row.place if row else COMMAND_LINE, sentence("{} and {} are one study", other, name))


def designed(
    table: str, words: Sequence[str], own: OwnFiles, faults: Faults, language: str = ENGLISH
) -> list[tuple[list[str], Row]]:
    """The jobs of a design table, each with its row: every row under all that the command line itself sweeps over.

    Parameters
    ----------
    table : str
        The file.
    words : sequence of str
        Of the command line, for every job.
    own : OwnFiles
        The user's files.
    faults : Faults
        Grows by what is wrong with the table.
    language : str
        Of what is wrong with the words.
    """
    common = jobs(words, language)
    keys = [word.partition("=")[0] for word in common[0]]
    design = rows(table, keys, faults)
    if not _held(len(design) * len(common), table, faults):
        return []
    return [
        ([*job, *row_words], row)
        for row in design
        for row_words in [row.words(own, faults)]
        for job in common
    ]


def corners(overrides: Sequence[str], language: str = ENGLISH) -> list[list[str]]:
    """What a sweeper that chooses values itself may ask for, tried before it starts: each swept key at its ends.

    Every key is moved alone, the others at their first values: an interval to its ends, a list through its values.
    """
    faults = Faults()
    values = [_values(override, faults, chosen=True)[:MOST_TRIED] for override in parsed(overrides)]
    faults.stop(language)
    first = [choices[0] for choices in values]
    moved = [
        [*first[:place], value, *first[place + 1 :]]
        for place, choices in enumerate(values)
        for value in choices[1:]
    ]
    return [first, *moved]


def _machinery(config: DictConfig, words: Sequence[str], faults: Faults) -> None:
    """Note what the launcher or the sweeper needs and is not there."""
    choices = config.hydra.runtime.choices
    if choices.get("hydra/launcher") == "submitit_slurm" and shutil.which("srun") is None:
        what = sentence("submitit_slurm needs srun, which this machine does not have")
        faults.add(typed("hydra/launcher"), what)
    if choices.get("hydra/sweeper") not in (None, "basic", "design") and config.get("objective") is None:
        sweeper = choices["hydra/sweeper"]
        what = sentence("{} has nothing to make larger or smaller", sweeper)
        faults.add(typed("objective"), what, suggestion="objective={outcome: index, bank_kind: rural}")


def _note_shared(
    config: DictConfig, asked_for: Sequence[Sequence[str]], own: OwnFiles, faults: Faults
) -> None:
    """Note a folder that several jobs would share, where the last one would take the place of the others."""
    sweep: Any = OmegaConf.to_container(config.hydra.sweep, resolve=False)
    raw = str(sweep["subdir"])
    if "${hydra" in raw or len(asked_for) < 2:
        return
    if len({_named(raw, job, own) for job in asked_for}) < len(asked_for):
        what = sentence("{!r} is the same folder for several jobs", raw)
        faults.add(typed("hydra.sweep.subdir"), what, suggestion="hydra.sweep.subdir='${hydra.job.num}'")


def _named(raw: str, job: Sequence[str], own: OwnFiles) -> str:
    """The folder of a job, its references replaced by what they refer to in the files and words of that job."""
    try:
        config = composed(job, own)
        OmegaConf.update(config, "hydra.sweep.subdir", raw)
        return str(config.hydra.sweep.subdir)
    except REFUSED_BY_HYDRA:  # what is wrong is told of the job itself
        return " ".join(job)


def sweep_folder(studies: Sequence[StudySettings]) -> Path:
    """Where a sweep goes when nothing is said: a name that stays the same for the same sweep."""
    text = "\n".join(study.digest for study in studies)
    return Path(studies[0].outputs.folder) / f"sweep-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


class Row:
    """A row of a design table: the words of a job, and where they stand.

    Parameters
    ----------
    table : str
        The file.
    line : int
        In the file, from 1.
    cells : dict of str to str
        Key -> what the row gives it; keys that a row leaves empty are not in it.
    """

    def __init__(self, table: str, line: int, cells: dict[str, str]) -> None:
        self.line, self.place, self.cells = line, f"{table}:line {line}", cells

    def words(self, own: OwnFiles, faults: Faults) -> list[str]:
        """The row as words of a command line, in Hydra's grammar."""
        wrong = Faults()
        words = hydra_words([f"{key}={cell}" for key, cell in self.cells.items()], own, wrong)
        faults.extend(map(self.placed, wrong))
        return words

    def placed(self, fault: Fault) -> Fault:
        """A fault of the job, with the row and, where a cell is at fault, the column."""
        key = fault.where.removeprefix(typed(""))
        columns = [name for name in self.cells if re.match(rf"{re.escape(_bare(name))}(\W|$)", key)]
        of_cell = key != fault.where and columns
        where = f"{self.place}, column {max(columns, key=len)}" if of_cell else f"{self.place}: {fault.where}"
        return Fault(where, fault.what, fault.allowed, fault.suggestion)


def rows(table: str, common: Sequence[str], faults: Faults) -> list[Row]:
    """The rows of a design table, in any form in which a spreadsheet leaves it.

    Parameters
    ----------
    table : str
        The file.
    given : sequence of str
        Keys that the command line gives to every job.
    faults : Faults
        Grows by what is wrong with the table as a whole, with columns, and with rows that say the same.
    """
    lines: Sequence[tuple[int, tuple[str, ...]]] = ()
    with faults.noted(table):
        lines = single_table(table).rows
        if len(lines) < 2:
            raise Refused(sentence("has no row of data"))
    if not lines[1:]:
        return []
    keys, by_words = lines[0][1], dict[tuple[tuple[str, str], ...], Row]()
    names = [_bare(key) for key in keys]
    for key in filter(None, dict.fromkeys(names)):
        if names.count(key) > 1:
            faults.add(f"{table}:column {key}", sentence("stands twice"), sentence("each column once"))
        elif key in map(_bare, common):
            faults.add(f"{table}:column {key}", sentence("is given on the command line, too"))
    for line, cells in lines[1:]:
        row = Row(table, line, {})
        for key, cell in zip(keys, cells, strict=False):
            with faults.noted(f"{row.place}, column {key}"):
                row.cells |= {key: sound(cell)} if key and cell else {}
        if any(cell and not key for key, cell in zip_longest(keys, cells, fillvalue="")):
            faults.add(row.place, sentence("has a cell under no key"))
        first = by_words.setdefault(tuple(row.cells.items()), row)
        if first is not row:
            faults.add(row.place, sentence("is the job of line {} again", first.line))
    return list(by_words.values())


def _bare(key: str) -> str:
    """A key without what Hydra writes before it to add or to force."""
    return key.lstrip("+")
