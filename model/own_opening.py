"""The first day of a bank of one's own: what the model uses in every unit that was asked for, beside its peers."""

from typing import TYPE_CHECKING, Final

import numpy as np

from agents.honeycomb import DIMENSIONS, TALENTS

if TYPE_CHECKING:
    from model.own_entry import OwnEntry
    from model.system import BankingSystem

YUAN: Final = 1.0e6
STAFF: Final = tuple(f"staff.{role}" for role in TALENTS)
SCORES: Final = tuple(f"scores.{name}" for name in DIMENSIONS)
# What is told of the first day, in the units of the account (conf/outcomes.csv), and what of it beside peers.
VALUES: Final = (
    "assets", "loans", "revenue", "margin", "fees", "operating_costs", "bad_loans", "coverage", "capital",
    "technology_spending", "spend_ratio", "employees", *STAFF, *SCORES, "partners.vendors", "partners.exporting_bank",
    "partners.alliances", "union",
)  # fmt: skip
COMPARED: Final = (
    "assets", "margin", "bad_loans", "coverage", "capital", "spend_ratio", *STAFF, *SCORES, "partners.vendors",
    "partners.alliances",
)  # fmt: skip


def opening(own: "OwnEntry", rows: slice, near: np.ndarray) -> dict[str, np.ndarray]:
    """What the model uses on a bank's first day, and where that stands among peers.

    Parameters
    ----------
    own : OwnBanks
        After the bank's numbers were entered, before the first quarter's books.
    rows : slice
        The bank's rows.
    near : ndarray of int
        Rows of its peers.

    Returns
    -------
    dict
        By name, each of shape (choices, R): ``opening.<field>`` in the units of the account,
        ``ahead.<field>`` percent of peers with less, ``peers.<field>`` their median.
    """
    system = own.system
    books, readings = _books(own, rows), _readings(system)
    values = {name: np.asarray(value)[rows] for name, value in readings.items()} | books
    shape = (rows.stop - rows.start, system.rows)
    facts = {f"opening.{name}": np.broadcast_to(values[name], shape).astype(float) for name in VALUES}
    active = system.active[near]
    for name in COMPARED:
        peers = np.where(active, own.of(readings[name], near), np.nan)
        mine = facts[f"opening.{name}"]
        facts[f"ahead.{name}"] = percent_behind(mine, peers, active)
        peers = np.where(active.any(0), peers, mine[0])  # whose peers have all been merged away has itself
        facts[f"peers.{name}"] = np.broadcast_to(np.nanmedian(peers, axis=0), shape)
    return facts


def percent_behind(own: np.ndarray, peers: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Active peers with less, percent; an equal one counts half. ``own`` (choices, R), ``peers`` (n, R)."""
    percent, number = np.empty(own.shape), np.maximum(active.sum(0), 1)
    for row, mine in enumerate(own):
        less = ((peers < mine) & active).sum(0) + 0.5 * ((peers == mine) & active).sum(0)
        percent[row] = 100.0 * less / number
    return percent


def _books(own: "OwnEntry", rows: slice) -> dict[str, np.ndarray]:
    """A bank's own books as they were entered, or fell to it; peers' are those of the quarter before."""
    s, p = own.system, own.system.p
    mine = slice(rows.start - own.first, rows.stop - own.first)
    annual, spend, assets = 4.0 * own.base["revenue"][mine], own.spend_first[mine], s.assets[rows]
    path = s.outside.margin[s.banks.group[rows]] - s.outside.margin_shock
    loans = assets * own.of(p.loan_share, rows)
    return {
        "loans": YUAN * loans,
        "revenue": YUAN * annual,
        "margin": np.maximum(path + s.margin_own[rows], 0.1),
        "fees": 0.01 * YUAN * own.of(p.fee_rate_income, rows) * assets * own.base["returned"][mine],
        "operating_costs": YUAN * (own.of(p.cost_ratio, rows) * annual + spend),
        "technology_spending": YUAN * spend,
        "spend_ratio": spend / annual,
        "employees": s.assets_start[rows] / own.of(p.assets_a_head, rows),
    }


def _readings(s: "BankingSystem") -> dict[str, np.ndarray]:
    """What peers are compared on, for every bank, (M, R)."""
    loans, path = s.assets * s.p.loan_share, s.outside.margin - s.outside.margin_shock
    return {
        "assets": YUAN * s.assets,
        "margin": np.maximum(path[s.banks.group] + s.margin_own, 0.1),
        "bad_loans": 100.0 * s.bad_loans / loans,
        "coverage": s.provisions / np.maximum(s.bad_loans, 1e-9),
        "capital": s.capital_ratio(),
        "spend_ratio": 0.25 * s.spend / s.revenue,
        **dict(zip(STAFF, s.staff, strict=True)),
        **dict(zip(SCORES, s.dims, strict=True)),
        "partners.vendors": (s.vendor >= 0).sum(0),
        "partners.exporting_bank": s.exporter >= 0,
        "partners.alliances": s.allies,
        "union": s.unions.member[:, None],
    }
