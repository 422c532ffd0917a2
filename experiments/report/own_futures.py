"""What the section on the own bank says and draws of budget shares, staff, maintenance and stress."""

from typing import Any

import pandas as pd

from experiments import own_bank
from experiments.figures.lettering import safe
from experiments.figures.own_futures import own_share, own_stress
from experiments.labels import Labels, plain, signed
from experiments.report.drawings import FORMATS, Drawing, finished
from experiments.report.material import Material
from experiments.report.own_choices import enough, plays_policy, read
from experiments.results.statistics import lookup


def sentences(mine: pd.DataFrame, material: Material, labels: Labels) -> list[str]:
    """What share keeps the bank up, how much is maintenance, and whether people or training do more."""
    said = [_maintenance(mine, labels)]
    frame, staff = read(material, "own_share"), read(material, "own_staff")
    if len(frame):
        listed = [_takes(str(name), rows, labels) for name, rows in frame.groupby("scenario", sort=False)]
        own = 100 * float(frame.loc[frame["own"] > 0, "spend_ratio"].iloc[0])
        said.insert(
            0, labels("own.share_is", listing=labels.listing(listed), own=f"{own:.1f}\N{NO-BREAK SPACE}%")
        )
    if len(staff):
        cells = lookup(staff, ["hired", "trained"])
        hired, trained = staff["hired"].max(), staff["trained"].max()
        if hired == 1.0 and (hired, 0.0) in cells and (0.0, trained) in cells:
            gains = {"hire": cells[hired, 0.0]["effect"], "train": cells[0.0, trained]["effect"]}
            told = {name: signed(gain) for name, gain in gains.items()}
            said.append(labels("own.staff_is", part=f"{100 * trained:.0f}", **told))
    return said


def _takes(scenario: str, rows: pd.DataFrame, labels: Labels) -> str:
    least, name = enough(rows), labels.inside(labels.scenario(scenario))
    if least is None:
        return labels("own.share_never", share=plain(100 * rows["spend_ratio"].max()), scenario=name)
    return labels("own.share_of", share=plain(100 * least), scenario=name)


def _maintenance(mine: pd.DataFrame, labels: Labels) -> str:
    lines = own_bank.maintenance(mine).to_dict("records")
    then, last = lines[min(1, len(lines) - 1)], lines[-1]
    told = {"share": plain(then["q50"], 0), "low": plain(then["q05"], 0), "high": plain(then["q95"], 0)}
    return labels(
        "own.maintenance_is",
        next=str(then["year"]),
        last=str(last["year"]),
        end=plain(last["q50"], 0),
        **told,
    )


def figures(name: str, table: pd.DataFrame, material: Material, labels: Labels) -> list[Drawing]:
    """Draw the chance of keeping up by share, and share and budget under stress."""
    folder = material.folder / "figures"
    formats = (material.settings.get("outputs") or {}).get("figures") or FORMATS
    drawn: list[Any] = []
    frame = read(material, "own_share")
    if len(frame):
        least = enough(frame[frame["scenario"] == frame["scenario"].iloc[0]])
        key, told = ("own.share_title", plain(100 * least)) if least else ("own.share_none", "")
        title = labels(key, name=safe(name, 40), share=told)
        drawn.append(("own_share", lambda: own_share(frame, labels, title)))
    paths = own_bank.stress(table)
    ends = lookup(paths[paths["quarter"] == paths["quarter"].max()], ["scenario", "outcome"])
    shown = [label for label in material.scenarios if not plays_policy(label, material)]
    worst = min(shown, key=lambda label: ends[label, "inclusive_share"]["q50"])
    facts = {"share": plain(ends[worst, "inclusive_share"]["q50"], 0)}
    facts["money"] = plain(ends[worst, "change_budget"]["q50"], 2)
    heading = labels(
        "own.stress_title", name=safe(name, 40), worst=labels.inside(labels.scenario(worst)), **facts
    )
    drawn.append(("own_stress", lambda: own_stress(paths, labels, heading, shown)))
    return [finished(folder, formats, key, labels(f"own.{key[4:]}_name"), draw, "") for key, draw in drawn]
