"""The simulated survey: what it asks, whom, and how its scores differ from the truth."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agents.honeycomb import APPLICATION, DIMENSIONS, INDICATORS, KINDS, NEW_TECHNOLOGY, dimension_means
from model.population import Population
from model.questionnaire import Questionnaire
from model.run import simulate
from model.streams import Draws
from model.world import Scenario, World
from tests.worlds import until

CITY, RURAL, PRIVATE = (KINDS.index(kind) for kind in ("city", "rural", "private"))
OTHERS = [d for d in range(len(DIMENSIONS)) if d != APPLICATION]


def numbers(world: World, **changes: object) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(world.questionnaire), **changes})


def quiet(world: World) -> SimpleNamespace:
    """No optimism, no style of answering, no shock of the edition: only the sample and the ladder are left."""
    silent = dict.fromkeys(world.questionnaire.instrument_own, 0.0)
    return numbers(world, optimism=0.0, style_spread=0.0, instrument_spread=0.0, instrument_own=silent)


def flat(world: World, replicates: int, capability: float) -> np.ndarray:
    return np.full((len(INDICATORS), replicates, world.population.size), capability)


def ask(world: World, settings: SimpleNamespace, truth: np.ndarray, year: int) -> np.ndarray:
    replicates = truth.shape[1]
    survey = Questionnaire(world.population, settings, Draws(world.seed, range(replicates)))
    return survey.ask(truth, year, 1)[0]


@pytest.fixture(scope="module")
def truth(lab: World) -> np.ndarray:
    """Capabilities that differ between banks and indicators, the same in 400 replicates."""
    chance = np.random.default_rng(4)
    one = chance.uniform(0.05, 0.95, (len(INDICATORS), 1, lab.population.size))
    return np.repeat(one, 400, axis=1)


def true_scores(world: World, truth: np.ndarray) -> np.ndarray:
    return 100.0 * np.moveaxis(world.population.kind_means(dimension_means(truth)[:, 0]), 0, -1)


def test_the_survey_is_unbiased_where_it_asks_what_is_true(lab: World, truth: np.ndarray) -> None:
    seen = ask(lab, quiet(lab), truth, 2023)
    error = seen.std(0) / np.sqrt(len(seen))
    gap = seen.mean(0) - true_scores(lab, truth)
    for kind in (CITY, RURAL, PRIVATE):
        assert (np.abs(gap[kind]) < 4.0 * error[kind]).all()
        assert np.abs(gap[kind]).max() < 0.6


def test_a_smaller_sample_is_as_right_and_less_sure(lab: World, truth: np.ndarray) -> None:
    early, late = (ask(lab, quiet(lab), truth, year)[:, CITY][:, OTHERS] for year in (2020, 2023))
    assert np.abs(early.mean(0) - late.mean(0)).max() < 0.8
    assert early.std(0).mean() > 1.1 * late.std(0).mean()


def test_the_edition_of_2023_asks_for_language_models_as_well(lab: World) -> None:
    truth = flat(lab, 200, 0.6)
    truth[NEW_TECHNOLOGY] = 0.16
    before, after = (ask(lab, quiet(lab), truth, year).mean(0) for year in (2022, 2023))
    assert before[CITY, APPLICATION] == pytest.approx(60.0, abs=0.7)
    assert after[CITY, APPLICATION] == pytest.approx((3 * 60.0 + 16.0) / 4, abs=0.7)
    assert np.abs(before[CITY, OTHERS] - after[CITY, OTHERS]).max() < 1.0


def test_the_break_lowers_application_by_the_item_and_nothing_else(lab: World) -> None:
    truth = flat(lab, 4, 0.6)
    truth[NEW_TECHNOLOGY] = 0.0
    with_item = ask(lab, quiet(lab), truth, 2023)
    without = ask(lab, numbers(lab, **{**vars(quiet(lab)), "language_model_item_from": 2041}), truth, 2023)
    fall = with_item - without
    np.testing.assert_allclose(with_item[:, 1:, APPLICATION], 0.75 * without[:, 1:, APPLICATION])
    assert np.abs(fall[:, 1:][..., OTHERS]).max() == 0.0


def test_the_ladder_of_intelligent_audit(lab: World) -> None:
    """In 2023 41.25, 47.5 and 11.25 percent stood at 0, 50 and 100 (A016-A018); K = 0.35 gives 42, 46 and 12."""
    settings = numbers(lab, **{**vars(quiet(lab)), "items": 1})
    survey = Questionnaire(lab.population, settings, Draws(3, range(300)))
    seen: list[np.ndarray] = []
    survey._by_kind = lambda scores, year: seen.append(scores)
    survey._dimension_scores = lambda score, year: score
    survey.ask(flat(lab, 300, 0.35), 2023, 1)
    shares = [float((seen[0] == step).mean()) for step in (0.0, 50.0, 100.0)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == pytest.approx([0.4225, 0.455, 0.1225], abs=0.004)
    assert shares == pytest.approx([0.4125, 0.475, 0.1125], abs=0.025)


def test_whom_the_survey_asks(lab: World, nation: World) -> None:
    survey = Questionnaire(lab.population, lab.questionnaire, Draws(3, (0, 1)))
    assert {kind: rows.stop - rows.start for kind, rows in survey.blocks.items()} == {
        "city": 49,
        "rural": 22,
        "private": 7,
    }
    for population in (lab.population, nation.population):
        sample = Questionnaire(population, lab.questionnaire, Draws(3, (0, 1))).sample
        assert (population.surveyed & population.reported)[sample].all()
        assert not (population.kind[sample] == KINDS.index("large")).any()
        assert all(len(np.unique(row)) == len(row) for row in sample)


def test_the_sample_of_an_edition_follows_its_size(lab: World) -> None:
    """One bank that differs moves the mean by one over the number asked."""
    for year, size in ((2020, 31), (2021, 31), (2022, 41), (2023, 49), (2026, 49)):
        truth = flat(lab, 1, 0.0)
        survey = Questionnaire(lab.population, quiet(lab), Draws(3, (0,)))
        truth[:, 0, survey.sample[0, 0]] = 1.0
        assert survey.ask(truth, year, 1)[0, 0, CITY, 0] == pytest.approx(100.0 / size)


def test_large_banks_have_no_survey_score(lab: World, baseline: Scenario) -> None:
    record = simulate(until(lab, "2020Q4"), [baseline], (0,))
    assert np.isnan(record.survey[..., 0, :]).all()
    assert np.isfinite(record.survey[..., 1:, :]).all()
    assert np.isfinite(record.true).all()


def test_an_edition_shakes_city_and_rural_together_and_private_banks_less(lab: World) -> None:
    loud = numbers(lab, **{**vars(quiet(lab)), "instrument_spread": 0.1})
    truth = flat(lab, 300, 0.5)
    shifts = ask(lab, loud, truth, 2023) - ask(lab, quiet(lab), truth, 2023)
    city, rural, private = (shifts[:, kind, 0] for kind in (CITY, RURAL, PRIVATE))
    assert np.corrcoef(city, rural)[0, 1] > 0.9
    assert city.std() == pytest.approx(10.0, rel=0.2)
    assert private.std() < 0.6 * city.std()


def test_a_kind_may_have_a_shock_of_its_own_which_no_other_kind_feels(lab: World) -> None:
    loud = numbers(lab, **{**vars(quiet(lab)), "instrument_own": {"city": 0.0, "rural": 0.0, "private": 0.1}})
    truth = flat(lab, 300, 0.5)
    shifts = ask(lab, loud, truth, 2023) - ask(lab, quiet(lab), truth, 2023)
    assert not shifts[:, [CITY, RURAL]].any()
    assert shifts[:, PRIVATE].std() == pytest.approx(10.0, rel=0.2)
    assert abs(np.corrcoef(shifts[:, PRIVATE, 0], shifts[:, PRIVATE, 1])[0, 1]) < 0.2


def test_a_score_moves_from_year_to_year_as_much_as_the_printed_table_does(
    lab: World, baseline: Scenario
) -> None:
    record = simulate(until(lab, "2022Q4"), [baseline], range(128))
    years = [record.quarters.index(f"{year}Q4") for year in range(2020, 2023)]
    error = (record.survey[0] - record.true[0][:, years])[..., OTHERS]
    noise = np.sqrt((np.diff(error, n=2, axis=1) ** 2).mean((0, 1, 3)) / 6.0)
    for kind, printed in ((CITY, 4.9), (RURAL, 7.9), (PRIVATE, 7.9)):  # Z006, from second differences
        assert noise[kind] == pytest.approx(printed, rel=0.2)


def test_optimism_raises_every_score(lab: World) -> None:
    truth = flat(lab, 8, 0.4)
    rosy = ask(lab, numbers(lab, **{**vars(quiet(lab)), "optimism": 0.1}), truth, 2023)
    assert (rosy >= ask(lab, quiet(lab), truth, 2023))[:, 1:].all()


def test_unreported_banks_are_not_asked(lab: World) -> None:
    population: Population = replace(lab.population, reported=lab.population.kind != CITY)
    survey = Questionnaire(population, lab.questionnaire, Draws(3, (0,)))
    assert survey.blocks["city"] == slice(0, 0)
    assert np.isnan(survey.ask(flat(lab, 1, 0.5), 2023, 1)[0, 0, CITY]).all()


def test_standard_errors_are_of_the_size_that_the_sources_give(lab: World, baseline: Scenario) -> None:
    """Sampling banks and ladders together: about 2.9 points for city and 7.6 for private banks (Z002, Z004)."""
    record = simulate(until(lab, "2020Q4"), [baseline], range(60))
    spread = record.survey[0, :, 0].std(0)[:, OTHERS].mean(-1)
    assert 1.5 < spread[CITY] < 8.0
    assert spread[CITY] < spread[PRIVATE]
