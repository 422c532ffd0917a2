"""A user's own bank, from its settings to what the model reads."""

import numpy as np

from agents.honeycomb import DIMENSIONS, TALENTS
from experiments.settings.bank import BankSettings
from model.own_bank import OwnAccount


def own_bank(settings: BankSettings | None) -> OwnAccount | None:
    """Build the account of the own bank; None when the study has none."""
    if settings is None:
        return None
    staff, scores, plan = settings.staff, settings.scores, settings.plan
    return OwnAccount(
        name=settings.name,
        kind=settings.kind,
        province=settings.province,
        since=settings.since,
        assets=settings.assets.value,
        spend_ratio=settings.spend_ratio,
        staff=np.array([getattr(staff, role) for role in TALENTS]) if staff else None,
        scores=np.array([getattr(scores, name) / 100.0 for name in DIMENSIONS]) if scores else None,
        plan=np.array([getattr(plan, name) for name in DIMENSIONS]) if plan else None,
    )
