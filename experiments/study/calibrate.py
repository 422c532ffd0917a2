"""The tasks of calibration: each works out its part, keeps it as plain data, and draws the page of all parts anew."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.calibration.ease import write_ease
from experiments.calibration.fit import CalibrationProblem
from experiments.config.ensemble import read_ensemble, write_ensemble
from experiments.failure import StudyFailed
from experiments.files import file_digest
from experiments.location import existing, written
from experiments.runs import progress, provenance
from experiments.runs.folder import whole
from experiments.runs.identity import code_digest, digest
from model.world import Ensemble

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

Facts = dict[str, Any]


def calibrate(settings: StudySettings, folder: Path) -> Path:
    """Fit the uncertain numbers to the survey, write the ensemble, and say what was learned about each."""

    def work(problem: CalibrationProblem) -> Facts:
        from experiments.calibration.fit import fit

        shipped = settings.calibration.store == type(settings.calibration)().store
        values, facts, items = fit(problem, ease=shipped)
        if shipped:  # an ensemble of a user's own goes with the ease of the files
            write_ease(items)
        place = written(settings.calibration.store)
        own = None if settings.calibration.scores else settings.series.scores
        origin = {
            "scores": "series.scores" if own else settings.calibration.scores or "data/source/scores.csv",
            "scores_sha256": digest(own) if own else file_digest(problem.scores_file),
            "years": list(problem.targets.years),
            "seed": settings.seed,
            "procedure": settings.calibration.model_dump(
                mode="json", exclude={"patterns", "store", "scores", "record"}
            ),
            "code": code_digest(),
            "packages": provenance.package_versions(provenance.NUMERICAL),
        }
        facts["ensemble"] = write_ensemble(place, Ensemble(problem.prior.paths, values), origin)
        return facts

    return _done("calibrate", settings, folder, work)


def backtest(settings: StudySettings, folder: Path) -> Path:
    """Forecast each year from the years before and compare with its rivals."""
    from experiments.calibration.backtest import backtest as work

    return _done("backtest", settings, folder, work)


def recovery(settings: StudySettings, folder: Path) -> Path:
    """Recover known parameters from synthetic surveys."""
    from experiments.calibration.recovery import recovery as work

    return _done("recovery", settings, folder, work)


def patterns(settings: StudySettings, folder: Path) -> Path:
    """Hold the ensemble to patterns that were not fitted."""
    from experiments.calibration.patterns import patterns as hold

    return _done("patterns", settings, folder, lambda problem: hold(problem, shipped_members(problem)))


def ablations(settings: StudySettings, folder: Path) -> Path:
    """Refit the model without one mechanism at a time."""
    from experiments.calibration.ablations import ablations as work

    def both(problem: CalibrationProblem) -> Facts:
        return {"observed": len(problem.targets.seen), "variants": work(problem, shipped_members(problem))}

    return _done("ablations", settings, folder, both)


def shipped_members(problem: CalibrationProblem) -> Any:
    """Members of the ensemble on disk, in the order of the prior's paths, shape (M, P)."""
    ensemble = read_ensemble(existing(problem.procedure.store))
    lacking = sorted(set(problem.prior.paths) - set(ensemble.paths))
    if lacking:
        named = ", ".join(lacking)
        raise StudyFailed(
            f"the ensemble lacks {named}: fit it again (python simulate.py experiment=calibrate)"
        )
    return ensemble.only(problem.prior.paths).members


def _done(
    task: str, settings: StudySettings, folder: Path, work: Callable[[CalibrationProblem], Facts]
) -> Path:
    """Do a task, keep its facts beside those of the other tasks, and write the page and the task's own folder."""
    from experiments.report.calibration import write_page

    started = time.monotonic()
    problem = CalibrationProblem(settings)
    facts = {"task": task, "seed": settings.seed, "code": code_digest(), **work(problem)}
    pages = written(settings.calibration.pages)
    pages.mkdir(parents=True, exist_ok=True)
    text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (pages / f"{task}.json").write_text(text, "utf-8")
    written_pages = write_page(pages)
    with whole(folder) as temporary:
        (temporary / f"{task}.json").write_text(text, "utf-8")
        for page in written_pages:
            (temporary / page.name).write_bytes(page.read_bytes())
        manifest = {
            "task": task,
            "config": settings.model_dump(mode="json"),
            "code": provenance.code_version(code_digest()),
        }
        (temporary / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    progress.say(f"{task}: {time.monotonic() - started:.0f} s; page in {pages / 'report.html'}")
    return folder
