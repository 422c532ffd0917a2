"""The benchmark as a table on the console."""

from typing import Any

COLUMNS = (
    ("case", "case", "{}"),
    ("cpu_min", "µs", "{:.2f}"),
    ("cpu_median", "median", "{:.2f}"),
    ("wall_min", "wall", "{:.2f}"),
    ("floor", "floor", "{:.2f}"),
    ("plain_ratio", "× plain", "{:.0f}"),
    ("seconds", "seconds", "{:.2f}"),
    ("peak_megabytes", "MB", "{:.0f}"),
)


def table(found: dict[str, Any]) -> str:
    """Lay the results out, with what the columns mean under them."""
    rows = [[title for _, title, _ in COLUMNS]]
    rows += [[form.format(case[key]) for key, _, form in COLUMNS] for case in found["cases"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join([*lines, "", *notes(found)])


def notes(found: dict[str, Any]) -> list[str]:
    """What the numbers are, and the references they are compared with."""
    machine, study = found["machine"], found["study"]
    counted = ", ".join(f"{case['banks']} banks in {case['case']}" for case in found["cases"][:4:2])
    lines = [
        "µs: processor microseconds per bank and quarter of a whole run with scores, survey and outcomes recorded,",
        f"  least and median of {found['repetitions']} repetitions; wall: on the clock, least; seconds: the whole run.",
        f"  80 stands for the 80 surveyed and the 18 large banks: {counted}.",
        "floor: drawing the same chance and taking the same exponentials, logarithms and roots, nothing else.",
        f"× plain: times less than a plain Mesa model of the same rules, {found['plain']['cpu_min']:.0f} µs.",
        "MB: most memory a process holds that does nothing but the run, libraries included.",
    ]
    if study:
        lines.append(
            f"A study of {study['runs']} runs takes {study['study_ms']:.2f} ms a run without its report, "
            f"{100 * study['overhead']:.1f} % more than the engine's {study['engine_ms']:.2f} ms in it."
        )
        if study["speed_up"]:
            lines.append(f"  With a second worker it is {study['speed_up']:.2f} times as fast on the clock.")
    libraries = ", ".join(f"{name} {machine[name]}" for name in ("numpy", "scipy", "mesa"))
    lines.append(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f}; "
        f"Python {machine['python']}, {libraries}."
    )
    return lines
