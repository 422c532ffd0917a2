"""A study's results opened for work: as pandas frames, as one xarray dataset, as DuckDB views."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.failure import StudyFailed
from experiments.runs.manifest import Manifest, read_manifest

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import xarray as xr

AXES = ("scenario", "replicate", "quarter", "bank_kind")


class Results:
    """The folder of a study, opened.

    Parameters
    ----------
    folder : str or Path
        Written by this version of the lab or an earlier one.

    Examples
    --------
    >>> results = Results("outputs/study-1a2b3c4d")  # doctest: +SKIP
    >>> results.frame("effects").groupby(["scenario", "bank_kind"]).effect.median()  # doctest: +SKIP
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)

    def __repr__(self) -> str:
        return f"Results({str(self.folder)!r}): {', '.join(self.tables)}"

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables in the folder; schema.json says what each column means."""
        names = {path.stem for path in self.folder.glob("*.parquet")}
        return tuple(sorted(names | {path.parent.name for path in self.folder.glob("banks/*.parquet")}))

    def path(self, table: str) -> Path:
        """Return the file, or folder of files, of a table."""
        if table not in self.tables:
            raise StudyFailed(f"{self.folder} has no table {table!r}; it has {', '.join(self.tables)}")
        file = self.folder / f"{table}.parquet"
        return file if file.exists() else self.folder / table

    def frame(self, table: str, columns: list[str] | None = None) -> "pd.DataFrame":
        """Read a table as a pandas frame; text columns are categories in the order of the study.

        Parameters
        ----------
        table : str
            One of `tables`.
        columns : list of str, optional
            Which columns to read; all by default.
        """
        import pandas as pd

        return pd.read_parquet(self.path(table), columns=columns)

    def dataset(self) -> "xr.Dataset":
        """Read scores and outcomes as one xarray dataset.

        Returns
        -------
        xarray.Dataset
            `score` (true) and `survey` by scenario, replicate, quarter, bank kind and dimension, points, and
            each outcome by scenario, replicate, quarter and bank kind. What is not defined is NaN: surveyed scores
            of the kind "all", and the survey between its quarters.
        """
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
        return xr.Dataset(data, coords=axes | dimensions, attrs={"study": self.manifest["study"]})

    def own_bank(self) -> dict[str, "pd.DataFrame"]:
        """Answer a strategy team's questions about its own bank; for studies with ``bank=``.

        Returns
        -------
        dict of DataFrame
            ``place`` among its peers, ``failures`` of the plan, ``bottleneck``, ``routes`` to language models,
            ``payback`` and the share of runs ``paid_back_by`` each year, ``maintenance`` as a share of each year's
            budget, the path of market share and change money under ``stress``, what should move ``early``, the plan
            ``against_its_kind``, and what each scenario ``changes`` against its baseline
            (`experiments.own_bank.answers`).
        """
        from experiments.own_bank import answers

        return answers.every(self.frame("own_bank"))

    def views(self) -> "duckdb.DuckDBPyConnection":
        """Connect to DuckDB with one view for each table; files are read as queries need them."""
        import duckdb

        connection = duckdb.connect()
        for table in self.tables:
            path = self.path(table)
            source = str(path / "*.parquet" if path.is_dir() else path).replace("'", "''")
            connection.execute(f"create view {table} as select * from read_parquet('{source}')")
        return connection


def dense(rows: "pd.DataFrame", axes: dict[str, list[Any]], value: str) -> np.ndarray:
    """Lay tidy rows out along axes; NaN where there is no row."""
    import pandas as pd

    filled = np.full([len(labels) for labels in axes.values()], np.nan)
    places = tuple(pd.Index(labels).get_indexer(pd.Index(rows[axis].array)) for axis, labels in axes.items())
    filled[places] = rows[value].to_numpy()
    return filled
