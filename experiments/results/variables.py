"""What each dimension and each outcome means, in which unit and range."""

from types import MappingProxyType
from typing import Any, Final

from model.outcomes import OUTCOMES

DIMENSION_MEANINGS: Final = MappingProxyType(
    {
        "strategy": "planning, coordinated execution and strategic risk management of the digital strategy",
        "organization": "organisational structure, supply of talent, appraisal and incentives",
        "technology": "investment in technology and progress of innovation",
        "application": "digital credit, internal automation, risk management and new technology",
        "data": "governance, use and security of data",
        "ecosystem": "data sharing, platform cooperation and technical collaboration",
        "index": "mean of the six dimension scores",
    }
)

# The range that a unit implies; a unit that is not listed here is open on both sides.
RANGES: Final = MappingProxyType(
    {
        "points": (0.0, 100.0),
        "0-100": (0.0, 100.0),
        "0-1": (0.0, 1.0),
        "share of banks": (0.0, 1.0),
        "percent of the market": (0.0, 100.0),
        "percent of partner fees": (0.0, 100.0),
        "percent of staff": (0.0, 100.0),
        "percent of bad loans": (0.0, None),
        "percent of loans": (0.0, 100.0),
        "percent of revenue": (0.0, None),
        "percent of budget": (0.0, None),
        "ratio": (0.0, None),
        "partners": (0.0, None),
    }
)


def variable(name: str) -> dict[str, Any]:
    """Describe a dimension, the index or an outcome: meaning, unit and range, None where a side is open."""
    if name in DIMENSION_MEANINGS:
        unit, meaning = "points", DIMENSION_MEANINGS[name]
    else:
        unit, meaning = OUTCOMES.get(name, ("", ""))
    low, high = (-100.0, 100.0) if name == "rural_city_gap" else RANGES.get(unit, (None, None))
    return {"name": name, "meaning": meaning, "unit": unit, "low": low, "high": high}
