"""How a user's own bank starts: as the mean of its kind that quarter, except for what the user says of it."""

from typing import Any

import numpy as np

from agents.budget import effort_cost
from agents.honeycomb import APPLICATION, DIMENSION_OF, FUNDED, NEW_TECHNOLOGY, SLICES, WAIT, dimension_means
from model.reduction import over_banks

SCALED = ("yuan", "share of the market")  # units of what a bank has in proportion to its assets


def settle_in(guest: Any) -> None:
    """Open the own bank's books and give it its first-day state.

    Parameters
    ----------
    guest : Guest
        Its columns are filled from the kind's and the user's numbers; ``guest.host`` is at the end of a quarter.
    """
    _like_its_kind(guest)
    _unattached(guest)
    _capable(guest)
    _staffed(guest)
    _spending(guest)


def _like_its_kind(guest: Any) -> None:
    """Copy the mean of the kind; amounts of money and market share in proportion to assets."""
    host, peers = guest.host, guest.peers
    number = peers.stop - peers.start
    size = guest.account.assets / over_banks(host.columns["assets"][:, peers])
    for name, column in guest.columns.items():
        if name in ("margin", "openness"):
            continue
        total = over_banks(host.columns[name][..., peers])
        scaled = getattr(type(guest.member), name).unit.startswith(SCALED)
        column[:] = (total * size if scaled else total / number)[..., None]
    guest.columns["assets"][:] = guest.account.assets


def _unattached(guest: Any) -> None:
    """No partners, no language model and nothing owed for one: these are choices ahead."""
    columns = guest.columns
    columns["vendor"][:] = columns["provider"][:] = -1.0
    columns["route"][:] = WAIT
    for name in (
        "links",
        "hub_level",
        "commitment",
        "route_price",
        "fee_income",
        "policy_cost",
        "run_unpaid",
    ):
        columns[name][:] = 0.0
    tier = guest.population.first_tier[0]
    columns["regional_pull"][:] = guest.host.numbers.first_tier_pull if tier else 1.0


def _capable(guest: Any) -> None:
    """Move each dimension's indicators, language models aside, to the user's score; the kind's profile stays."""
    columns, scores = guest.columns, guest.account.scores
    placed, was = columns["indicators"].copy(), columns["dimensions"][APPLICATION].copy()
    placed[NEW_TECHNOLOGY] = 0.0
    if scores is not None:
        funded = np.stack([placed[part].sum(0) / n for part, n in zip(SLICES, FUNDED, strict=True)])
        placed += (scores[:, None, None] - funded)[DIMENSION_OF]
        placed = np.clip(placed, 0.02, 0.98)
        placed[NEW_TECHNOLOGY] = 0.0
    columns["indicators"][:] = placed
    columns["dimensions"][:] = columns["last_dimensions"][:] = dimension_means(placed)
    # In the loan market it counts what a bank has gained since 2020: as much as its kind has.
    columns["application_initial"][:] += columns["dimensions"][APPLICATION] - was
    realised = columns["benefit"] / columns["performance"]
    columns["performance"][:] = columns["aspiration"][:] = guest.member.value()
    columns["benefit"][:] = np.minimum(realised * columns["performance"], 1.0)
    guest.member.emphasise()


def _staffed(guest: Any) -> None:
    columns, staff = guest.columns, guest.account.staff
    if staff is not None:
        columns["wanted_staff"][:] *= staff[:, None, None] / columns["staff"]
        columns["staff"][:] = staff[:, None, None]


def _spending(guest: Any) -> None:
    """Let the user's ratio, or the kind's present one, be the habit under today's revenue and losses."""
    columns, host, account = guest.columns, guest.host, guest.account
    traits, peers = guest.member.traits, guest.peers
    grown = over_banks(host.columns["assets"][:, peers]) / host.population.assets[peers].sum()
    inflation = (1.0 + 0.25 * traits.effort_inflation) ** max(host.quarter, 0)
    cost = effort_cost(
        account.assets / grown[:, None], traits.effort_cost, traits.reference_assets, traits.effort_scale
    )
    columns["reference_loss"][:] = columns["loss_charge"] / columns["revenue"]
    guest.member.earn()
    columns["reference_rate"][:] = 4.0 * columns["revenue"] / columns["assets"]
    columns["effort_cost"][:] = cost * inflation
    if account.spend_ratio is not None:
        columns["spend_ratio"][:] = account.spend_ratio
    drifted = (1.0 + traits.spend_drift) ** min(host.years, traits.spend_drift_years)
    columns["habit_ratio"][:] = columns["spend_ratio"] / drifted
    if account.plan is not None:
        columns["written_plan"][:] = columns["allocation"][:] = account.plan[:, None, None]
