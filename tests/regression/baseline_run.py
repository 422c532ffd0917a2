"""The run that the regression baseline holds: two replicates with central parameters, calm and under everything."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.config.assembly import scenario, world
from experiments.config.load import compose_study
from model.run import simulate
from model.world import Recording
from tests.worlds import LEVER_FILES, SHOCK_FILES, until

FILE: Final = Path(__file__).with_name("baseline.yaml")
YEARS: Final = (2020, 2023, 2026, 2030)
OUTCOMES: Final = (
    "free_budget",
    "run_share",
    "bad_loans",
    "capital",
    "language_model",
    "talent",
    "data_asset",
    "inclusive_share",
)
HEAD: Final = """\
# REGRESSION, NOT VALIDATION: what the model gave when this file was written, to notice changes that nobody meant.
# Nothing here says that a number is right. After a change that is meant: python -m tests.regression.update,
# read the difference, and say in CHANGELOG.md (Regression) what moved and why.
# Mean of two replicates at the end of a year, central parameters; scores 0-100, outcomes in their own unit.
"""


def results() -> dict[str, Any]:
    """Key outputs by scenario, measure, kind, name and year."""
    pulled, hit = (f"[{','.join(names)}]" for names in (LEVER_FILES, SHOCK_FILES))
    study = compose_study([f"policy={pulled}", f"shock={hit}", "seed=2020", "uncertainty.parameters=central"])
    lab = until(world(study), "2030Q4", recording=Recording())
    record = simulate(lab, [scenario(study.scenarios[0]), scenario(study.scenarios[-1])], (0, 1))
    found: dict[str, Any] = {}
    for row, name in enumerate(("baseline", "every_policy_and_shock")):
        found[name] = {
            "true_score": by_kind(
                {d: record.true[row, :, 3::4, :, k].mean(0) for k, d in enumerate(DIMENSIONS)}, KINDS
            ),
            "survey_score": by_kind(
                {d: record.survey[row, :, :, :, k].mean(0) for k, d in enumerate(DIMENSIONS)}, KINDS[1:]
            ),
            "outcomes": by_kind({o: record.outcomes[o][row, :, 3::4].mean(0) for o in OUTCOMES}, KINDS),
        }
    return found


def by_kind(yearly: Mapping[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """Arrays (years, kinds) as a tree of rounded numbers: kind, name, year."""
    return {
        kind: {
            name: {year: round(float(values[year - 2020, KINDS.index(kind)]), 7) for year in YEARS}
            for name, values in yearly.items()
        }
        for kind in kinds
    }


def read() -> dict[str, Any]:
    """The baseline as it stands in the file."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def write(found: Mapping[str, Any]) -> None:
    """Put the baseline in its file, one line a name."""
    lines = [HEAD.rstrip("\n")]
    for scenario_name, measures in found.items():
        lines.append(f"{scenario_name}:")
        for measure, kinds in measures.items():
            lines.append(f"  {measure}:")
            for kind, names in kinds.items():
                lines.append(f"    {kind}:")
                lines += [
                    f"      {name}: {{{', '.join(f'{year}: {value}' for year, value in values.items())}}}"
                    for name, values in names.items()
                ]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
