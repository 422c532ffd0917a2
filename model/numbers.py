"""The numbers of the network and of the survey, named and typed; ``conf/network`` and ``conf/population`` hold them."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.column import Array


@dataclass(frozen=True, kw_only=True)
class NetworkNumbers:
    """Layers of partnership; the configuration says what each number means, in which unit and range."""

    active: bool
    rewired: bool
    neighbours: float
    long_ties: float
    renewal: float
    vendors: float
    vendor_quality: Array
    vendor_capacity: float
    export_capacity: float
    popularity: float
    quality_weight: float
    export_strength: float
    vendor_strength: float
    outage_loss: float
    union_start: float
    union_reference_members: float
    union_fit_loss: float
    union_productivity: float
    union_depreciation: float
    union_strength: float
    platform_strength: float
    platform_threshold: float


@dataclass(frozen=True, kw_only=True)
class SurveyNumbers:
    """The simulated survey; what differs by kind is a mapping of kinds, ``sample`` one of kinds and years."""

    items: float
    optimism: float
    style_spread: float
    instrument_spread: float
    instrument_loading: Mapping[str, float]
    instrument_own: Mapping[str, float]
    language_model_item_from: float
    sample: Mapping[str, Mapping[int, float]]
