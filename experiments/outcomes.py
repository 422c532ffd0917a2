"""What each dimension and each outcome of a run means, in which unit and range."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Outcome:
    """Meaning, unit and range of an outcome; None where a side is open."""

    meaning: str
    unit: str
    low: float | None = 0.0
    high: float | None = None


DIMENSION_MEANINGS: Final = MappingProxyType(
    {
        "strategy": "planning, coordinated execution and strategic risk management of the digital strategy",
        "organization": "organisational structure, supply of talent, appraisal and incentives",
        "technology": "investment in technology and progress of innovation",
        "application": "digital credit, internal automation, risk management and new technology",
        "data": "governance, use and security of data",
        "ecosystem": "data sharing, platform cooperation and technical collaboration",
    }
)

PAINS: Final = (
    "strategy on paper, weak execution, widening gaps",
    "rigid organisation, business and technology apart",
    "composite and data talent short, attrition high",
    "spending diverges, its return doubted",
    "frontier too costly, build or buy both hard",
    "risk management and digital audit lag",
    "front-end marketing lags internal systems",
    "data sharing blocked, data not yet an asset",
    "consumer ecosystems alike, industry ecosystems hard",
    "pressure to dispose of bad loans",
)


def share(meaning: str) -> Outcome:
    """Describe a share between 0 and 1."""
    return Outcome(meaning, "share", 0.0, 1.0)


OUTCOMES: Final = MappingProxyType(
    {
        "spend_ratio": Outcome("technology spending over revenue", "%", 0.0, 100.0),
        "run_share": share("part of the technology budget that keeps existing systems running"),
        "free_budget": Outcome("change budget over revenue", "%", 0.0, 100.0),
        "budget_exhausted": share("banks whose running costs leave nothing to change with"),
        "bad_loans": Outcome("bad loans over loans", "%", 0.0, 100.0),
        "coverage": Outcome("loan-loss provisions over bad loans", "%"),
        "capital": Outcome("capital adequacy ratio", "%", None, 100.0),
        "margin": Outcome("net interest margin", "%", None),
        "language_model": share("banks that have adopted large language models"),
        "route_wait": share("banks that wait before they take up large language models"),
        "route_build": share("banks that build their own large language models"),
        "route_buy": share("banks that buy access to large language models"),
        "route_union": share("banks that use large language models through the provincial union"),
        "route_alliance": share("banks that use large language models through an alliance"),
        "talent": Outcome("digital staff over all staff", "%", 0.0, 100.0),
        "data_asset": share("part of the bank's data that has become an asset"),
        "inclusive_share": Outcome("part of the market for inclusive loans", "%", 0.0, 100.0),
        "gini": Outcome("Gini coefficient of the index over banks", "1", 0.0, 1.0),
        "p90_p10": Outcome("index of the 90th over that of the 10th percentile of banks", "1", 0.0),
        "rural_city_gap": Outcome("mean of the six scores, rural minus city", "points", -100.0, 100.0),
        "vendor_hhi": Outcome("concentration (Herfindahl) of technology vendors", "1", 0.0, 1.0),
        "export_hhi": Outcome("concentration (Herfindahl) of large banks' technology export", "1", 0.0, 1.0),
        "union_dependence": share("part of capability that comes from the provincial union"),
        "core_periphery": Outcome("fit of a core-periphery structure to the partnership network", "1", -1.0, 1.0),
    }
    | {f"pain_{n}": Outcome(f"pain point {n}: {text}", "points", 0.0, 100.0) for n, text in enumerate(PAINS, 1)}
)
