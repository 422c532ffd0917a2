"""Compose a study with Hydra and validate it: every fault in one pass, frozen settings at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.config import bank_file, catalogue
from experiments.config.assembly import note_reach
from experiments.config.bank import BankSettings, Facts, read_plans
from experiments.config.bank_file import BankFile
from experiments.config.catalogue import Row
from experiments.config.composition import REFUSED_BY_HYDRA, Origin, composed
from experiments.config.data import read_ensemble
from experiments.config.errors import (
    ENGLISH,
    IS_MISSING,
    NOT_KNOWN,
    ConfigError,
    Fault,
    Faults,
    Sentence,
    enumerated,
    nearest,
    sentence,
    shown,
    typed,
)
from experiments.config.fields import Span, is_quarter, plain_quarter, validated
from experiments.config.folders import DEFINED, SHIPPED, OwnFiles, groups, own_files
from experiments.config.numbers import outside, separated, shapes
from experiments.config.reading import dangers, note_dangers
from experiments.config.resolve import Resolver, of_words
from experiments.config.scenarios import ScenarioSettings
from experiments.config.series import SeriesSettings, scores
from experiments.config.study import (
    AN_OBJECTIVE,
    CALIBRATIONS,
    CENTRAL,
    POSTERIOR,
    SHARED,
    AskedStudy,
    StudyKeys,
    StudySettings,
)
from experiments.config.tree import (
    Tree,
    assigned,
    dotted_keys,
    leaves,
    lookup,
    merged,
    plain_data,
    pruned,
)
from experiments.config.words import LISTED, hydra_words, note_lacking, sound_words
from experiments.location import of_user


def compose_study(overrides: Sequence[str] = (), folders: Sequence[str | Path] = ()) -> StudySettings:
    """Compose and check a study.

    Parameters
    ----------
    overrides : sequence of str
        As on the command line: ``["replicates=8", "environment=severe", "policies.data_sharing.start=2025Q1"]``.
    folders : sequence of path
        Folders of a user's own files, which come before those of the lab.

    Returns
    -------
    StudySettings
        Frozen, with every scenario resolved.

    Raises
    ------
    ConfigError
        With every fault found, each with file, key, what is allowed and a suggestion.
    """
    own = own_files(folders)
    faults = Faults()
    faults.extend(own.faults)
    words = hydra_words(overrides, own, faults)
    faults.stop()
    return study(words, own)


def study(words: Sequence[str], own: OwnFiles, refusal: Exception | None = None) -> StudySettings:
    """The study of words in Hydra's grammar; `ConfigError` with every fault, and with what Hydra refused them for."""
    faults = Faults()
    sound = sound_words(words, own, faults, refusal) if refusal else words
    try:
        config = composed(sound, own)
    except REFUSED_BY_HYDRA as error:
        if refusal:  # what is known by now is said; the rest shows once that is mended
            raise ConfigError(faults) from None
        return study(words, own, error)
    return study_of(config, config.hydra, own, faults=faults)


def study_of(
    config: DictConfig,
    hydra: object,
    own: OwnFiles,
    notes: list[Sentence] | None = None,
    faults: Iterable[Fault] = (),
) -> StudySettings:
    """Validate a composed configuration.

    Parameters
    ----------
    config : DictConfig
        As composed, with or without Hydra's node.
    hydra : DictConfig
        Hydra's node.
    own : OwnFiles
        The user's files that it was composed with.
    notes : list, optional
        Grows by what is worth saying of the study, though nothing is wrong with it.
    faults : iterable of Fault
        What is known to be wrong already.

    Raises
    ------
    ConfigError
        With every fault.
    """
    reader = Reader(config, hydra, own, faults)
    study = reader.study()
    reader.faults.stop(reader.language)
    assert study is not None
    if notes is not None:
        notes += [*own.notes, *reader.notes]
    return study


class Reader:
    """Reads a composed configuration into settings and notes what is wrong in it."""

    def __init__(self, config: DictConfig, hydra: Any, own: OwnFiles, faults: Iterable[Fault]) -> None:
        self.origin = Origin(hydra, own)
        self.faults = Faults(self.origin.where)
        self.faults.extend(faults)
        self.notes: list[Sentence] = []
        self.rows: dict[str, Row] = {}
        self.tree = self._plain(config)

    @property
    def language(self) -> str:
        """The language of the report, for messages."""
        language = lookup(self.tree, "report.language")
        return language if isinstance(language, str) else ENGLISH

    def _plain(self, config: DictConfig) -> dict[str, Any]:
        raw = plain_data(OmegaConf.to_container(config, resolve=False))
        raw.pop("hydra", None)
        before = len(self.faults)
        note_dangers(raw, self.faults)
        if len(self.faults) > before:
            return {key: value for key, value in raw.items() if not any(dangers(value))}
        return self._resolved(config, raw) if "${" in repr(raw) else raw

    def _resolved(self, config: DictConfig, raw: dict[str, object]) -> dict[str, Any]:
        """References such as ``${seed}`` replaced by what they refer to."""
        study = OmegaConf.masked_copy(config, list(raw))
        try:
            resolved: dict[str, Any] = plain_data(OmegaConf.to_container(study, resolve=True))
            return resolved
        except (OmegaConfBaseException, RecursionError):
            for key, value in leaves(raw):
                if "${" in str(value):
                    self.faults.at(key, sentence("{!r} refers to nothing", value))
            return raw

    def study(self) -> StudySettings | None:
        """The study, or None with faults noted."""
        before = len(self.faults)
        self._unknown_keys()
        self._note_empty()
        tree = {
            key: separated(value, key, self.rows, self.faults) if key in NUMBERED else value
            for key, value in self.tree.items()
            if value is not None or key not in SHARED
        }
        series = self._series(tree)
        keys = {key: tree[key] for key in AskedStudy.model_fields if key in tree}
        settings = AskedStudy.read(keys, "", self.faults, self.rows)
        span = settings if settings.start and settings.end else None
        bank = self._bank(tree.get("bank"), span, tree.get("plans"))
        members = self._members(tree, span)
        resolver = Resolver(tree, self.rows, self.origin, self.faults, self.notes, span)
        paths = series.of_environment if series is not None else {}
        scenarios = [one.model_copy(update={"series": paths}) for one in resolver.scenarios(settings)]
        if span is not None:
            self._moments(span)
        self._needs(settings, scenarios)
        _note_parts(self.origin.own, self.faults)
        if len(self.faults) > before or not settings.is_whole:
            return None
        choices = {group: name for group, name in self.origin.choices.items() if _is_choice(group, name)}
        kept = {name: value for name, value in settings if name in StudyKeys.model_fields}
        added = {
            "name": settings.name or self.origin.experiment or "study",
            "experiment": self.origin.experiment,
            "choices": Tree(choices),
            "scenarios": scenarios,
            "pinned": self._pinned(),
            "rows": self.rows,
            "bank": bank,
            "members": members,
            "series": series,
            "overrides": self.origin.overrides,
        }
        study = StudySettings.model_validate(kept | added)
        note_reach(study, self.faults, resolver.reaching)
        self._note_beyond(tree)
        last = scenarios[-1]
        if study.objective is not None and last.baseline == last.label:
            what = sentence("{} is the last scenario, and a baseline has no effect", last.label)
            self.faults.at("objective", what)
        if study.analysis.changed:
            try:
                of_words(study.analysis.changed, study)
            except ConfigError as error:
                where = self.faults.where("analysis.changed")
                self.faults.extend(replace(fault, where=where) for fault in error.faults)
        return study

    def _series(self, tree: dict[str, Any]) -> SeriesSettings | None:
        """The user's series; the numbers of bank kinds that they set take their places, unless given themselves."""
        series: SeriesSettings | None = self._validated(SeriesSettings, tree.get("series", {}), "series")
        if series is None or not isinstance(tree.get("banks"), dict):
            return series
        joint_stock = lookup(tree, "environments.central.joint_stock_share")
        for name, value in series.bank_numbers(shapes()["banks"], float(joint_stock)).items():
            if name in self.origin.given:
                continue
            tree["banks"] = assigned(tree["banks"], name.removeprefix("banks."), value)
            row = self.rows.get(name, catalogue.row(name))
            self.rows[name] = replace(row, name=name, source=OWN_SERIES, grade="own data", sampled=None)
        return series

    def _note_beyond(self, tree: dict[str, object]) -> None:
        """Say which numbers that all scenarios share lie in a range of the user's own, and not in the shipped one."""
        values = {name: lookup(tree, name) for name in self.rows if not name.startswith(MARKED)}
        passed = {name: value for name, value in values.items() if outside(value, catalogue.row(name).ends)}
        listed = [f"{name} {shown(value)}" for name, value in passed.items()]
        if listed:
            what = sentence(
                "beyond the evidence, outside the shipped range: {}; the report marks them", ", ".join(listed)
            )
            self.notes.append(what)

    def _unknown_keys(self) -> None:
        names = (*AskedStudy.model_fields, *DEFINED, "bank", "series")
        for key in self.tree:
            if key not in names:
                others = [name for name in dotted_keys(self.tree) if name.split(".")[0] != key]
                for name in [name for name in self.origin.given if name.split(".")[0] == key] or [key]:
                    self.faults.at(name, NOT_KNOWN, LISTED, nearest(name, others))

    def _note_empty(self) -> None:
        """Note an empty mapping in place of one that holds something: laid over it, it changes nothing."""
        for key, value in self.origin.asked.items():
            if value == {} and isinstance(content := lookup(self.tree, key), dict) and content:
                taken = ", ".join([f"~{key}.{name}" for name in content][:3])
                self.faults.at(key, sentence("is an empty mapping, which changes nothing"), taken)
        for key, suggestion in MEANT.items():
            if self.origin.given.get(key) == {}:
                what = sentence("is an empty mapping, which asks for nothing")
                self.faults.at(key, what, suggestion=f"{key}={suggestion}")

    def _validated(self, model: object, data: object, key: str) -> Any:
        return validated(model, data, key, self.faults, {"rows": self.rows})

    def _members(self, tree: dict[str, object], span: Span | None) -> tuple[BankSettings, ...]:
        """The banks of a file that lists many."""
        place = tree.get("banks_file")
        if not place:
            if tree.get("task") == "banks":
                self.faults.at("banks_file", sentence("task=banks has no banks"))
            return ()
        if self.origin.choices.get("bank") not in (None, "none"):
            self.faults.at("banks_file", sentence("stands beside a bank of its own"))
        banks: dict[str, BankSettings] = {}
        for file in bank_file.read_many(of_user(str(place)), self.faults):
            faults = self.faults.placed(file.where)
            bank = bank_file.checked(file, file.data, faults, {"rows": self.rows})
            if bank is None:
                continue
            if bank.name in banks:
                faults.at("name", sentence("{} stands twice", shown(bank.name)))
            if span is not None:
                span.note_outside(bank.since, "since", faults)
            banks[bank.name] = bank
        return tuple(banks.values())

    def _bank(self, data: Any, span: Span | None, plans: Any) -> BankSettings | None:
        """The bank that the user brings, if any, with those of its plans that are chosen."""
        file, before = None, len(self.faults)
        if isinstance(data, dict):
            data, file = self._bank_of_files(data)
        if not data:
            chosen = self.origin.choices.get("bank")
            if plans is not None:
                self.faults.at("plans", sentence("this study has no bank of your own"))
            elif chosen not in (None, "none") and len(self.faults) == before:
                self.faults.at("bank", sentence("{} holds no bank", chosen))
            return None
        if plans is not None:
            data = {**data, "plans": read_plans(plans, data.get("plans"), self.faults)}
        faults = self.faults if file is None else self.faults.placed(file.over(self.faults.where))
        bank = (
            self._validated(BankSettings, data, "bank")
            if file is None
            else bank_file.checked(file, data, faults, {"rows": self.rows})
        )
        if bank is not None and span is not None:
            span.note_outside(bank.since, "bank.since", faults)
            self._note_plans(bank, data, span)
        return bank

    def _note_plans(self, bank: BankSettings, data: dict[str, Any], span: Span) -> None:
        """Note what is not used of the bank's plans as it was given."""
        for name, plan in (bank.plans or {}).items():
            late = [str(year) for year in sorted(plan.years) if year > int(span.end[:4])]
            if late:
                values = (f"bank.plans.{name}", enumerated(late), span.end)
                self.notes.append(
                    sentence("{}: {} lie after the end of the study, {}, and are not used", *values)
                )
        if bank.plan is not None:
            total = sum(value for value in data["plan"].values() if isinstance(value, int | float))
            if abs(total - 1.0) > 1e-9:
                note = sentence("{}: the shares add to {:.6g} and are scaled to 1", "bank.plan", total)
                self.notes.append(note)

    def _bank_of_files(self, data: dict[str, Any]) -> tuple[Any, BankFile | None]:
        """What is said of the bank by its file, by the peers' files and, over them, by the configuration."""
        fields = {key: value for key, value in data.items() if key not in ("file", "peer_files")}
        file, peer_files = None, data.get("peer_files")
        if data.get("file"):
            file = bank_file.read(of_user(str(data["file"])), self.faults)
            self.notes += file.notes
            entered = pruned(fields)
            file.overruled = frozenset(f"bank.{key}" for key, _ in leaves(entered))
            fields = dict(merged(file.data, entered))
            own_peers = fields.pop("peer_files", None)  # as in a copy of the example
            peer_files = peer_files or own_peers
            for key, value in self.origin.asked.items():
                if value is None and key.startswith("bank."):
                    fields = assigned(fields, key.removeprefix("bank."), None)
        peers: list[Any] = []
        for path in [peer_files] if isinstance(peer_files, str) else peer_files or ():
            for peer in bank_file.read_many(of_user(str(path)), self.faults):
                facts = {key: value for key, value in peer.data.items() if key in Facts.model_fields}
                checked = validated(Facts, facts, "bank", self.faults.placed(peer.where))
                peers += [] if checked is None else [checked.model_dump(mode="json", exclude_none=True)]
        return ({**fields, "peers": peers} if peers else fields), file

    def _moments(self, span: Span) -> None:
        moments = lookup(self.tree, "outputs.network")
        for moment in map(plain_quarter, moments if isinstance(moments, list) else ()):
            if is_quarter(moment):
                allowed = sentence("{} to {}, or start, middle, end", span.start, span.end)
                span.note_outside(moment, "outputs.network", self.faults, allowed)

    def _needs(self, settings: AskedStudy, scenarios: Sequence[ScenarioSettings]) -> None:
        """Note everything that the study names and is not there, and what is given for another task than its own."""
        faults, analysis = self.faults, settings.analysis
        task = settings.task or str(self.tree.get("task"))
        try:
            if settings.calibration.scores:
                scores(settings.calibration.scores, faults.where("calibration.scores"))
        except ConfigError as error:
            faults.extend(error.faults)
        _ensemble(settings.uncertainty.parameters, faults)
        needs = [("analysis.methods", method) for method in analysis.methods]
        needs += [("execution.engine", settings.execution.engine)] if settings.execution else []
        for key, word in needs:
            if word in EXTRAS:
                note_lacking(key, word, *EXTRAS[word], faults)
        if settings.execution and settings.execution.address and settings.execution.engine != "dask":
            faults.at(
                "execution.address", sentence("is read by execution=dask alone"), suggestion="execution=dask"
            )
        listed = lookup(self.tree, "analysis.methods")  # also where another key of the analysis is at fault
        methods = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else ()
        self._idle(task, methods)
        starts = "analysis.portfolio.starts"
        if starts in self.origin.given and "portfolio" in methods and settings.start and settings.end:
            for quarter in analysis.portfolio.starts:
                settings.note_outside(quarter, starts, faults)
        if task in CALIBRATING:
            self._note_beside_first(task, scenarios)
        labels = [one.label for one in scenarios]
        if analysis.scenario and labels and analysis.scenario not in labels:
            faults.unknown("analysis.scenario", analysis.scenario, labels)

    def _note_beside_first(self, task: str, scenarios: Sequence[ScenarioSettings]) -> None:
        """Note what calibration cannot play: assumptions, a bank of one's own, scenarios where one alone is fitted."""
        unread = sentence("is not read by task={}", task)
        for one in scenarios:
            if one.assumptions:
                what = sentence("assumptions are not made by this task")
                self.faults.at(f"library.{one.name}.assumptions", what)
        if self.origin.choices.get("bank") not in (None, "none"):
            self.faults.add(typed("bank"), unread, "bank=none")
        for key in ("policy", "shock", "scenario", "scenarios") if task != "ablations" else ():
            if key in self.origin.asked and len(scenarios) > 1:
                self.faults.at(key, unread, "scenarios=[baseline]")

    def _idle(self, task: str, methods: Sequence[str]) -> None:
        """Note what the user gave and this task, or its methods, do not read, but for chosen files, which go along."""
        keys = self.origin.asked
        for key in self.origin.given:
            section, _, part = key.partition(".")
            readers, users = READ_BY.get(section, (task,)), USED_BY.get(part.partition(".")[0], ())
            of_file = key not in keys and any(
                layer.is_own and layer.package == section and key != section for layer in self.origin.layers
            )
            # What an experiment gives for its methods may stay where the command line asks for others.
            is_kept = of_file or (key not in keys and "analysis.methods" in keys)
            if task not in readers and not of_file:
                reading = [f"task={reader}" for reader in readers]
                self.faults.at(key, sentence("is not read by task={}", task), ", ".join(reading), reading[0])
            elif section == "analysis" and users and not is_kept and not set(users).intersection(methods):
                what = sentence("is read by no method of this study")
                self.faults.at(key, what, ", ".join(users), f"analysis.methods=[{users[0]}]")

    def _pinned(self) -> tuple[str, ...]:
        """Sampled numbers that the user gave, so that no replicate draws them."""
        of_series = (name for name, row in self.rows.items() if row.source == OWN_SERIES)
        names = [name for name in of_series if catalogue.row(name).sampled]
        for key in self.origin.given:
            name = catalogue.number_of(key)
            if name and catalogue.row(name).sampled:
                part = key.removeprefix(f"{name}.") if key != name else ""
                names.append(name if part in ("", *catalogue.GIVEN) else key)
        return tuple(sorted(set(names)))


OWN_SERIES: Final = "own series"
# What a section that is none unless given says at least.
MEANT: Final = {"bank": "example", "objective": AN_OBJECTIVE}
# Keys of the configuration below which numbers may stand with what is known of them.
NUMBERED: Final = (*SHARED, *(group for group in DEFINED if group != "library"), "bank")
# Those of scenarios, which are marked themselves (`beyond_evidence`).
MARKED: Final = tuple(f"{group}." for group in DEFINED)
# Groups of numbers of which a user's file may say a part, above what its defaults list chooses.
IN_PARTS: Final = (*SHARED, "environments", "outputs")


def _note_parts(own: OwnFiles, faults: Faults) -> None:
    """Say once of a user's file that it leaves much out, and which file it could build on, instead of key by key."""
    files = {str(path): file for file, path in own.places.items() if "defaults" not in own.content[file]}
    lacking: dict[str, list[str]] = {}
    kept = []
    for fault in faults:
        path, _, key = fault.where.rpartition(":")
        if fault.what == IS_MISSING and files.get(path, "").partition("/")[0] in IN_PARTS:
            lacking.setdefault(path, []).append(key)
        else:
            kept.append(fault)
    for path, keys in lacking.items():
        few = enumerated(keys if len(keys) < 4 else [*keys[:3], "..."])
        kept.append(Fault(path, sentence("leaves out {}", few), _complete(files[path], keys[0])))
    if lacking:
        faults.replace(kept)


def _complete(file: str, key: str) -> Sentence:
    """How a user's file of a group may hold all that its group needs: a shipped file below it, or the whole."""
    group, _, name = file.rpartition("/")
    if name in groups()[group]:  # it stands in for the shipped one, and cannot build on itself
        return sentence("all that conf/{}.yaml says, or another name", file)
    part, usual = key.split(".")[1], composed((), SHIPPED).hydra.runtime.choices.get(group)
    return sentence(
        "defaults: [{}, _self_] at its head", part if part in groups()[group] else usual or CENTRAL
    )


def _is_choice(group: str, name: str | None) -> bool:
    aside = ("experiment", "library", *(f"{group}@" for group in DEFINED))
    return name is not None and not group.startswith(("hydra/", *aside))


# --- what a study names and must be there: files, extra packages, scenarios to look at, a task that does it


ENSEMBLE: Final = sentence("posterior, central, or the folder of an ensemble")
# What needs a package that a plain installation lacks: the module, and the extra that brings it.
EXTRAS: Final = {"sensitivity": ("SALib", "sensitivity"), "dask": ("distributed", "cluster")}
CALIBRATING: Final = (*CALIBRATIONS, "track_record")
# The tasks that read a section; a section given for another task would be passed over in silence.
STUDYING: Final = ("simulate", "policy", "banks")
READ_BY: Final = {
    "analysis": ("policy",), "calibration": CALIBRATING, "bank": STUDYING, "plans": STUDYING,
    **dict.fromkeys(("objective", "replicates", "uncertainty", "baseline"), STUDYING),
}  # fmt: skip
# Of the keys of ``analysis`` those that some methods alone read.
USED_BY: Final = {
    "portfolio": ("portfolio", "goal"), "goal": ("goal",), "event": ("event_study",), "changed": ("assumptions",),
}  # fmt: skip


def _ensemble(chosen: str, faults: Faults) -> None:
    if chosen in (CENTRAL, POSTERIOR):
        return
    try:
        read_ensemble(of_user(chosen))
    except ConfigError as error:
        for fault in error.faults:
            what = sentence("{!r} is no ensemble: {} {}", chosen, fault.where, fault.what)
            faults.at("uncertainty.parameters", what, ENSEMBLE, nearest(chosen, (CENTRAL, POSTERIOR)))
