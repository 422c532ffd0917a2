"""A scenario's own assumptions are really run: in a world of their own, with the same luck."""

import numpy as np
import pytest

from experiments.analysis import validity
from experiments.analysis.laboratory import Case, Laboratory
from experiments.analysis.outcome import final
from experiments.analysis.registry import check
from experiments.analysis.sensitivity import assumed, changed_settings, screen
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.failure import StudyFailed
from experiments.runs.engine import LAB

SHORT = ("end=2022Q4", "uncertainty.parameters=central", "outputs.network=[]")
MINE = "+library.mine={policies: [data_sharing], assumptions: {allocation: reinforcement, behaviour.loss_system: 0.08}}"


def test_a_scenario_under_other_assumptions_is_the_study_under_them() -> None:
    library = ["policies.data_sharing.start=2020Q2", MINE]
    joined = LAB(compose_study([*SHORT, *library, "scenarios=[baseline,mine,data_sharing]"]), (0, 1))
    assert joined.scenarios == ("baseline", "mine", "data_sharing")
    words = ["allocation=reinforcement", "behaviour.loss_system=0.08", "policy=data_sharing"]
    apart = LAB(compose_study([*SHORT, "policies.data_sharing.start=2020Q2", *words]), (0, 1))
    plain = LAB(compose_study([*SHORT, "policies.data_sharing.start=2020Q2", "policy=data_sharing"]), (0, 1))
    for name in ("true", "small", "survey", "costs", "bank_index"):
        values = getattr(joined, name)
        np.testing.assert_array_equal(values[1], getattr(apart, name)[1])
        np.testing.assert_array_equal(values[[0, 2]], getattr(plain, name))
    for name, values in joined.outcomes.items():
        np.testing.assert_array_equal(values[1], apart.outcomes[name][1])
    assert (joined.true[1] != joined.true[2]).any()


def test_a_laboratory_runs_each_scenario_under_its_own_assumptions() -> None:
    early = "policies.data_sharing.start=2020Q2"
    words = [*SHORT, MINE, early, "scenarios=[baseline,mine]", "task=policy"]
    laboratory = Laboratory(compose_study(words), None)
    both = laboratory.run(list(laboratory.scenarios.values()), [0, 1])
    here = Laboratory(compose_study([*words, "execution.workers=1"]), None)
    for place, scenario in enumerate(here.scenarios.values()):
        alone = here.run([scenario], [0, 1])
        for key, values in both.items():
            np.testing.assert_array_equal(values[place], alone[key][0])


def test_an_assumption_leaves_numbers_whose_names_begin_alike_as_they_are_drawn() -> None:
    mine = "+library.mine={assumptions: {behaviour.price: 1.2}}"
    laboratory = Laboratory(compose_study([*SHORT, mine, "scenarios=[baseline,mine]", "task=policy"]), None)
    names, drawn = ("behaviour.price", "behaviour.price_fall", "behaviour.peer"), np.array([[1.0, 0.1, 0.4]])
    (batch,) = laboratory._batches([laboratory.scenarios["mine"]], [0], final, names, drawn)
    assert batch.names == ("behaviour.price_fall", "behaviour.peer")
    np.testing.assert_array_equal(batch.rows, [[0.1, 0.4]])


def test_the_placebo_shuffles_the_network_of_a_scenario_with_other_assumptions_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validity, "SHUFFLES", 1)
    monkeypatch.setattr(validity, "EACH", 1)
    mine = "+library.mine={assumptions: {behaviour.style_spread: 3.0}}"  # moves what is answered, not what is true
    words = ["end=2020Q4", *SHORT[1:], mine, "scenarios=[baseline,mine]", "execution.workers=1"]
    settings = compose_study(["task=policy", *words])
    rows = validity.placebo(Case(settings, Laboratory(settings, None)))["placebo"]
    rows = rows[(rows["outcome"] == "ecosystem") & (rows["bank_kind"] == "all")].set_index("scenario")
    for part in ("network", "shuffled"):
        assert rows.loc["baseline", part] > 0.0
        assert rows.loc["mine", part] == 0.0  # adds nothing to what the network does without it


def test_a_channel_that_a_scenario_sets_itself_is_not_closed_for_it() -> None:
    mine = "+library.mine={policies: [data_sharing], assumptions: {behaviour.peer: 0.1}}"
    words = ["task=policy", "scenarios=[baseline,data_sharing,mine]", mine, "analysis.methods=[channels]"]
    check(compose_study([*words, "analysis.scenario=data_sharing"]))
    with pytest.raises(StudyFailed, match=r"channels closes behaviour\.peer, which mine assumes itself"):
        check(compose_study(words))


def test_changed_assumptions_are_checked_before_anything_runs() -> None:
    words = ["task=policy", "scenarios=[baseline,both]", "analysis.methods=[assumptions]"]
    changed = changed_settings(compose_study([*words, "analysis.changed=['allocation=reinforcement']"]))
    assert changed.allocation.rule == "reinforcement"
    with pytest.raises(ConfigError, match=r"analysis\.changed.*reinforcement"):
        compose_study([*words, "analysis.changed=['allocation=reinforcment']"])


def test_a_task_that_makes_no_assumptions_refuses_them() -> None:
    with pytest.raises(ConfigError, match="not made by this task"):
        compose_study(["experiment=ablations", MINE, "scenarios=[baseline,mine]"])


def test_the_screen_moves_what_is_judged_and_not_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [*SHORT, "experiment=screen", "replicates=2"]
    settings = compose_study(words)
    numbers = {one.name: one for one in assumed(settings)}
    assert "behaviour.partner_hazard" in numbers
    assert not {"behaviour.peer", "behaviour.capital_spread", "behaviour.plan"} & set(
        numbers
    )  # sampled, known, a division
    two = (numbers["behaviour.partner_hazard"], numbers["behaviour.memory"])
    monkeypatch.setattr("experiments.analysis.sensitivity.assumed", lambda _: two)
    rows = screen(Case(settings, Laboratory(settings, None)))["screen"]
    assert len(rows) == 6
    moved = rows.groupby("parameter")[["at_low", "at_high"]].max()
    assert (moved.loc["behaviour.memory"] == 0.0).all()  # the shipped rule does not learn
    assert moved.loc["behaviour.partner_hazard", "at_high"] > moved.loc["behaviour.partner_hazard", "at_low"]
    assert set(rows["passed"]) == {"yes"}
