"""What a report is made of: the tables of a study folder, read no further than the report needs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from agents.honeycomb import DIMENSIONS
from agents.kinds import SMALL_KINDS
from experiments.location import DATA

SMALL = SMALL_KINDS


@dataclass(frozen=True)
class Material:
    """The frames of a study; missing tables give empty frames.

    Attributes
    ----------
    folder
        The study.
    settings
        Its resolved settings as plain data.
    data
        Where observed scores and provinces stand.
    """

    folder: Path
    settings: Mapping[str, Any]
    data: Path = DATA

    def table(self, name: str, columns: Sequence[str], **equal: object) -> pd.DataFrame:
        """Columns of a table, the rows where each named column is (one of) the given."""
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            return pd.DataFrame({column: pd.Series(dtype="object") for column in columns})
        tests = [
            (key, "in", list(v)) if isinstance(v, tuple | list) else (key, "==", v)
            for key, v in equal.items()
        ]
        frame = pq.read_table(path, columns=list(columns), filters=tests or None).to_pandas()
        for name_ in frame.select_dtypes("category"):
            frame[name_] = frame[name_].cat.remove_unused_categories()
        return frame

    def json(self, name: str) -> dict[str, Any]:
        """A JSON file of the study; empty when it is not there."""
        path = self.folder / name
        return json.loads(path.read_text("utf-8")) if path.exists() else {}

    @cached_property
    def pairs(self) -> dict[str, str]:
        """Scenario -> the baseline its effects are measured against."""
        pairs = self.table("distribution", ["scenario", "baseline"]).drop_duplicates()
        if pairs.empty:
            pairs = self.table("effects", ["scenario", "baseline"]).drop_duplicates()
        return dict(zip(pairs["scenario"].astype(str), pairs["baseline"].astype(str), strict=True))

    @cached_property
    def scenarios(self) -> list[str]:
        """Every scenario in the study's order, baselines first."""
        named = [str(node["label"]) for node in scenario_nodes(self.settings)]
        seen = list(map(str, self.distinct("scores", "scenario")))
        names = [name for name in named if name in seen] + [name for name in seen if name not in named]
        bases = set(self.pairs.values())
        return sorted(names, key=lambda name: name not in bases)

    @property
    def baseline(self) -> str:
        """The first baseline."""
        return self.scenarios[0]

    @property
    def policies(self) -> list[str]:
        """Scenarios that are measured against a baseline."""
        return [name for name in self.scenarios if name in self.pairs]

    @cached_property
    def bundles(self) -> list[str]:
        """Those of `policies` that differ from their baseline by policies alone, not by a shock or an environment."""
        named = {str(node["label"]): node for node in scenario_nodes(self.settings)}
        found = []
        for name in self.policies:
            node, base = named.get(name, {}), named.get(self.pairs[name], {})
            same = all(node.get(key) == base.get(key) for key in ("shocks", "environment_name"))
            if node.get("policies") and same:
                found.append(name)
        return found

    def distinct(self, name: str, column: str) -> list[Any]:
        """The values of one column of a table, in order of appearance."""
        return (
            pq.read_table(self.folder / f"{name}.parquet", columns=[column])
            .column(column)
            .unique()
            .to_pylist()
        )

    @cached_property
    def quarter(self) -> str:
        """Last quarter of the study."""
        return max(map(str, self.distinct("scores", "quarter")))

    @property
    def year(self) -> int:
        """Last year of the study."""
        return int(self.quarter[:4])

    @cached_property
    def runs(self) -> int:
        """Replicates of each scenario."""
        return len(self.distinct("scores", "replicate"))

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Paired effects on true values in the last quarter: scenario, replicate, bank_kind, outcome, effect.

        Rows of the kind ``all`` take small and medium banks together, each weighing the same.
        """
        columns = ["scenario", "replicate", "bank_kind", "outcome", "effect"]
        effects = texts(self.table("effects", columns, measure="true", quarter=self.quarter))
        scores = effects[effects["outcome"].isin((*DIMENSIONS, "index"))]
        if scores.empty or (scores["bank_kind"] == "all").any():
            return effects
        return pd.concat([effects, self._over_small(scores)], ignore_index=True)

    def _over_small(self, scores: pd.DataFrame) -> pd.DataFrame:
        """What studies before these rows lack, from the kinds and how many banks each has."""
        kinds = self.distribution
        kinds = kinds[(kinds["grouping"] == "kind") & kinds["group"].isin(SMALL_KINDS)]
        banks = kinds.groupby("group")["banks"].first() if len(kinds) else pd.Series(1.0, list(SMALL_KINDS))
        mine = scores[scores["bank_kind"].isin(banks.index)]
        weight = mine["bank_kind"].map(banks / banks.sum()).astype(float)
        keys = ["scenario", "replicate", "outcome"]
        whole = mine.assign(effect=mine["effect"] * weight).groupby(keys, sort=False)["effect"].sum()
        return whole.reset_index().assign(bank_kind="all")

    @cached_property
    def distribution(self) -> pd.DataFrame:
        """Winners and losers, last quarter."""
        bands = ["lose_large", "lose", "same", "gain", "gain_large"]
        columns = ["scenario", "replicate", "grouping", "group", "banks", "effect", *bands]
        return texts(self.table("distribution", columns))

    @cached_property
    def small(self) -> pd.DataFrame:
        """Paired effect on the index of small and medium banks, all weighing the same: scenario, replicate, effect."""
        mine = self.effects
        mine = mine[(mine["outcome"] == "index") & (mine["bank_kind"] == "all")]
        return mine[["scenario", "replicate", "effect"]].reset_index(drop=True)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Costs beyond the baseline's, million yuan, mean of runs: scenario, year, policy, payer, bank_kind, cost.

        Where the baseline has policies of its own their costs are taken off, so that one that ends saves money.
        """
        keys = ["scenario", "year", "policy", "payer", "bank_kind"]
        frame = texts(self.table("costs", [*keys, "replicate", "cost"]))
        if frame.empty:
            return frame
        paid = frame.groupby(keys, sort=False)["cost"].mean().reset_index()
        parts = []
        for name, base in self.pairs.items():
            own, other = paid[paid["scenario"] == name], paid[paid["scenario"] == base]
            both = pd.concat([own, other.assign(scenario=name, cost=-other["cost"])])
            parts.append(both.groupby(keys, sort=False)["cost"].sum().reset_index())
        return pd.concat(parts, ignore_index=True) if parts else paid.head(0)

    @cached_property
    def run_costs(self) -> pd.DataFrame:
        """Cost of each scenario (column) beyond its baseline in each replicate (row), million yuan."""
        frame = texts(self.table("costs", ["scenario", "replicate", "cost"]))
        runs = sorted(self.small["replicate"].unique())
        if frame.empty:
            return pd.DataFrame(0.0, index=runs, columns=list(self.pairs))
        paid = frame.pivot_table(index="replicate", columns="scenario", values="cost", aggfunc="sum")
        paid = paid.reindex(index=runs, columns=[*self.pairs, *self.pairs.values()]).fillna(0.0)
        paid = paid.loc[:, ~paid.columns.duplicated()]
        return pd.DataFrame({name: paid[name] - paid[base] for name, base in self.pairs.items()})

    @cached_property
    def added_costs(self) -> pd.DataFrame:
        """Cost of each scenario beyond its baseline, million yuan, all payers and years: scenario, cost."""
        total = (
            self.costs.groupby("scenario", sort=False)["cost"].sum()
            if len(self.costs)
            else pd.Series(dtype=float)
        )
        added = [float(total.get(name, 0.0)) for name in self.pairs]
        return pd.DataFrame({"scenario": list(self.pairs), "cost": added})


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with categories as plain texts."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("category"), str))


def scenario_nodes(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The scenarios that settings describe: mappings with a ``label``."""
    nodes = settings.get("scenarios", ())
    nodes = nodes if isinstance(nodes, list | tuple) else ()
    return [node for node in nodes if isinstance(node, Mapping) and "label" in node]
