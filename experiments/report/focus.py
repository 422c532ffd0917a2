"""Scenarios in the order of the scoreboard, and the one that figures of one scenario show."""

import pandas as pd

from experiments.figures.scoreboard import ranking
from experiments.report.material import Material


def scoreboard_table(material: Material) -> pd.DataFrame:
    """Scenarios by their effect on small and medium banks, with costs and prices; see `ranking`."""
    return ranking(material.small, material.added_costs)


def focus_of(material: Material) -> str | None:
    """The scenario that figures of one scenario show; none without policies.

    It is the one that the analysis looks at, else that with the largest median effect on the index, either way; what
    policies do goes before stress paths.
    """
    if not material.policies or material.small.empty:
        return None
    asked = (material.settings.get("analysis") or {}).get("scenario")
    if asked in material.policies:
        return str(asked)
    table = scoreboard_table(material)
    bundles = table[table["scenario"].isin(material.bundles)]
    table = bundles if len(bundles) else table
    return str(table["scenario"].iloc[int(table["median"].abs().argmax())])
