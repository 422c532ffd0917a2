"""Tables of costs: by payer and scenario with the price of a point, by year and payer, by policy."""

from agents.honeycomb import PAYERS
from experiments.labels import Labels, plain, signed
from experiments.report.embed import data_link
from experiments.report.focus import scoreboard_table
from experiments.report.material import Material
from experiments.report.table import Cell, Table


def by_payer(material: Material, labels: Labels) -> Table:
    """What each scenario costs each payer, and what a point of the index costs."""
    paid = material.costs.groupby(["scenario", "payer"])["cost"].sum()
    rows = []
    for line in scoreboard_table(material).to_dict("records"):
        name = line["scenario"]
        each = [float(paid.get((name, payer), 0.0)) for payer in PAYERS]
        price = plain(line["price"], 0 if line["price"] >= 10 else 2)
        numbers = [*(plain(cost, 0) for cost in each), plain(sum(each), 0), signed(line["median"]), price]
        rows.append([Cell(labels.scenario(name)), *(Cell(number) for number in numbers)])
    payers = [labels.name("payer", payer) for payer in PAYERS]
    tail = [labels("column.total"), labels("column.effect"), labels("column.price")]
    years = material.costs["year"]
    note = labels("note.costs", first=int(years.min()), last=int(years.max()), year=material.year)
    return Table(
        [labels("column.scenario"), *payers, *tail], rows, note, csv=data_link(material.costs), wide=True
    )


def by_year(material: Material, labels: Labels, focus: str) -> Table:
    """What the scenario in focus costs each payer each year."""
    mine = material.costs[material.costs["scenario"] == focus]
    paid = mine.groupby(["year", "payer"])["cost"].sum()
    rows = []
    for year in sorted(mine["year"].unique()):
        each = [float(paid.get((year, payer), 0.0)) for payer in PAYERS]
        if sum(each):
            rows.append(
                [Cell(str(year)), *(Cell(plain(cost, 0)) for cost in each), Cell(plain(sum(each), 0))]
            )
    head = [labels("column.year"), *(labels.name("payer", payer) for payer in PAYERS), labels("column.total")]
    return Table(head, rows, caption=labels.scenario(focus), csv=data_link(mine))


def by_policy(material: Material, labels: Labels) -> Table:
    """What each policy costs each payer in each scenario."""
    paid = material.costs.groupby(["scenario", "policy", "payer"])["cost"].sum()
    rows = []
    for scenario, policy in dict.fromkeys(key[:2] for key in paid.index):
        each = [float(paid.get((scenario, policy, payer), 0.0)) for payer in PAYERS]
        names = [Cell(labels.scenario(scenario)), Cell(labels.policy(policy))]
        rows.append([*names, *(Cell(plain(cost, 0)) for cost in each), Cell(plain(sum(each), 0))])
    payers = [labels.name("payer", payer) for payer in PAYERS]
    return Table(
        [labels("column.scenario"), labels("column.policy"), *payers, labels("column.total")], rows, wide=True
    )
