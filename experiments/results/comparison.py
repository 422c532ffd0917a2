"""The jobs of a sweep side by side: one table over all their scenarios."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from jinja2 import Environment

from agents.honeycomb import KINDS
from experiments.failure import StudyFailed, unwritable
from experiments.results.open import Results
from experiments.results.text import effect_grid, effect_row
from experiments.runs.folder import contents, whole
from experiments.runs.identity import SCHEMA, digest
from experiments.runs.manifest import MANIFEST, write_json

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<style>body{font:14px/1.5 sans-serif;margin:2em}table{border-collapse:collapse}
td,th{padding:.3em .8em;border-bottom:1px solid #ccc;text-align:right}
td:first-child,th:first-child{text-align:left}</style></head>
<body><h1>{{ title }}</h1><p>Change of the index (mean of the six dimensions, points) against each scenario's
baseline in the last quarter: median over the runs, and 90 % band.</p> <table><tr><th>scenario</th>{% for kind
in kinds %}<th>{{ kind }}</th>{% endfor %}</tr> {% for row in rows %}<tr>{% for cell in row %}<td>{{ cell
}}</td>{% endfor %}</tr> {% endfor %}</table> <p>Every outcome: comparison.parquet. Jobs:</p><ul> {% for job
in jobs %}<li>{{ job }}</li>{% endfor %} </ul></body></html>
"""


def compare(folders: Sequence[Path], target: Path | None = None) -> Path:
    """Merge the last quarter of several studies into one comparison folder.

    A scenario that several jobs share, such as their baseline, is listed once if its numbers are the same.

    Parameters
    ----------
    folders : sequence of Path
        The folders of the jobs, in order.
    target : Path, optional
        Where the comparison goes; by default ``<name>-comparison-<hash>`` beside the first job.

    Returns
    -------
    Path
        A folder with comparison.parquet, comparison.html and a manifest of the jobs.
    """
    if not folders:
        raise StudyFailed("there is nothing to compare")
    jobs = [Results(folder) for folder in folders]
    name = f"{jobs[0].manifest['name']}-comparison-{digest([job.manifest['study'] for job in jobs])[:8]}"
    target = target or Path(folders[0]).parent / name
    table = labelled([last_quarter(job) for job in jobs])
    listed = [{"folder": job.folder.name, "study": job.manifest["study"]} for job in jobs]
    page = (
        Environment(autoescape=True)
        .from_string(PAGE)
        .render(title=name, kinds=KINDS, rows=effect_rows(table), jobs=[job["folder"] for job in listed])
    )
    try:
        with whole(target) as folder:
            table.to_parquet(folder / "comparison.parquet", compression="zstd", index=False)
            (folder / "comparison.html").write_text(page, encoding="utf-8")
            facts = {"schema": SCHEMA, "name": name, "study": digest(listed), "jobs": listed}
            write_json(folder / MANIFEST, {**facts, "files": contents(folder)})
    except OSError as error:
        raise unwritable(error, target, "The jobs are kept.") from error
    return target


def last_quarter(job: Results) -> pd.DataFrame:
    """Return the bands of one job in its last quarter, with environment, baseline and command."""
    bands = job.frame("bands").astype(dict.fromkeys(("scenario", "quarter", "bank_kind", "outcome"), "str"))
    bands = bands.astype({"quantity": "str", "measure": "str"})
    bands = bands[bands["quarter"] == bands["quarter"].max()].reset_index(drop=True)
    known = {scenario["label"]: scenario for scenario in job.manifest["config"]["scenarios"]}
    bands.insert(1, "environment", [known[label].get("environment_name", "") for label in bands["scenario"]])
    bands.insert(2, "baseline", [known[label]["baseline"] for label in bands["scenario"]])
    bands.insert(3, "job", " ".join(job.manifest["overrides"]) or job.folder.name)
    return bands


def labelled(jobs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """List equal scenarios once; tell unequal ones of one label apart by their command."""
    seen: dict[str, list[str]] = {}
    kept = []
    for job in jobs:
        for scenario, rows in job.groupby("scenario", sort=False):
            marks = seen.setdefault(str(scenario), [])
            mark = digest(rows.drop(columns=["job"]).astype(str).to_numpy().tolist())
            if mark not in marks:
                label = f"{scenario} ({rows['job'].iloc[0]})" if marks else str(scenario)
                kept.append(rows.assign(scenario=label))
                marks.append(mark)
    return pd.concat(kept, ignore_index=True)


def effect_rows(table: pd.DataFrame) -> list[list[str]]:
    """Return one line of text for each scenario that has a baseline."""
    effects = table[(table["quantity"] == "effect") & (table["measure"] == "true")]
    return [
        effect_row(rows, str(name), last_of(rows)) for name, rows in effects.groupby("scenario", sort=False)
    ]


def last_of(table: pd.DataFrame) -> str:
    """Return the last quarter of a table."""
    return str(table["quarter"].max())


def summary(folder: Path) -> str:
    """Summarise a comparison in one table of text.

    Parameters
    ----------
    folder : Path
        What `compare` wrote.
    """
    table = pd.read_parquet(folder / "comparison.parquet")
    return effect_grid(effect_rows(table), last_of(table))
