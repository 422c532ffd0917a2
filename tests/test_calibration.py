"""The steps of calibration on problems whose answers are known, and the whole of it on a very small budget."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

from agents.honeycomb import APPLICATION, KINDS, MANDATE, SYSTEM
from agents.items import ItemTable
from experiments.calibration import backtest
from experiments.calibration.fit import (
    FILE,
    CalibrationProblem,
    Errors,
    _scores,
    fit,
    fit_ease,
    smooth,
    write_ease,
)
from experiments.calibration.targets import Targets, read_targets
from experiments.calibration.validation import LAYERS, gained, judged, patterns, reached, variants
from experiments.config import assembly, catalogue
from experiments.config.data import read_ensemble, write_ensemble
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.config.reading import mapping
from experiments.config.study import StudySettings
from experiments.location import existing
from model.world import Ensemble
from tests.worlds import items

SMALL = {"runs": 24, "steps": 1, "members": 8, "chance_runs": 12, "batch": 24, "rival_runs": 100}
# Mean absolute errors that are known beforehand: 18 cells, and 12 of city and rural banks.
RIVALS = {
    2022: {"persistence": (6.73, 5.05), "cell mean": (4.73, 2.83), "trend": (14.76, 13.6),
           "partial pooling": (4.95, 3.3)},
    2023: {"persistence": (7.71, 6.98), "cell mean": (7.68, 6.08), "trend": (7.81, 6.96),
           "partial pooling": (7.31, 5.97)},
}  # fmt: skip


@pytest.fixture(scope="module")
def study() -> StudySettings:
    words = [f"calibration.{name}={value}" for name, value in SMALL.items()]
    return compose_study(["experiment=patterns", *words])


@pytest.fixture(scope="module")
def problem(study: StudySettings) -> CalibrationProblem:
    return CalibrationProblem(study)


@pytest.fixture(scope="module")
def targets() -> Targets:
    return read_targets()


# ------------------------------------------------------------ what is fitted


def test_targets_are_what_the_report_prints(targets: Targets) -> None:
    numbers = {block: len(targets.of(block)) for block in ("scores", "items", "changes", "spending", "staff")}
    assert numbers == {"scores": 72, "items": 72, "changes": 10, "spending": 5, "staff": 4}
    printed = dict(zip(targets.names, targets.values, strict=True))
    assert printed["score.city.strategy.2023"] == 71.68
    assert printed["item.goals.1.all"] == pytest.approx(86.25)
    assert printed["change.cocreation.1"] == pytest.approx(0.7 * 16.22)
    assert [printed[f"spend.{bar}.2023"] for bar in (2, 5, 10)] == pytest.approx([77.5, 21.25, 6.25])
    assert [printed[f"staff.{bar}"] for bar in (1, 5, 10, 30)] == pytest.approx([91.25, 52.5, 20.0, 8.75])


def test_what_a_later_edition_prints_is_unknown_before(targets: Targets) -> None:
    before = targets.until(2021)
    assert np.isnan(before.scores(before.values)[2:]).all()
    assert {targets.rows[k].block for k in before.observed_places} == {"scores", "spending", "money"}
    assert np.linalg.eigvalsh(before.covariance)[0] > 0.0


def test_scores_of_a_dimension_share_an_offset_and_the_shake_of_their_edition(targets: Targets) -> None:
    at, covariance = targets.names.index, targets.covariance
    first = at("score.city.data.2022")
    assert covariance[first, at("score.rural.data.2022")] == pytest.approx(400.0 + 25.0)
    assert covariance[first, at("score.rural.data.2023")] == pytest.approx(400.0)
    assert covariance[first, at("score.city.strategy.2022")] == 0.0


def test_a_table_with_a_new_year_is_read_and_a_wrong_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("bank_type,dimension,year,score\ncity,data,2023,55.5\ncity,data,2024,57.0\n")
    assert read_targets(path).years == (2023, 2024)
    path.write_text("bank_type,dimension,year,score\ncity,data,2023,155\n")
    with pytest.raises(ConfigError, match=r"scores.csv:line 2, column score"):
        read_targets(path)


def test_the_prior_stays_between_the_ends_of_the_catalogue(problem: CalibrationProblem) -> None:
    prior = problem.prior
    scores = prior.draw(np.random.default_rng(7), 100)
    values = prior.values(scores)
    assert ((values >= prior.low) & (values <= prior.high)).all()
    assert ((prior.central >= prior.low) & (prior.central <= prior.high)).all()
    np.testing.assert_allclose(prior.scores(values), scores, atol=1e-6)
    for path, low, high in zip(prior.paths, prior.low, prior.high, strict=True):
        row = catalogue.row(path)
        assert row.low <= low < high <= row.high, path


# ------------------------------------------------------------ the fit


def test_the_smoother_is_exact_for_a_linear_model_with_chance_of_its_own() -> None:
    stream = np.random.default_rng(20201)
    matrix = stream.standard_normal((5, 3))
    errors = Errors(np.diag(np.linspace(0.5, 1.5, 5)), 0.3 * np.eye(5))
    observed = matrix @ np.array([0.5, -1.0, 0.3]) + 0.1
    weight = np.linalg.inv(errors.total)
    covariance = np.linalg.inv(np.eye(3) + matrix.T @ weight @ matrix)

    def run(members: np.ndarray, step: int) -> np.ndarray:
        return members @ matrix.T + 0.3**0.5 * stream.standard_normal((len(members), 5))

    members = smooth(run, stream.standard_normal((8000, 3)), observed, errors, 3, stream)
    np.testing.assert_allclose(members.mean(0), covariance @ matrix.T @ weight @ observed, atol=0.06)
    np.testing.assert_allclose(np.cov(members.T), covariance, atol=0.06)


def test_what_tells_nothing_of_a_parameter_does_not_narrow_it() -> None:
    stream = np.random.default_rng(4)
    errors = Errors(0.01 * np.eye(60), np.eye(60))
    start = stream.standard_normal((200, 5))
    members = smooth(
        lambda m, _: stream.standard_normal((len(m), 60)), start, np.zeros(60), errors, 3, stream
    )
    assert (members.std(0) / start.std(0)).min() > 0.8


def test_the_break_of_2023_lowers_application_without_a_loss(problem: CalibrationProblem) -> None:
    outputs = problem.run(problem.forward, np.zeros((4, problem.prior.size)), 0)
    assert outputs.shape == (4, len(problem.targets.rows))
    change = np.diff(problem.targets.scores(outputs).mean(0), axis=0)[:, :2]
    assert (change[-1, :, APPLICATION] < -4.0).all()
    assert (change[:-1] > 0.0).all()


def test_a_small_fit_gives_members_within_the_priors_and_says_what_it_learned(
    problem: CalibrationProblem,
) -> None:
    values, facts, items = fit(problem)
    assert (items.ease != problem.forward.world.items.ease).any()
    assert values.shape == (8, problem.prior.size)
    assert ((values >= problem.prior.low) & (values <= problem.prior.high)).all()
    assert facts["observed"] == 165
    assert {row["block"] for row in facts["blocks"]} == {row.block for row in problem.targets.rows}
    assert len(facts["shares"]) == 165 - 72


def test_a_printed_score_spreads_by_the_survey_s_errors_and_what_runs_differ_by(targets: Targets) -> None:
    chance = 9.0 * np.eye(len(targets.rows))
    outputs = 50.0 + 3.0 * np.tile([[-1.0], [1.0]], (2, len(targets.rows)))  # by chance alone
    row = _scores(targets, Errors(targets.covariance, chance), outputs)["rows"][0]
    assert (row["bank_kind"], row["spread"]) == ("city", round((2.9**2 + 5.0**2 + 3.0**2) ** 0.5, 2))


def test_the_ease_of_items_finds_their_shares_and_leaves_the_mean_of_a_family_to_its_hazard() -> None:
    table = items()
    family = [item.family for item in table.items]

    def levels(of: ItemTable) -> dict[str, float]:  # a level that rises with the item's ease alone
        return {
            f"{item.id}.{rung}": 100.0 * float(norm.cdf(norm.ppf(0.3 / rung) + np.log(ease)))
            for item, ease in zip(of.items, of.ease, strict=True)
            for rung in range(1, item.rungs + 1)
        }

    fitted = fit_ease(table, levels, rounds=30)
    for name in (MANDATE, SYSTEM):
        rows = [j for j, f in enumerate(family) if f == name and not table.items[j].focus]
        assert np.log(fitted.ease[rows]).mean() == pytest.approx(np.log(table.ease[rows]).mean(), abs=0.05)
    high, low = table.at["security_risk"], table.at["assets"]
    assert table.items[high].shares[0] > table.items[low].shares[0]
    assert fitted.ease[high] > fitted.ease[low]


def test_the_ease_of_items_is_written_into_its_file(tmp_path: Path) -> None:
    file = tmp_path / "default.yaml"
    file.write_text(FILE.read_text("utf-8"), "utf-8")
    easier = ItemTable(items().items, {item.id: 1.25 for item in items().items})
    write_ease(easier, file)
    assert set(mapping(file)["ease"].values()) == {1.25}
    assert mapping(file)["peer"] == mapping(FILE)["peer"]


def test_recovery_tells_honest_intervals_from_narrow_ones() -> None:
    even = np.tile((np.arange(40) + 0.5) / 40.0, (2, 1)).T
    found = judged(("a", "b"), even, 100)
    assert found["uniform"]
    assert (found["coverage_50"], found["coverage_90"]) == (0.5, 0.9)
    narrow = np.where(even > 0.5, 0.99, 0.01)
    assert not judged(("a", "b"), narrow, 100)["uniform"]


def test_each_variant_lacks_what_its_name_says(problem: CalibrationProblem) -> None:
    found = dict(variants(problem.forward))
    assert {f"no_{layer}" for layer in LAYERS} < set(found)
    assert not found["no_unions"].world.switches.unions
    assert found["no_unions"].world.switches.partners
    values = problem.prior.values(np.zeros((1, problem.prior.size)))
    still = found["no_peers"].system(values, [0], 2020)
    assert still.p.peer == 0.0
    assert problem.forward.system(values, [0], 2020).p.peer > 0.0


def test_a_policy_is_judged_by_the_mean_of_the_banks_that_are_left(problem: CalibrationProblem) -> None:
    """Of a city bank with 60 and three rural ones with 40 two are merged away: 50 is the mean, not 45."""
    true, small = np.full((1, 1, 1, len(KINDS), 6), 40.0), np.full((1, 1, 1, 6), 50.0)
    kinds = np.array(["city", "rural", "rural", "rural"])
    record, world = SimpleNamespace(true=true, small=small, bank_kind=kinds), problem.forward.world
    found = [reached(record, world, SimpleNamespace(outcome="data", kind=kind)) for kind in ("all", "rural")]
    assert [one.tolist() for one in found] == [[[50.0]], [[40.0]]]


def test_what_a_policy_cannot_move_is_a_coin_toss_and_less_of_a_gap_is_a_gain() -> None:
    effect = np.array([0.0, 0.0, -2.0, -2.0])
    assert gained("index", effect) == {"mean": -1.0, "gain": 0.25}
    assert gained("rural_city_gap", effect) == {"mean": -1.0, "gain": 0.75}


def test_patterns_and_stories_are_held_to_rules_that_state_their_chance_of_failing(
    problem: CalibrationProblem,
) -> None:
    members = read_ensemble(existing("data/posterior")).only(problem.prior.paths).members
    found = patterns(problem, members[:6])
    assert {row["pattern"] for row in found["patterns"]} == set(problem.procedure.patterns)
    assert all(0.0 < row["false_alarm"] <= 0.05 for row in found["patterns"])
    assert all(np.isfinite(row["statistic"]) for row in found["patterns"])
    assert len(found["cases"]) == 18
    assert all(0.0 <= row["model"] <= 1.0 for row in found["cases"])


# ------------------------------------------------------------ the backtest


@pytest.mark.parametrize("year", RIVALS)
def test_rivals_miss_as_is_known(targets: Targets, year: int) -> None:
    scores = targets.scores(targets.values)
    place = targets.years.index(year)
    error = {f.name: np.abs(f.point - scores[place]) for f in backtest.forecasts(scores[:place], year)}
    found = {name: (round(float(e.mean()), 2), round(float(e[:2].mean()), 2)) for name, e in error.items()}
    assert {name: found[name] for name in RIVALS[year]} == RIVALS[year]


def test_the_fairer_rivals_know_the_break(targets: Targets) -> None:
    made = {f.name: f for f in backtest.forecasts(targets.scores(targets.values)[:3], 2023)}
    plain, told = made["partial pooling"].point, made["partial pooling, break known"].point
    np.testing.assert_allclose(told[:, APPLICATION], 0.75 * plain[:, APPLICATION] + 4.0)
    np.testing.assert_array_equal(np.delete(told, APPLICATION, 1), np.delete(plain, APPLICATION, 1))


def test_the_model_forecasts_from_what_was_known_then(problem: CalibrationProblem, targets: Targets) -> None:
    past = targets.scores(targets.values)[:3]
    blind = backtest.blind(problem.forward, past)
    assert (blind.world.items.ease == 1.0).all()
    changed = backtest.blind(problem.forward, past[:2]).world.kind_numbers["rural"]["level"]
    assert not np.allclose(changed, blind.world.kind_numbers["rural"]["level"])
    known = targets.until(2022)
    errors = Errors(targets.covariance, 4.0 * np.eye(len(targets.rows)))
    outputs = np.nan_to_num(targets.values)[None] + np.zeros((40, 1))
    draws = backtest.forecast(known, errors, outputs, 2023, np.random.default_rng(2))
    want = targets.scores(targets.values)[3]
    assert np.abs(draws.mean(0) - want).max() < 3.0, "exact so far, so exact again"
    assert (draws.std(0) < 20.0).all(), "the offset was learned from the years before"


def test_a_forecast_counts_the_chance_of_the_model_once(targets: Targets) -> None:
    """Each score is a level (variance 100) with an offset (50) that last, and chance (40) and error (10) that do not.

    The score seen has a variance of 200 and shares 150 with the next one. 40 was seen where 0 was expected: the next is
    expected at 0.75 * 40, with a variance of 200 - 0.75 * 150. Of the level it tells 0.5 * 40, and leaves 50.
    """
    rows = targets.rows[36:72]  # two editions
    known = Targets(tuple(row._replace(value=40.0) for row in rows)).until(2022)
    same = np.kron(np.ones((2, 2)), np.eye(18))
    errors = Errors(50.0 * same + 10.0 * np.eye(36), 40.0 * np.eye(36))
    stream = np.random.default_rng(5)
    level = stream.normal(20.0, 50.0**0.5, (4000, 18))
    outputs = np.tile(level, 2) + stream.normal(0.0, 40.0**0.5, (4000, 36))
    draws = backtest.forecast(known, errors, outputs, 2023, stream)
    assert draws.mean() == pytest.approx(30.0, abs=0.2)
    assert draws.var(0).mean() == pytest.approx(87.5, rel=0.02)


def test_crps_of_a_normal_forecast_is_the_closed_form() -> None:
    forecast = backtest.Forecast.normal("", np.zeros((1, 1)), np.full((1, 1), 2.0))
    z = 1.5 / 2.0
    exact = 2.0 * (z * (2.0 * norm.cdf(z) - 1.0) + 2.0 * norm.pdf(z) - 1.0 / np.sqrt(np.pi))
    assert backtest.crps(forecast.draws, np.full((1, 1), 1.5))[0, 0] == pytest.approx(exact, rel=2e-3)
    assert backtest.crps(np.full((7, 1), 40.0), np.array([43.0]))[0] == pytest.approx(3.0)


def test_bands_cover_as_often_as_they_say_and_equals_do_not_differ() -> None:
    stream = np.random.default_rng(3)
    truth, draws = stream.standard_normal(4000), stream.standard_normal((400, 4000))
    assert backtest.covered(draws, truth, 0.5).mean() == pytest.approx(0.5, abs=0.03)
    assert backtest.covered(draws, truth, 0.9).mean() == pytest.approx(0.9, abs=0.02)
    cells = stream.random((2, 3, 6))
    assert backtest.interval("crps", cells, 200, stream, cells) == [0.0, 0.0]


# ------------------------------------------------------------ the ensemble


def test_the_shipped_ensemble_covers_every_number_marked_for_calibration(problem: CalibrationProblem) -> None:
    prior, shipped = problem.prior, read_ensemble(existing("data/posterior"))
    assert set(shipped.paths) == set(prior.paths)
    members = shipped.only(prior.paths).members
    assert len(members) >= 200
    slack = 1e-4 * (prior.high - prior.low)
    assert (members >= prior.low - slack).all()
    assert (members <= prior.high + slack).all()


def test_an_ensemble_comes_back_as_it_went_and_a_changed_digit_is_refused(tmp_path: Path) -> None:
    members = np.random.default_rng(0).random((5, 2))
    ensemble = Ensemble(("behaviour.spillover", "behaviour.peer"), members)
    assert write_ensemble(tmp_path, ensemble, {"seed": 1})["version"] == 1
    assert write_ensemble(tmp_path, ensemble, {"seed": 1})["version"] == 1
    assert write_ensemble(tmp_path, Ensemble(ensemble.paths, members + 1.0), {})["version"] == 2
    np.testing.assert_allclose(read_ensemble(tmp_path).members, members + 1.0, rtol=1e-5)
    path = tmp_path / "members.csv"
    text = path.read_text()
    path.write_text(text.replace("1.", "2.", 1))
    with pytest.raises(ConfigError, match="manifest"):
        read_ensemble(tmp_path)


def test_replicates_draw_their_own_members_but_not_of_what_the_user_gave() -> None:
    posterior = assembly.world(compose_study(["scenarios=[baseline]", "behaviour.spillover=0.03"]))
    assert posterior.ensemble is not None
    assert len(np.unique(posterior.ensemble.draw(posterior.seed, range(8)), axis=0)) > 4
    assert "behaviour.spillover" not in posterior.ensemble.paths
    assert "behaviour.peer" in posterior.ensemble.paths
