"""Everything that a bank is: its states, each with unit and meaning, in one table."""

from agents.column import Column


class BankState:
    """The states of a bank; ``agents.column`` says how they are stored."""

    # what it owns and owes
    assets = Column(unit="yuan", meaning="total assets")
    loans = Column(unit="yuan", meaning="loans, bad loans included")
    bad_loans = Column(unit="yuan", meaning="non-performing loans")
    provisions = Column(unit="yuan", meaning="loan loss provisions")
    capital = Column(unit="yuan", meaning="regulatory capital")
    inclusive_share = Column(unit="share of the market", meaning="share of inclusive small-firm loans")
    application_initial = Column(unit="0-1", meaning="application capability at the start")
    inclusive_initial = Column(
        unit="share of the market", meaning="share of inclusive small-firm loans at the start"
    )
    share_lost = Column(
        unit="1/year", meaning="relative loss of inclusive market share over the last quarter, a year"
    )

    # flows of the quarter
    effort_cost = Column(
        unit="yuan/year", meaning="cost of one unit of technology effort at the bank's first size"
    )
    revenue = Column(unit="yuan/quarter", meaning="operating revenue")
    lent = Column(unit="yuan/quarter", meaning="new loans, net of repayments")
    defaulted = Column(unit="yuan/quarter", meaning="loans that turned bad")
    disposed = Column(unit="yuan/quarter", meaning="bad loans worked out or written off")
    written_off = Column(unit="yuan/quarter", meaning="bad loans written off against provisions")
    loss_charge = Column(unit="yuan/quarter", meaning="charge for loan losses")
    profit = Column(unit="yuan/quarter", meaning="profit after tax")
    dividend = Column(unit="yuan/quarter", meaning="profit paid out")
    recapitalised = Column(unit="yuan/quarter", meaning="capital injected from outside at the floor")
    budget = Column(unit="yuan/quarter", meaning="technology spending")
    run = Column(unit="yuan/quarter", meaning="part of the budget that keeps systems running")
    run_unpaid = Column(unit="yuan/quarter", meaning="running need that the budget did not cover")
    change = Column(unit="yuan/quarter", meaning="part of the budget that is free for change")
    compliance = Column(unit="yuan/quarter", meaning="part of the change budget spent on compliance")
    policy_cost = Column(
        unit="yuan/quarter", meaning="part of the change budget the bank pays for policies it takes up"
    )
    vendor_fee = Column(unit="yuan/quarter", meaning="paid to the fintech vendor")
    export_fee = Column(unit="yuan/quarter", meaning="paid to the large bank that exports technology")
    alliance_fee = Column(unit="yuan/quarter", meaning="paid into alliances")
    union_fee = Column(unit="yuan/quarter", meaning="paid to the provincial union")
    fee_income = Column(unit="yuan/quarter", meaning="received for exported technology")
    language_model_spending = Column(unit="yuan/quarter", meaning="paid on the route to language models")
    projects = Column(unit="yuan/quarter", meaning="spent on building the six dimensions")

    # decisions
    spend_ratio = Column(
        unit="share of revenue", meaning="technology spending over revenue planned for the year"
    )
    allocation = Column(6, unit="share", meaning="division of project spending over the dimensions")
    emphasis = Column(18, unit="1", meaning="relative pull of each indicator within its dimension")
    route = Column(unit="index", meaning="route to large language models (wait, build, buy, union, alliance)")
    commitment = Column(unit="yuan", meaning="still to be paid on the route to language models")
    route_price = Column(unit="yuan", meaning="price of the route to language models when it was taken")
    vendor = Column(unit="index", meaning="fintech vendor, -1 for none")
    provider = Column(unit="index", meaning="large bank that exports technology to this bank, -1 for none")

    # capabilities and people
    indicators = Column(18, unit="0-1", meaning="capability relative to the frontier, by indicator")
    dimensions = Column(6, unit="0-1", meaning="capability relative to the frontier, mean by dimension")
    last_dimensions = Column(6, unit="0-1", meaning="capability by dimension at the last planning date")
    staff = Column(3, unit="share of staff", meaning="technologists, data people, composite people")
    data_asset = Column(unit="0-1", meaning="data that has become an asset")
    benefit = Column(unit="0-1", meaning="digital value realised so far, behind the value built")

    # what moves its decisions
    aspiration = Column(unit="0-1", meaning="performance the bank expects of itself")
    performance = Column(unit="0-1", meaning="capability weighted by the bank's strategic focus")
    attraction = Column(6, unit="1", meaning="learned attraction of each dimension")
    experience = Column(unit="1", meaning="weight of past experience in learning")

    # what it is given: by birth, by place, by others
    weights = Column(6, unit="share", meaning="what its strategic focus makes of each dimension")
    habitual = Column(6, unit="share", meaning="division of spending it started with")
    written_plan = Column(6, unit="share", meaning="division of spending it has written down")
    habit_ratio = Column(unit="share of revenue", meaning="its own habit of technology spending")
    reference_rate = Column(unit="1/year", meaning="revenue over assets at the start")
    reference_loss = Column(unit="share of revenue", meaning="loss charge over revenue at the start")
    wanted_staff = Column(3, unit="share of staff", meaning="people it would employ by role")
    regional_pull = Column(unit="1", meaning="factor on attrition from the province's labour market")
    margin = Column(unit="percent", meaning="net interest margin of the bank's group")
    openness = Column(unit="0-1", meaning="openness of public data in the bank's province")
    peer_performance = Column(unit="0-1", meaning="mean performance of its kind")
    best_practice = Column(6, unit="share", meaning="mean allocation of the best of its kind")
    outage = Column(unit="1/quarter", meaning="capability that a failed vendor takes along")
    offered = Column(6, unit="1/quarter", meaning="capability offered by partners, the hub and exporters")
    hub_level = Column(unit="0-1", meaning="capability of the provincial union's platform, 0 without a union")
    congestion = Column(unit="1", meaning="factor on ecosystem building where many build alike")
    links = Column(unit="links", meaning="alliances in force")
    shock = Column(6, unit="standard normal", meaning="chance in building, by dimension")
    experiment = Column(6, unit="standard normal", meaning="chance in allocation, by dimension")
    route_draw = Column(unit="0-1", meaning="draw of the language-model review")
    failure_draw = Column(unit="0-1", meaning="draw of a failed pilot")
