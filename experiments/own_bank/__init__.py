"""What the table of a user's own bank says: place, bottleneck, routes, when spending pays back, how often it fails."""

from experiments.own_bank.changes import changes, maintenance, stress
from experiments.own_bank.decisions import early, routes
from experiments.own_bank.place import against_its_kind, failures, place
from experiments.own_bank.returns import bottleneck, cumulated, paid_back_by, payback
from experiments.own_bank.rows import LEVELS

__all__ = [
    "LEVELS",
    "against_its_kind",
    "bottleneck",
    "changes",
    "cumulated",
    "early",
    "failures",
    "maintenance",
    "paid_back_by",
    "payback",
    "place",
    "routes",
    "stress",
]
