"""Assumptions and policies never mixed: default or changed assumptions, policy off or on."""

from typing import Final

import numpy as np

from experiments.analysis.case import Case, check_focus
from experiments.analysis.outcome import known, pick
from experiments.analysis.registry import EFFECT, KIND, OUTCOME, PROBABILITY, Rows, method
from experiments.config.study import StudySettings
from experiments.failure import StudyFailed
from experiments.results.schema import SCENARIO, table, text
from experiments.results.statistics import estimate

TABLE: Final = table(
    "one contrast of the 2x2 of assumptions and policy",
    SCENARIO,
    text("changed", "overrides that make the changed assumptions"),
    OUTCOME,
    KIND,
    text("contrast", "which two cells of the 2x2 are compared"),
    EFFECT,
    PROBABILITY,
)


def changed_settings(settings: StudySettings) -> StudySettings:
    """The same study under its changed assumptions; its policies do not change.

    Parameters
    ----------
    settings : StudySettings
        ``analysis.changed`` holds the overrides.
    """
    from experiments.config.resolve import of_words

    check_focus(settings)
    if not settings.analysis.changed:
        raise StudyFailed(
            "analysis.changed names no changed assumption, such as ['allocation=reinforcement']"
        )
    return settings.under(of_words(settings.analysis.changed, settings))


@method(check=changed_settings, assumptions=TABLE)
def assumptions(case: Case) -> Rows:
    """Run the scenario in focus and its baseline under the default and under the changed assumptions.

    Returns
    -------
    dict
        ``assumptions``: paired contrasts over parameters and seeds. ``policy_default`` and ``policy_changed``: the
        policy, each within its own assumptions; ``assumption_off`` and ``assumption_on``: the changed assumptions,
        with the policy off and on; ``difference``: how far the policy's effect depends on the assumptions.
    """
    changed = case.settings.analysis.changed
    other = case.laboratory.under(changed_settings(case.settings))
    base, label = case.pairs[case.focus], case.focus
    cells = {
        where: laboratory.run([laboratory.scenarios[base], laboratory.scenarios[label]], case.replicates)[
            "values"
        ]
        for where, laboratory in (("default", case.laboratory), ("changed", other))
    }
    rows = []
    for outcome, kind in known(np.concatenate(list(cells.values())), case.asked(label)):
        for contrast, values in contrasts(*(pick(cells[where], outcome, kind) for where in cells)).items():
            of = {"scenario": label, "changed": " ".join(changed), "outcome": outcome, "bank_kind": kind}
            rows.append({**of, "contrast": contrast, **estimate(values)})
    return {"assumptions": rows}


def contrasts(default: np.ndarray, changed: np.ndarray) -> dict[str, np.ndarray]:
    """The contrasts of a 2x2, replicate by replicate.

    Parameters
    ----------
    default, changed : ndarray, shape (2, R)
        Policy off and on under either assumption.
    """
    return {
        "policy_default": default[1] - default[0],
        "policy_changed": changed[1] - changed[0],
        "assumption_off": changed[0] - default[0],
        "assumption_on": changed[1] - default[1],
        "difference": (changed[1] - changed[0]) - (default[1] - default[0]),
    }
