"""Many banks at once, for a union or a supervisor: their ranking, who breaks first under stress, policy by bank."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from experiments.config.bank import BankSettings
from experiments.config.names import KIND_NAMES, PROVINCE_NAMES
from experiments.labels import Labels, percent, plain
from experiments.own_bank.answers import READ, breaches, floors_of
from experiments.report.registry import Block, Page, Points, section
from experiments.report.tables import Cell, Table, catalogued, effect, level
from experiments.results.open import dense
from experiments.results.statistics import describe, interval, lookup, probability, reached

SHOWN: Final = ("index", "percentile", *READ)


class Members:
    """All runs of many banks as arrays (scenarios, replicates, banks, years), each by its first plan.

    Parameters
    ----------
    path : Path
        ``own_bank.parquet``.
    banks : sequence of BankSettings
        In the order of their file.
    """

    def __init__(self, path: Path, banks: Sequence[BankSettings]) -> None:
        table = pd.read_parquet(path, columns=["scenario", "replicate", "bank", "choice", "year", *SHOWN])
        # The first plan stands first.
        table = table.drop_duplicates(["scenario", "replicate", "bank", "year"])
        self.banks = tuple(banks)
        self.axes: dict[str, list[Any]] = {
            "scenario": list(table["scenario"].cat.categories),
            "replicate": sorted(table["replicate"].unique().tolist()),
            "bank": [bank.name for bank in banks],
            "year": sorted(table["year"].unique().tolist()),
        }
        self.values = {name: dense(table, self.axes, name) for name in SHOWN}

    @property
    def scenarios(self) -> list[str]:
        """Scenarios, in order."""
        return self.axes["scenario"]

    @property
    def years(self) -> list[int]:
        """Years followed."""
        return self.axes["year"]

    def broken(self) -> np.ndarray:
        """Whether any floor is fallen below, bool (scenarios, replicates, banks, years)."""
        fails = []
        for b, bank in enumerate(self.banks):
            floors = floors_of(bank.floors.known if bank.floors is not None else None)
            parts = breaches({name: value[:, :, b] for name, value in self.values.items()}, floors)
            fails.append(np.any(list(parts.values()), axis=0))
        return np.stack(fails, axis=2)


def ranking(members: Members) -> pd.DataFrame:
    """Where every bank stands in every scenario: index first and last, rank, place among peers."""
    index, percentile = members.values["index"], members.values["percentile"]
    rows = []
    for s, scenario in enumerate(members.scenarios):
        last = np.median(index[s, :, :, -1], axis=0)
        rank = np.argsort(np.argsort(-last, kind="stable"), kind="stable") + 1
        for b, bank in enumerate(members.banks):
            first = int(np.isfinite(index[s, 0, b]).argmax())
            rows.append(
                {"scenario": scenario, "rank": int(rank[b]), **_who(bank)}
                | {"first": float(np.median(index[s, :, b, first]))}
                | {"ahead": float(np.median(percentile[s, :, b, -1]))}
                | interval(index[s, :, b, -1], "index")
            )
    return pd.DataFrame(rows)


def stress(members: Members) -> pd.DataFrame:
    """Who breaks, and when: share of runs in which a bank falls below a floor of its own, and the year it mostly does.

    Sorted by scenario, those that break most often and first on top.
    """
    broken, years = members.broken(), np.array(members.years)
    rows = []
    for s, scenario in enumerate(members.scenarios):
        for b, bank in enumerate(members.banks):
            runs = broken[s, :, b]
            ever = runs.any(-1)
            year = float(reached(years[runs.argmax(-1)][ever], 0.5)) if ever.any() else np.nan
            capital = float(describe(np.nanmin(members.values["capital"][s, :, b], axis=-1))["q05"])
            limits = {"breaks": float(ever.mean()), "year": year, "capital": capital}
            rows.append({"scenario": scenario, **_who(bank), **limits})
    table = pd.DataFrame(rows)
    table["at"] = pd.Categorical(table["scenario"], members.scenarios, ordered=True)
    table = table.sort_values(["at", "breaks", "year"], ascending=[True, False, True], kind="stable")
    return table.drop(columns="at").reset_index(drop=True)


def policy(members: Members, baseline: str) -> pd.DataFrame:
    """What every scenario does to every bank, against the baseline in the same run: index, profit, chance to break."""
    base, broken = members.scenarios.index(baseline), members.broken().any(-1)
    index, profit = members.values["index"][..., -1], np.nansum(members.values["net_profit"], axis=-1)
    rows = []
    for s, scenario in enumerate(members.scenarios):
        if s == base:
            continue
        for b, bank in enumerate(members.banks):
            gain = index[s, :, b] - index[base, :, b]
            rows.append(
                {"scenario": scenario, **_who(bank), "probability": probability(gain)}
                | interval(gain, "index")
                | interval(profit[s, :, b] - profit[base, :, b], "profit")
                | {"breaks": float(broken[s, :, b].mean() - broken[base, :, b].mean())}
            )
    return pd.DataFrame(rows)


def _who(bank: BankSettings) -> dict[str, object]:
    return {"bank": bank.name, "kind": bank.kind, "province": bank.province, "assets": bank.assets}


# --- the section


@section("members", place=7, tables=("own_bank",), always=False)
def members_section(page: Page) -> Iterator[Block]:
    """Rank the banks of a file, say who breaks first, and what each scenario does to each."""
    settings = page.study.settings.get("members") or ()
    if not settings:
        return
    banks = [BankSettings.model_validate(bank) for bank in settings]
    members = Members(page.study.folder / "own_bank.parquet", banks)
    labels, base = page.labels, page.study.baseline
    ranked, broken = ranking(members), stress(members)
    yield Points(_sentences(ranked, broken, members, base, labels))
    yield _ranking(ranked[ranked["scenario"] == base], members, labels)
    yield _stress(broken, members, labels)
    if len(members.scenarios) > 1:
        yield _policy(policy(members, base), members, base, labels)


def _sentences(
    ranked: pd.DataFrame, broken: pd.DataFrame, members: Members, base: str, labels: Labels
) -> list[str]:
    mine = ranked[ranked["scenario"] == base].sort_values("rank")
    facts = {"banks": len(members.banks), "scenario": labels.inside(labels.scenario(base))}
    sentences = [labels("members.are", first=mine["bank"].iloc[0], last=mine["bank"].iloc[-1], **facts)]
    for scenario, rows in broken.groupby("scenario", sort=False):
        worst = rows.iloc[0]
        where = labels.inside(labels.scenario(str(scenario)))
        if not worst["breaks"]:
            sentences.append(labels("members.none", scenario=where))
            continue
        year = f"{worst['year']:.0f}"
        share, many = percent(worst["breaks"]), int((rows["breaks"] >= 0.5).sum())
        sentences.append(
            labels("members.first", bank=worst["bank"], scenario=where, share=share, year=year, many=many)
        )
    return sentences


def _bank_cell(row: dict[Any, Any], labels: Labels) -> Cell:
    where = PROVINCE_NAMES.display(row["province"], labels.language)
    kind = KIND_NAMES.display(row["kind"], labels.language)
    return Cell(str(row["bank"]), interval=f"{kind}, {where}")


def _ranking(table: pd.DataFrame, members: Members, labels: Labels) -> Table:
    rows = []
    for row in table.sort_values("rank").to_dict("records"):
        place = Cell(plain(row["ahead"], 0), shade=0.006 * row["ahead"])
        names = row["rank"], _bank_cell(row, labels), labels.money(1e-6 * row["assets"])
        rows.append([*names, plain(row["first"]), level(row, "index"), place])
    head = ("rank", "bank", "assets", "index_first", "index_last", "ahead")
    facts = {"first": members.years[0], "last": members.years[-1]}
    return catalogued(labels, "members.ranking", head, rows, table, facts=facts, wide=True)


def _stress(table: pd.DataFrame, members: Members, labels: Labels) -> Table:
    cells = lookup(table, ["bank", "scenario"])
    often = table.groupby("bank", sort=False)["breaks"].mean()
    rows = []
    for bank in often.sort_values(ascending=False, kind="stable").index:
        line = [_bank_cell(cells[bank, members.scenarios[0]], labels)]
        for scenario in members.scenarios:
            row = cells[bank, scenario]
            year = "" if np.isnan(row["year"]) else f"{row['year']:.0f}"
            line.append(Cell(percent(row["breaks"]), shade=0.8 * row["breaks"], interval=year))
        rows.append(line)
    head = ("bank", *(f"={labels.scenario(scenario)}" for scenario in members.scenarios))
    return catalogued(labels, "members.stress", head, rows, table, wide=True)


def _policy(table: pd.DataFrame, members: Members, base: str, labels: Labels) -> Table:
    cells = lookup(table, ["bank", "scenario"])
    others = [scenario for scenario in members.scenarios if scenario != base]
    rows = []
    for bank in members.banks:
        line: list[object] = [_bank_cell(cells[bank.name, others[0]], labels)]
        for scenario in others:
            row = cells[bank.name, scenario]
            line += [effect(row, "index", number=2), labels.balance(row["profit"])]
        rows.append(line)
    groups = [("", 1), *((labels.scenario(scenario), 2) for scenario in others)]
    head = ("bank", *(len(others) * ("index", "profit")))
    facts = {"baseline": labels.inside(labels.scenario(base))}
    return catalogued(labels, "members.policy", head, rows, table, facts=facts, wide=True, groups=groups)
