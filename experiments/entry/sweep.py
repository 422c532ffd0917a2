"""Sweeps: one command line taken apart into jobs, each checked before the first one runs."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from experiments.composition.compose import compose_study
from experiments.composition.overrides import parse
from experiments.composition.shelf import shelf
from experiments.faults import COMMAND_LINE, ConfigError, Fault, Faults
from experiments.location import CONF
from experiments.settings import StudySettings

MOST_JOBS: Final = 10_000
LONGEST_NAME: Final = 80


def jobs(overrides: Sequence[str], folders: Sequence[str] = ()) -> list[list[str]]:
    """The command lines of a sweep, in the order in which Hydra's basic sweeper runs them.

    Parameters
    ----------
    overrides : sequence of str
        With sweeps such as ``policy=none,data_sharing``.
    folders : sequence of str
        Folders of the user's own groups.

    Returns
    -------
    list of list of str
        One list of overrides per job.
    """
    faults = Faults()
    files = shelf(str(CONF), tuple(os.path.abspath(folder) for folder in folders))
    parsed = [override for text in overrides if (override := parse(text, faults, files)) is not None]
    _once(parsed, faults)
    faults.stop()
    parsed = [
        OverridesParser.create(files.loader).parse_override(text) for text in years_as_mappings(overrides)
    ]
    hydra = [override for override in parsed if override.is_hydra_override()]
    own = [override for override in parsed if not override.is_hydra_override()]
    for override in hydra:
        if override.is_sweep_override():
            faults.add(f"{COMMAND_LINE}:{override.key_or_group}", "cannot be swept over", "one value")
    faults.stop()
    number = math.prod(_values(override, faults) for override in own)
    if number > MOST_JOBS:
        faults.add(COMMAND_LINE, f"the sweep has {number} jobs", f"at most {MOST_JOBS}")
    faults.stop()
    kept = [str(override.input_line) for override in hydra]
    return [[*kept, *job] for batch in BasicSweeper.split_arguments(own, None) for job in batch]


def _once(parsed: Sequence[Override], faults: Faults) -> None:
    """Note keys that stand twice: a sweep would silently forget the first."""
    keys = [override.key_or_group for override in parsed]
    for key in keys:
        if keys.count(key) > 1:
            faults.add(f"{COMMAND_LINE}:{key}", "is given twice", "once")


def _values(override: Override, faults: Faults) -> int:
    where = f"{COMMAND_LINE}:{override.key_or_group}"
    if not override.is_sweep_override():
        return 1
    if not override.is_discrete_sweep():
        faults.add(where, "sweeps over an interval", "values with commas between them, or range(1,10)")
        return 1
    try:
        values = list(itertools.islice(override.sweep_string_iterator(), MOST_JOBS + 1))
        for value in dict.fromkeys(values):
            if values.count(value) > 1:
                faults.add(where, f"{value} stands there twice", "each value once")
        return len(values)
    except (HydraException, ValueError, AssertionError, TypeError, OverflowError):
        faults.add(where, f"cannot be swept over: {override.input_line}", "values with commas between them")
        return 1


def years_as_mappings(texts: Sequence[str]) -> list[str]:
    """Overrides of single years as overrides of mappings: ``a.2029=1`` as ``a={2029:1}``.

    Hydra reads the last part of a dotted key as text and would not find a year that a file writes as a number.

    Parameters
    ----------
    texts : sequence of str
        Sound overrides.

    Returns
    -------
    list of str
        In the order of the first mention of each key; sweeps over several years of one key become one sweep.
    """
    kept: dict[str, str | list[list[str]]] = {}
    for text in texts:
        found = re.fullmatch(r"(\+*[\w.]+)\.([0-9]{4})=.*", text, re.DOTALL)
        if found is None:
            kept[text] = text
            continue
        override = OverridesParser.create().parse_override(text)
        values = (
            list(override.sweep_string_iterator())
            if override.is_discrete_sweep()
            else [override.get_value_element_as_str()]
        )
        years = kept.setdefault(found[1], [])
        assert isinstance(years, list)
        years.append([f"{found[2]}:{value}" for value in values])
    return [
        entry
        if isinstance(entry, str)
        else f"{key}=" + ",".join(f"{{{','.join(p)}}}" for p in itertools.product(*entry))
        for key, entry in kept.items()
    ]


def compose_jobs(commands: Sequence[Sequence[str]], folders: Sequence[str] = ()) -> list[StudySettings]:
    """The studies of a sweep, with the faults of all of them found together.

    Parameters
    ----------
    commands : sequence of sequence of str
        One list of overrides per job.
    folders : sequence of str
        Folders of the user's own groups.

    Returns
    -------
    list of StudySettings
        One per job.
    """
    faults: list[Fault] = []
    studies = []
    for command in commands:
        try:
            studies.append(compose_study(command, folders))
        except ConfigError as error:
            faults.extend(error.faults)
    if faults:
        raise ConfigError(faults)
    return studies


def job_folder(sweep: Path, number: int, study: StudySettings) -> Path:
    """Where job `number` of a sweep writes: ``003-data_sharing@severe``."""
    return sweep / f"{number:03d}-{study.labels[-1][:LONGEST_NAME]}"


def sweep_folder(studies: Sequence[StudySettings]) -> Path:
    """Where a sweep goes when nothing is said: a name that stays the same for the same sweep."""
    text = "\n".join(study.digest for study in studies)
    return Path(studies[0].outputs.folder) / f"sweep-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def given_folder(command: Sequence[str]) -> Path | None:
    """Where a command line sends a sweep with ``hydra.sweep.dir=``, if it does."""
    for text in command:
        if text.startswith("hydra.sweep.dir="):
            return Path(str(OverridesParser.create().parse_override(text).value()))
    return None


def quoted(folder: Path) -> str:
    """A path as Hydra's grammar takes it, whatever letters it has."""
    text = str(folder)
    inside = re.sub(r"(\\*)'", r"\1\1\'", text)
    ending = re.search(r"\\*$", inside)
    return f"'{inside}{ending[0] if ending else ''}'"
