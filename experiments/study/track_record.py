"""The task of the track record: freeze this version's projections once, or score what earlier ones said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.calibration.fit import CalibrationProblem
from experiments.calibration.track_record import Record, frozen, project, scored, thawed
from experiments.failure import StudyFailed
from experiments.files import file_digest, replace_file
from experiments.location import COMMAND, existing, version, written
from experiments.runs import progress, provenance
from experiments.runs.folder import whole
from experiments.runs.identity import code_digest, digest, plain, without_places
from experiments.study.calibrate import shipped_members

if TYPE_CHECKING:
    from experiments.config.study import StudySettings


def track_record(settings: StudySettings, folder: Path) -> Path:
    """Freeze projections, or score them where the settings name a survey."""
    problem = CalibrationProblem(settings)
    return _score(problem, folder) if settings.calibration.scores else _freeze(problem, folder)


def _freeze(problem: CalibrationProblem, folder: Path) -> Path:
    release = version()
    path = written(problem.procedure.record) / f"{release}.csv"
    if path.exists():
        raise StudyFailed(
            f"{path} was frozen on {thawed(path).facts['date']} and is not written twice; "
            f"to score it: {COMMAND} experiment=track_record calibration.scores=my_scores.csv"
        )
    record = Record(_facts(problem, release), project(problem, shipped_members(problem)))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = frozen(record)
    replace_file(path, [text.encode()])
    progress.say(f"frozen: {path}")
    return _written(folder, {path.name: text}, problem)


def _facts(problem: CalibrationProblem, release: str) -> dict[str, str]:
    """What projections rest on: nothing of it is named by a commit or a machine."""
    settings = problem.settings
    posterior = existing(problem.procedure.store) / "manifest.json"
    ensemble = json.loads(posterior.read_text("utf-8"))
    config = without_places(plain(settings))
    data = provenance.data_digests(config)
    scores = settings.series.scores
    return {
        "version": release,
        "date": datetime.now(UTC).date().isoformat(),
        "survey until": str(problem.targets.years[-1]),
        "survey": digest(scores) if scores else file_digest(problem.scores_file),
        "posterior": f"version {ensemble['version']}, {ensemble['members_sha256']}",
        "model": code_digest(),
        "data": digest(data),
        "settings": digest(config),
        "packages": json.dumps(provenance.package_versions(provenance.NUMERICAL)),
    }


def _score(problem: CalibrationProblem, folder: Path) -> Path:
    from experiments.report.calibration import write_record

    records = [thawed(path) for path in sorted(existing(problem.procedure.record).glob("*.csv"))]
    found = [part for record in records if (part := scored(problem, record))]
    if not found:
        years = sorted({str(year) for record in records for year in record.editions})
        raise StudyFailed(
            f"no edition of this survey was projected; frozen are projections of {', '.join(years) or 'none'}"
        )
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    pages = write_record(found)
    return _written(folder, {"track_record.json": text, **pages}, problem)


def _written(folder: Path, files: dict[str, str], problem: CalibrationProblem) -> Path:
    """The task's own folder."""
    manifest: dict[str, Any] = {
        "task": "track_record",
        "config": without_places(plain(problem.settings)),
        "code": provenance.code_version(code_digest()),
    }
    with whole(folder) as temporary:
        for name, text in files.items():
            (temporary / name).write_text(text, "utf-8")
        (temporary / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return folder
