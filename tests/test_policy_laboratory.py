"""Runs beyond a study: the same numbers however they are asked for, and found again when interrupted."""

from functools import partial

import numpy as np
import pytest

from agents.honeycomb import KINDS, SMALL_KINDS
from experiments.analysis import laboratory as laboratory_file
from experiments.analysis import parameters
from experiments.analysis.choice import RUNS, _effects_and_prices, cost_effectiveness, national, whole_nation
from experiments.analysis.laboratory import Case, Laboratory
from experiments.analysis.outcome import path, pick
from experiments.analysis.registry import check
from experiments.analysis.sensitivity import CHOICES, SEED, changed_settings, effects_at, uncertain
from experiments.config.load import compose_study
from experiments.failure import StudyFailed
from experiments.results.schema import better
from experiments.runs.merged import RUNGS
from experiments.runs.store import Store

SMALL = ["end=2026Q4", "replicates=3", "uncertainty.parameters=central", "execution.workers=1"]


@pytest.fixture(scope="module")
def settings():
    return compose_study([*SMALL, "policy=data_sharing"])


@pytest.fixture(scope="module")
def lab(settings):
    return Laboratory(settings, None)


def test_strengths_given_run_by_run_are_those_that_would_have_been_drawn(lab, settings):
    scenarios = list(lab.scenarios.values())
    names = [p.name for p in parameters.strengths(scenarios)]
    drawn = parameters.drawn_strengths(names, scenarios, settings.seed, range(3))
    own = lab.world.ensemble.draw(settings.seed, range(3))
    rows = np.concatenate([own, drawn], axis=1)
    given = lab.run(scenarios, range(3), names=(*lab.world.ensemble.paths, *names), rows=rows)["values"]
    np.testing.assert_array_equal(given, lab.run(scenarios, range(3))["values"])


@pytest.mark.parametrize("outcome", ["index", "data", "rungs", "item:government", "gini"])
def test_a_path_ends_where_the_end_is_read(lab, outcome):
    scenarios = list(lab.scenarios.values())
    read = partial(path, variable=outcome, kind="all")
    found = lab.run(scenarios, range(2), read)["path"]
    end = pick(lab.run(scenarios, range(2))["values"], outcome, "all")
    np.testing.assert_allclose(found[..., -1], end, rtol=1e-12)
    assert found.shape == (2, 2, 4 * 7)


def test_a_stronger_policy_moves_its_outcome_further(lab):
    scenarios = list(lab.scenarios.values())
    names = [p.name for p in parameters.strengths(scenarios)]
    rows = np.repeat([[0.0], [0.5], [1.0]], len(names), axis=1)
    values = lab.run(scenarios, [0, 0, 0], names=names, rows=rows)["values"]
    effect = np.subtract(*pick(values, "item:government", "all")[::-1])
    assert 0 < effect[0] <= effect[1] <= effect[2]
    assert effect[0] < effect[2]


def test_finished_batches_are_found_again(settings, tmp_path, monkeypatch):
    store = Store(tmp_path, "here")
    lab = Laboratory(settings, store)
    first = lab.run(list(lab.scenarios.values()), range(2))["values"]
    monkeypatch.setattr(laboratory_file, "compute", None)
    np.testing.assert_array_equal(
        Laboratory(settings, store).run(list(lab.scenarios.values()), range(2))["values"], first
    )


def test_parameters_lie_within_their_ranges_around_the_value(lab):
    assert len({p.name for p in lab.parameters}) == len(lab.parameters) >= 15
    for parameter in lab.parameters:
        assert parameter.low <= parameter.centre <= parameter.high
        assert parameter.low < parameter.high


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("analysis.bank_kind=rural analysis.outcome=gini", "needs analysis.bank_kind=all"),
        ("analysis.outcome=union_dependence", "needs analysis.bank_kind=rural"),
        ("analysis.methods=[identification]", "needs an ensemble, uncertainty.parameters=posterior"),
        ("analysis.methods=[own_bank,own_reverse]", "need one: bank=example"),
        ("analysis.methods=[discovery] policy=none", "needs a scenario beside its baseline"),
        ("analysis.methods=[channels] analysis.scenario=baseline", "baseline is none of union_reform"),
        ("analysis.methods=[event_study] analysis.event.province=LN", "LN has no rural bank here"),
    ],
)
def test_what_a_study_cannot_answer_is_refused_before_the_first_run(words, said):
    with pytest.raises(StudyFailed, match=said):
        check(compose_study([*SMALL, "task=policy", *words.split()]))


@pytest.mark.parametrize("kind", ["rural", "city", "all"])
def test_institutions_are_asked_for_by_the_kinds_that_they_are_counted_of(kind):
    """The gain is the paired difference of counts, read here from the model's own record; unions become one bank."""
    words = ["task=policy", "analysis.outcome=institutions", f"analysis.bank_kind={kind}"]
    reform = ["policy=union_reform", "policies.union_reform.effects.hub_merges={value: 1, range: [1, 1]}"]
    settings = compose_study([*SMALL, *words, *reform])
    check(settings)
    laboratory = Laboratory(settings, None)
    case = Case(settings, laboratory)

    def counted(record):
        counts = record.outcomes["institutions"]
        small = [KINDS.index(one) for one in SMALL_KINDS]
        return {"count": counts[..., small].sum(-1) if kind == "all" else counts[..., KINDS.index(kind)]}

    base, reformed = laboratory.run(laboratory.every, range(3), counted)["count"][..., -1]
    gain = case.gain("union_reform")
    np.testing.assert_array_equal(gain, reformed - base)
    assert (gain < 0).all() == (kind != "city")


def test_less_of_a_gap_is_better():
    assert (better("index"), better("rural_city_gap")) == (1.0, -1.0)


def test_what_the_screen_left_out_stays_at_its_centre_whatever_the_seed(lab, settings, monkeypatch):
    case, seen = Case(settings, lab), {}
    assert case.focus == "data_sharing"

    def run(scenarios, seeds, reading, names, rows):
        seen.update(zip(names, rows.T, strict=True))
        return Laboratory.run(lab, scenarios, seeds, reading, names, rows)

    monkeypatch.setattr(lab, "run", run)
    few = (lab.parameters[0], SEED)
    effects = effects_at(case, few, np.array([[0.5, 0.1], [0.5, 0.9]]))
    assert effects.shape == (2, 4 * 7)  # quarters from 2020 to 2026
    strengths = [p for p in uncertain(case) if p.name.startswith("policy.")]
    assert strengths
    assert set(seen) == {p.name for p in uncertain(case)} - set(CHOICES)
    assert all((seen[p.name] == p.centre).all() for p in strengths)


def test_a_sample_is_priced_on_the_nation_and_the_nation_on_itself(lab, settings):
    case = Case(settings, lab)
    assert not whole_nation(case)
    nation = national(case)
    assert whole_nation(nation)
    assert national(nation) is nation
    assert nation.small_banks > 3500
    assert nation.settings.replicates <= RUNS


def test_later_costs_count_less_at_a_discount(lab, settings):
    full = Case(settings, lab).cost("data_sharing").sum()
    analysis = settings.analysis.model_copy(update={"discount": 0.05})
    less = Case(settings.model_copy(update={"analysis": analysis}), lab).cost("data_sharing").sum()
    assert 0.9 * full < less < full  # two years are paid for, the first in full


def test_a_bundle_that_doing_nothing_more_beats_is_beaten_by_the_baseline_of_the_study(monkeypatch):
    monkeypatch.setattr("experiments.analysis.choice.whole_nation", lambda case: True)
    overrides = ["scenarios=[baseline,data_sharing,both]", "baseline=data_sharing"]
    other = compose_study([*SMALL, *overrides])
    case = Case(other, Laboratory(other, None))
    table = cost_effectiveness(case)["frontier"].set_index("scenario")
    assert table.loc["both", "dominated_by"] in ("", "data_sharing")
    assert table.loc["both", "cost"] == pytest.approx(case.cost("both").sum(-1).mean())


def test_a_changed_assumption_replaces_the_study_s_own() -> None:
    words = [
        "task=policy",
        "scenarios=[baseline,both]",
        "allocation=fixed_plan",
        "analysis.methods=[assumptions]",
        "analysis.changed=['allocation=reinforcement']",
    ]
    changed = changed_settings(compose_study(words))
    assert changed.allocation["rule"] == "reinforcement"


def test_rungs_gained_are_those_of_the_banks_that_are_left(lab, settings):
    case = Case(settings, lab)
    values = case.sample["values"].copy()
    for variable, ends in ((RUNGS, (10.0, 10.5)), ("institutions", (40.0, 40.0))):
        pick(values, variable, "all")[:] = np.array(ends)[:, None]
    vars(case)["sample"] = {"values": values}
    row = _effects_and_prices(case, "data_sharing", np.full(3, 100.0))
    assert (row["rungs"], row["item_price"]) == (20.0, 5.0)
