"""The command line: everything is checked first, and only a sound study reaches Hydra and the model."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from experiments.entry.arguments import Arguments, sort
from experiments.failure import StudyFailed, StudyStopped
from experiments.faults import COMMAND_LINE, ConfigError, Faults

if TYPE_CHECKING:
    from experiments.settings import StudySettings

DONE, FAILED, FAULTY, INTERRUPTED, PIPE = 0, 1, 2, 130, 141
CONFIG_DIR: Final = "command-line"


def run(words: Sequence[str], hydra_main: Callable[[], object]) -> int:
    """Do what a command line asks for.

    Parameters
    ----------
    words : sequence of str
        The words after ``python simulate.py``.
    hydra_main : callable
        The function that ``hydra.main`` made; it reads ``sys.argv``.

    Returns
    -------
    int
        Exit status: 0 done, 1 failed, 2 the configuration has faults, 130 interrupted, 141 nobody reads the output.
    """
    try:
        status = _run(words, hydra_main)
        if sys.stdout is not None:  # a console that was closed from the start is none
            sys.stdout.flush()
        return status
    except ConfigError as error:
        print(error, file=sys.stderr)
        return FAULTY
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from what is finished", file=sys.stderr)
        return INTERRUPTED
    except StudyFailed as error:
        print(error, file=sys.stderr)
        return INTERRUPTED if isinstance(error, StudyStopped) else FAILED
    except BrokenPipeError:
        _forget_console()
        return PIPE
    except OSError as error:
        _forget_console()
        print(f"stopped by the system: {error}", file=sys.stderr)
        return FAILED


def _forget_console() -> None:
    """Send what is still to be printed nowhere: whoever read it, such as ``head``, has gone."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: Sequence[str], hydra_main: Callable[[], object]) -> int:
    faults = Faults()
    arguments = sort(words, faults)
    if "--help" in arguments.flags or "--version" in arguments.flags:
        from experiments.entry import guide
        from experiments.location import version

        print(guide.text() if "--help" in arguments.flags else f"honeycomb-lab {version()}")
        return DONE
    if arguments.verb is not None:
        faults.stop()
        return _verb(*arguments.verb)
    commands, studies = _checked(arguments, faults)
    faults.stop()
    if "--multirun" in arguments.flags:
        return _sweep(arguments, hydra_main, commands, studies)
    if arguments.shows:
        return _hydra(arguments, hydra_main)
    return _one(studies[0])


def _checked(arguments: Arguments, faults: Faults) -> tuple[list[list[str]], list[StudySettings]]:
    """The jobs of a command line and their studies, with everything wrong with them noted."""
    if {"--hydra-help", "--shell-completion"} & set(arguments.flags):
        return [], []
    from experiments.entry import sweep

    folders = [folder for folder in arguments.folders if Path(folder).is_dir()]
    if len(folders) < len(arguments.folders):
        faults.add(
            "command line:--config-dir", f"{arguments.folders[0]!r} is no folder", "a folder of groups"
        )
    commands = [list(arguments.overrides)]
    try:
        if "--multirun" in arguments.flags:
            commands = sweep.jobs(arguments.overrides, folders)
        studies = sweep.compose_jobs(commands, folders)
    except ConfigError as error:
        faults.join(error)
        studies = []
    keys = [text.partition("=")[0].lstrip("+") for text in arguments.overrides]
    for key in dict.fromkeys(keys):
        if keys.count(key) > 1:
            faults.add(f"{COMMAND_LINE}:{key}", "is given twice", "once")
    return commands, studies


def _verb(verb: str, path: str) -> int:
    """Replay a manifest or verify a folder; 0 when nothing differs."""
    if verb == "clean":
        return _clean(path)
    faults = Faults()
    found = Path(path)
    if verb == "verify" and found.name == "manifest.json" and found.is_file():
        found = found.parent
    if not path or not found.exists() or (verb == "verify" and not found.is_dir()):
        allowed = "the folder of a finished study" if verb == "verify" else "a manifest.json, or its folder"
        faults.add(f"command line:{verb}", f"{path!r} is not there", allowed)
    faults.stop()
    if verb == "verify":
        from experiments.study.verify import verify

        result = verify(found)
    else:
        from experiments.study.replay import replay

        result = replay(found)
    for note in result.notes:
        print(note, file=sys.stderr)
    for difference in result.differences:
        print(difference)
    if result.same:
        print(f"{result.folder}: every number is the same")
    return DONE if result.same else FAILED


def _clean(what: str) -> int:
    """List what the store keeps, or remove some of it."""
    from experiments.study.clean import clean

    result = clean(what)
    for line in result.lines:
        print(line)
    if result.removed or not result.lines:
        print(f"{result.removed} files removed, {result.freed / 1e6:.1f} MB")
    return DONE


def _one(study: StudySettings) -> int:
    """Run one study here; its composition is already checked, so Hydra need not compose it again."""
    from experiments.study.run import default_folder
    from experiments.tasks import task_function

    folder = task_function(study.task)(study, default_folder(study))
    _summarise(folder)
    return DONE


def _summarise(folder: Path) -> None:
    """Print the summary of a study's bands, when it has some, and where everything is."""
    if (folder / "bands.parquet").is_file():
        from experiments.report.console import summary

        print(summary(folder))
    report = folder / "report.html"
    print(report if report.is_file() else folder)


def _hydra(arguments: Arguments, hydra_main: Callable[[], object], *more: str) -> int:
    from experiments.composition.light import forced, light_files
    from experiments.entry.sweep import years_as_mappings

    flags = [word for flag, value in arguments.flags.items() for word in (flag, value) if word]
    texts = years_as_mappings(arguments.overrides)
    if arguments.shows:
        sys.argv = [sys.argv[0], *flags, *texts]
        hydra_main()
    else:
        sys.argv = [sys.argv[0], *flags, *forced(texts), *more]
        with light_files():
            hydra_main()
    return DONE


def _sweep(
    arguments: Arguments,
    hydra_main: Callable[[], object],
    commands: Sequence[Sequence[str]],
    studies: Sequence[StudySettings],
) -> int:
    """Let Hydra launch the jobs of a sweep, then compare their results."""
    from experiments.entry import sweep

    given = sweep.given_folder(commands[0])
    folder = given or sweep.sweep_folder(studies)
    status = _hydra(arguments, hydra_main, *(() if given else (f"hydra.sweep.dir={sweep.quoted(folder)}",)))
    from experiments.study import compare as comparison

    jobs = [sweep.job_folder(folder, number, study) for number, study in enumerate(studies)]
    target = comparison.compare(jobs)
    print(comparison.summary(target))
    print(target)
    return status


def run_job() -> Path:
    """Run the study of the job of a sweep that is on, wherever Hydra launched it.

    Returns
    -------
    Path
        The folder written.
    """
    from hydra.core.hydra_config import HydraConfig
    from hydra.errors import CompactHydraException

    from experiments.composition.compose import compose_study
    from experiments.entry import sweep
    from experiments.tasks import task_function

    hydra = HydraConfig.get()
    folders = [source.path for source in hydra.runtime.config_sources if source.provider == CONFIG_DIR]
    study = compose_study([text.removeprefix("++") for text in hydra.overrides.task], folders)
    folder = sweep.job_folder(Path(hydra.sweep.dir), hydra.job.num, study)
    try:
        return task_function(study.task)(study, folder)
    except StudyStopped:
        raise KeyboardInterrupt from None  # stops the sweep; anything else stops only this job
    except StudyFailed as error:
        raise CompactHydraException(str(error)) from None
