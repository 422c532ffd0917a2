"""Numbers and names as the section of the laboratory writes them."""

from typing import Any

from agents.honeycomb import DIMENSIONS
from experiments.labels import Labels, plain, signed
from experiments.report.table import Cell
from model.outcomes import BY_SYSTEM, OUTCOMES

FINE = ("gini", "p90_p10", "vendor_hhi", "export_hhi")
PERCENT = (
    "language_model",
    "budget_exhausted",
    "outage_exposure",
    "route_build",
    "route_buy",
    "route_union",
    "route_alliance",
)


def digits(outcome: str) -> int:
    """Decimals that an effect on an outcome is told with."""
    return 4 if outcome in FINE else 2


def scale(outcome: str) -> float:
    """100 for shares, which are told in percentage points."""
    return 100.0 if outcome in PERCENT else 1.0


def outcome(name: str, kind: str, labels: Labels) -> str:
    """Name of an outcome and of the banks it is taken over."""
    group = "dimension" if name in DIMENSIONS else "outcome"
    told = labels.name(group, name)
    if name.startswith("pain_"):
        told = labels.name("pain", name.removeprefix("pain_"))
    told += unit(name, labels)
    if kind == "all" and name in BY_SYSTEM:
        return told
    banks = labels.name("kind", "small" if kind == "all" else kind)
    return labels("lab.of", outcome=told, banks=labels.inside(banks))


def unit(name: str, labels: Labels) -> str:
    """Unit of an effect on an outcome, in brackets; none where the name says it or there is none."""
    told = OUTCOMES[name][0] if name in OUTCOMES else ""
    return labels("lab.points") if name in PERCENT or told.startswith("percent") else ""


def cell(line: Any, name: str, of: str = "", places: int | None = None) -> Cell:
    """A median with its interval; strong where the interval leaves zero out."""
    middle, low, high = (scale(of) * float(line[key]) for key in (name, f"{name}_low", f"{name}_high"))
    number = digits(of) if places is None else places
    text, *ends = (signed(value, number) for value in (middle, low, high))
    return Cell(text, strong=low > 0 or high < 0, interval=f"[{ends[0]}, {ends[1]}]")


def spread(line: Any, name: str, of: str = "") -> str:
    """A median with its interval in a sentence: ``+0.31 [+0.10, +0.52]``."""
    middle, low, high = (
        signed(scale(of) * float(line[key]), digits(of)) for key in (name, f"{name}_low", f"{name}_high")
    )
    return f"{middle} [{low}, {high}]"


def money(value: float) -> str:
    """Million yuan; what no run bounds is infinite."""
    if value == float("inf"):
        return "∞"
    return plain(value, 0 if abs(value) >= 10 else 2)


def price(line: Any, name: str) -> Cell:
    """Million yuan a point with its interval; a dash where none can be named."""
    if line[name] != line[name]:
        return Cell("–")
    return Cell(money(line[name]), interval=f"[{money(line[f'{name}_low'])}, {money(line[f'{name}_high'])}]")


def percent(value: float) -> str:
    """A share as a percentage."""
    return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def parameter(name: str, labels: Labels) -> str:
    """Name of an uncertain number; a policy's strength by its policy and lever."""
    kind, _, rest = name.partition(".")
    if kind == "policy":
        policy, _, lever = rest.partition(".")
        return labels(
            "lab.strength", policy=labels.policy(policy), lever=labels.inside(labels.name("lever", lever))
        )
    if kind == "banks":
        bank, _, what = rest.partition(".")
        dimension = labels.name("dimension", what.rpartition(".")[2])
        return labels("lab.start", dimension=dimension, banks=labels.inside(labels.name("kind", bank)))
    base, _, part = rest.partition(".")
    named = labels.name("parameter", base)
    return f"{named} ({labels.inside(labels.name('dimension', part))})" if part else named
