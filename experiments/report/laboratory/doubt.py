"""How sure an effect is, where it fails, and how far it hangs on assumptions."""

from typing import Any

from experiments.analysis.variance import FEWEST, SEEDS, vectors
from experiments.labels import Labels, plain
from experiments.report.embed import data_link
from experiments.report.focus import focus_of
from experiments.report.laboratory import words
from experiments.report.material import Material
from experiments.report.table import Cell, Table

Part = tuple[list[str], list[Table]]
MANY = 100_000
PARTS = ("parameters", "seeds", "both")
GOALS = ("sign", "tenth")


def variance(frame: Any, material: Material, labels: Labels) -> Part:
    """Shares of parameters and seeds, and the runs that a precision asks for.

    The scenario in focus is shown on every output, the others on the one that is asked about.
    """
    frame = frame.dropna(subset=["share_parameters"])
    if frame.empty:
        return [], []
    rows: list[list[Cell]] = []
    said: list[str] = []
    chosen = material.settings.get("analysis") or {}
    asked, of_kind = chosen.get("outcome", "index"), chosen.get("bank_kind", "all")
    focus = shown_first(frame["scenario"], material)
    mine = (frame["outcome"] == asked) & (frame["bank_kind"] == of_kind)
    shown = frame[(frame["scenario"] == focus) | mine]
    for line in shown.to_dict("records"):
        of, kind = line["outcome"], line["bank_kind"]
        shares = [line[f"share_{part}"] for part in PARTS]
        names = [Cell(labels.scenario(line["scenario"])), Cell(words.outcome(of, kind, labels))]
        runs = [Cell(_runs(line[f"replicates_{goal}"])) for goal in GOALS]
        rows.append([*names, *(Cell(words.percent(share)) for share in shares), *runs])
        if of == asked and kind == of_kind and line["scenario"] == focus:
            facts = {part: words.percent(line[f"share_{part}"]) for part in PARTS}
            facts |= {"scenario": names[0].text, "outcome": names[1].text}
            facts |= {goal: cell.text for goal, cell in zip(GOALS, runs, strict=True)}
            said.append(labels("lab.variance", **facts))
    keys = ("share_parameters", "share_seeds", "share_both", "runs_sign", "runs_tenth")
    head = [labels("column.scenario"), labels("column.outcome"), *(labels(f"lab.{key}") for key in keys)]
    design: dict[str, Any] = {
        "draws": vectors(material.runs),
        "seeds": SEEDS,
        "fewest": FEWEST,
        "focus": labels.scenario(focus),
    }
    design["outcome"] = labels.inside(words.outcome(str(asked), str(of_kind), labels))
    note, title = labels("lab.variance_note", **design), labels("lab.variance_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame))]


def shown_first(scenarios: Any, material: Material) -> str:
    """The scenario in focus where a table has it, else the table's first."""
    focus, names = focus_of(material), list(dict.fromkeys(map(str, scenarios)))
    return focus if focus in names else names[0]


def _runs(number: float) -> str:
    """How many runs, told no finer than matters."""
    return plain(number, 0) if number <= MANY else f"> {plain(MANY, 0)}"


def discovery(frame: Any, material: Material, labels: Labels) -> Part:
    """The box of failures as a sentence."""
    first = frame.iloc[0]
    if not first["parameter"]:
        facts = {"scenario": labels.scenario(first["scenario"]), "failures": words.percent(first["failures"])}
        facts["outcome"] = labels.inside(words.outcome(first["outcome"], first["bank_kind"], labels))
        return [labels(f"lab.no_box_{first['failure']}", **facts)], []
    bounds = []
    for line in frame.to_dict("records"):
        lower = line["low"] > line["range_low"]
        upper = line["high"] < line["range_high"]
        key = "between" if lower and upper else "above" if lower else "below"
        facts = {"parameter": labels.inside(words.parameter(line["parameter"], labels))}
        facts |= {end: f"{line[end]:.3g}" for end in ("low", "high")}
        facts["stable"] = words.percent(line["stability"])
        bounds.append(labels(f"lab.bound_{key}", **facts))
    joint = "且" if labels.language == "zh" else " and "
    words_ = {key: words.percent(first[key]) for key in ("failures", "coverage", "density", "mass")}
    words_ |= {
        "unseen": words.percent(first["density_unseen"]),
        "caught": words.percent(first["coverage_unseen"]),
    }
    words_ |= {"scenario": labels.scenario(first["scenario"]), "bounds": joint.join(bounds)}
    words_["outcome"] = words.outcome(first["outcome"], first["bank_kind"], labels)
    return [labels(f"lab.box_{first['failure']}", **words_)], []


def assumptions(frame: Any, material: Material, labels: Labels) -> Part:
    """The 2x2 of assumptions and policy."""
    rows: list[list[Cell]] = []
    said: list[str] = []
    for (of, kind), mine in frame.groupby(["outcome", "bank_kind"], sort=False):
        lines = mine.set_index("contrast")
        cells = [words.cell(line, "effect", str(of)) for _, line in lines.iterrows()]
        rows.append([Cell(words.outcome(str(of), str(kind), labels)), *cells])
        if not said:
            clear = lines.loc["difference", "effect_low"] > 0 or lines.loc["difference", "effect_high"] < 0
            told = ("policy_default", "policy_changed", "difference")
            facts = {name: words.spread(lines.loc[name], "effect", str(of)) for name in told}
            facts["scenario"] = labels.scenario(str(mine["scenario"].iloc[0]))
            facts["changed"] = str(mine["changed"].iloc[0])
            facts["outcome"] = words.outcome(str(of), str(kind), labels)
            said.append(labels("lab.hangs" if clear else "lab.hangs_not", **facts))
    contrasts = [labels(f"lab.{name}") for name in dict.fromkeys(frame["contrast"])]
    head = [labels("column.outcome"), *contrasts]
    note, title = labels("lab.assumptions_note"), labels("lab.assumptions_title")
    return said, [Table(head, rows, note, title, csv=data_link(frame), wide=True)]
