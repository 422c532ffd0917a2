"""Every scenario of the jobs of a sweep as a row, named by what tells it from the others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from experiments.labels import LANGUAGES, Labels, catalogue
from experiments.results.open import Results
from experiments.runs.identity import digest

Ends = tuple[float, float, float]  # q05, q50 and q95
# Keys that change no number, so that no row is named after them.
SAID_ELSEWHERE: Final = ("hydra", "report", "outputs", "execution", "name", "objective")
GAP: Final = "rural_city_gap"
TEXTS: Final = ("scenario", "quantity", "measure", "outcome", "quarter", "bank_kind")


@dataclass(frozen=True)
class Row:
    """One scenario of one job.

    Parameters
    ----------
    job : int
        Counted from 0.
    scenario, baseline : str
        Labels in the job; equal for a baseline.
    title : dict of str to str
        Language -> what the scenario is called.
    asked : dict of str to str
        Key -> value that the job's command line gave, where that can change a number.
    bands : DataFrame
        The scenario's bands in the last quarter; of what is taken once a year, at the last year's end.
    cost : float
        Million yuan beyond the baseline, all payers and years, mean of the runs; NaN for a baseline.
    own : dict
        What the own bank becomes (`own_bank`); empty without one.
    names : dict of str to str
        Language -> what tells the row from the others.
    """

    job: int
    scenario: str
    baseline: str
    title: Mapping[str, str]
    asked: Mapping[str, str]
    bands: pd.DataFrame
    cost: float
    own: Mapping[str, float]
    names: dict[str, str] = field(default_factory=dict)

    def band(self, quantity: str, outcome: str, kind: str) -> Ends | None:
        """q05, q50 and q95 of a level or an effect; None where the job has none."""
        return self._lines.get((quantity, outcome, kind))

    @cached_property
    def _lines(self) -> dict[tuple[str, str, str], Ends]:
        rows = self.bands[self.bands["measure"] == "true"]
        columns = ("quantity", "outcome", "bank_kind", "q05", "q50", "q95")
        lines = zip(*(rows[name] for name in columns), strict=True)
        return {
            (line[0], line[1], line[2]): (float(line[3]), float(line[4]), float(line[5])) for line in lines
        }


def rows_of(jobs: Sequence[Results]) -> Iterator[Row]:
    """Every scenario of every job, in order."""
    for number, job in enumerate(jobs):
        bands = job.frame("bands").astype(dict.fromkeys(TEXTS, "str"))
        last = bands.groupby(["quantity", "measure", "outcome"])["quarter"].transform("max")
        bands = bands[bands["quarter"] == last]
        paid, own, asked = costs(job), own_bank(job), asked_for(job.manifest["overrides"])
        for scenario in job.manifest["config"]["scenarios"]:
            label, baseline = scenario["label"], scenario["baseline"]
            mine = bands[bands["scenario"] == label].reset_index(drop=True)
            cost = paid.get(label, 0.0) - paid.get(baseline, 0.0) if label != baseline else float("nan")
            yield Row(number, label, baseline, titles(job, label), asked, mine, cost, own.get(label, {}))


def titles(job: Results, label: str) -> dict[str, str]:
    """What a scenario is called, by language: its own title, or those of its policies."""
    known: dict[str, Any] = {}
    for scenario in job.manifest["config"]["scenarios"]:
        known |= {policy["name"]: policy.get("title") for policy in scenario.get("policies", [])}
        known[scenario["label"].partition("@")[0]] = scenario.get("title")
    named = {
        language: {name: title[language] for name, title in known.items() if isinstance(title, Mapping)}
        for language in LANGUAGES
    }
    return {language: Labels(language, named[language]).scenario(label) for language in LANGUAGES}


def asked_for(overrides: Sequence[str]) -> dict[str, str]:
    """Key -> value of the overrides that can change a number."""
    asked = {}
    for text in overrides:
        key, _, value = text.lstrip("+").partition("=")
        if key.split(".")[0].split("/")[0] not in SAID_ELSEWHERE:
            asked[key] = value
    return asked


def costs(job: Results) -> dict[str, float]:
    """Million yuan that each scenario costs, all payers and years, mean of the runs."""
    frame = job.frame("costs", ["scenario", "cost"]).astype({"scenario": "str"})
    runs = int(job.manifest["config"]["replicates"])
    paid = frame.groupby("scenario")["cost"].sum() / runs
    return {str(name): float(cost) for name, cost in zip(paid.index, paid.to_numpy(), strict=True)}


def own_bank(job: Results) -> dict[str, dict[str, float]]:
    """What the own bank becomes in each scenario; empty when the job has none.

    Returns
    -------
    dict
        Scenario -> ``index``, ``place`` and ``share`` (percent that it keeps of its loans at the start), each with
        ``_low`` and ``_high`` (90 % interval); percent of the runs in which it ``fails`` and has ``paid_back``.
    """
    if "own_bank" not in job.tables:
        return {}
    from experiments.own_bank.answers import OwnRuns
    from experiments.results.statistics import interval

    runs = OwnRuns(job.path("own_bank"), job.manifest["config"]["bank"] or {})
    plan, numbers = runs.plans[0], {}
    stays, failed = runs.paid_back(plan)[..., -1], runs.fails(plan)
    for s, future in enumerate(runs.futures):
        said = {"fails": 100.0 * float(failed[s].mean()), "paid_back": 100.0 * float(stays[s].mean())}
        for name, outcome in (("index", "index"), ("place", "percentile"), ("share", "inclusive_share")):
            said |= interval(runs.of(outcome, plan)[s, :, -1], name)
        numbers[future] = said
    return numbers


def sector_mark(row: Row) -> str:
    """The same for rows whose numbers are the same, but for items, which a job has where its policies aim at them."""
    shared = row.bands[~row.bands["outcome"].str.startswith("item:")]
    return digest([row.scenario, shared.astype(str).to_numpy().tolist(), repr(row.cost)])


def own_mark(row: Row) -> str:
    """The same for rows in which the own bank becomes the same; empty without an own bank."""
    return digest([row.scenario, json.dumps(row.own, sort_keys=True)]) if row.own else ""


def distinct(rows: Sequence[Row], mark: Any) -> list[Row]:
    """Rows that a mark tells apart, each once, named by what differs between them."""
    kept: dict[str, Row] = {}
    for row in rows:
        if known := mark(row):
            kept.setdefault(known, row)
    names = {language: named(list(kept.values()), language) for language in LANGUAGES}
    return [
        replace(row, names={language: names[language][place] for language in LANGUAGES})
        for place, row in enumerate(kept.values())
    ]


def named(rows: Sequence[Row], language: str) -> list[str]:
    """Names of rows: the scenario, and what else differs between the rows of one scenario.

    Rows that are still alike, such as the same command run by two versions, are told apart by the number of their job.
    """
    labels, same = Labels(language), [row.title[language] for row in rows]
    joint = "，" if language == "zh" else ", "
    names = []
    for row in rows:
        alike = [other for other in rows if other.title[language] == row.title[language]]
        keys = dict.fromkeys(key for other in alike for key in other.asked)
        differing = [key for key in keys if len({other.asked.get(key) for other in alike}) > 1]
        settings = [setting(key, row.asked[key], labels) for key in differing if key in row.asked]
        only = len(set(same)) == 1 and settings
        names.append(joint.join([*([] if only else [row.title[language]]), *settings]))
    return [
        name if names.count(name) == 1 else f"{name}{joint}{labels('compare.job', number=row.job)}"
        for name, row in zip(names, rows, strict=True)
    ]


def setting(key: str, value: str, labels: Labels) -> str:
    """A key and its value as a reader calls them: ``policy Public data sharing``, ``seed 3``."""
    word = f"setting.{key}"
    called = labels(word) if word in catalogue() else key
    if key not in ("policy", "shock", "environment", "scenario"):
        plain = value.strip("'")
        long = re.fullmatch(r"-?\d+\.\d{5,}", plain)  # what a sweeper proposes has sixteen digits
        return f"{called} {float(plain):.4g}" if long else f"{called} {plain}"
    names = [part.strip(" '\"") for part in value.strip("[]").split(",")]
    environments = {
        name: labels.name("environment", name) for name in names if f"environment.{name}" in catalogue()
    }
    shown = [labels.shipped(name) or environments.get(name, name) for name in names]
    return f"{called} {' + '.join(shown)}"


def every_outcome(rows: Sequence[Row]) -> pd.DataFrame:
    """The bands of every row in the last quarter, or at the last year's end, in one table."""
    parts = []
    for place, row in enumerate(rows):
        said: dict[str, Any] = {"name": row.names["en"], "job": row.job, "baseline": row.baseline}
        parts.append(row.bands.assign(row=place, **said, asked=json.dumps(dict(row.asked))))
    table = pd.concat(parts, ignore_index=True)
    leading = ["row", "name", "job", "scenario", "baseline", "asked"]
    return table[[*leading, *(column for column in table.columns if column not in leading)]]
