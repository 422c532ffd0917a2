"""The honeycomb model's vocabulary: kinds, dimensions, indicators, families of items, routes and layers.

The order of every tuple is the order of the components in every array.
"""

from types import MappingProxyType
from typing import Final

KINDS: Final = ("large", "city", "rural", "private")
LARGE, CITY, RURAL, PRIVATE = range(len(KINDS))
SMALL_KINDS: Final = KINDS[1:]  # small and medium banks

INDICATORS_BY_DIMENSION: Final = MappingProxyType(
    {
        "strategy": ("planning", "execution", "strategic_risk"),
        "organization": ("structure", "talent_supply", "incentives"),
        "technology": ("investment", "innovation"),
        "application": ("credit", "automation", "risk_management", "new_technology"),
        "data": ("governance", "use", "security"),
        "ecosystem": ("data_sharing", "platform_cooperation", "technical_collaboration"),
    }
)
DIMENSIONS: Final = tuple(INDICATORS_BY_DIMENSION)
STRATEGY, ORGANIZATION, TECHNOLOGY, APPLICATION, DATA, ECOSYSTEM = range(len(DIMENSIONS))
INDICATORS: Final = tuple(name for names in INDICATORS_BY_DIMENSION.values() for name in names)

# What moves an item: the board (mandate), partners (tie), a dated duty (claim), projects (system, model), stocks
# (people, spending).
MANDATE, TIE, CLAIM, SYSTEM, MODEL = "mandate", "tie", "claim", "system", "model"
PEOPLE, SPENDING = "people", "spending"
FAMILIES: Final = (MANDATE, TIE, CLAIM, SYSTEM, MODEL, PEOPLE, SPENDING)

TALENTS: Final = ("technologists", "data", "composite")
TECHNOLOGISTS, DATA_PEOPLE, COMPOSITE = range(len(TALENTS))
DELIVERY: Final = ("own", "vendor", "export", "union", "alliance")  # how a system is had
OWN, VENDOR, EXPORT, HUB, POOL = range(len(DELIVERY))
ROUTES: Final = ("wait", "build", "buy", "union", "alliance")  # how language models are had
WAIT, BUILD, BUY, UNION, ALLIANCE = range(len(ROUTES))
DATA_SETS: Final = ("tax", "social", "utilities")
FOCUS: Final = (
    "retail", "inclusive", "corporate", "rural", "technology_finance", "wealth", "transaction", "new_citizens",
    "green", "pension",
)  # fmt: skip
LAYERS: Final = ("vendor", "alliance", "export", "platform", "union")
PAYERS: Final = ("central_government", "local_government", "association", "bank")
