"""The echo of what was entered: you entered, the model uses, why it differs; and where the bank stands among peers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.honeycomb import DIMENSIONS
from experiments.config.bank import BankSettings, Facts
from experiments.config.bank_file import ENTRIES
from experiments.config.catalogue import FIRST_DAY
from experiments.config.questionnaire import asked
from experiments.own_bank.answers import OwnRuns
from experiments.results.statistics import describe
from model.own_opening import percent_behind

NEAR: Final = 0.005  # how far a number used may be from the one entered and count as it, relative
ALIKE: Final = 4.0  # times larger or smaller a bank of a peers' file may be
ENTERED, PEERS, RUNGS, RECONCILED = "entered", "peers", "rungs", "reconciled"
DRAWN, RENEWED = "answers", "renewed"
WORDS: Final = ("kind", "province", "since", "focus", "branches", "language_model")


def opening(runs: OwnRuns, bank: BankSettings) -> pd.DataFrame:
    """What was entered beside what the model uses on the first day, and the place among peers.

    Parameters
    ----------
    runs : OwnRuns
        The bank's runs; their first scenario and first plan are read.
    bank : BankSettings

    Returns
    -------
    DataFrame
        A row a field: ``entered`` (missing where nothing was said); ``used`` with ``used_low`` and ``used_high``, the
        median and 90 % of runs; ``reason``: ``entered`` (used as it is), ``peers`` (not said, as it falls among banks
        of its kind and size), ``rungs`` (scores move in whole steps of the questionnaire), ``answers`` (items were
        answered, and weak answers widen the start), ``reconciled`` (other numbers that were entered leave this one),
        ``renewed`` (partners are renewed in the first quarter); ``ahead``: percent of ``peers`` banks of its kind and
        size with less, ``median`` of theirs; ``others_ahead`` of ``others`` banks of the peers' files.
    """
    given = flat(bank)
    plan = runs.plans[0]
    peers = int(np.nanmedian(first_day(runs, "peers", plan)))
    rows = []
    for entry in ENTRIES:
        key = entry.key
        if key in FIRST_DAY:
            band = describe(first_day(runs, f"opening.{key}", plan).copy())
            low, used, high = (float(band[name]) for name in ("q05", "q50", "q95"))
            said = given.get(key, np.nan)
            said = float(bank.ratio) if key == "spend_ratio" and bank.ratio is not None else float(said)
            rows.append(
                {"field": key, "unit": FIRST_DAY[key][0], "entered": said, "words": ""}
                | {"used": used, "used_low": low, "used_high": high}
                | {"reason": _reason(key, said, (low, used, high), bank)}
                | _among(runs, key, plan, peers)
                | _among_others(bank, key, used)
            )
        elif key in WORDS and given.get(key) is not None:
            rows.append({"field": key, "words": _spoken(given[key]), "reason": ENTERED, "entered": np.nan})
    return pd.DataFrame(rows)


def first_day(runs: OwnRuns, name: str, choice: str) -> np.ndarray:
    """An outcome in the year of the bank's arrival, in the first scenario, over runs."""
    return np.asarray(runs.of(name, choice)[0, :, 0], float)


def flat(bank: BankSettings) -> dict[str, Any]:
    """What was said, by dotted field."""
    fields: dict[str, Any] = {}
    for name, value in bank.model_dump(mode="json", exclude_none=True).items():
        if isinstance(value, Mapping) and name in ("staff", "scores", "partners", "pay"):
            fields |= {f"{name}.{part}": inside for part, inside in value.items()}
        else:
            fields[name] = value
    return fields


def values_of(bank: Facts) -> dict[str, float]:
    """What is known of a bank of a peers' file, by the fields that banks are compared on."""
    values = {
        name: float(value)
        for name in ("assets", "margin", "bad_loans", "coverage", "capital")
        if (value := getattr(bank, name)) is not None
    }
    if bank.ratio is not None:
        values["spend_ratio"] = bank.ratio
    for name in ("staff", "scores"):
        part = getattr(bank, name)
        values |= {f"{name}.{key}": float(value) for key, value in (part.known if part else {}).items()}
    return values


def _reason(key: str, said: float, used: tuple[float, float, float], bank: BankSettings) -> str:
    if np.isnan(said) and key == "technology_spending" and bank.ratio is not None:
        return RECONCILED
    if np.isnan(said):
        answered = {f"scores.{DIMENSIONS[asked()[name].dimension]}" for name in bank.items or ()}
        return DRAWN if key in answered else PEERS
    low, middle, high = used
    if max(abs(low - said), abs(high - said), abs(middle - said)) <= NEAR * max(abs(said), 1e-9):
        return ENTERED
    named = {"scores": RUNGS, "partners": RENEWED}
    return named.get(key.partition(".")[0], RECONCILED)


def _among(runs: OwnRuns, key: str, plan: str, peers: int) -> dict[str, float]:
    if f"ahead.{key}" not in runs.outcomes:
        return {}
    return {
        "ahead": float(np.nanmedian(first_day(runs, f"ahead.{key}", plan))),
        "peers": peers,
        "median": float(np.nanmedian(first_day(runs, f"peers.{key}", plan))),
    }


def _among_others(bank: BankSettings, key: str, used: float) -> dict[str, float]:
    """Place among the banks of the peers' files of its kind and size."""
    values = np.array(list(_others(bank, key)))
    if not len(values) or key == "assets":
        return {}
    ahead = percent_behind(np.full((1, 1), used), values[:, None], np.ones((len(values), 1), bool))
    return {"others_ahead": float(ahead[0, 0]), "others": len(values)}


def _others(bank: BankSettings, key: str) -> Iterator[float]:
    for one in bank.peers:
        alike = one.kind == bank.kind and 1 / ALIKE <= one.assets / bank.assets <= ALIKE
        if alike and key in (known := values_of(one)):
            yield known[key]


def _spoken(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {number}" for key, number in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
