"""What a study names and must be there: files and folders of the user's, and scenarios to look at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from experiments.composition.composer import Composition
from experiments.composition.suggestions import nearest, unknown
from experiments.faults import ConfigError, Faults
from experiments.location import existing
from experiments.settings.calibration import CENTRAL, POSTERIOR

if TYPE_CHECKING:
    from experiments.settings import AnalysisSettings, CalibrationSettings, UncertaintySettings

ENSEMBLE: Final = "posterior, central, or the folder of an ensemble"


def check_scores(calibration: CalibrationSettings | None, top: Composition, faults: Faults) -> None:
    """Note a table of scores that cannot be read."""
    scores = calibration.scores if calibration else None
    if scores and not os.access(existing(scores), os.R_OK):
        faults.add(top.where("calibration.scores"), f"{scores!r} cannot be read", "a table of scores")


def check_ensemble(uncertainty: UncertaintySettings | None, top: Composition, faults: Faults) -> None:
    """Note a folder of parameters that holds no sound ensemble."""
    chosen = uncertainty.parameters if uncertainty else CENTRAL
    if chosen in (CENTRAL, POSTERIOR):
        return
    from experiments.ensemble import read_ensemble  # brings the model with it

    where, best = top.where("uncertainty.parameters"), nearest(chosen, (CENTRAL, POSTERIOR))
    try:
        read_ensemble(existing(chosen))
    except ConfigError as error:
        for fault in error.faults:
            faults.add(where, f"{chosen!r} is no ensemble: {fault.where} {fault.what}", ENSEMBLE, best)


def check_analysis(
    analysis: AnalysisSettings | None, labels: Sequence[str], top: Composition, faults: Faults
) -> None:
    """Note a scenario that the analysis is to look at and the study does not play."""
    if analysis and analysis.scenario and (strange := unknown([analysis.scenario], labels)):
        faults.add(top.where("analysis.scenario"), *strange)
