"""The numbers that banks decide by, named and typed; ``conf/behaviour`` and ``conf/banks`` hold them.

A number is a float, or an array (R, 1) where replicates or scenarios differ in it; one by dimension, role or route is
(components, 1, 1), or (components, R, 1). The configuration says what each means, in which unit and range.
"""

from dataclasses import dataclass

from agents.column import Array, Number


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What all banks have in common."""

    productivity: Number
    dimension_productivity: Array
    returns_exponent: Number
    depreciation: Number
    complementarity: Number
    absorption_half: Number
    talent_cap: Number
    talent_half: Array
    neglect: Number
    capability_shock: Number
    frontier_growth: Array
    capability_spread: Number
    common_spread: Number
    own_spread: Number
    indicator_spread: Number
    residual_interest: Number
    smallest_share: Number
    aspiration_own: Number
    aspiration_peers: Number
    search: Number
    imitation: Number
    top_share: Number
    experimentation: Number
    memory: Number
    foregone: Number
    sensitivity: Number
    effort_cost: Number
    reference_assets: Number
    effort_inflation: Number
    effort_scale: Number
    run_rate: Number
    run_cap: Number
    revenue_elasticity: Number
    loss_pass_through: Number
    capital_weight: Number
    catch_up: Number
    spend_drift: Number
    spend_drift_years: Number
    substitution: Number
    data_value: Number
    benefit_speed: Number
    own_data: Number
    conversion: Number
    data_openness_effect: Number
    initial_data_asset: Number
    contest_sensitivity: Number
    volume_pass_through: Number
    creaming: Number
    risk_effect: Number
    workout_effect: Number
    regulatory_wedge: Number
    spillover: Number
    congestion: Number
    wish_slope: Number
    vendor_trust: Number
    export_trust: Number
    alliance_trust: Number
    alliance_cost: Number
    trust_per_link: Number
    integration_cost: Number
    vendor_price: Number
    export_price: Number
    alliance_price: Number
    union_price: Number
    fee_cap: Number
    first_tier_pull: Number
    hiring: Number
    knowledge_lost: Number
    staff_elasticity: Number
    training: Number
    launch_cost: Number
    halving_years: Number
    threshold_dispersion: Number
    route_review: Number
    buy_cost: Number
    union_cost: Number
    alliance_saving: Number
    alliance_sharing: Number
    hub_threshold: Number
    instalment_speed: Number
    instalment_limit: Number
    maturing_speed: Number
    pilot_share: Number
    route_ceiling: Array


@dataclass(frozen=True, kw_only=True)
class Traits(Behaviour):
    """What each kind has of its own; the numbers of one kind alone stand beside its class, in ``agents.bank_kinds``."""

    asset_growth: Number
    growth_floor: Number
    earning_share: Number
    fee_rate: Number
    cost_ratio: Number
    tax_rate: Number
    payout: Number
    digital_return: Number
    loan_share: Number
    bad_loans_start: Number
    bad_loan_inflow: Number
    disposal: Number
    recovery: Number
    coverage_start: Number
    coverage_target: Number
    provisioning_speed: Number
    capital_start: Number
    capital_floor: Number
    capital_buffer: Number
    risk_weight: Number
    compliance_share: Number
    inclusive_market: Number
    inclusive_weight: Number
    spend_ratio: Number
    spend_spread: Number
    staff: Array
    staff_spread: Number
    attrition: Number
    priority: Array
    habit: Array
    plan: Array
    route_preference: Array
    initial_capability: Array
