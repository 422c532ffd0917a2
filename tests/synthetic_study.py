"""A made-up study folder, as large and as noisy as a real one, for the figures and the report to be drawn from."""

import itertools
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS, KINDS, PAYERS
from experiments.results.statistics import quantiles

SCENARIOS = ("baseline", "inclusive_supervision", "data_sharing", "both")
QUARTERS = tuple(f"{year}Q{q}" for year in range(2020, 2031) for q in range(1, 5))
COUNT = {"large": 18, "city": 49, "rural": 22, "private": 7}
START = {"large": 68, "city": 50, "rural": 39, "private": 66}
GAIN = {"baseline": 0.0, "inclusive_supervision": 0.9, "data_sharing": 1.6, "both": 2.8}
ENDS = {"_low": -0.4, "": 0.0, "_high": 0.4}
OUTCOMES = (
    "free_budget", "bad_loans", "language_model", "budget_exhausted", "vendor_hhi",
    *(f"pain_{n}" for n in range(1, 11)),
)  # fmt: skip
SYSTEM = ("rural_city_gap", "gini", "p90_p10")
PROVINCES = (
    "BJ", "TJ", "HE", "LN", "SH", "JS", "ZJ", "AH", "FJ", "JX", "SD", "HB", "HN", "GD", "GX", "CQ", "SC",
    "GZ", "SN",
)  # fmt: skip


def gains(names: tuple[str, ...]) -> dict[str, float]:
    """Mean effect of each scenario, points."""
    return {name: GAIN.get(name, 0.4 * (i % 5) - 0.6) for i, name in enumerate(names)}


def write_study(
    folder: Path, scenarios: tuple[str, ...] = SCENARIOS, replicates: int = 16, seed: int = 1
) -> Path:
    """Write every table of a study; the first scenario is the baseline."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    true = true_scores(rng, scenarios, replicates)
    write_scores(folder, rng, scenarios, true)
    write_effects(folder, rng, scenarios, true)
    write_outcomes(folder, rng, scenarios, replicates)
    write_bands(folder)
    if len(scenarios) > 1:
        write_costs(folder, rng, scenarios, replicates)
        write_distribution(folder, rng, scenarios, true)
    write_network(folder, scenarios)
    manifest = {"seed": 7, "packages": {"numpy": "2.4"}}
    manifest |= {"files": {"scores.parquet": "ab" * 32}, "code": {"commit": "c0ffee"}}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def true_scores(rng: np.random.Generator, scenarios: tuple[str, ...], replicates: int) -> np.ndarray:
    """True scores, shape (scenario, replicate, quarter, kind, dimension)."""
    time = np.linspace(0, 1, len(QUARTERS))
    slope = rng.normal(14, 4, (replicates, 4, 6))
    level = np.array([START[kind] for kind in KINDS])[:, None] + np.array([14, 6, 2, 0, -2, -10])
    base = (
        level + time[:, None, None] * slope[:, None] + rng.normal(0, 0.4, (replicates, len(QUARTERS), 4, 6))
    )
    started = np.clip((np.arange(len(QUARTERS)) - 18) / 12, 0, 1)
    weight = np.array([[0.1], [1.3], [0.8], [0.6]]) * np.array([0.2, 0.6, 0.8, 1.4, 2.2, 0.8])
    runs = []
    for gain in gains(scenarios).values():
        shape = (replicates, 1, 1, 1)
        strength = rng.normal(gain, 0.35 * abs(gain) + 0.3, shape) if gain else np.zeros(shape)
        runs.append(base + started[:, None, None] * strength * weight)
    return np.clip(np.stack(runs), 0, 100)


def tidy(values: np.ndarray, name: str, **levels: tuple) -> pd.DataFrame:
    """One row a value; the axes of an array are the named levels, in order."""
    index = pd.MultiIndex.from_product(levels.values(), names=list(levels))
    return pd.DataFrame({name: values.ravel()}, index).reset_index()


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write parquet with texts encoded as the lab writes them."""
    texts = frame.select_dtypes(exclude="number").columns
    frame.astype(dict.fromkeys(texts, "category")).to_parquet(path, index=False, compression="zstd")


def write_scores(
    folder: Path, rng: np.random.Generator, scenarios: tuple[str, ...], true: np.ndarray
) -> None:
    """Write scores.parquet."""
    runs = tuple(range(true.shape[1]))
    axes = {"scenario": scenarios, "replicate": runs, "quarter": QUARTERS}
    axes |= {"bank_kind": KINDS, "dimension": DIMENSIONS}
    error = np.array([1.0, 2.9, 4.3, 7.6])[:, None]
    asked = np.clip(true[:, :, 3::4] + rng.normal(0, 1, true[:1, :, 3::4].shape) * error, 0, 100)
    survey = tidy(asked, "score", **{**axes, "quarter": QUARTERS[3::4]})
    both = [tidy(true, "score", **axes).assign(measure="true"), survey.assign(measure="survey")]
    write(pd.concat(both).astype({"replicate": "int32"}), folder / "scores.parquet")


def write_effects(
    folder: Path, rng: np.random.Generator, scenarios: tuple[str, ...], true: np.ndarray
) -> None:
    """Write effects.parquet, paired with the baseline."""
    if len(scenarios) == 1:
        return
    runs = tuple(range(true.shape[1]))
    change = true[1:] - true[:1]
    change = np.concatenate([change, change.mean(axis=-1, keepdims=True)], axis=-1)
    axes = {"scenario": scenarios[1:], "replicate": runs, "quarter": QUARTERS, "bank_kind": KINDS}
    parts = [tidy(change, "effect", **axes, outcome=(*DIMENSIONS, "index"))]
    small = np.average(change[:, :, :, 1:], 3, [COUNT[kind] for kind in KINDS[1:]], keepdims=True)
    parts.append(tidy(small, "effect", **{**axes, "bank_kind": ("all",)}, outcome=(*DIMENSIONS, "index")))
    scale = np.array(list(gains(scenarios).values()))[1:].reshape(-1, 1, 1, 1, 1)
    shape = (len(scenarios) - 1, len(runs), len(QUARTERS), len(KINDS), len(OUTCOMES))
    noise = rng.normal(0, 0.02, shape) * np.abs(scale) - 0.01 * scale
    parts.append(tidy(noise, "effect", **axes, outcome=OUTCOMES))
    gap = (change[:, :, :, 1, -1] - change[:, :, :, 2, -1])[..., None, None]
    system = np.concatenate([gap, gap * 0.001, gap * 0.004], axis=-1)
    parts.append(tidy(system, "effect", **{**axes, "bank_kind": ("all",)}, outcome=SYSTEM))
    frame = pd.concat(parts).assign(baseline=scenarios[0], measure="true").astype({"replicate": "int32"})
    write(frame, folder / "effects.parquet")


def write_outcomes(
    folder: Path, rng: np.random.Generator, scenarios: tuple[str, ...], replicates: int
) -> None:
    """Write outcomes.parquet."""
    axes = {"scenario": scenarios, "replicate": tuple(range(replicates))}
    axes |= {"quarter": QUARTERS, "bank_kind": (*KINDS, "all")}
    size = [100 if name.startswith("pain") else 1 for name in OUTCOMES]
    level = np.linspace(0.1, 0.8, len(OUTCOMES)) * size
    drift = np.linspace(1.1, 0.8, len(QUARTERS))[:, None, None]
    shape = (len(scenarios), replicates, len(QUARTERS), 5, len(OUTCOMES))
    values = level * drift * rng.normal(1, 0.05, shape) * np.array([0.6, 0.9, 1.2, 0.7, 1.0])[:, None]
    frame = tidy(values, "value", **axes, outcome=OUTCOMES).astype({"replicate": "int32"})
    write(frame, folder / "outcomes.parquet")


def write_bands(folder: Path) -> None:
    """Write bands.parquet: how scores, their mean, the gap and the outcomes lie over the runs at the ends of years."""
    scores = pd.read_parquet(folder / "scores.parquet").rename(columns={"dimension": "outcome"})
    scores = scores.rename(columns={"score": "value"}).astype({"bank_kind": str, "outcome": str})
    keys = ["scenario", "measure", "quarter", "replicate", "bank_kind"]
    index = scores.groupby(keys, observed=True)["value"].mean()
    wide = index.unstack()
    gap = (wide["city"] - wide["rural"]).rename("value").reset_index()
    parts = [scores, index.reset_index().assign(outcome="index")]
    parts.append(gap.assign(bank_kind="all", outcome="rural_city_gap"))
    parts.append(pd.read_parquet(folder / "outcomes.parquet").assign(measure="true"))
    texts = ["scenario", "measure", "outcome", "quarter", "bank_kind"]
    runs = pd.concat([part.astype(dict.fromkeys(texts, str)) for part in parts])
    runs = runs[runs["quarter"].str.endswith("Q4")]
    bands = quantiles(runs, texts, "value", (0.05, 0.25, 0.5, 0.75, 0.95))
    write(bands.assign(quantity="level"), folder / "bands.parquet")


def write_costs(folder: Path, rng: np.random.Generator, scenarios: tuple[str, ...], replicates: int) -> None:
    """Write costs.parquet: two payers a policy from 2024."""
    rows = []
    for name in scenarios[1:]:
        policies = SCENARIOS[1:3] if name == "both" else (name,)
        for policy, payer, kind in itertools.product(policies, (PAYERS[0], PAYERS[3]), KINDS[1:]):
            years, runs = np.arange(2020, 2031), np.arange(replicates, dtype="int32")
            paid = np.where(years >= 2024, 40.0, 0.0) * rng.uniform(0.6, 1.4, (replicates, 1))
            part = tidy(paid, "cost", replicate=tuple(runs), year=tuple(years))
            rows.append(part.assign(scenario=name, policy=policy, payer=payer, bank_kind=kind))
    write(pd.concat(rows), folder / "costs.parquet")


def write_distribution(
    folder: Path, rng: np.random.Generator, scenarios: tuple[str, ...], true: np.ndarray
) -> None:
    """Write distribution.parquet from bank-level changes around the mean of their kind."""
    kinds = np.repeat(np.arange(4), [COUNT[kind] for kind in KINDS])
    size = rng.permutation(len(kinds)) * 5 // len(kinds)
    home = rng.integers(0, len(PROVINCES), len(kinds))
    mean = (true[1:, :, -1] - true[:1, :, -1]).mean(axis=-1)
    change = mean[:, :, kinds] * rng.gamma(2, 0.5, len(kinds)) * (0.7 + 0.15 * size) + rng.normal(
        0, 0.3, (1, 1, len(kinds))
    )
    groups = [("kind", kind, kinds == k) for k, kind in enumerate(KINDS)]
    groups += [("size_quintile", str(q + 1), size == q) for q in range(5)]
    groups += [("province", code, home == p) for p, code in enumerate(PROVINCES) if (home == p).any()]
    rows = []
    for (s, name), (grouping, group, members) in itertools.product(enumerate(scenarios[1:]), groups):
        mine = change[s][:, members]
        cuts = [(mine < -5), (mine >= -5) & (mine < -1), (abs(mine) <= 1), (mine > 1) & (mine <= 5), mine > 5]
        bands = zip(("lose_large", "lose", "same", "gain", "gain_large"), cuts, strict=True)
        columns = {band: cut.mean(axis=1) for band, cut in bands}
        runs = np.arange(len(mine), dtype="int32")
        told = {"replicate": runs, "effect": mine.mean(axis=1), "banks": int(members.sum())}
        frame = pd.DataFrame(told | columns)
        rows.append(frame.assign(scenario=name, baseline=scenarios[0], grouping=grouping, group=group))
    write(pd.concat(rows), folder / "distribution.parquet")
    local = pd.concat(rows).query("grouping == 'province'").groupby(["scenario", "group"], sort=False)
    table = local.agg(banks=("banks", "first"), effect=("effect", "median")).reset_index()
    ends = {f"{name}{end}": table["effect"] + by for name in ("effect", "raw") for end, by in ENDS.items()}
    table = table.rename(columns={"group": "province"}).assign(
        index=60.0, **ends, probability=0.9, weight=0.6
    )
    write(pd.concat([table.assign(quarter=one) for one in QUARTERS[19::4]]), folder / "provinces.parquet")


def write_network(folder: Path, scenarios: tuple[str, ...]) -> None:
    """Write three GraphML files a scenario: unions as hubs, links that grow in number."""
    (folder / "network").mkdir(exist_ok=True)
    for name, (step, quarter) in itertools.product(
        (scenarios[0], scenarios[-1]), enumerate(("2020Q1", "2025Q4", "2030Q4"))
    ):
        nx.write_graphml(graph(step), folder / "network" / f"{name}_{quarter}.graphml")


def graph(step: int, banks: int = 98) -> nx.Graph:
    """A partnership network at the first, second or third date."""
    rng = np.random.default_rng(5)
    kinds = (
        np.repeat(list(KINDS), [18, 51, 22, banks - 91])
        if banks < 200
        else rng.choice(KINDS, banks, p=(0.01, 0.04, 0.94, 0.01))
    )
    assets = np.exp(rng.normal(0, 1, banks)) * np.array(
        [{"large": 40, "city": 4, "rural": 1, "private": 1}[k] for k in kinds]
    )
    network = nx.Graph()
    for bank, (kind, size) in enumerate(zip(kinds, assets, strict=True)):
        index = START[kind] + 6 * step + rng.normal(0, 5)
        network.add_node(f"bank {bank}", kind=str(kind), assets=float(size), index=float(index))
    for union in range(6):
        network.add_node(f"union {union}", kind="union")
    for vendor in range(4):
        network.add_node(f"vendor {vendor}", kind="vendor")
    for bank, kind in enumerate(kinds):
        if kind == "rural":
            network.add_edge(f"bank {bank}", f"union {bank % 6}", layer="union")
        for _ in range(1 + step):
            network.add_edge(f"bank {bank}", f"bank {int(rng.integers(0, 18))}", layer="export")
        network.add_edge(f"bank {bank}", f"vendor {bank % 4}", layer="vendor")
    network.remove_edges_from(list(nx.selfloop_edges(network)))
    return network


def titled(name: str) -> dict[str, str]:
    """Title of a scenario or policy."""
    zh = {"baseline": "基线", "both": "两项政策并行", "data_sharing": "公共数据共享"}.get(
        name, "包容审慎监管"
    )
    return {"en": name.replace("_", " ").capitalize(), "zh": zh}


def settings(scenarios: tuple[str, ...] = SCENARIOS) -> dict:
    """Settings with assumptions, titles and expected signs."""
    number = {"value": 0.25, "unit": "1/year", "range": [0.1, 0.5], "source": "L017", "grade": "assumption"}
    by_kind = {**number, "value": {"city": 0.2, "rural": 0.3}, "grade": "from memory", "source": "P031"}

    def policy(name: str) -> dict:
        effect = {**number, "field": "openness", "sign": "+"}
        cost = {"name": "platform", "payer": "local_government", "per": "system_year"}
        cost |= {"amount": {**number, "unit": "yuan"}}
        aims = {"data": "city", "index": "rural"}
        expected = [{"outcome": of, "bank_kind": kind, "sign": "+"} for of, kind in aims.items()]
        given = {"name": name, "title": titled(name), "grade": "assumption"}
        return {**given, "effects": [effect], "costs": [cost], "expected": expected}

    listed = []
    for name in scenarios:
        levers = {"baseline": (), "both": SCENARIOS[1:3]}.get(name, (name,))
        facts = {"label": name, "name": name, "baseline": scenarios[0], "title": titled(name)}
        facts |= {"tests": "a made-up scenario"}
        facts |= {"expected": [], "grade": "assumption", "environment_name": "central", "shocks": []}
        environment = {"margin": by_kind}
        listed.append({**facts, "environment": environment, "policies": [policy(lever) for lever in levers]})
    whole = {
        "name": "synthetic", "seed": 7, "replicates": 16, "start": "2020Q1", "end": "2030Q4",
        "scenarios": listed,
    }  # fmt: skip
    banks = {"rural": {"attrition": number, "wage": by_kind}}
    return {**whole, "banks": banks, "behaviour": {"imitation": number}}
