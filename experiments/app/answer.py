"""What the workers answer to each room: what a setting moves, one bank's year, what becomes of a bank of one's own.

Each number is by the definition of the tables, and words are in the language asked for.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import networkx as nx
import numpy as np
import yaml

from agents.honeycomb import DELIVERY, DIMENSIONS, OWN, PAYERS, ROUTES
from experiments.analysis.distribution import by_group
from experiments.app.setting import BASE, PAGE
from experiments.config.assembly import Coverage
from experiments.config.errors import failure
from experiments.config.load import compose_study
from experiments.config.names import PROVINCE_NAMES
from experiments.config.study import StudySettings
from experiments.labels import LANGUAGES, Labels, items, plain, signed
from experiments.own_bank.answers import write_own_bank
from experiments.own_bank.echo import opening_echo
from experiments.own_bank.pages import Board
from experiments.report.page import opened
from experiments.report.registry import Block, Points
from experiments.report.tables import Cell, Row, Table
from experiments.results.statistics import describe, mean_interval, probability, rows_of
from experiments.runs.engine import LAB
from experiments.runs.merged import KINDS_AND_ALL, Merged
from experiments.runs.records import Packed, pack
from model import calendar
from model.own_plan import STILL
from model.system import BankingSystem
from model.world import Scenario, World

GAP: Final = "rural_city_gap"
ALWAYS: Final = (*DIMENSIONS, "index", GAP)
LEVEL, EFFECT = "level", "effect"
Described = dict[str, np.ndarray]


@dataclass(frozen=True)
class Answer:
    """A question answered by so many runs.

    Parameters
    ----------
    runs : int
    quarters : tuple of str
    paths : dict
        By scenario, quantity (level or effect) and variable: what `statistics.describe` says, each (quarters, kinds);
        kinds are those of the tables, the last all small and medium banks.
    ends : dict
        By variable and kind: the paired effect in the last quarter in which it is measured.
    costs : dict
        By payer and ``total``: cost beyond the baseline, million yuan over all years, mean and 90 % interval.
    groups : list of dict
        Rows of `analysis.winners`.
    reach : Coverage or None
        Whom the levers reach together.
    networks : dict of str to bytes
        GraphML of the first run by scenario and quarter, with the first answer that has it.
    """

    runs: int
    quarters: tuple[str, ...]
    paths: dict[tuple[str, str, str], Described]
    ends: dict[tuple[str, str], dict[str, float]]
    costs: dict[str, dict[str, float]]
    groups: list[dict[str, Any]]
    reach: Coverage | None = None
    networks: dict[str, bytes] = field(default_factory=dict)

    def path(self, scenario: str, quantity: str, variable: str, kind: str) -> Described:
        """One line of a figure, at the quarters in which it is measured."""
        whole = self.paths[scenario, quantity, variable]
        place = KINDS_AND_ALL.index(kind)
        there = whole["runs"][:, place] > 0
        quarters = whole["quarter"][there]
        return {name: v[there, place] for name, v in whole.items() if name != "quarter"} | {
            "quarter": quarters
        }


def answer(
    merged: Merged,
    outcomes: Iterable[str] = (),
    reach: Coverage | None = None,
) -> Answer:
    """Work out what the page shows.

    Parameters
    ----------
    merged : Merged
        Chunks of a study of two scenarios, the second compared with the first.
    outcomes : iterable of str
        Variables to follow beside the scores: what is looked at, and what the levers aim at.
    reach : Coverage or None
    """
    recorded = merged.variables("true")
    variables = [v for v in dict.fromkeys((*ALWAYS, *outcomes)) if v in recorded]
    base, page = merged.scenarios.index(BASE), merged.scenarios.index(PAGE)
    paths: dict[tuple[str, str, str], Described] = {}
    ends: dict[tuple[str, str], dict[str, float]] = {}
    for variable in variables:
        levels = [_whole(merged, s, variable) for s in (base, page)]
        change = levels[1] - levels[0]
        quarters = np.array(merged.quarters_of("true", variable))
        numbers = described(np.stack([*levels, change], axis=1))
        for place, (name, quantity) in enumerate(((BASE, LEVEL), (PAGE, LEVEL), (PAGE, EFFECT))):
            path = {key: number[place] for key, number in numbers.items()}
            paths[name, quantity, variable] = {**path, "quarter": quarters}
        values = {name: number[2] for name, number in numbers.items()}
        for k, name in enumerate(KINDS_AND_ALL):
            measured = np.flatnonzero(values["runs"][:, k] == len(change))
            if measured.size:
                at = measured[-1], k
                ends[variable, name] = {
                    key: float(values[q][at]) + 0.0
                    for key, q in (("effect", "q50"), ("effect_low", "q05"), ("effect_high", "q95"))
                } | {"probability": probability(change[:, at[0], k])}
    paid = _costs(merged, page) - _costs(merged, base)
    by_payer = {payer: paid[:, k] for k, payer in enumerate(PAYERS)} | {"total": paid.sum(1)}
    first = merged.chunks[0]
    return Answer(
        runs=len(merged.replicates),
        quarters=merged.quarters,
        paths=paths,
        ends=ends,
        costs={payer: mean_interval(cost, "cost") for payer, cost in by_payer.items()},
        groups=[*by_group(merged, {PAGE: BASE})],
        reach=reach,
        networks={
            name: first[f"graphs/{name}"].tobytes()
            for name in (first.names("graphs/") if len(merged.chunks) == 1 else ())
        },
    )


def described(values: np.ndarray) -> Described:
    """Describe a variable over its runs, the first axis."""
    numbers = describe(np.ascontiguousarray(np.moveaxis(values, 0, -1)))
    return {name: np.broadcast_to(number, values.shape[1:]) for name, number in numbers.items()}


def _whole(merged: Merged, scenario: int, variable: str) -> np.ndarray:
    """A variable in every run, shape (replicates, quarters, kinds)."""
    return np.concatenate([block for _, block in merged.parts(scenario, "true", variable)])


def _costs(merged: Merged, scenario: int) -> np.ndarray:
    """What each payer pays over all years, million yuan, shape (replicates, payers)."""
    parts = [chunk.read("costs", scenario) for chunk in merged.chunks]
    return np.concatenate([part.sum(axis=(1, 2, 4)) for part in parts])


def network_of(content: bytes) -> nx.Graph:
    """A network as it was kept."""
    return nx.parse_graphml(content.decode())


# ------------------------------------------------------------ one bank's year

FLOWS: Final = ("revenue", "costs", "charge", "profit", "dividend", "issued")
PLANNED: Final = ("spend", "run", "fees", "change", "claim", "compliance", "policy_cost")
PHASES: Final = {
    "outside": ("margin", "bad_loans"),
    "between": ("institutions", "partners", "inclusive_share"),
    "books": ("cost_income", "coverage"),
    "plan": ("spend_ratio", "run_share", "free_budget"),
    "building": ("talent", "language_model", "data_asset"),
    "closing": ("profit", "capital"),
    "measurement": ("index", "rural_city_gap"),
}
"""The steps of a quarter, in order, each with outcomes that it moves."""


@dataclass(frozen=True)
class Story:
    """A bank's year in the language asked for.

    Parameters
    ----------
    title : str
    points : list of str
        What it earned, decided and why, built, whom it employs and where it stands; nothing where it has been merged
        into another one.
    quarters : list of Table
        What all banks stand at after each quarter, by step, outcome and kind, from the record.
    """

    title: str
    points: list[str]
    quarters: list[Table]


def year_of(world: World, scenario: Scenario, bank: int, year: int, run: int, labels: Labels) -> Story:
    """Run one replicate until the end of a year, and tell what one bank did in it.

    Parameters
    ----------
    world : World
    scenario : Scenario
    bank : int
        Its row.
    year : int
    run : int
        Number of the replicate.
    labels : Labels
    """
    system = BankingSystem(world, [scenario], [run])
    while system.quarter + 1 < calendar.index(f"{year}Q1"):
        system.step()
    scores, assets = [system.dims[:, bank, 0].copy()], [_of(system, "assets", bank)]
    gaps = (system.aspiration - system.dims)[:, bank, 0].copy()
    flows, quarters, begun = dict.fromkeys(FLOWS, 0.0), list[Table](), list[str]()
    moved: dict[bool, list[str]] = {True: [], False: []}
    for quarter in range(4):
        rung, left = system.rung[:, bank, 0].copy(), system.left[:, bank, 0].copy()
        system.step()
        quarters.append(_quarter(system, labels))
        for name in FLOWS:
            flows[name] += _of(system, name, bank)
        for item in np.flatnonzero(system.rung[:, bank, 0] != rung):
            before, after = int(rung[item]), int(system.rung[item, bank, 0])
            moved[after > before].append(_move(system, int(item), before, after, labels))
        begun += _begun(system, bank, left, labels)
        if quarter == 0:  # when the year is planned
            planned = {name: labels.money(_of(system, name, bank)) for name in PLANNED}
            parts = dict(zip(DIMENSIONS, system.shares[:, bank, 0].tolist(), strict=True))
    scores.append(system.dims[:, bank, 0])
    assets.append(_of(system, "assets", bank))
    title = labels("app.year_of", year=year, bank=_a_bank(system, bank, assets[0], labels))
    points = []
    if system.active[bank, 0]:
        points = [
            _earned(system, bank, flows, assets, labels),
            _decided(planned, parts, labels),
            _why(dict(zip(DIMENSIONS, gaps.tolist(), strict=True)), labels),
            _built(begun, moved, labels),
            _people(system, bank, labels),
            _stands(scores, labels),
        ]
    return Story(title, points, quarters)


def _of(system: BankingSystem, name: str, bank: int) -> float:
    return float(getattr(system, name)[bank, 0])


def _a_bank(system: BankingSystem, bank: int, assets: float, labels: Labels) -> str:
    population = system.banks
    kind = labels.inside(labels.name("kind", population.kinds[population.kind[bank]]))
    province = PROVINCE_NAMES.display(population.provinces[population.province[bank]].code, labels.language)
    return labels("app.a_bank", kind=kind, province=province, assets=labels.money(assets))


def _earned(
    system: BankingSystem, bank: int, flows: dict[str, float], assets: list[float], labels: Labels
) -> str:
    """Sums over the year; rates at its end."""
    money = {name: labels.money(value) for name, value in flows.items()}
    margin, ratio = plain(_of(system, "margin", bank), 2), plain(float(system.capital_ratio()[bank, 0]), 1)
    before, after = map(labels.money, assets)
    earned = labels("app.earned", margin=margin, **money)
    return labels.sentences([earned, labels("app.capital", ratio=ratio, before=before, after=after)])


def _decided(planned: dict[str, str], parts: dict[str, float], labels: Labels) -> str:
    order = sorted(parts, key=lambda name: -parts[name])
    shares = labels.listing(f"{labels.outcome(name)} {100 * parts[name]:.0f} %" for name in order)
    return labels.sentences([labels("app.decided", **planned), labels("app.divided", shares=shares)])


def _why(gaps: dict[str, float], labels: Labels) -> str:
    """Aspiration less score when the year was planned, where it is largest and smallest."""
    most, least = max(gaps, key=lambda name: gaps[name]), min(gaps, key=lambda name: gaps[name])
    names = {"most": labels.outcome(most), "least": labels.outcome(least)}
    return labels("app.because", **names, gap=signed(gaps[most]), other=signed(gaps[least]))


def _built(begun: list[str], moved: dict[bool, list[str]], labels: Labels) -> str:
    key = "app.begun" if begun else "app.begun_none"
    sentences = [labels(key, count=len(begun), items=labels.listing(begun))]
    for key, moves in (("app.climbed", moved[True]), ("app.lost", moved[False])):
        if moves:
            sentences.append(labels(key, count=len(moves), items=labels.clauses(moves)))
    return labels.sentences(sentences)


def _move(system: BankingSystem, item: int, before: int, after: int, labels: Labels) -> str:
    """An item that changed its rung."""
    one, quarter = system.items.items[item], calendar.name(system.quarter)[4:]
    name = items()[one.id][labels.language]
    return labels("app.move", item=name, before=before, after=after, top=one.rungs, quarter=quarter)


def _begun(system: BankingSystem, bank: int, left: np.ndarray, labels: Labels) -> list[str]:
    """Projects begun in the quarter, with how they are had."""
    bought, begun = system.items.bought, []
    for project in np.flatnonzero((system.left[:, bank, 0] > 0) & (left == 0)):
        item = bought.start + project
        way = DELIVERY[int(system.way[project, bank, 0])] if item < bought.stop else ""
        name = items()[system.items.items[item].id][labels.language]
        begun.append(f"{name} ({labels.name('delivery', way or DELIVERY[OWN])})")
    return begun


def _people(system: BankingSystem, bank: int, labels: Labels) -> str:
    """Percent of staff, partners and the route to language models, at the end."""
    technologists, data, composite = (plain(value, 1) for value in 100.0 * system.staff[:, bank, 0])
    people = labels("app.people", technologists=technologists, data=data, composite=composite)
    count = int((system.network.partners + (system.hub > 0))[bank, 0])
    route = labels.inside(labels.name("route", ROUTES[int(system.model_route[bank, 0])]))
    return labels.sentences([people, labels("app.partners", count=count, route=route)])


def _stands(scores: list[np.ndarray], labels: Labels) -> str:
    before, after = scores
    lines = zip(map(labels.outcome, DIMENSIONS), map(plain, before), map(plain, after), strict=True)
    return labels("app.stands", scores=labels.listing(f"{name} {a} → {b}" for name, a, b in lines))


def _quarter(system: BankingSystem, labels: Labels) -> Table:
    """What the record holds of the quarter just run, under each of its steps."""
    record, place = system.recorder, system.quarter - system.recorder.first
    measured, unknown = record.outcomes, np.full(len(KINDS_AND_ALL), np.nan)
    index = np.append(record.true[0, 0, place].mean(-1), np.nan)
    rows = list[Row]()
    for number, (phase, outcomes) in enumerate(PHASES.items(), 1):
        rows.append([Cell(f"{number}. {labels(f'app.step_{phase}')}", strong=True)])
        for name in outcomes:
            # What is measured once a year has no column before the first year's end.
            values = (
                measured[name][0, 0, place] if name in measured else index if name == "index" else unknown
            )
            numbers = (plain(one, 2 if abs(one) < 10 else 1) for one in values.tolist())
            rows.append([labels.outcome(name), *numbers])
    title = labels.quarter(calendar.name(system.quarter))
    head = ["", *map(labels.banks, KINDS_AND_ALL)]
    assert all(len(row) in (1, len(head)) for row in rows)
    return Table(head, rows, caption=labels("app.quarter_of", quarter=title), folded=title)


def banks_of(world: World) -> list[dict[str, object]]:
    """Every bank of a world: row, kind, province and assets (million yuan) at the start."""
    population = world.population
    return [
        {
            "bank": bank,
            "kind": population.kinds[population.kind[bank]],
            "province": population.provinces[population.province[bank]].code,
            "assets": 1e-6 * float(population.assets[bank]),
        }
        for bank in range(len(population.kind))
    ]


# ------------------------------------------------------------ a bank of one's own

ENDINGS: Final = (".xlsx", ".xlsm", ".csv", ".yaml", ".yml")
LARGEST: Final = 4 * 1024 * 1024  # bytes of a file
UNPACKED: Final = 40 * 1024 * 1024  # bytes of all that a workbook holds
EDITED: Final = "edited"
RUNS: Final = (8, 32)  # of the first answer, and of the one that follows
FUTURES: Final = (
    "baseline", "severe_margin", "descent_faster", "large_bank_opens", "union_service", "union_bank",
    "union_single_bank",
)  # fmt: skip
SHOWN_ITEMS: Final = 15


@dataclass(frozen=True)
class Plan:
    """What the page changes in what the bank means to do; what is empty goes on as in the bank's file.

    Parameters
    ----------
    spending : tuple of (int, float)
        Year and million yuan for technology.
    division : tuple of (str, float)
        Dimension and part of project money.
    route : str
        To language models.
    futures : tuple of str
        Scenarios of the library; the first is the one that is told of.
    """

    spending: tuple[tuple[int, float], ...] = ()
    division: tuple[tuple[str, float], ...] = ()
    route: str = ""
    futures: tuple[str, ...] = ("baseline",)

    @property
    def content(self) -> dict[str, Any]:
        """The plan as a file says it."""
        content: dict[str, Any] = {}
        if self.spending:
            content["spending"] = {year: 1e6 * million for year, million in self.spending}
        if sum(part for _, part in self.division) > 0:
            whole = sum(part for _, part in self.division)
            content["division"] = {name: part / whole for name, part in self.division}
        if self.route:
            content["language_model"] = self.route
        return content


@dataclass(frozen=True)
class OwnAnswer:
    """What becomes of a bank, in the words of its board paper.

    Parameters
    ----------
    name : str
    runs : int
    plates : dict of str to list
        Sentences and a table: where it ``stand``s, the ``echo`` of what was entered, the ``risks`` and the ``items``.
    paths : dict of str to list of (str, dict)
        By outcome, the first plan in every future and as today in the first one: name, and quantiles by year.
    floor : float
        Of capital, percent.
    budget : dict of str to dict
        What the first plan spends in the first future, by year and use, million yuan.
    """

    name: str
    runs: int
    plates: dict[str, list[Block]]
    paths: dict[str, list[tuple[str, dict[str, Any]]]]
    floor: float
    budget: dict[str, dict[str, Any]]


def check_file(path: Path) -> None:
    """Refuse a workbook that unpacks to more than it should."""
    if path.suffix in (".xlsx", ".xlsm") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > UNPACKED:
            raise failure(
                "the workbook unpacks to {:.0f} MB, more than {:.0f} MB", size / 1e6, UNPACKED / 1e6
            )


def own_answer(path: Path, plan: Plan, runs: int, language: str, folders: Sequence[str] = ()) -> OwnAnswer:
    """Answer for a bank.

    Parameters
    ----------
    path : Path
        The bank's file.
    plan : Plan
    runs : int
    language : str
        Of what is said about faults.
    folders : sequence of str
        Folders of the user's own configuration files.
    """
    check_file(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as inside:
        folder = Path(inside)
        edited = folder / f"{EDITED}.yaml"
        title = {one: Labels(one)("app.own_edited") for one in LANGUAGES}
        edited.write_text(yaml.safe_dump({"title": title, **plan.content}), "utf-8")
        words = [
            f"bank={path}",
            f"report={language}",
            f"scenarios=[{','.join(plan.futures)}]",
            f"replicates={runs}",
        ]
        entered = compose_study(words, folders).bank
        own = tuple((entered.plans if entered else None) or ())
        if plan.content:
            words.append(f"plans=[{','.join([str(edited), *own])}]")
        settings = compose_study(words, folders)
        file = folder / "runs"
        file.write_bytes(b"".join(pack(file.name, LAB(settings, range(runs)), with_graphs=False)))
        write_own_bank(Merged([Packed(file, checked=False)]), folder)
        return answer_for(Board(opened(folder, language, settings)), settings)


def answer_for(board: Board, settings: StudySettings) -> OwnAnswer:
    """What the page shows of a bank's runs."""
    assert settings.bank is not None
    plates = {
        "stand": ([board.who()], board.place()),
        "echo": opening_echo(board.runs, settings.bank, board.labels),
        "risks": ([], board.breaches()),
        "items": ([], _bank_items(board)),
    }
    spent = rows_of(board.frame("budget", plan=board.lead, scenario=board.first))
    return OwnAnswer(
        name=settings.bank.name,
        runs=settings.replicates,
        plates={
            name: [Points(points), replace(table, data=None)] for name, (points, table) in plates.items()
        },
        paths={outcome: _bank_paths(board, outcome) for outcome in ("capital", "index")},
        floor=board.runs.floors["capital"],
        budget={str(row["year"]): row for row in spent},
    )


def _bank_paths(board: Board, outcome: str) -> list[tuple[str, dict[str, Any]]]:
    """An outcome of the first plan in every future, and as today in the first one."""
    lines = []
    for plan, future in (*((board.lead, one) for one in board.futures), (STILL, board.first)):
        rows = board.frame("paths", outcome=outcome, plan=plan, scenario=future)
        path = {"quarter": [*map(str, rows["year"])]} | {q: rows[q].tolist() for q in ("q05", "q50", "q95")}
        path |= {"q25": path["q50"], "q75": path["q50"]}
        lines.append((f"{board.plans[plan]}, {board.futures[future]}", path))
    return lines


def _bank_items(board: Board) -> Table:
    """The items that the first plan moves most, beside the other plans."""
    labels, frame = board.labels, board.frame("items")
    moved = (frame[board.lead] - frame["first_year"]).abs().sort_values(ascending=False, kind="stable").index
    rows = []
    for row in rows_of(frame.loc[moved[:SHOWN_ITEMS]]):
        changes = (
            f"{plain(row[plan], 0)} ({signed(row[plan] - row['first_year'], 0)})" for plan in board.plans
        )
        rows.append([items()[row["item"]][labels.language], plain(row["first_year"], 0), *changes])
    head = ["", labels("app.own_today"), *board.plans.values()]
    return Table(head, rows, caption=labels("app.own_items_note"))
