"""The command line: Hydra composes and launches; what is wrong is said before anything runs, in one sentence each."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from experiments.config import load, sweep
from experiments.config.composition import CONFIG, REFUSED_BY_HYDRA
from experiments.config.errors import (
    ENGLISH,
    GOES_ON,
    REASONS,
    ConfigError,
    Fault,
    Faults,
    Sentence,
    Words,
    failure,
    sentence,
    sentence_of,
    typed,
    unwritable,
)
from experiments.config.folders import SHIPPED, OwnFiles, known_to_hydra, own_files, own_of
from experiments.config.names import quoted
from experiments.config.study import StudySettings, task_function
from experiments.config.tree import lookup
from experiments.config.words import (
    Arguments,
    completed,
    help_text,
    hydra_words,
    note_package,
    searched,
    sort,
)
from experiments.failure import StudyFailed, StudyStopped
from experiments.location import CONF, version
from experiments.runs.manifest import MANIFEST, read_manifest, refuse_foreign, refuse_others

if TYPE_CHECKING:
    from experiments.runs.identity import Identity

DONE, FAILED, FAULTY, INTERRUPTED, PIPE = 0, 1, 2, 130, 141
PAGES: Final = ("report.html", "board.html", "board.pptx", "board.xlsx")
FULL_ERROR: Final = "HYDRA_FULL_ERROR"


@hydra.main(version_base="1.3", config_path=str(CONF), config_name=CONFIG)
def job(config: DictConfig) -> float | None:
    """Run one study: what Hydra composed is validated, run, and told on the console.

    Returns
    -------
    float or None
        The study's objective, for a sweeper; None when it has none.
    """
    node = HydraConfig.get()
    is_single = node.mode == hydra.types.RunMode.RUN
    settings = (is_single and Checks.study) or load.study_of(config, node, own_of(node))
    try:
        folder = _task(settings)(settings, Path(node.runtime.output_dir))
        _summarise(folder)
        return _objective(settings, folder)
    except StudyFailed as error:
        logging.getLogger("honeycomb").error("%s", sentence_of(error).spoken(settings.report.language))
        if is_single:  # Hydra would add a line of its own
            raise SystemExit(_ended(error)) from None
        if isinstance(error, StudyStopped):
            raise KeyboardInterrupt from None  # stops the sweep; anything else stops only this job
        raise


def _task(settings: StudySettings) -> Callable[..., Path]:
    """What does a study's task; a study that was named before it started is not named again."""
    task = task_function(settings.task)
    if Checks.identity is None:
        return task
    from experiments.study.run import run_study

    return partial(task, identity=Checks.identity) if task is run_study else task


def _objective(settings: StudySettings, folder: Path) -> float | None:
    """The number that a study returns to a sweeper; None when it has none."""
    if settings.objective is None:
        return None
    from experiments.study.run import objective

    return objective(settings, folder)


def _summarise(folder: Path) -> None:
    """Print the summary of a study's bands, or of the user's own bank, and where everything is."""
    if (folder / "own_bank.parquet").is_file() and read_manifest(folder)["config"].get("bank"):
        from experiments.own_bank.paper import console_text

        print(console_text(folder))
    elif (folder / "bands.parquet").is_file():
        from experiments.report.console import summary

        print(summary(folder))
    pages = [folder / name for name in PAGES if (folder / name).is_file()]
    print(*(pages or [folder]), sep="\n")


class Checks(Callback):
    """What Hydra asks before and after it runs: is the study sound, where does it go, how do its jobs compare."""

    # The study, or the first of a sweep, once it is found sound; and how a single one was named for its folder.
    study: StudySettings | None = None
    identity: Identity | None = None
    since = 0.0
    language = ENGLISH  # of the report, in which a failure is told

    def on_run_start(self, config: DictConfig, **_: object) -> None:
        """Validate one study and name its folder; faults end the program before anything is made."""
        notes: list[Sentence] = []
        with _ending():
            study = load.study_of(config, config.hydra, own_of(config.hydra), notes)
        Checks.study, Checks.language = study, study.report.language
        for note in notes:
            print(note.spoken(Checks.language), file=sys.stderr)
        _ready([study])
        if not _is_given("hydra.run.dir", config):
            from experiments.runs.identity import identify
            from experiments.study.run import default_folder

            Checks.identity = identify(study)
            with open_dict(config):
                config.hydra.run.dir = str(default_folder(study, identity=Checks.identity))
        _free("hydra.run.dir", config, refuse_foreign)

    def on_multirun_start(self, config: DictConfig, **_: object) -> None:
        """Validate every job of a sweep before the first one runs, and name the folder of the sweep."""
        with _ending():
            studies = sweep.studies(config, own_of(config.hydra))
        Checks.study, Checks.language = studies[0], studies[0].report.language
        _ready(studies)
        if not _is_given("hydra.sweep.dir", config):
            folder = sweep.sweep_folder(studies)
            with open_dict(config):
                config.hydra.sweep.dir = str(folder)
                # Hydra composes each job again, from these words.
                config.hydra.overrides.hydra.append(f"hydra.sweep.dir={quoted(str(folder))}")
        _free("hydra.sweep.dir", config, refuse_others)
        Checks.since = time.time()

    def on_multirun_end(self, config: DictConfig, **_: object) -> None:
        """Compare the jobs of a sweep."""
        from experiments.study import compare as comparison

        try:
            jobs = comparison.jobs_of(Path(config.hydra.sweep.dir), Checks.since)
            if jobs:
                target = comparison.compare(jobs)
                print(comparison.summary(target))
                print(target)
        except StudyFailed as error:  # Hydra would make a warning of it
            raise SystemExit(_ended(error)) from None


def _is_given(key: str, config: DictConfig) -> bool:
    # What the words refer to may not be there.
    words: Any = OmegaConf.to_container(config.hydra.overrides.hydra, resolve=False)
    return any(str(word).lstrip("+").startswith(f"{key}=") for word in words)


def _ready(studies: Sequence[StudySettings]) -> None:
    """End the program where a study asks for what no run of it could answer: in a sweep before its first job."""
    from experiments.study.run import check

    messages: dict[str, None] = {}
    for study in studies:
        try:
            check(study)
        except StudyFailed as error:
            messages[sentence_of(error).spoken(study.report.language)] = None
    if messages:
        print(*messages, sep="\n", file=sys.stderr)
        raise SystemExit(FAULTY)


def _free(key: str, config: DictConfig, refuse: Callable[[Path], None]) -> None:
    """End the program where a folder is somebody else's, before Hydra writes its own files there."""
    with _ending():
        try:
            refuse(Path(OmegaConf.select(config, key)))
        except OmegaConfBaseException as error:  # a name that stands in for others
            lacking = str(error).partition("\n")[0]
            _refuse(key, Sentence(lacking, lacking))


@contextmanager
def _ending() -> Iterator[None]:
    """End the program with what is refused inside; Hydra passes over exceptions of a callback, but not over that."""
    try:
        yield
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise SystemExit(FAULTY) from None
    except REFUSED_BY_HYDRA as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(FAULTY) from None
    except StudyFailed as error:
        raise SystemExit(_ended(error)) from None


def main(words: Sequence[str] | None = None) -> int:
    """Do what a command line asks for.

    Parameters
    ----------
    words : sequence of str, optional
        The words after ``python simulate.py``; those of the process by default.

    Returns
    -------
    int
        Exit status: 0 done, 1 failed, 2 the configuration has faults, 130 interrupted, 141 nobody reads the output.
    """
    try:
        status = _main(sys.argv[1:] if words is None else words)
        if sys.stdout is not None:  # a console that was closed from the start is none
            sys.stdout.flush()
        return status
    except ConfigError as error:
        print(error, file=sys.stderr)
        return FAULTY
    except (KeyboardInterrupt, StudyFailed) as error:
        return _ended(error)
    except BrokenPipeError:
        _forget_console()
        return PIPE
    except OSError as error:
        _forget_console()
        if error.errno in REASONS:
            return _ended(unwritable(error, Path(), GOES_ON))
        return _ended(failure("stopped by the system: {}", error))


def _ended(error: BaseException) -> int:
    """Say why a study ended early; its exit status."""
    if isinstance(error, KeyboardInterrupt):
        message = sentence("interrupted; the same command goes on from what is finished")
        print(message.spoken(Checks.language), file=sys.stderr)
        return INTERRUPTED
    print(sentence_of(error).spoken(Checks.language), file=sys.stderr)
    return INTERRUPTED if isinstance(error, StudyStopped) else FAILED


def _forget_console() -> None:
    """Send what is still to be printed nowhere: whoever read it, such as ``head``, has gone."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _main(words: Sequence[str]) -> int:
    if list(words[:1]) == ["app"]:
        from experiments.app.launch import main as serve_page

        return serve_page(words[1:])
    faults = Faults()
    arguments = sort(words, faults)
    Checks.language = _language(arguments.overrides)
    if "--version" in arguments.flags:
        print(f"honeycomb-lab {version()}")
        return DONE
    if "--help" in arguments.flags:
        print(help_text())
        return DONE
    if arguments.verb is not None:
        faults.stop(Checks.language)
        return _verb(*arguments.verb)
    if {"--hydra-help", "--shell-completion"} & set(arguments.flags):
        faults.stop(Checks.language)
        line = os.environ.get("COMP_LINE", "") if "query=bash" in arguments.overrides else ""
        if fitting := completed(line[: int(os.environ.get("COMP_POINT") or len(line))]):
            print(*fitting)
            return DONE
        return _hydra(arguments, arguments.overrides, SHIPPED)
    own = own_files([*arguments.folders, *searched(arguments.overrides)])
    faults.extend(own.faults)
    checked = hydra_words(arguments.overrides, own, faults, sweeping="--multirun" in arguments.flags)
    if "--package" in arguments.flags and not own.faults:
        note_package(arguments.flags["--package"], checked, own, faults)
    faults.stop(_language(checked))
    return _hydra(arguments, checked, own)


def _language(words: Sequence[str]) -> str:
    """The language that a command line asks for, for faults that are found before it is composed."""
    return "zh" if {"report=zh", "report.language=zh"} & set(words) else ENGLISH


def _hydra(arguments: Arguments, words: Sequence[str], own: OwnFiles) -> int:
    """Hand the words over to Hydra, and say in the lab's words what it refuses."""
    flags = [word for flag, value in arguments.flags.items() for word in (flag, value) if word]
    argv, full = sys.argv, os.environ.get(FULL_ERROR)
    sys.argv, os.environ[FULL_ERROR] = [argv[0], *flags, *words], "1"
    Checks.study = Checks.identity = None
    try:
        with known_to_hydra(own), _help_of_any_kind():
            job()
        return DONE
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE if end.code is None else FAILED
    except ConfigError:
        raise
    except REFUSED_BY_HYDRA as error:
        if Checks.study is None and full != "1":
            load.study(words, own, error)  # raises it in the lab's words
        raise
    except _lost_jobs() as error:
        lost: Words = " ".join(str(error).splitlines()[:2])
        if isinstance(error.__cause__, subprocess.CalledProcessError):  # submitit has printed what was said
            lost = sentence("the jobs could not be handed over")
        message = sentence("{}; finished chunks are kept, and the same command goes on", lost)
        raise StudyFailed(message) from error
    finally:
        sys.argv = argv
        if full is None:
            del os.environ[FULL_ERROR]


@contextmanager
def _help_of_any_kind() -> Iterator[None]:
    """Take a flag's help that is no text yet: Hydra has one, and argparse reads each at once since Python 3.14."""
    parser = argparse.ArgumentParser
    plain = parser.add_argument

    def add_argument(self: argparse.ArgumentParser, *flags: str, **options: Any) -> argparse.Action:
        text = options.pop("help", None)
        action = plain(self, *flags, **options)
        action.help = text
        return action

    parser.add_argument = add_argument  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        parser.add_argument = plain  # type: ignore[method-assign]


def _lost_jobs() -> tuple[type[Exception], ...]:
    """What a batch scheduler's launcher raises when a job was cancelled or killed; nothing where it was not loaded."""
    submitit = sys.modules.get("submitit.core.utils")
    return () if submitit is None else (submitit.UncompletedJobError,)


def _verb(verb: str, what: str) -> int:
    """Do a verb of one word; 1 where something differs that is looked for.

    It speaks the language of the study's report, or that of `report=` where there is one beside it.
    """
    if not what and verb in ("compare", "purge", "redact"):  # which else would look where one stands
        _refuse(verb, sentence("has no value"), sentence("the folder of a finished study"))
    if Checks.language == ENGLISH and verb not in ("clean", "template"):
        Checks.language = _language_of(_folders(what)[0])
    if verb in ("replay", "verify"):
        return _computed_again(verb, what)
    if verb in ("compare", "template"):
        return _compare(what) if verb == "compare" else _template(what)
    if verb == "clean":
        from experiments.study.clean import clean

        print(clean(what).spoken(Checks.language))
        return DONE
    from experiments.study.confidential import purge, redact

    print(purge(what).spoken(Checks.language) if verb == "purge" else redact(what))
    return DONE


def _folders(words: str) -> list[Path]:
    """The folders that a verb names: one, or several with commas between them."""
    words = words[1:-1] if words.startswith("[") and words.endswith("]") else words
    return [Path(place.strip()) for place in words.split(",")]


def _language_of(place: Path) -> str:
    """The language of a study's report, in which a verb speaks of it."""
    with suppress(StudyFailed):
        if lookup(read_manifest(place).content, "config.report.language") == "zh":
            return "zh"
    return ENGLISH


def _refuse(verb: str, what: Sentence, allowed: Words = "") -> NoReturn:
    raise ConfigError([Fault(typed(verb), what, allowed)], Checks.language)


def _computed_again(verb: str, path: str) -> int:
    """Replay a manifest or verify a folder."""
    from experiments.study.replay import replay, verify

    place = Path(path)
    if verb == "verify" and place.name == MANIFEST and place.is_file():
        place = place.parent
    if not path or not place.exists() or (verb == "verify" and not place.is_dir()):
        folder = sentence("the folder of a finished study")
        manifest = sentence("a manifest.json, or its folder")
        _refuse(verb, sentence("{!r} is not there", path), folder if verb == "verify" else manifest)
    result = verify(place) if verb == "verify" else replay(place)
    for note in result.notes:
        print(note.spoken(Checks.language), file=sys.stderr)
    for difference in result.differences:
        print(difference.spoken(Checks.language))
    if result.same:
        print(sentence("{}: every number is the same", result.folder).spoken(Checks.language))
    return DONE if result.same else FAILED


def _template(what: str) -> int:
    """Write a workbook to be filled in: ``bank.xlsx``, ``zh:bank.xlsx``, ``banks:zh:members.xlsx``."""
    from experiments.own_bank.template import write_template

    *options, path = what.split(":")
    Checks.language = "zh" if "zh" in options else ENGLISH
    if Path(path).suffix.lower() != ".xlsx" or not {"en", "zh", "banks"}.issuperset(options):
        allowed = "bank.xlsx, zh:bank.xlsx, banks:members.xlsx, banks:zh:members.xlsx"
        _refuse("template", sentence("{!r} names no workbook", what), allowed)
    try:
        print(write_template(path, Checks.language, "banks" in options))
    except FileExistsError as error:
        raise failure("{} is there already, and is not overwritten", path) from error
    return DONE


def _compare(pair: str) -> int:
    """Say what moved between two studies and what moved it; 0 when nothing did."""
    from experiments.study.attribution import compare_studies

    places = _folders(pair)
    if len(places) > 2:
        what = sentence("{!r} names {} folders", pair, len(places))
        _refuse("compare", what, "compare=outputs/first,outputs/second")
    for place in places:
        if not (place / MANIFEST).is_file():
            _refuse("compare", sentence("{!r} is no finished study", str(place)))
    attribution = compare_studies(places[0], places[1] if len(places) > 1 else None)
    print(attribution.spoken(Checks.language))
    return DONE if attribution.moved.empty else FAILED
