"""A study's results opened for work: as pandas frames, one xarray dataset, DuckDB views, and quick figures of them."""

import html
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.config.errors import failure, nearest, sentence
from experiments.config.names import KIND_NAMES
from experiments.runs.manifest import Manifest, folder_of, read_manifest

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

AXES = ("scenario", "replicate", "quarter", "bank_kind")
SUMMARY = (
    "scenario", "role", "outcome", "bank_kind", "end", "end_low", "end_high", "probability", "area", "gained",
    "prior_low", "prior_high", "assumption",
)  # fmt: skip


class Results:
    """The folder of a study, opened.

    Parameters
    ----------
    folder : str or Path
        Written by this version of the lab or an earlier one; or its manifest.json.

    Examples
    --------
    >>> results = Results("outputs/study-1a2b3c4d")  # doctest: +SKIP
    >>> results.summary()  # what each scenario moves, its declared target first # doctest: +SKIP
    >>> results.plot.fan("index", kind="rural")  # doctest: +SKIP
    >>> results.frame("effects").groupby(["scenario", "bank_kind"]).effect.median()  # doctest: +SKIP
    """

    def __init__(self, folder: str | Path) -> None:
        self.manifest: Manifest = read_manifest(Path(folder))
        self.folder = folder_of(Path(folder))

    def __repr__(self) -> str:
        return f"Results({str(self.folder)!r}): {', '.join(self.tables)}"

    def _repr_html_(self) -> str:
        """Show the study in a notebook: what was run, and what moved."""
        runs, table = self.manifest["config"].get("replicates"), self.summary()
        heading = html.escape(
            f"{self.manifest['name']}: {runs} run{'' if runs == 1 else 's'} of each scenario, {self.folder}"
        )
        return (
            f"<p>{heading}</p>{table.to_html(index=False, float_format='{:.2f}'.format, border=0, na_rep='')}"
        )

    @property
    def plot(self) -> "Plots":
        """Quick figures with matplotlib: ``results.plot.fan("index", kind="rural")``, ``results.plot.effects()``."""
        return Plots(self)

    @cached_property
    def dictionary(self) -> dict[str, Any]:
        """The data dictionary of the study, schema.json: meaning, unit and range of every column and outcome."""
        schema: dict[str, Any] = json.loads((self.folder / "schema.json").read_text("utf-8"))
        return schema

    def variable(self, name: str) -> dict[str, Any]:
        """Meaning, unit and range of a dimension, the index or an outcome; empty texts where nothing is known."""
        variables = (*self.dictionary["dimensions"], *self.dictionary["outcomes"])
        return next(
            (one for one in variables if one["name"] == name), {"name": name, "meaning": "", "unit": ""}
        )

    def summary(self) -> "pd.DataFrame":
        """Say what each scenario moves by the end: its declared target first, then the gap, dimensions and the index.

        Returns
        -------
        DataFrame
            Rows of the table ``paths`` for all small and medium banks (and for the kind that a target names), with the
            effect at the end, its 90 % interval, the chance of a rise, the area under the path and the quarters gained.
            A study of the baseline alone shows its scores at the start and at the end instead.
        """
        if "paths" not in self.tables:
            return self._levels()
        paths = self.frame("paths")
        chosen = paths[(paths["bank_kind"] == "all") | (paths["role"] == "target")]
        return chosen[[name for name in SUMMARY if name in chosen]].reset_index(drop=True)

    def _levels(self) -> "pd.DataFrame":
        bands = self.frame("bands")
        names = [one["name"] for one in self.dictionary["dimensions"]]
        bands = bands[
            (bands["quantity"] == "level") & (bands["measure"] == "true") & bands["outcome"].isin(names)
        ]
        ends = bands[bands["quarter"].isin([bands["quarter"].iloc[0], bands["quarter"].iloc[-1]])]
        return ends[["scenario", "outcome", "bank_kind", "quarter", "q05", "q50", "q95"]].reset_index(
            drop=True
        )

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables in the folder; schema.json says what each column means."""
        names = {path.stem for path in self.folder.glob("*.parquet")}
        return tuple(sorted(names | {path.parent.name for path in self.folder.glob("banks/*.parquet")}))

    def path(self, table: str) -> Path:
        """Return the file, or folder of files, of a table."""
        if table not in self.tables:
            raise failure("{} has no table {!r}; it has {}", self.folder, table, ", ".join(self.tables))
        file = self.folder / f"{table}.parquet"
        return file if file.exists() else self.folder / table

    def frame(self, table: str, columns: list[str] | None = None, periods: bool = False) -> "pd.DataFrame":
        """Read a table as a pandas frame; text columns are categories in the order of the study.

        Parameters
        ----------
        table : str
            One of `tables`.
        columns : list of str, optional
            Which columns to read; all by default.
        periods : bool
            Quarters as pandas periods, which plot and resample as dates do, instead of texts.
        """
        import pandas as pd

        frame = pd.read_parquet(self.path(table), columns=columns)
        if periods and "quarter" in frame:
            frame["quarter"] = pd.PeriodIndex(frame["quarter"].astype(str), freq="Q")
        return frame

    def dataset(self) -> "xr.Dataset":
        """Read scores and outcomes as one xarray dataset.

        Returns
        -------
        xarray.Dataset
            `score` (true) and `survey` by scenario, replicate, quarter, bank kind and dimension, points, and
            each outcome by scenario, replicate, quarter and bank kind. What is not defined is NaN: surveyed scores
            of the kind "all", and the survey between its quarters. Quarters are pandas periods (``sel`` takes
            ``"2030Q4"`` as well), and every variable has its ``units`` and ``long_name``.
        """
        import pandas as pd
        import xarray as xr

        scores, outcomes = self.frame("scores"), self.frame("outcomes")
        kinds = list(dict.fromkeys([*scores["bank_kind"].cat.categories, "all"]))
        axes = {
            "scenario": list(scores["scenario"].cat.categories),
            "replicate": sorted(scores["replicate"].unique().tolist()),
            "quarter": [q for q in scores["quarter"].cat.categories if (scores["quarter"] == q).any()],
            "bank_kind": kinds,
        }
        dimensions = {"dimension": list(scores["dimension"].cat.categories)}
        data: dict[str, Any] = {}
        for name, measure in (("score", "true"), ("survey", "survey")):
            part = scores[scores["measure"] == measure]
            data[name] = ((*AXES, "dimension"), dense(part, axes | dimensions, "score"))
        for outcome in outcomes["outcome"].cat.categories:
            data[outcome] = (AXES, dense(outcomes[outcomes["outcome"] == outcome], axes, "value"))
        coordinates: dict[str, Any] = axes | dimensions
        coordinates["quarter"] = pd.PeriodIndex(axes["quarter"], freq="Q")
        dataset = xr.Dataset(data, coords=coordinates, attrs={"study": self.manifest["study"]})
        attributes = {name: self.variable(name) for name in map(str, dataset.data_vars)}
        attributes |= {"score": {"unit": "points", "meaning": "true mean score of the banks of a kind"}}
        attributes |= {"survey": {"unit": "points", "meaning": "mean score as the survey would report it"}}
        for name, variable in attributes.items():
            dataset[name].attrs = {"units": variable["unit"], "long_name": variable["meaning"]}
        return dataset

    def views(self) -> "duckdb.DuckDBPyConnection":
        """Connect to DuckDB with one view for each table; files are read as queries need them."""
        import duckdb

        connection = duckdb.connect()
        for table in self.tables:
            path = self.path(table)
            source = str(path / "*.parquet" if path.is_dir() else path).replace("'", "''")
            connection.execute(f"create view {table} as select * from read_parquet('{source}')")
        return connection


def dense(rows: "pd.DataFrame", axes: dict[str, list[object]], value: str) -> np.ndarray:
    """Lay tidy rows out along axes; NaN where there is no row."""
    return laid_at(places_of(rows, axes), axes, rows[value].to_numpy())


def places_of(rows: "pd.DataFrame", axes: dict[str, list[object]]) -> tuple[np.ndarray, ...]:
    """Where tidy rows stand along axes."""
    import pandas as pd

    return tuple(pd.Index(labels).get_indexer(pd.Index(rows[axis].array)) for axis, labels in axes.items())


def laid_at(places: tuple[np.ndarray, ...], axes: dict[str, list[object]], values: np.ndarray) -> np.ndarray:
    """Values at their places along axes; NaN where there is none."""
    filled = np.full([len(labels) for labels in axes.values()], np.nan)
    filled[places] = values
    return filled


class Plots:
    """What ``results.plot`` draws, for notebooks: every method takes axes or makes its own, and returns them.

    Parameters
    ----------
    results : Results
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    def fan(
        self,
        outcome: str = "index",
        kind: str = "all",
        scenarios: str | Sequence[str] | None = None,
        quantity: str = "effect",
        ax: "Axes | None" = None,
    ) -> "Axes":
        """Draw the path of an outcome: median, and bands that hold 50 and 90 % of the runs.

        Parameters
        ----------
        outcome : str
            A dimension, ``index``, an outcome, or a target such as ``item:government``.
        kind : str
            large, city, rural, private, or all (small and medium banks); words of the command line such as ``农商行``.
        scenarios : str or sequence of str, optional
            Every scenario by default.
        quantity : str
            ``effect``: paired differences to the baseline; ``level``: values.
        ax : matplotlib.axes.Axes, optional
        """
        bands = self.results.frame("bands")
        kind = KIND_NAMES.find(kind) or kind
        scenarios = [scenarios] if isinstance(scenarios, str) else scenarios
        for column, words in (("outcome", [outcome]), ("bank_kind", [kind]), ("scenario", scenarios or ())):
            for word in words:
                if word not in (names := list(bands[column].unique())):
                    best = nearest(word, names)
                    hint = (
                        sentence("did you mean {}?", best)
                        if best
                        else sentence("allowed: {}", ", ".join(names))
                    )
                    raise failure("{!r} is no {} of this study; {}", word, column, hint)
        chosen = (bands["outcome"] == outcome) & (bands["bank_kind"] == kind) & (bands["measure"] == "true")
        mine = bands[chosen & (bands["quantity"] == quantity)]
        if scenarios is not None:
            mine = mine[mine["scenario"].isin(list(scenarios))]
        if mine.empty:
            measure = quantity, outcome, kind
            raise failure("the study has no {} on {} of {} banks to draw", *measure)
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
        ticks = zip(mine["scenario"], mine["outcome"], mine["bank_kind"], strict=True)
        axes.set_yticks(rows, [", ".join(map(str, one)) for one in ticks])
        axes.invert_yaxis()
        axes.axvline(0.0, color="grey", linewidth=0.8)
        axes.legend(frameon=False)
        return axes

    def _axes(self, ax: "Axes | None") -> "Axes":
        if ax is not None:
            return ax
        import matplotlib.pyplot as plt

        return plt.subplots(layout="constrained")[1]
