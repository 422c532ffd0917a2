"""What a study names and must be there: files, extra packages, scenarios to look at, a task that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final

from experiments.config import series
from experiments.config.composition import Origin
from experiments.config.data import read_ensemble
from experiments.config.errors import ConfigError, Faults, Sentence, nearest, sentence
from experiments.config.sections import CALIBRATIONS, CENTRAL, POSTERIOR
from experiments.location import of_user

ENSEMBLE: Final = sentence("posterior, central, or the folder of an ensemble")
# What needs a package that a plain installation lacks: the module, and the extra that brings it.
METHODS: Final = {"sensitivity": ("SALib", "sensitivity")}
ENGINES: Final = {"dask": ("distributed", "cluster")}
CALIBRATING: Final = (*CALIBRATIONS, "track_record")
# The tasks that read a section; a section given for another task would be passed over in silence.
READ_BY: Final = {"analysis": ("policy",), "calibration": CALIBRATING}


def check(data: Mapping[str, Any], task: str, labels: Sequence[str], origin: Origin, faults: Faults) -> None:
    """Note everything that is named and not there.

    Parameters
    ----------
    data : mapping
        The sections of the study, None where one is at fault.
    task : str
    labels : sequence of str
        The scenarios.
    origin : Origin
    faults : Faults
        Grows by what is wrong.
    """
    _scores(data["calibration"], faults)
    _ensemble(data["uncertainty"], faults)
    _extras(data, faults)
    _idle(task, origin, faults)
    if task in CALIBRATING:
        for scenario in data["scenarios"]:
            if scenario.assumptions:
                what = sentence("assumptions are not made by this task")
                faults.at(f"library.{scenario.name}.assumptions", what)
    analysis = data["analysis"]
    if analysis and analysis.scenario and labels and analysis.scenario not in labels:
        faults.unknown("analysis.scenario", analysis.scenario, labels)


def _scores(calibration: Any, faults: Faults) -> None:
    path = calibration.scores if calibration else None
    if path:
        try:
            series.scores(path, faults.where("calibration.scores"))
        except ConfigError as error:
            faults.extend(error.faults)


def _ensemble(uncertainty: Any, faults: Faults) -> None:
    chosen = uncertainty.parameters if uncertainty else CENTRAL
    if chosen in (CENTRAL, POSTERIOR):
        return
    try:
        read_ensemble(of_user(chosen))
    except ConfigError as error:
        for fault in error.faults:
            what = sentence("{!r} is no ensemble: {} {}", chosen, fault.where, fault.what)
            faults.at("uncertainty.parameters", what, ENSEMBLE, nearest(chosen, (CENTRAL, POSTERIOR)))


def _extras(data: Mapping[str, Any], faults: Faults) -> None:
    methods = data["analysis"].methods if data["analysis"] else ()
    needs = [("analysis.methods", method, *METHODS[method]) for method in methods if method in METHODS]
    engine = data["execution"].engine if data["execution"] else ""
    needs += [("execution.engine", engine, *ENGINES[engine])] if engine in ENGINES else []
    for key, word, module, extra in needs:
        if find_spec(module) is None:
            faults.at(key, lacking(word, module), installing(extra))


def lacking(word: str, module: str) -> Sentence:
    """What is said of a word that needs a package which is not installed."""
    return sentence("{} needs {}, which is not installed", word, module)


def installing(extra: str) -> Sentence:
    """How an extra is installed."""
    command = f"pip install 'honeycomb-lab[{extra}]'"
    return sentence("after make dev-env, or {}", command)


def _idle(task: str, origin: Origin, faults: Faults) -> None:
    """Note sections that the user gave and this task does not read."""
    for key in origin.given:
        section = key.partition(".")[0]
        readers = READ_BY.get(section, (task,))
        if task not in readers and not _is_whole_file(section, key, origin):
            reading = [f"task={reader}" for reader in readers]
            faults.at(key, sentence("is not read by task={}", task), ", ".join(reading), reading[0])


def _is_whole_file(section: str, key: str, origin: Origin) -> bool:
    """Whether a key comes from a chosen file of the group alone, which every task carries along."""
    return key not in origin.asked and any(
        layer.is_own and layer.package == section and key.startswith(f"{section}.") for layer in origin.layers
    )
