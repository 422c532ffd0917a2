"""The lab from Python: the same verbs as the command line, with the same overrides and the same numbers.

>>> from experiments import api# doctest: +SKIP
>>> results = api.simulate(policies=["data_sharing"], replicates=16)  # doctest: +SKIP
>>> results.summary()  # doctest: +SKIP
>>> results.plot.fan("data", kind="rural")  # doctest: +SKIP
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.own_bank.results import Results
from experiments.study.clean import Cleaned
from experiments.study.clean import clean as clean_store
from experiments.study.compare import compare
from experiments.study.confidential import Purged
from experiments.study.confidential import purge as purge_studies
from experiments.study.confidential import redact as redact_study
from experiments.study.replay import Replay
from experiments.study.replay import replay as replay_study
from experiments.study.run import default_folder
from experiments.study.verify import verify as verify_study

if TYPE_CHECKING:
    from experiments.mesa_model import BankingModel
    from experiments.study.attribution import Attribution

__all__ = [
    "attribute",
    "clean",
    "compare",
    "evaluator",
    "model",
    "open",
    "purge",
    "redact",
    "replay",
    "simulate",
    "sweep",
    "template",
    "verify",
]


def simulate(
    *overrides: str, folder: str | Path | None = None, configs: Sequence[str | Path] = (), **settings: Any
) -> Results:
    """Run one study, as ``python simulate.py <overrides>`` does.

    Parameters
    ----------
    *overrides : str
        As on the command line: ``"policy=data_sharing"``, ``"replicates=16"``, ``"environment=severe"``.
    **settings :
        The same as Python values: ``replicates=16``, ``scenarios=["baseline", "alliances"]``,
        ``analysis={"outcome": "data"}``; ``policies=["data_sharing", "alliances"]`` plays these together, beside their
        baseline, and ``policies={"data_sharing": {"start": "2026Q1"}}`` changes one.
    folder : str or Path, optional
        Where the study goes; by default ``outputs/<name>-<hash>``.
    configs : sequence of str or Path, optional
        Folders of your own files, as ``--config-dir``: with ``mine/bank/ours.yaml``, ``configs=["mine"]`` and
        ``"bank=ours"``.

    Returns
    -------
    Results
        The study, opened. What was finished before is not computed again.

    Raises
    ------
    experiments.config.errors.ConfigError
        With every fault of the overrides, before anything runs.
    experiments.failure.StudyFailed
        If the study cannot be written; finished chunks are kept.
    """
    from experiments.config.load import compose_study
    from experiments.config.sections import task_function

    study = compose_study([*overrides, *words(settings)], list(configs))
    target = Path(folder) if folder is not None else default_folder(study)
    return Results(task_function(study.task)(study, target))


def words(settings: Mapping[str, Any]) -> list[str]:
    """Settings as the words of a command line: nested mappings become dotted keys.

    Parameters
    ----------
    settings : mapping
        Numbers, texts, lists, None, or mappings of such.

    >>> words({"replicates": 16, "policies": ["alliances"], "analysis": {"bank_kind": "rural"}})
    ['replicates=16', 'policy=[alliances]', 'analysis.bank_kind=rural']
    """
    found: list[str] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found += words({f"{name}.{key}": part for key, part in value.items()})
        else:
            key = "policy" if name == "policies" else "shock" if name == "shocks" else name
            found.append(f"{key}={_word(value)}")
    return found


def _word(value: Any) -> str:
    """A value in the grammar of the command line."""
    from experiments.config.names import quoted

    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(map(_word, value))}]"
    text = str(value)
    return text if re.fullmatch(r"[\w.+-]+", text) else quoted(text)


def model(rng: int | None = None, **keywords: Any) -> "BankingModel":
    """Build one run as an ordinary Mesa model; see `experiments.mesa_model.BankingModel`.

    Parameters
    ----------
    rng : int, optional
        Seed.
    **keywords
        ``population="survey"``, ``policies=["data_sharing"]``, ``environment="severe"``, ``allocation=my_rule``,
        ``end="2026Q4"``, ``behaviour__peer=0.5``, ...
    """
    from experiments.mesa_model import BankingModel

    return BankingModel(rng, **keywords)


def evaluator(*outcomes: str, replicates: int = 8, **choices: Any) -> Callable[..., dict[str, float]]:
    """A function of the model's numbers for EMA Workbench, SALib or an optimiser.

    Parameters
    ----------
    *outcomes : str
        Such as ``"index rural"`` or ``"spend_ratio all"``.
    replicates : int
        Runs that are averaged.
    **choices
        As for `model`, and ``seed``.

    Returns
    -------
    callable
        ``f(behaviour__peer=0.5)`` or ``f({"behaviour.peer": 0.5})`` gives the outcomes' means as a dict.
    """
    from experiments.mesa_model import evaluator as of_numbers

    return of_numbers(outcomes or ("index all", "index rural"), replicates, **choices)


def sweep(*overrides: str) -> Path:
    """Run one study for every combination, as ``python simulate.py -m <overrides>`` does, and compare them.

    Parameters
    ----------
    *overrides : str
        As on the command line, with several values where the study should vary:
        ``"policy=none,data_sharing"``, ``"environment=central,severe"``. All are checked before the first one
        runs.

    Returns
    -------
    Path
        The folder of the comparison: comparison.parquet and comparison.html.
    """
    from experiments.config.errors import Faults
    from experiments.config.folders import OwnFiles
    from experiments.config.load import compose_study
    from experiments.config.sections import task_function
    from experiments.config.sweep import jobs
    from experiments.config.words import hydra_words

    faults = Faults()
    words = hydra_words(overrides, OwnFiles(), faults, sweeping=True)
    faults.stop()
    studies = [compose_study(job) for job in jobs(words)]
    return compare([task_function(study.task)(study, default_folder(study)) for study in studies])


def replay(manifest: str | Path, folder: str | Path | None = None) -> Replay:
    """Run a manifest again and compare every file, as ``python simulate.py replay=<manifest>`` does.

    Parameters
    ----------
    manifest : str or Path
        A manifest.json, or the folder of a study.
    folder : str or Path, optional
        Where the replay goes; by default ``<name>-<hash>-replay`` beside the study.

    Returns
    -------
    Replay
        `same`, the `differences` (file, row, column) and `notes` on what has changed since.
    """
    return replay_study(Path(manifest), Path(folder) if folder is not None else None)


def verify(folder: str | Path) -> Replay:
    """Check a study's files and recompute its tables, as ``python simulate.py verify=<folder>`` does.

    Parameters
    ----------
    folder : str or Path
        The folder of a study.

    Returns
    -------
    Replay
        As `replay`; nothing is written.
    """
    return verify_study(Path(folder))


def attribute(first: str | Path, second: str | Path | None = None) -> "Attribution":
    """Say what moved between two studies and what moved it, as ``python simulate.py compare=<first>,<second>`` does.

    Parameters
    ----------
    first, second : str or Path
        Folders of finished studies, of the same or of different versions; without a second one, the settings of the
        first run again by this version.
    """
    from experiments.study.attribution import compare_studies

    return compare_studies(Path(first), None if second is None else Path(second))


def clean(what: str = "list") -> Cleaned:
    """List what finished chunks take, or remove some, as ``python simulate.py clean=<what>`` does.

    Parameters
    ----------
    what : str
        ``list``, ``all``, ``older:7d`` or the name of a study.

    Returns
    -------
    Cleaned
        `lines` of the list, and how many files were `removed`, `freed` bytes. The folders of studies stay.
    """
    return clean_store(what)


def template(path: str | Path, language: str = "en", many: bool = False) -> Path:
    """Write a workbook for a bank of your own to fill in, as ``python simulate.py template=<path>`` does.

    Parameters
    ----------
    path : str or Path
        Where it goes, as ``bank.xlsx``; nothing is overwritten.
    language : str
        ``en`` or ``zh``.
    many : bool
        A table with a row a bank instead, for members or peers.
    """
    from experiments.own_bank.template import write_template

    return write_template(Path(path), language, many)


def redact(folder: str | Path, target: str | Path | None = None) -> Path:
    """Run a study again without your bank, to be shared, as ``python simulate.py redact=<folder>`` does.

    Parameters
    ----------
    folder : str or Path
        The folder of a study that holds your bank.
    target : str or Path, optional
        Where the copy goes; by default beside it.
    """
    return redact_study(Path(folder), None if target is None else Path(target))


def purge(folder: str | Path) -> Purged:
    """Remove what holds your bank, as ``python simulate.py purge=<folder>`` does.

    Parameters
    ----------
    folder : str or Path
        A study, a sweep, or a folder of them. Studies without a bank stay.
    """
    return purge_studies(Path(folder))


def open(folder: str | Path) -> Results:  # noqa: A001 - read as api.open(...)
    """Open the folder of a study: `frame(table)`, `dataset()`, `views()`.

    Parameters
    ----------
    folder : str or Path
        The folder of a study, of this version or an earlier one.
    """
    return Results(folder)
