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

from experiments.config.errors import Faults
from experiments.config.folders import SHIPPED
from experiments.config.load import compose_study
from experiments.config.names import quoted
from experiments.config.study import task_function
from experiments.config.sweep import checked, jobs
from experiments.config.words import hydra_words
from experiments.own_bank.answers import Results
from experiments.own_bank.template import write_template as template
from experiments.study.attribution import compare_studies as attribute
from experiments.study.clean import clean
from experiments.study.compare import compare
from experiments.study.confidential import purge, redact
from experiments.study.replay import replay, verify

if TYPE_CHECKING:
    from experiments.mesa_model import BankingModel

__all__ = [
    "attribute", "clean", "compare", "evaluator", "model", "open", "purge", "redact", "replay", "simulate",
    "sweep", "template", "verify",
]  # fmt: skip


def simulate(
    *overrides: str,
    folder: str | Path | None = None,
    configs: str | Path | Sequence[str | Path] = (),
    **settings: object,
) -> Results:
    """Run one study, as ``python simulate.py <overrides>`` does.

    Parameters
    ----------
    *overrides : str
        As on the command line: ``"policy=data_sharing"``, ``"replicates=16"``, ``"environment=severe"``.
    **settings :
        The same as Python values: ``replicates=16``, ``scenarios=["baseline", "alliances"]``,
        ``policies=["data_sharing", "alliances"]`` plays these together, beside their
        baseline, and ``policies={"data_sharing": {"start": "2026Q1"}}`` changes one.
    folder : str or Path, optional
        Where the study goes; by default ``outputs/<name>-<hash>``.
    configs : str, Path or sequence of such, optional
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
    folders = [configs] if isinstance(configs, str | Path) else list(configs)
    study = compose_study([*overrides, *words(settings)], folders)
    return Results(task_function(study.task)(study, None if folder is None else Path(folder)))


def words(settings: Mapping[str, Any]) -> list[str]:
    """Settings as the words of a command line: nested mappings become dotted keys.

    Parameters
    ----------
    settings : mapping
        Numbers, texts, lists, None, or mappings of such.

    >>> words({"replicates": 16, "policies": ["alliances"], "analysis": {"bank_kind": "rural"}})
    ['replicates=16', 'policy=[alliances]', 'analysis.bank_kind=rural']
    """
    texts: list[str] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            texts += words({f"{name}.{key}": part for key, part in value.items()})
        else:
            key = "policy" if name == "policies" else "shock" if name == "shocks" else name
            texts.append(f"{key}={_word(value)}")
    return texts


def _word(value: object) -> str:
    """A value in the grammar of the command line."""
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
        As for `model`, and ``seed`` in place of ``rng``.

    Returns
    -------
    callable
        ``f(behaviour__peer=0.5)`` or ``f({"behaviour.peer": 0.5})`` gives the outcomes' means as a dict.
    """
    from experiments.mesa_model import evaluator as of_numbers

    return of_numbers(*outcomes, replicates=replicates, **choices)


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

    Raises
    ------
    ConfigError
        With every fault of every combination, and where two of them are one study.
    StudyFailed
        Before anything runs, where a combination asks for what no run of it could answer.
    """
    from experiments.study.run import check

    faults = Faults()
    swept = hydra_words(overrides, SHIPPED, faults, sweeping=True)
    faults.stop()
    studies = checked([(job, None) for job in jobs(swept)], SHIPPED)
    for study in studies:
        check(study)
    return compare([task_function(study.task)(study) for study in studies])


open = Results  # noqa: A001 - read as api.open("outputs/study-1a2b3c4d"), of this version or an earlier one
