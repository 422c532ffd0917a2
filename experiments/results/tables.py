"""A study's record as tidy tables: one row a value, in an order that no chunk or worker can change."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS
from experiments.config.assembly import Coverage
from experiments.results.parquet import TableWriter, of_study
from experiments.results.schema import (
    KIND_OR_ALL,
    QUARTER,
    SCENARIO,
    TABLES,
    share,
    table,
    text,
    whole,
    with_ends,
)
from experiments.results.statistics import BAND, describe, quantile
from experiments.runs.merged import KINDS_AND_ALL, MEASURES, Merged, by_array, by_replicate
from experiments.runs.records import ITEM

# Above this many banks the table of banks is split by scenario.
NATIONAL = 1000
REACH: Final = (
    whole("banks", "banks that it covers", "banks", 0),
    whole("provinces", "provinces where a covered bank has its head office", "provinces", 0),
    share("asset_share", "assets of the covered banks over those of all banks at the start"),
)
COVERAGE: Final = table(
    "whom one policy of a scenario reaches",
    SCENARIO,
    text("policy", "name of the policy; all: every policy of the scenario together"),
    REACH,
)


def write_scores(merged: Merged, folder: Path, last_only: bool) -> None:
    """Write scores.parquet: dimension scores by kind, true and as the survey would report them."""
    with of_study(merged, folder, "scores", TABLES["scores"], dimension=DIMENSIONS) as table:
        for s in range(len(merged.scenarios)):
            for m, measure in enumerate(MEASURES):
                quarters = shown_quarters(merged, measure, last_only)
                for places, gathered in merged.blocks.by_replicate(measure, last_only):
                    block = by_replicate(gathered[:, s])
                    exists = ~np.isnan(block)
                    axes: dict[str, Any] = {"replicate": merged.replicates[places], "quarter": quarters}
                    axes |= {"bank_kind": range(block.shape[2]), "dimension": range(len(DIMENSIONS))}
                    keep = None if exists.all() else exists
                    table.add(block.shape, keep, axes, scenario=s, measure=m, score=block)


def write_outcomes(merged: Merged, folder: Path, last_only: bool) -> None:
    """Write outcomes.parquet: what else happens to the banks, by kind and for the system."""
    quarters = shown_quarters(merged, "true", last_only)
    with of_study(merged, folder, "outcomes", TABLES["outcomes"], outcome=merged.outcomes) as table:
        for s in range(len(merged.scenarios)):
            for o, outcome in enumerate(merged.outcomes):
                for replicates, block in merged.parts(s, "true", outcome, last_only):
                    kinds, values, keep = defined(block)
                    axes = {"replicate": replicates, "quarter": quarters, "bank_kind": kinds}
                    table.add(values.shape, keep, axes, scenario=s, outcome=o, value=values)


def write_effects(merged: Merged, folder: Path, last_only: bool) -> None:
    """Write effects.parquet for every dimension, their mean and every outcome.

    Both runs of a pair draw the same random numbers, so that the difference holds only what the policy
    touched.
    """
    with of_study(merged, folder, "effects", TABLES["effects"]) as table:
        for s in merged.alternatives:
            for m, measure in enumerate(MEASURES):
                for o, variable in enumerate(merged.variables(measure)):
                    quarters = shown_quarters(merged, measure, last_only, variable)
                    for replicates, block in merged.paired(s, measure, variable, last_only):
                        kinds, values, keep = defined(block)
                        axes = {"replicate": replicates, "quarter": quarters, "bank_kind": kinds}
                        pair = {"scenario": s, "baseline": merged.base[s]}
                        table.add(values.shape, keep, axes, **pair, outcome=o, measure=m, effect=values)


def write_costs(merged: Merged, folder: Path) -> None:
    """Write costs.parquet: who pays what for which policy; what is nothing in every run has no rows."""
    levels = {"policy": merged.policies, "payer": PAYERS, "bank_kind": KINDS}
    with of_study(merged, folder, "costs", TABLES["costs"], **levels) as table:
        for s in range(len(merged.scenarios)):
            paid = np.any([used_cells(chunk.read("costs", s)) for chunk in merged.chunks], axis=0)
            for chunk in merged.chunks:
                block = chunk.read("costs", s)
                axes: dict[str, Any] = {"replicate": merged.replicates_of(chunk), "year": merged.years}
                axes |= {name: range(len(names)) for name, names in levels.items()}
                table.add(block.shape, np.broadcast_to(paid, block.shape), axes, scenario=s, cost=block)


def write_banks(merged: Merged, folder: Path) -> None:
    """Write banks.parquet, or banks/scenario=<name>/ at national size: every bank at every quarter."""
    if not merged.bank_variables:
        return
    for path, scenarios in bank_files(merged, folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        provinces = tuple(sorted(set(merged.bank_province)))
        levels = {"bank_kind": KINDS, "province": provinces}
        with of_study(
            merged, path.parent, path.stem, TABLES["banks"], merged.bank_variables, **levels
        ) as table:
            for s in scenarios:
                for chunk in merged.chunks:
                    for r, replicate in enumerate(merged.replicates_of(chunk)):
                        values = {name: chunk.read(f"banks/{name}", s, r) for name in merged.bank_variables}
                        shape = len(merged.quarters), len(merged.bank_kind)
                        table.add(
                            shape,
                            axes={"quarter": range(shape[0]), "bank": range(shape[1])},
                            scenario=s,
                            replicate=replicate,
                            bank_kind=merged.bank_kind,
                            province=np.searchsorted(provinces, merged.bank_province),
                            assets=merged.bank_assets,
                            **values,
                        )


def bank_files(merged: Merged, folder: Path) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """Yield each file of the table of banks with the scenarios it holds."""
    if len(merged.bank_kind) <= NATIONAL:
        yield folder / "banks.parquet", tuple(range(len(merged.scenarios)))
        return
    for s in range(len(merged.scenarios)):
        yield folder / "banks" / f"{s:02d}.parquet", (s,)


def shown_quarters(merged: Merged, measure: str, last_only: bool, variable: str = "index") -> np.ndarray:
    """Return the quarters of a variable that a table shows, as positions among all."""
    quarters = merged.places(measure, variable)
    return np.array(quarters[-1:] if last_only else quarters, np.int32)


def defined(block: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Leave out the kinds of banks that a variable is not defined for.

    Parameters
    ----------
    block : ndarray, shape (replicates, quarters, kinds)
        NaN where not defined.

    Returns
    -------
    kinds : ndarray of int
        Positions of the kinds kept.
    values : ndarray, shape (replicates, quarters, kinds kept)
    keep : ndarray of bool, optional
        Where values are defined; None when all of them are.
    """
    exists = ~np.isnan(block)
    if exists.all():
        return np.arange(block.shape[2]), block, None
    kinds = np.flatnonzero([exists[..., k].any() for k in range(block.shape[2])])
    exists = exists[..., kinds]
    return kinds, block[..., kinds], None if exists.all() else exists


def used_cells(costs: np.ndarray) -> np.ndarray:
    """Mark policy, payer and kind where any run pays in any year; shape (policies, payers, kinds)."""
    return np.asarray((costs != 0.0).any(axis=(0, 1)))


def write_coverage(rows: Sequence[Coverage], folder: Path) -> None:
    """Write coverage.parquet, unless no scenario has a policy."""
    if not rows:
        return
    names = {key: tuple(dict.fromkeys(getattr(row, key) for row in rows)) for key in ("scenario", "policy")}
    with TableWriter(folder / "coverage.parquet", COVERAGE, names) as table:
        for row in rows:
            table.add_row(asdict(row))


# --- distributions over the replicates: exact quantiles, gathered so that memory stays flat


QUANTITIES = ("level", "effect")
NUMBERS: Final = ("runs", "mean", "sd", *BAND, "above_zero")


def write_bands(merged: Merged, folder: Path) -> None:
    """Write bands.parquet: the distribution over the replicates by scenario, variable, quarter and kind."""
    bands = [described(merged, measure) for measure in MEASURES]
    with of_study(merged, folder, "bands", TABLES["bands"], quantity=QUANTITIES) as table:
        for s in range(len(merged.scenarios)):
            for q in range(2 if s in merged.alternatives else 1):
                for m, numbers in enumerate(bands):
                    values = {name: numbers[name][s, q] for name in NUMBERS}
                    shape = values["runs"].shape
                    axes = dict(zip(("outcome", "quarter", "bank_kind"), map(range, shape), strict=True))
                    table.add(shape, values["runs"] > 0, axes, scenario=s, quantity=q, measure=m, **values)


def described(merged: Merged, measure: str) -> dict[str, np.ndarray]:
    """Describe every variable of a measure over the replicates.

    Returns
    -------
    dict of ndarray, shape (scenarios, 2, variables, quarters, kinds)
        What `describe` returns, for levels and for paired effects; no runs where nothing is defined.
    """
    variables = merged.variables(measure)
    quarters, kinds = len(merged.quarters), len(KINDS_AND_ALL)
    shape = (len(merged.scenarios), len(QUANTITIES), len(variables), quarters, kinds)
    bands = {name: np.zeros(shape) for name in NUMBERS}
    for array, names in by_array(measure, variables).items():
        when = np.array(merged.places(measure, names[0]))
        for part, gathered in merged.blocks.by_quarter(array):
            for variable in names:
                levels = [merged.pick(gathered[:, s], variable) for s in range(len(merged.scenarios))]
                there = defined_places(levels)
                place = (variables.index(variable), when[part][there[0]], there[1])
                levels = [level[there] for level in levels]
                for s, base in enumerate(merged.base):
                    if s != base:
                        keep(bands, (s, 1, *place), describe(levels[s] - levels[base]))
                for s, level in enumerate(levels):
                    keep(bands, (s, 0, *place), describe(level))
    return bands


def keep(bands: dict[str, np.ndarray], place: tuple[Any, ...], numbers: dict[str, np.ndarray]) -> None:
    """Put the numbers of one variable in their place."""
    for name, values in numbers.items():
        bands[name][place] = values


def defined_places(levels: Sequence[np.ndarray]) -> tuple[np.ndarray, slice]:
    """Return the quarters, and the narrowest run of kinds, outside which nothing is defined.

    Parameters
    ----------
    levels : sequence of ndarray, shape (quarters, kinds, replicates)
        One a scenario; NaN where not defined.
    """
    # Mostly the first replicate shows it.
    some = np.any([~np.isnan(level[..., 0]) for level in levels], axis=0)
    some[~some] = np.any([~np.isnan(level[~some]).all(-1) for level in levels], axis=0)
    kinds = np.flatnonzero(some.any(axis=0))
    return np.flatnonzero(some.any(axis=1)), slice(*(kinds[[0, -1]] + [0, 1] if len(kinds) else (0, 0)))


# --- items of the questionnaire


ITEMS: Final = table(
    "how many banks of one kind stand on one rung of one item or above at a year's end, over the runs",
    SCENARIO,
    QUARTER,
    KIND_OR_ALL,
    text("item", "item of the questionnaire, conf/questionnaire/items.csv"),
    whole("rung", "rung, 1 the first; 0: mean level on the whole ladder", "", 0),
    with_ends(
        "share", "banks on the rung or above; level: 0 nobody has begun, 100 all are on the top", "percent"
    ),
    with_ends("effect", "paired difference to the baseline; missing for a baseline", "percentage points"),
)


def write_items(merged: Merged, folder: Path) -> None:
    """Write items.parquet, unless the study did not record its items."""
    if not merged.levels:
        return
    names = tuple(dict.fromkeys(item for item, _ in merged.levels))
    items = [*(names.index(item) for item, _ in merged.levels), *range(len(names))]
    steps = [*(rung for _, rung in merged.levels), *[0] * len(names)]
    when = np.array(merged.places("survey"))
    ends = ("share_low", "share", "share_high", "effect_low", "effect", "effect_high")
    bands = np.full((len(ends), len(merged.scenarios), len(when), len(KINDS_AND_ALL), len(items)), np.nan)
    for part, gathered in merged.blocks.by_quarter("items"):
        for k in range(len(KINDS_AND_ALL)):
            shares = [with_means(block[:, k : k + 1], merged, names) for block in gathered.swapaxes(0, 1)]
            for s, base in enumerate(merged.base):
                bands[:3, s, part, k] = quantile(shares[s][:, 0])
                if s != base:
                    bands[3:, s, part, k] = quantile(shares[s][:, 0] - shares[base][:, 0])
    axes = {"quarter": when, "bank_kind": range(len(KINDS_AND_ALL)), "item": items}
    with of_study(merged, folder, "items", ITEMS, item=names) as written:
        for s in range(len(merged.scenarios)):
            numbers = dict(zip(ends, bands[:, s], strict=True))
            there = np.isfinite(numbers["share"])
            written.add(there.shape, there, axes, scenario=s, rung=steps, **numbers)


def with_means(shares: np.ndarray, merged: Merged, names: tuple[str, ...]) -> np.ndarray:
    """Shares of banks by rung, and after them the mean level of each item; shape (quarters, kinds, rows, runs)."""
    quarters, kinds, levels, runs = shares.shape
    rows = np.empty((quarters, kinds, levels + len(names), runs))
    rows[:, :, :levels] = shares
    for place, name in enumerate(names, levels):
        rows[:, :, place] = merged.pick(shares, f"{ITEM}{name}")
    return rows
