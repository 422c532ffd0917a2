"""Rolling origin: fit to the years before, forecast the next, and print losses as plainly as wins."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.calibration.bench import Bench
from experiments.calibration.likelihood import Likelihood
from experiments.calibration.rivals import PRIMARY, forecasts
from experiments.calibration.scoring import Forecast, interval, measures, total

MODEL, NO_GROWTH, PRIOR = "calibrated model", "calibrated model, any growth", "model before any score"
NOISY = 2  # city and rural come first; private is the kind of seven banks


def backtest(bench: Bench) -> dict[str, Any]:
    """Score the calibrated model and its rivals on every year that has two years before it.

    Parameters
    ----------
    bench : Bench

    Returns
    -------
    dict
        ``origins``: forecasts and scores of each year; ``pooled``: over all of them; as plain data.
    """
    targets = bench.targets
    cells: dict[str, dict[str, list[np.ndarray]]] = {}
    origins = []
    for year in targets.years[2:]:
        place = targets.years.index(year)
        observed = targets.scores[place]
        if np.isnan(targets.scores[:place]).any():
            continue
        made = [*_own(bench, year), *forecasts(targets.scores[:place])]
        for forecast in made:
            for name, cell in measures(forecast, observed).items():
                cells.setdefault(forecast.name, {}).setdefault(name, []).append(cell)
        origins.append({"year": year, "fitted_until": year - 1, **_shown(made[0], observed)})
    pooled = {name: {m: np.stack(c) for m, c in found.items()} for name, found in cells.items()}
    whole = {name: found for name, found in pooled.items() if len(found["crps"]) == len(origins)}
    for number, origin in enumerate(origins):
        here = {
            name: {m: c[_row(c, number, len(origins))] for m, c in found.items()}
            for name, found in pooled.items()
        }
        origin["scores"] = _table(bench, {n: f for n, f in here.items() if f["crps"].size})
    return {"origins": origins, "pooled": _table(bench, whole)}


def _row(cells: np.ndarray, number: int, origins: int) -> slice:
    """The rows of one origin; a rival that needs more years has no row for the first ones."""
    late = number - (origins - len(cells))
    return slice(late, late + 1) if late >= 0 else slice(0, 0)


def _own(bench: Bench, year: int) -> list[Forecast]:
    """Forecasts of the model: refitted to the years before; without its view of growth; and before any score."""
    targets = bench.targets.until(year - 1)
    place = bench.targets.years.index(year)
    wanted = np.arange(18) + 18 * place
    found = []
    for name, used in ((MODEL, bench), (NO_GROWTH, bench.without_growth())):
        members = used.posterior(targets, f"backtest {year} {name}")[-1]
        found.append(_forecast(name, used.likelihood(targets), members, wanted, bench))
    blind = bench.likelihood(bench.targets.until(0))
    members = bench.posterior(bench.targets.until(0), f"prior {year}")[-1]
    return [*found, _forecast(PRIOR, blind, members, wanted, bench)]


def _forecast(
    name: str, likelihood: Likelihood, members: np.ndarray, wanted: np.ndarray, bench: Bench
) -> Forecast:
    many = np.repeat(members, 5, axis=0)
    draws = likelihood.forecast(many, wanted, bench.stream(f"forecast {name}")).reshape(-1, 3, 6)
    return Forecast(name, np.median(draws, axis=0), draws)


def _shown(forecast: Forecast, observed: np.ndarray) -> dict[str, Any]:
    low, high = np.quantile(forecast.draws, [0.05, 0.95], axis=0)
    parts = {"observed": observed, "forecast": forecast.point, "low90": low, "high90": high}
    return {name: np.round(part, 2).tolist() for name, part in parts.items()}


def _table(bench: Bench, cells: dict[str, dict[str, np.ndarray]]) -> dict[str, Any]:
    """Each measure of each forecaster over all cells and over city and rural ones, with bootstrap intervals."""
    table: dict[str, Any] = {}
    runs = bench.numbers.rival_runs
    for group, kinds in (("18 cells", slice(None)), ("12 city and rural cells", slice(0, NOISY))):
        rows = []
        for name, found in cells.items():
            row: dict[str, Any] = {"forecaster": name}
            for measure, cell in found.items():
                mine = cell[:, kinds]
                row[measure] = round(total(measure, mine), 3)
                row[f"{measure}_interval"] = _rounded(
                    interval(measure, mine, runs, bench.stream(f"bootstrap {group} {name} {measure}"))
                )
            rival = cells[PRIMARY]["crps"][:, kinds]
            difference = interval(
                "crps", found["crps"][:, kinds], runs, bench.stream(f"bootstrap {group} {name}"), rival
            )
            row["crps_less_primary"] = round(total("crps", found["crps"][:, kinds]) - total("crps", rival), 3)
            row["crps_less_primary_interval"] = _rounded(difference)
            rows.append(row)
        table[group] = rows
    return table


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(value, 3) for value in pair]
