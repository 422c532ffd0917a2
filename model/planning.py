"""The year's plan of every bank: budget, routes, division over dimensions, projects, and the chances of the year."""

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from agents import aspiration, budget, delivery, language_model, mandates, people, projects
from agents import honeycomb as h
from agents.allocation import Outlook
from agents.honeycomb import APPLICATION, DATA, TECHNOLOGY
from model import supervision
from model.calendar import FIRST_YEAR
from model.reduction import added, slabs
from model.start import REFERENCE_ASSETS

if TYPE_CHECKING:
    from model.system import BankingSystem

PICKS = 4  # projects a bank may start in one dimension and year; eight change nothing
ONE_PURSE_PICKS = 12
MOST_SPENT = (2.0, 2.0, 0.0, 1.0, 1.0, 2.0)  # of the need, on mandates and ties
FIRST_CLAIM = (1.0, 1.0, 0.0, 0.25, 0.25, 1.0)  # of a dimension's money, on mandates and ties
UNLOCKED = 0.7  # of the gain of what a system would let a foreseeing bank start
YEARS_RUN = 5.0  # years of running that a foreseeing bank counts against a project
GUIDED = (
    "goals", "committee", "evaluation", "risk_plan", "other_strategy", "department", "office", "coordination",
)  # fmt: skip
COORDINATED = ("coordination", "cocreation", "incentives", "background", "other_organization")
GOVERNED = ("posts", "quality", "data_centre", "other_data")
TRAINED = ("training", "background")


def plan(system: "BankingSystem") -> None:
    """Plan the year, in the order in which one decision stands on another.

    1. What is spent, from last year's books.
    2. How systems and language models are had, and at what price.
    3. What running and fees leave for change, and what localisation, compliance and policies take of it.
    4. How the rest is divided over the dimensions.
    5. Mandates and ties are funded, projects started, the rest rolls out what stands.
    6. The chances of the year as thresholds of its random words.
    """
    _set_spending(system)
    menu = _prices(system)
    free = _divide_spending(system, menu)
    rates = _climb_rates(system)
    _perceive(system, menu)
    _divide_change(system, menu, rates, free)
    _start_projects(system, menu)
    _set_chances(system, menu, rates)
    system.share_fees()
    system.fixed_outcomes = None


def _set_spending(system: "BankingSystem") -> None:
    p, years = system.p, system.years
    annual = 4.0 * system.revenue
    burden, ratio = system.charge / system.revenue, system.capital_ratio()
    strained = budget.strain(
        burden, system.loss_usual, p.burden, ratio, system.floor, p.capital_buffer, p.thin_capital
    )
    trend = budget.trend(p.ambition * p.keenness, p.ambition_end, years)
    aimed = budget.target(system.habit, system.revenue_start, annual, p.elasticity, trend, strained)
    aimed = aimed * (1.0 + system.lever("budget"))
    system.steady = budget.adjust(system.steady, aimed, p.adjustment)
    drawn = system.draws.normals(f"budget/{system.year}")
    system.spend = budget.falls_due(system.steady, drawn, p.lump_spread)
    own = slice(system.banks.size, None)  # a user's bank knows what falls due, and says so in its plan
    system.spend[own] = system.steady[own]
    system.staff_wanted = people.wanted(
        system.wanted, system.steady, system.spend_start, p.wage_growth, p.staff_elasticity, years
    )


def _prices(system: "BankingSystem") -> SimpleNamespace:
    """Price factors of the year: of own build, of packages, of language models; and how each is had."""
    p, lever, years = system.p, system.lever, system.years
    scale = system.assets_start / REFERENCE_ASSETS
    size = np.exp(p.price_scale * np.log(scale))
    own = size * p.price * np.exp(-p.price_fall * years)
    numbers, vendors = vars(p), (system.vendor >= 0).sum(0, dtype=np.int8)
    offers = delivery.offers(
        vendors,
        system.exporter >= 0,
        system.hub,
        system.allies,
        numbers,
        lever("integration_relief"),
        lever("hub_cost_relief"),
        lever("cost_sharing"),
    )
    factor, way = delivery.cheapest(offers)
    core, keen = lever("technology_cost_relief"), lever("productivity_gain")
    worth, burden, relief = supervision.clarity(system)
    launched = np.maximum(years - (p.model_launch - FIRST_YEAR), 0.0)
    price = p.price * burden * system.outside.model_price
    price = price * language_model.price_factor(p.model_price, p.model_halving, p.model_floor, launched)
    build = p.build_cost * system.outside.open_weights * np.exp(p.build_scale * np.log(scale))
    paid, route = language_model.cheapest(
        size,
        build,
        system.hub,
        system.allies,
        system.build_taste,
        numbers,
        system.outside.open_weights,
        system.own.closed() if system.own else None,
    )
    offered, packaged = paid < language_model.CLOSED, own * factor
    rented = price * np.where(offered, paid, build)  # a bank held to a route that is gone would build
    return SimpleNamespace(
        size=size,
        own=own,
        packaged=packaged,
        offers=offers,
        way=way,
        cheaper={TECHNOLOGY: (1.0 - core) * (1.0 - keen), APPLICATION: 1.0 - keen, DATA: 1.0},
        model=price * paid * relief,
        offered=offered,
        today=(np.stack([own, price * build]), np.stack([packaged, rented])),
        route=route,
        worth=worth,
        ceiling=delivery.ceiling(way, numbers, lever("lock_in"), lever("hub_fit_loss")),
    )


def _divide_spending(system: "BankingSystem", menu: SimpleNamespace) -> np.ndarray:
    """Run, then fees; of change, localisation, compliance and policies; returns what is left, million yuan a year."""
    p, lever = system.p, system.lever
    own, rented = _values(system, menu)
    own *= 1.0 - lever("run_cost_relief")
    need = budget.running_need(
        own, p.run_rate, p.run_cheaper, system.years, p.core_run, system.spend, system.steady
    )
    fees = rented * p.fee_rate
    most = system.own.budget(need, fees, menu) if system.own else p.run_most
    divided = budget.divide(system.spend, need, fees, most)
    system.run, system.fees, system.change, system.unpaid = divided
    system.claim = system.outside.claim * system.change
    system.compliance = p.compliance_share * (1.0 - lever("compliance_relief")) * system.change
    policy_cost = system.policies.bank_costs(system.quarter, system.change, system.users())
    system.policy_cost = np.minimum(policy_cost, 0.5 * system.change) + np.zeros_like(system.change)
    if system.own:
        system.own.duties()
    result: np.ndarray = np.maximum(
        system.change - system.claim - system.compliance - system.policy_cost, 0.0
    )
    return result


def _values(system: "BankingSystem", menu: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
    """What the systems that stand would cost today, million yuan: own ones, and those had from others."""
    p, bought = system.p, system.items.bought
    relief = system.lever("technology_cost_relief")
    own, rented = np.zeros(system.assets.shape), np.zeros(system.assets.shape)
    for d, block in system.items.blocks.items():
        mine: np.ndarray | float = 0.0
        theirs: np.ndarray | float = 0.0
        for some in slabs(block.stop - block.start, own.size):
            rung, owned = system.rung[bought][block][some], system.way[block][some] == h.OWN
            stage = ((rung > 0) + (rung > 1) * p.mature_value) * system.list_price[block][some]
            model = system.is_model[block][some, 0, 0].view(np.int8)
            mine = added(mine, stage * owned * menu.today[0][model])
            theirs = added(theirs, stage * ~owned * menu.today[1][model])
        own += mine * (1.0 - relief) if d == TECHNOLOGY else mine
        rented += theirs
    return own, rented


def _special(system: "BankingSystem") -> dict[str, np.ndarray | float]:
    """What an item's hazard hangs on besides attention, money and rivals: partners, open data, the union, policies."""
    rung, at, lever = system.rung, system.items.at, system.lever
    governed = 0.5 + 0.25 * (rung[at["posts"]] + rung[at["quality"]])
    openness = system.openness.sum(0) / 3.0
    vendors = (system.vendor >= 0).sum(0, dtype=np.int8)
    partners = vendors + (system.exporter >= 0) + np.minimum(system.allies, 3)
    company = 0.35 + 0.35 * partners
    entry = 1.0 / (1.0 - lever("entry_cost_relief"))
    special: dict[str, np.ndarray | float] = {
        "government": openness / 0.55 * governed,
        "market": (0.3 + 0.7 * openness / 0.55) * governed,
        "livelihood": (0.5 + 0.5 * openness / 0.55) * entry * system.crowding("livelihood"),
        "industry": company,
        "third_party": company * entry * system.crowding("third_party"),
        "scenes": (0.6 + 0.2 * partners) * entry * system.crowding("scenes"),
        "fintech": 0.2 + 0.55 * vendors,
        "other_ecosystem": 0.4 + 0.3 * partners,
        "union": 2.0 * system.hub,
        "elder_access": entry,
    }
    for names, field, times in (
        (GUIDED, "guidance", 1.0),
        (COORDINATED, "coordination_gain", 1.0),
        (GOVERNED, "governance_gain", 1.0),
        (TRAINED, "training", 3.0),
    ):
        if isinstance(lever(field), np.ndarray):
            for name in names:
                special[name] = special.get(name, 1.0) * (1.0 + times * lever(field))
    return special


def _climb_rates(system: "BankingSystem") -> np.ndarray:
    """Rungs a year of mandates, ties and the localisation claim at normal money, float32 (I, M, R)."""
    f, items, real = system.f, system.items, system.real
    part, rung = items.climbed, system.rung
    organised = mandates.organised(rung[items.at["coordination"]], rung[items.at["evaluation"]])
    least, slope = system.p.attention_least, system.p.attention_slope
    wish = aspiration.attention(system.aspiration, system.like, system.drive, organised, least, slope)
    wish = wish.astype(real)
    wish *= real(1) + f.spillover * system.network.lead(system.climbed())
    where = items.dimension[part]
    rates = np.empty(rung[part].shape, real)
    for some in slabs(len(rates), rates[0].size):
        rates[some] = mandates.climb_rates(
            wish[where[some]],
            system.hazards[some],
            system.pull[part][some],
            rung[part][some],
            f.mature_factor,
        )
    for name, factor in _special(system).items():
        rates[items.at[name]] *= factor
    duty = items.at["localisation"]
    paid = system.claim / np.maximum(system.change, 1e-9)
    mature = np.where(rung[duty] == 0, 1.0, system.p.mature_factor)
    rates[duty] = system.p.h_claim * items.ease[duty] * paid * mature
    return rates


def _perceive(system: "BankingSystem", menu: SimpleNamespace) -> None:
    """What each system costs the bank and what the bank sees in it; 0 where it cannot be started."""
    p, f, items, real = system.p, system.f, system.items, system.real
    bought = items.bought
    menu.rung, menu.base = system.rung[bought], system.rung[items.base]
    menu.factor = np.stack([menu.own, menu.packaged, menu.model])
    models = [_costs(system, menu, slice(k, k + 1))[0][0] for k in system.model_rows]
    system.model_price = np.where(system.year >= p.model_launch, np.minimum.reduce(models), np.nan)
    gain: np.ndarray = system.worth.astype(real)
    gain[system.model_rows] *= (p.model_taste * menu.worth).astype(real)
    menu.data = _outside_data(system)
    for k, data in menu.data.items():  # open data make a system's use worth more (H008)
        gain[k] *= real(0.5) + real(0.8) * data
    can = projects.can_start(menu.rung, system.left, system.relevant[bought], menu.base, system.needs_nothing)
    can[system.model_rows] &= _decided(system)
    if system.rule.foresees:
        gain = projects.unlocked(gain, menu.rung, items.base - bought.start, 0, UNLOCKED)
        gain /= (1 + YEARS_RUN * f.run_rate) / (1 - f.fail)
    else:
        gain *= system.pull[bought]
    for kind, rows in zip(system.kinds, system.kind_rows, strict=True):
        if kind.overrides("benefit"):
            gain[:, rows] = kind.benefit(gain[:, rows])
    cheap = (1.0 / menu.factor).astype(real)
    for some in slabs(len(gain), gain[0].size):
        gain[some] *= cheap[system.price_class[some]]
        gain[some] *= can[some] / system.list_price[some].astype(real)
    for d, cut in menu.cheaper.items():
        if isinstance(cut, np.ndarray):
            gain[items.blocks[d]] /= cut.astype(real)
    menu.ratio = gain
    menu.team = people.teams(system.staff, system.assets_start, p.assets_a_head, p.on_projects)
    menu.team = menu.team * (1.0 + 0.3 * system.lever("training"))
    menu.free = np.maximum(1.2 * menu.team - _at_work(system, menu), 0.0)


def _decided(system: "BankingSystem") -> np.ndarray:
    """Which banks have decided for language models: by now, by a place under supervision, or by having one."""
    p = system.p
    years = np.maximum(system.years - (p.model_launch - FIRST_YEAR) + 1.0, 0.0)
    willing = language_model.decided(system.resolve, p.model_decision, years + p.model_head_start)
    willing |= system.participant
    result: np.ndarray = (years > 0) & (willing | (system.model_route != h.WAIT))
    return result


def _at_work(system: "BankingSystem", menu: SimpleNamespace) -> np.ndarray:
    """Person-years a year that projects under way take."""
    taken: np.ndarray | float = 0.0
    for some in slabs(len(system.left), menu.size.size):
        taken = added(taken, system.crew[some] * (system.left[some] > 0))
    result: np.ndarray = taken * menu.size
    return result


def _outside_data(system: "BankingSystem") -> dict[int, np.ndarray]:
    """Openness of the public data that each system feeds on, 0-1, by its place among the systems."""
    data = system.openness.astype(system.real)
    means = {sets: sum(data[s] for s in sets) / system.real(len(sets)) for sets in set(system.fed.values())}
    return {k: means[sets] for k, sets in system.fed.items()}


def _divide_change(
    system: "BankingSystem", menu: SimpleNamespace, rates: np.ndarray, free: np.ndarray
) -> None:
    """Divide the year's money by the rule under study, fund mandates and ties, keep the rest for projects."""
    p, items = system.p, system.items
    need = system.climbing_items[:, None, None] * (p.need_money * menu.size)
    climbing, yielding = np.zeros(system.shares.shape), np.zeros(system.shares.shape)
    if system.rule.foresees:
        for j in range(items.climbed.stop):
            item = items.items[j]
            climbing[item.dimension] += rates[j] * (system.rung[j] < item.rungs) * system.points[j]
        for d, block in items.blocks.items():
            number = np.maximum(np.add.reduce((menu.ratio[block] > 0).view(np.int8), 0), 1)
            yielding[d] = np.add.reduce(menu.ratio[block], 0, dtype=float) / number
    outlook = Outlook(
        shares=system.shares,
        plan=system.plan_shares,
        score=system.like,
        aspiration=system.aspiration,
        gained=system.gained,
        focus=system.focus,
        squeeze=np.log(system.revenue / system.assets) - system.rate_start,
        change=free,
        need=need,
        climbing=climbing,
        yielding=yielding,
        idle=system.idle,
        blocked=system.blocked,
        experience=system.experience,
        drawn=system.share_draws(),
        search=p.search,
        tilt=p.squeeze,
        memory=p.memory,
        sensitivity=p.sensitivity,
    )
    system.shares = system.divided(outlook)
    # what is committed is paid first
    kept = np.where(system.purse > 0.0, p.carry * system.purse, system.purse)
    system.lapsed = system.purse - kept
    money = system.shares * free + kept
    if system.own:
        money = money + system.own.extra() * free
    most = need * np.array(MOST_SPENT)[:, None, None]
    open_money = np.maximum(money - system.own.set_aside(money) if system.own else money, 0.0)
    spent = np.minimum(open_money, most)
    spent = np.minimum(spent, open_money * np.array(FIRST_CLAIM)[:, None, None])
    menu.money, menu.need, menu.spent = money, need, spent
    system.purse = money - spent


def _start_projects(system: "BankingSystem", menu: SimpleNamespace) -> None:
    """Start projects from each dimension's purse, or from one purse; what is left rolls out what has begun."""
    p, items, purse = system.p, system.items, system.purse
    own = system.own
    planned = own.begin(menu) if own else None
    blocks, picks, ratio = dict(items.blocks), PICKS, menu.ratio
    if system.rule.one_purse:
        purse[TECHNOLOGY] += purse[APPLICATION] + purse[DATA]
        purse[APPLICATION : DATA + 1] = 0.0
        blocks, picks = {TECHNOLOGY: slice(0, len(system.left))}, ONE_PURSE_PICKS
        hours = np.maximum(purse[TECHNOLOGY], 0.0) / np.maximum(menu.free, 1e-3)
        cost, work = _costs(system, menu, slice(0, len(ratio)))
        ratio = (ratio * (cost / (cost + work * hours))).astype(system.real)
    system.started[:] = False
    stretch = np.broadcast_to(p.stretch, menu.size.shape).ravel()
    for d, block in blocks.items():
        cost, work = _costs(system, menu, block)
        costs, ratios, works = (one.reshape(len(cost), -1) for one in (cost, ratio[block], work))
        begun, money, people_free = projects.choose(
            costs, ratios, works, purse[d].ravel(), menu.free.ravel(), picks, stretch
        )
        system.started[block] = begun.reshape(cost.shape)
        if own:
            own.paid_models += (cost * system.started[block] * system.is_model[block])[:, own.rows].sum(0)
        purse[d], menu.free = money.reshape(purse[d].shape), people_free.reshape(menu.free.shape)
    if planned is not None:
        system.started |= planned
    _sign(system, menu)
    if own and planned is not None:
        own.sign(menu, planned)
    begun = system.started[system.model_rows].any(0) & (system.model_route == h.WAIT)
    system.model_route = np.where(begun, menu.route, system.model_route)
    if system.rule.one_purse:  # what projects cannot use goes to mandates and ties
        whole = menu.need[0] + menu.need[1] + menu.need[2] + menu.need[3] + menu.need[4] + menu.need[5]
        spare = np.maximum(purse[TECHNOLOGY], 0.0) / whole * menu.need
        extra = np.minimum(spare, np.maximum(2.0 * menu.need - menu.spent, 0.0))
        menu.spent = menu.spent + extra
        purse[TECHNOLOGY] -= extra[0] + extra[1] + extra[2] + extra[3] + extra[4] + extra[5]
    system.fund = mandates.funded(menu.spent, menu.need)
    _roll_out(system, menu, blocks)
    left = np.maximum(purse, 0.0) / np.maximum(np.maximum(menu.money, 0.0), 1e-9)
    want = np.zeros(purse.shape, bool)
    for d, block in items.blocks.items():
        want[d] = ((ratio[block] > 0) & ~system.started[block]).any(0)
    left = np.minimum(left, 1.0)
    system.idle, system.blocked = np.where(want, 0.0, left), np.where(want, left, 0.0)
    system.paid = menu.money - purse
    system.load = _at_work(system, menu)


def _costs(system: "BankingSystem", menu: SimpleNamespace, block: slice) -> tuple[np.ndarray, np.ndarray]:
    """Million yuan and person-years of a block's systems, (B, M, R)."""
    cost = menu.factor[system.price_class[block]]
    cost *= system.list_price[block]
    for d, part in system.items.blocks.items():
        cut, inside = menu.cheaper[d], slice(max(part.start, block.start), min(part.stop, block.stop))
        if isinstance(cut, np.ndarray) and inside.start < inside.stop:
            cost[inside.start - block.start : inside.stop - block.start] *= cut
    return cost, menu.size * system.crew[block]


def _sign(system: "BankingSystem", menu: SimpleNamespace) -> None:
    """Set how each started system is had and how long it takes; packages and pilots are a quarter quicker."""
    begun = np.flatnonzero(system.started)
    k, place = np.divmod(begun, menu.size.size)
    own, model = system.own_only.ravel()[k], system.is_model.ravel()[k]
    way, model_way = menu.way.ravel()[place], system.way_of_route[menu.route.ravel()[place]]
    had = np.where(own, np.int8(h.OWN), np.where(model, model_way, way))
    quick = (had != h.OWN) + (system.participant.ravel()[place] & model).view(np.int8)
    system.left.reshape(-1)[begun] += np.maximum(system.duration.ravel()[k] - quick, 1)
    system.way.reshape(-1)[begun] = had


def _roll_out(system: "BankingSystem", menu: SimpleNamespace, blocks: dict[int, slice]) -> None:
    """Money that is left after projects rolls out what has begun: the speed at which upper rungs ripen."""
    p, items, purse, rung = system.p, system.items, system.purse, menu.rung
    menu.open_to = (rung > 0) & (rung < system.bought_top) & system.relevant[items.bought]
    menu.open_to &= system.needs_nothing | (menu.base > rung * system.strict)
    menu.rolled = {}
    for d, block in blocks.items():
        need: np.ndarray | float = 0.0
        for dimension, part in ({d: block} if len(blocks) > 1 else items.blocks).items():
            value: np.ndarray | float = 0.0
            for some in slabs(part.stop - part.start, menu.size.size):
                value = added(value, menu.open_to[part][some] * system.price_list[part][some])
            need = need + p.roll_out * menu.size * value * menu.cheaper[dimension]
        paid = np.minimum(np.maximum(purse[d], 0.0), 2.0 * need)
        menu.rolled[d] = (2.0 * paid / np.maximum(paid + need, 1e-6)).astype(system.real)
        purse[d] -= paid


def _set_chances(system: "BankingSystem", menu: SimpleNamespace, rates: np.ndarray) -> None:
    """Yearly chances as 16-bit thresholds: up, down, and of a project that works."""
    p, items, real = system.p, system.items, system.real
    bought, word = items.bought, system.word
    fund = system.fund.astype(real)
    fund[TECHNOLOGY] = 1
    system.up = np.empty(rates.shape, np.uint16)
    for some in slabs(len(rates), rates[0].size):
        speed = np.minimum(rates[some] * fund[items.dimension[items.climbed][some]], real(0.9))
        np.invert(mandates.as_word(speed), out=system.up[some])
    lost = np.stack([loss + np.zeros(system.unpaid.shape) for loss in (p.loss_mandate, p.loss_tie)])
    system.down = mandates.as_word(lost)[system.ties]
    loss = p.loss_system * system.outside.ageing + p.loss_unpaid * system.unpaid
    system.down_bought = mandates.as_word(loss)
    fail = p.fail * (1.3 - 0.2 * system.rung[items.at["coordination"]])
    fail = fail * (1.0 - system.lever("productivity_gain"))
    tail = np.where(system.participant, system.lever("failure_tail"), 0.0)
    system.works = word[bought] >= mandates.as_word(fail)
    system.works[system.model_rows] = word[bought][system.model_rows] >= mandates.as_word(fail + tail)
    system.ripe = ~(mandates.as_word(_ripening(system, menu)) * menu.open_to)
    system.hub_threshold = ~mandates.as_word(np.minimum(p.hub_delivery * system.hub, 0.9))
    if system.own:
        system.own.set_chances()


def _ripening(system: "BankingSystem", menu: SimpleNamespace) -> np.ndarray:
    """Upper rungs a year of systems in use, at most 0.9; of type ``real`` (B, M, R)."""
    p, f, real = system.p, system.f, system.real
    bought = system.items.bought
    team = np.sqrt(np.minimum(menu.team / (p.crew * menu.size * 10.0), 2.0))
    pace = (team * (0.55 + 0.3 * system.rung[system.items.at["coordination"]])).astype(real)
    rate = np.empty(menu.rung.shape, real)
    ease = system.bought_ease.astype(real)
    whole = {TECHNOLOGY: slice(0, len(rate))}  # of one purse
    for d, block in (system.items.blocks if len(menu.rolled) > 1 else whole).items():
        np.multiply(f.h_ripe, ease[block], out=rate[block])
        rate[block] *= menu.rolled[d] * pace
    # unclear rules hold back the roll-out of language models, too little open data that of what feeds on them
    clear = f.model_ripening * menu.worth.astype(real)
    for k in system.model_rows:
        rate[k] *= clear
    for k, data in menu.data.items():
        rate[k] *= real(0.55) + real(0.9) * data
    lifted = None
    if system.hub_gain.any():  # what the union's platform carries reaches its members
        lifted = (p.hub_ripening * system.hub_gain * (1.0 - system.lever("hub_fit_loss"))).astype(real)
    ceiling = menu.ceiling.astype(real)
    for some in slabs(len(rate), rate[0].size):
        owned = system.way[some] == h.OWN
        rate[some] *= owned + ~owned * ceiling  # only what is had from others ripens less
        rate[some] *= system.pull[bought][some]
        if lifted is not None:
            rate[some] += system.is_shared[some] * lifted
    result: np.ndarray = np.minimum(rate, real(0.9), out=rate)
    return result
