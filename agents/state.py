"""Everything that a bank is: its states, each with unit and meaning, in one table."""

from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple, get_type_hints

import numpy as np

from agents.items import ItemTable


class State(NamedTuple):
    """Components (a number, ``items`` or ``bought``), type, unit and meaning of a state."""

    components: int | str
    dtype: Any
    unit: str
    meaning: str


F, B, I8 = np.float64, np.bool_, np.int8
MY = "million yuan"
Rows = np.ndarray  # (components, banks, rows), or (banks, rows)


class BankStates:
    """Every state of a bank: a column of the model, (components, banks, rows) or (banks, rows)."""

    # fmt: off
    # the questionnaire
    rung: Annotated[Rows, State("items", I8, "rungs", "rung of every item of the questionnaire")]
    left: Annotated[Rows, State("bought", I8, "quarters", "work left on a project; 0 for no project")]
    way: Annotated[Rows, State("bought", I8, "index", "how a system is had (own, vendor, export, union, alliance)")]
    dims: Annotated[Rows, State(6, F, "0-100", "true dimension scores by the edition of the year")]
    like: Annotated[Rows, State(6, F, "0-100", "dimension scores like for like: items of the first edition")]
    gained: Annotated[Rows, State(6, F, "points", "gain of the like-for-like scores over the last year")]
    aspiration: Annotated[Rows, State(6, F, "0-100", "score the bank expects of itself")]
    # money
    assets: Annotated[Rows, State(0, F, MY, "total assets")]
    bad_loans: Annotated[Rows, State(0, F, MY, "non-performing loans")]
    provisions: Annotated[Rows, State(0, F, MY, "loan loss provisions")]
    capital: Annotated[Rows, State(0, F, MY, "regulatory capital")]
    revenue: Annotated[Rows, State(0, F, f"{MY} a quarter", "operating revenue")]
    costs: Annotated[Rows, State(0, F, f"{MY} a quarter", "operating cost without technology")]
    charge: Annotated[Rows, State(0, F, f"{MY} a quarter", "charge for loan losses")]
    defaulted: Annotated[Rows, State(0, F, f"{MY} a quarter", "loans that turned bad")]
    disposed: Annotated[Rows, State(0, F, f"{MY} a quarter", "bad loans worked out or written off")]
    written_off: Annotated[Rows, State(0, F, f"{MY} a quarter", "bad loans written off against provisions")]
    profit: Annotated[Rows, State(0, F, f"{MY} a quarter", "profit after tax")]
    dividend: Annotated[Rows, State(0, F, f"{MY} a quarter", "profit paid out")]
    issued: Annotated[Rows, State(0, F, f"{MY} a quarter", "capital raised from outside")]
    fee_income: Annotated[Rows, State(0, F, f"{MY} a quarter", "received for exported technology")]
    market: Annotated[Rows, State(0, F, "share of the market", "share of inclusive small-firm loans")]
    cost_skill: Annotated[Rows, State(0, F, "0-1", "realised operating skill")]
    risk_skill: Annotated[Rows, State(0, F, "0-1", "realised risk skill")]
    market_skill: Annotated[Rows, State(0, F, "0-1", "realised skill in winning clients")]
    revenue_skill: Annotated[Rows, State(0, F, "0-1", "realised skill in earning")]
    # technology spending, a year
    spend: Annotated[Rows, State(0, F, f"{MY} a year", "technology spending")]
    steady: Annotated[Rows, State(0, F, f"{MY} a year", "technology spending but for what falls due in the year")]
    run: Annotated[Rows, State(0, F, f"{MY} a year", "part that keeps own systems running")]
    fees: Annotated[Rows, State(0, F, f"{MY} a year", "part that pays for systems had from others")]
    change: Annotated[Rows, State(0, F, f"{MY} a year", "part that is free for change")]
    claim: Annotated[Rows, State(0, F, f"{MY} a year", "part of change claimed by localisation")]
    compliance: Annotated[Rows, State(0, F, f"{MY} a year", "part of change spent on compliance")]
    policy_cost: Annotated[Rows, State(0, F, f"{MY} a year", "part of change the bank pays for policies it uses")]
    unpaid: Annotated[Rows, State(0, F, "0-1", "part of the running need that spending does not cover")]
    shares: Annotated[Rows, State(6, F, "share", "division of project money over the dimensions")]
    purse: Annotated[Rows, State(6, F, MY, "money kept for a project; below 0 what is committed beyond the year")]
    paid: Annotated[Rows, State(6, F, f"{MY} a year", "paid for projects, roll-out, mandates and ties by dimension")]
    lapsed: Annotated[Rows, State(6, F, f"{MY} a year", "money of last year not kept")]
    fund: Annotated[Rows, State(6, F, "1", "speed that money buys for mandates and ties")]
    idle: Annotated[Rows, State(6, F, "0-1", "part of the money that found nothing to buy")]
    blocked: Annotated[Rows, State(6, F, "0-1", "part of the money that was too little to buy with")]
    experience: Annotated[Rows, State(6, F, "1", "learned attraction of each dimension")]
    # people and partners
    staff: Annotated[Rows, State(3, F, "share of staff", "technologists, data people, composite people")]
    clock: Annotated[Rows, State(0, F, "quarters", "progress toward projects' next quarter; people short slow it")]
    vendor: Annotated[Rows, State(3, I8, "index", "fintech vendors, -1 for a free slot")]
    exporter: Annotated[Rows, State(0, I8, "index", "large bank that exports technology to this bank, -1 for none")]
    allies: Annotated[Rows, State(0, I8, "banks", "alliances in force")]
    hub: Annotated[Rows, State(0, F, "0-1", "level of the union's platform; 0 without a union")]
    model_route: Annotated[Rows, State(0, I8, "index", "route to language models (wait, build, buy, union, alliance)")]
    participant: Annotated[Rows, State(0, B, "yes or no", "has had a place under inclusive supervision")]
    active: Annotated[Rows, State(0, B, "yes or no", "not merged into another bank")]
    # what it is by birth and place
    openness: Annotated[Rows, State(3, F, "0-1", "openness of public data (tax, social security, utilities)")]
    habit: Annotated[Rows, State(0, F, "share of revenue", "its own habit of technology spending")]
    drive: Annotated[Rows, State(0, F, "1", "how much the board wants digital work")]
    focus: Annotated[Rows, State(6, F, "1", "weight of each dimension in its strategy, mean 1")]
    worth: Annotated[Rows, State("bought", np.float32, "points", "own value of the first rung of each system")]
    relevant: Annotated[Rows, State("items", B, "yes or no", "whether the bank needs the item at all")]
    margin_own: Annotated[Rows, State(0, F, "percentage points", "its margin less its group's")]
    bad_own: Annotated[Rows, State(0, F, "1", "its bad-loan ratio over its group's")]
    capital_own: Annotated[Rows, State(0, F, "percentage points", "capital ratio it aims at less its group's")]
    resolve: Annotated[Rows, State(0, F, "0-1", "its place in the order in which banks decide for language models")]
    build_taste: Annotated[Rows, State(0, F, "1", "factor on the price it sees in building its own language model")]
    wanted: Annotated[Rows, State(3, F, "share of staff", "people it wanted at the start")]
    assets_start: Annotated[Rows, State(0, F, MY, "assets at the start, with those of banks it took over")]
    revenue_start: Annotated[Rows, State(0, F, f"{MY} a year", "revenue at the start")]
    spend_start: Annotated[Rows, State(0, F, f"{MY} a year", "technology spending at the start")]
    market_start: Annotated[Rows, State(0, F, "share of the market", "share of inclusive loans at the start")]
    revenue_before: Annotated[Rows, State(2, F, f"{MY} a year", "revenue of the last two years")]
    # fmt: on


STATES: Final = MappingProxyType(
    {name: hint.__metadata__[0] for name, hint in get_type_hints(BankStates, include_extras=True).items()}
)


def allocate(items: ItemTable, banks: int, rows: int) -> dict[str, np.ndarray]:
    """Zeros for every state, shape (components, banks, rows) or (banks, rows); replicates are fastest in memory."""
    sizes = {"items": len(items), "bought": items.bought.stop - items.bought.start}
    columns = {}
    for name, state in STATES.items():
        number = state.components if isinstance(state.components, int) else sizes[state.components]
        shape = (number, banks, rows) if number else (banks, rows)
        columns[name] = np.zeros(shape, dtype=state.dtype)
    return columns
