"""The survey: samples, editions, offsets; and what of it is a change of the instrument."""

import numpy as np
import pytest

from agents import honeycomb as h
from model.network import around, possible_alliances, rewire
from model.questionnaire import Questionnaire
from model.run import simulate
from model.streams import generator, uniform
from model.system import BankingSystem
from model.world import Recording
from tests.worlds import scenario, stepped, world


@pytest.fixture(scope="module")
def late() -> BankingSystem:
    return stepped(BankingSystem(world("2024Q4"), [scenario()], range(24)), 16)


def test_a_sample_has_the_size_of_its_edition_and_holds_active_banks_only(late: BankingSystem) -> None:
    survey = Questionnaire(late)
    for kind, number in (("city", 49), ("rural", 22)):
        asked = survey._sample(kind, survey.queue(2023)[late.banks.rows(kind)], 2023)
        assert asked is not None
        assert (asked.sum(0) <= number).all()
        assert (asked <= late.active[late.banks.rows(kind)]).all()
    earlier = [
        survey._sample("city", survey.queue(year)[late.banks.rows("city")], 2021) for year in (2020, 2021)
    ]
    assert earlier[0] is not None
    assert (earlier[0].sum(0) == 33).all()
    assert (earlier[0] != earlier[1]).any(), "each edition asks banks of its own"
    assert np.isnan(survey.ask(2023)[:, 0]).all(), "large banks are not asked"


def test_surveyed_scores_stand_off_the_true_ones_by_the_offset(late: BankingSystem) -> None:
    gap = late.questionnaire.ask(2023)[:, 1].mean(0) - late.dims[:, late.banks.rows("city")].mean((1, 2))
    offset = np.asarray(late.p.offset)
    assert np.abs(gap - offset).max() < 4.0


@pytest.mark.parametrize(("kind", "year", "number"), [("private", 2020, 7), ("city", 2023, 49)])
def test_an_answer_is_the_true_score_in_the_banks_style_and_the_editions_words(
    late: BankingSystem, kind: str, year: int, number: int
) -> None:
    s, p, rows = late, late.p, late.banks.rows(kind)
    loading = late.world.kind_numbers[kind]["edition_loading"]
    luck = uniform(s.draws.words("editions", 5, 6))[year - 2020]  # evenly spread, with its standard deviation
    edition = p.edition_spread * 3**0.5 * (2.0 * luck - 1.0)
    style = p.style_spread * s.draws.normals("style")[rows]
    told = s.dims[:, rows] + np.asarray(p.offset)[:, None, None] + loading * edition[:, None] + style
    assert told.min() < 0.0
    assert told.max() > 100.0
    drawn = s.draws.uniforms(f"survey sample/{year}")[rows]
    drawn[~(s.banks.reported[rows, None] & s.active[rows])] = 2.0
    first = np.argsort(drawn, axis=0, kind="stable")[:number]
    answers = np.take_along_axis(np.clip(told, 0.0, 100.0), first[None], axis=1)
    np.testing.assert_allclose(s.questionnaire.ask(year)[:, h.KINDS.index(kind)], answers.mean(1).T)


def test_application_breaks_in_2023_without_any_loss() -> None:
    record = simulate(world("2023Q4", recording=Recording()), [scenario()], range(8))
    application = record.true[0, :, 3::4, 1, 3].mean(0)
    like = record.outcomes["application_like_for_like"][0, :, 3::4, 1].mean(0)
    assert application[3] < application[2] - 4.0
    assert like[3] > like[2]
    assert application[2] == pytest.approx(like[2])


def test_the_placebo_keeps_every_banks_number_of_possible_ties() -> None:
    here = world()
    takes = here.population.kind > 0
    graph = possible_alliances(around(here.population, takes), 8, 0.15, 1)
    mixed = rewire(graph, 1)
    assert dict(graph.degree) == dict(mixed.degree)
    assert set(graph.edges) != set(mixed.edges)
    assert generator(1, "population", 0).random() == generator(1, "population", 0).random()


def test_what_the_records_hold_agrees_with_what_banks_hold(late: BankingSystem) -> None:
    rows = late.reported_rows[1]
    there = late.active[rows]
    by_bank = (late.dims[:, rows] * there).sum(1) / there.sum(0)
    np.testing.assert_allclose(late.recorder.true[0, :, 15, 1], by_bank.T, rtol=1e-12)
