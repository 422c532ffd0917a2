"""Quick figures of an opened study with matplotlib, for notebooks; the report draws its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments.failure import StudyFailed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.results.open import Results


class Plots:
    """What ``results.plot`` draws; every method takes axes or makes its own, and returns them.

    Parameters
    ----------
    results : Results
    """

    def __init__(self, results: "Results") -> None:
        self.results = results

    def fan(
        self,
        outcome: str = "index",
        kind: str = "all",
        scenarios: Sequence[str] | None = None,
        quantity: str = "effect",
        ax: "Axes | None" = None,
    ) -> "Axes":
        """Draw the path of an outcome: median, and bands that hold 50 and 90 % of the runs.

        Parameters
        ----------
        outcome : str
            A dimension, ``index``, an outcome, or a target such as ``item:government``.
        kind : str
            large, city, rural, private, or all (small and medium banks).
        scenarios : sequence of str, optional
            Every scenario by default.
        quantity : str
            ``effect``: paired differences to the baseline; ``level``: values.
        ax : matplotlib.axes.Axes, optional
        """
        bands = self.results.frame("bands")
        chosen = (bands["outcome"] == outcome) & (bands["bank_kind"] == kind) & (bands["measure"] == "true")
        mine = bands[chosen & (bands["quantity"] == quantity)]
        if scenarios is not None:
            mine = mine[mine["scenario"].isin(list(scenarios))]
        if mine.empty:
            raise StudyFailed(f"the study has no {quantity} on {outcome} of {kind} banks to draw")
        axes = self._axes(ax)
        for label, path in mine.groupby("scenario", observed=True, sort=False):
            when = [
                int(quarter[:4]) + 0.25 * int(quarter[5]) for quarter in path["quarter"]
            ]  # ends of quarters
            (line,) = axes.plot(when, path["q50"], label=str(label))
            for low, high, shade in (("q05", "q95", 0.15), ("q25", "q75", 0.25)):
                axes.fill_between(
                    when, path[low], path[high], color=line.get_color(), alpha=shade, linewidth=0
                )
        unit = self.results.variable(outcome)["unit"]
        axes.set_ylabel(f"{outcome}, {kind}" + (f" ({unit})" if unit else ""))
        if quantity == "effect":
            axes.axhline(0.0, color="grey", linewidth=0.8)
        axes.legend(frameon=False)
        return axes

    def effects(self, role: str = "target", ax: "Axes | None" = None) -> "Axes":
        """Draw what each scenario does by the end, median and 90 % interval, over the range held plausible before.

        Parameters
        ----------
        role : str
            ``target``: on its declared target; ``gap``, ``index``, ``rungs``: on those, all small and medium banks.
        ax : matplotlib.axes.Axes, optional
        """
        paths = self.results.frame("paths")
        mine = paths[(paths["role"] == role) & ((role == "target") | (paths["bank_kind"] == "all"))]
        axes, rows = self._axes(ax), range(len(mine))
        axes.hlines(
            rows,
            mine["prior_low"],
            mine["prior_high"],
            color="lightgrey",
            linewidth=8,
            label="plausible before",
        )
        axes.hlines(rows, mine["end_low"], mine["end_high"], color="C0", linewidth=2, label="90 % of runs")
        axes.plot(mine["end"], rows, "o", color="C0")
        named = zip(mine["scenario"], mine["outcome"], mine["bank_kind"], strict=True)
        axes.set_yticks(rows, [", ".join(map(str, one)) for one in named])
        axes.invert_yaxis()
        axes.axvline(0.0, color="grey", linewidth=0.8)
        axes.legend(frameon=False)
        return axes

    def _axes(self, given: Any) -> "Axes":
        if given is not None:
            axes: Axes = given
            return axes
        import matplotlib.pyplot as plt

        return plt.subplots(layout="constrained")[1]
