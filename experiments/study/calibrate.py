"""The tasks of calibration: each works out its part, keeps it as plain data, and draws the page of all parts anew.

That of the track record freezes this version's projections once, or scores what earlier ones said.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.calibration.backtest import Record, frozen, project, scored, thawed
from experiments.calibration.fit import CalibrationProblem, fit, write_ease
from experiments.config.data import read_ensemble, write_ensemble
from experiments.config.errors import failure, sentence
from experiments.files import file_digest, replace_file
from experiments.location import COMMAND, existing, output_path, version
from experiments.runs.fingerprint import NUMERICAL
from experiments.runs.identity import code_digest, config_of, digest, package_versions
from experiments.runs.manifest import MANIFEST, code_version, data_digests, whole
from experiments.runs.workers import say
from experiments.study.run import default_folder
from model.world import Ensemble

if TYPE_CHECKING:
    from experiments.config.study import StudySettings

Facts = dict[str, Any]


def calibrate(settings: StudySettings, folder: Path | None = None) -> Path:
    """Do the task of calibration that the settings name, and write its page and its own folder."""
    from experiments.report.calibration import write_page

    folder = folder or default_folder(settings)
    started, task = time.monotonic(), settings.task
    problem = CalibrationProblem(settings)
    text = _json({"task": task, "seed": settings.seed, "code": code_digest(), **_work(task)(problem)})
    pages = output_path(settings.calibration.pages)
    pages.mkdir(parents=True, exist_ok=True)
    (pages / f"{task}.json").write_text(text, "utf-8")
    drawn = {page.name: page.read_text("utf-8") for page in write_page(pages)}
    _write(folder, {f"{task}.json": text, **drawn}, settings)
    took = time.monotonic() - started
    message = sentence("{}: {:.0f} s; page in {}", task, took, pages / "report.html")
    say(message, settings.report.language)
    return folder


def _work(task: str) -> Callable[[CalibrationProblem], Facts]:
    """What a task works out; those that hold the ensemble against something take its members as well."""
    from experiments.calibration import backtest, validation

    def both(problem: CalibrationProblem) -> Facts:
        varied = validation.ablations(problem, shipped_members(problem))
        return {"observed": len(problem.targets.observed_places), "variants": varied}

    return {
        "calibrate": fitted,
        "backtest": backtest.backtest,
        "recovery": validation.recovery,
        "patterns": lambda problem: validation.patterns(problem, shipped_members(problem)),
        "ablations": both,
    }[task]


def fitted(problem: CalibrationProblem) -> Facts:
    """Fit the uncertain numbers to the survey, write the ensemble, and say what was learned about each."""
    settings, procedure = problem.settings, problem.procedure
    shipped = procedure.store == type(procedure)().store
    values, facts, items = fit(problem, ease=shipped)
    if shipped:  # an ensemble of a user's own goes with the ease of the files
        write_ease(items)
    own = None if procedure.scores else settings.series.scores
    origin = {
        "scores": "series.scores" if own else procedure.scores or "data/source/scores.csv",
        "scores_sha256": digest(own) if own else file_digest(problem.scores_file),
        "years": list(problem.targets.years),
        "seed": settings.seed,
        "procedure": procedure.model_dump(mode="json", exclude={"patterns", "store", "scores", "record"}),
        "code": code_digest(),
        "packages": package_versions(NUMERICAL),
    }
    ensemble = Ensemble(problem.prior.paths, values)
    return {**facts, "ensemble": write_ensemble(output_path(procedure.store), ensemble, origin)}


def shipped_members(problem: CalibrationProblem) -> Any:
    """Members of the ensemble on disk, in the order of the prior's paths, shape (M, P)."""
    ensemble = read_ensemble(existing(problem.procedure.store))
    lacking = sorted(set(problem.prior.paths) - set(ensemble.paths))
    if lacking:
        names = ", ".join(lacking)
        raise failure("the ensemble lacks {}: fit it again (python simulate.py experiment=calibrate)", names)
    return ensemble.only(problem.prior.paths).members


def track_record(settings: StudySettings, folder: Path | None = None) -> Path:
    """Freeze projections, or score them where the settings name a survey."""
    folder = folder or default_folder(settings)
    problem = CalibrationProblem(settings)
    _write(folder, _scores(problem) if settings.calibration.scores else _frozen(problem), settings)
    return folder


def _frozen(problem: CalibrationProblem) -> dict[str, str]:
    release = version()
    path = output_path(problem.procedure.record) / f"{release}.csv"
    if path.exists():
        raise failure(
            "{} was frozen on {} and is not written twice; "
            "to score it: {} experiment=track_record calibration.scores=my_scores.csv",
            path,
            thawed(path).facts["date"],
            COMMAND,
        )
    text = frozen(Record(_facts(problem, release), project(problem, shipped_members(problem))))
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, [text.encode()])
    say(sentence("frozen: {}", path), problem.settings.report.language)
    return {path.name: text}


def _facts(problem: CalibrationProblem, release: str) -> dict[str, str]:
    """What projections rest on: nothing of it is named by a commit or a machine."""
    settings, scores = problem.settings, problem.settings.series.scores
    ensemble = json.loads((existing(problem.procedure.store) / "manifest.json").read_text("utf-8"))
    config = config_of(settings)
    return {
        "version": release,
        "date": datetime.now(UTC).date().isoformat(),
        "survey until": str(problem.targets.years[-1]),
        "survey": digest(scores) if scores else file_digest(problem.scores_file),
        "posterior": f"version {ensemble['version']}, {ensemble['members_sha256']}",
        "model": code_digest(),
        "data": digest(data_digests(config)),
        "settings": digest(config),
        "packages": json.dumps(package_versions(NUMERICAL)),
    }


def _scores(problem: CalibrationProblem) -> dict[str, str]:
    from experiments.report.calibration import write_record

    records = [thawed(path) for path in sorted(existing(problem.procedure.record).glob("*.csv"))]
    parts = [part for record in records if (part := scored(problem, record))]
    if not parts:
        years = sorted({str(year) for record in records for year in record.editions})
        raise failure(
            "no edition of this survey was projected; frozen are projections of {}",
            ", ".join(years) or sentence("none"),
        )
    return {"track_record.json": _json(parts), **write_record(parts)}


def _write(folder: Path, files: dict[str, str], settings: StudySettings) -> None:
    """The task's own folder."""
    code = code_version(code_digest())
    manifest = {"task": settings.task, "config": config_of(settings), "code": code}
    with whole(folder) as temporary:
        for name, text in {**files, MANIFEST: json.dumps(manifest, indent=1) + "\n"}.items():
            (temporary / name).write_text(text, "utf-8")


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
