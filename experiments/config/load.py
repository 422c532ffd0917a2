"""Compose a study with Hydra and validate it: every fault in one pass, frozen settings at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
)
from experiments.config.fields import is_quarter, plain_quarter, validated
from experiments.config.folders import DEFINED, SHIPPED, OwnFiles, groups, own_files
from experiments.config.numbers import separated, shapes
from experiments.config.reading import dangers, note_dangers
from experiments.config.resolve import Resolver, of_words
from experiments.config.series import SeriesSettings, scores
from experiments.config.study import (
    CALIBRATIONS,
    CENTRAL,
    POSTERIOR,
    SHARED,
    AskedScenarios,
    AskedStudy,
    StudyKeys,
    StudySettings,
    numbers_of,
)
from experiments.config.tree import (
    MISSING,
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

SECTIONS: Final = {
    name: StudySettings.model_fields[name].annotation
    for name in (
        "analysis", "calibration", "uncertainty", "outputs", "report", "series", "execution", "objective",
    )
}  # fmt: skip


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


def study(words: Sequence[str], own: OwnFiles) -> StudySettings:
    """The study of words in Hydra's grammar; `ConfigError` with every fault."""
    try:
        config = composed(words, own)
    except REFUSED_BY_HYDRA as error:
        raise explained(words, own, error) from None
    return study_of(config, config.hydra, own)


def explained(words: Sequence[str], own: OwnFiles, error: Exception) -> Exception:
    """Why Hydra refused some words, and what else is wrong, as a `ConfigError`; what Hydra said if nothing is known."""
    faults = Faults()
    sound = sound_words(words, own, faults, error)
    language = ENGLISH
    try:
        config = composed(sound, own)
        reader = Reader(config, config.hydra, own, faults)
        reader.study()
        language = reader.language
    except REFUSED_BY_HYDRA:
        pass  # what is known by now is said; the rest shows once that is mended
    return ConfigError(faults, language) if len(faults) else error


def study_of(
    config: DictConfig, hydra: object, own: OwnFiles, notes: list[Sentence] | None = None
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

    Raises
    ------
    ConfigError
        With every fault.
    """
    reader = Reader(config, hydra, own, Faults())
    study = reader.study()
    reader.faults.stop(reader.language)
    assert study is not None
    if notes is not None:
        notes += [*own.notes, *reader.notes]
    return study


class Reader:
    """Reads a composed configuration into settings and notes what is wrong in it."""

    def __init__(self, config: DictConfig, hydra: Any, own: OwnFiles, faults: Faults) -> None:
        self.origin = Origin(hydra, own)
        self.faults = faults.placed(self.origin.where)
        self.notes: list[Sentence] = []
        self.rows: dict[str, Row] = {}
        self.tree = self._plain(config)

    @property
    def language(self) -> str:
        """The language of the report, for messages."""
        report = self.tree.get("report")
        language = report.get("language") if isinstance(report, dict) else None
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
        tree = {key: self._separated(key, self.tree[key]) for key in self.tree}
        data: dict[str, Any] = {key: self._part(model, key, tree) for key, model in SECTIONS.items()}
        if data["series"] is not None:
            self._with_series(data["series"], tree)
        data |= {key: self._numbers(key, tree.get(key)) for key in SHARED}
        keys = self._keys(AskedStudy, tree)
        span = keys or self._span(tree)
        data["bank"] = self._bank(tree.get("bank"), span, tree.get("plans"))
        data["members"] = self._members(tree, span)
        resolver = Resolver(tree, self.rows, self.origin, self.faults, self.notes, span)
        paths = data["series"].of_environment if data["series"] is not None else {}
        data["scenarios"] = [
            scenario.model_copy(update={"series": paths})
            for scenario in resolver.scenarios(self._keys(AskedScenarios, tree))
        ]
        if span is not None:
            self._moments(tree.get("outputs"), span)
        labels = [scenario.label for scenario in data["scenarios"]]
        task = keys.task if keys else str(tree.get("task"))
        _requirements(data, task, labels, self.origin, self.faults)
        _note_parts(self.origin.own, self.faults)
        if len(self.faults) > before or keys is None:
            return None
        data |= {name: getattr(keys, name) for name in StudyKeys.model_fields}
        data |= {"experiment": self.origin.experiment, "overrides": self.origin.overrides}
        data["choices"] = Tree({g: n for g, n in self.origin.choices.items() if _is_choice(g, n)})
        data["name"] = keys.name or self.origin.experiment or "study"
        data["rows"], data["pinned"] = self.rows, self._pinned()
        study = StudySettings.model_validate(data)
        note_reach(study, self.faults, self._reaching)
        _note_objective(study, self.faults)
        if study.analysis.changed:
            try:
                of_words(study.analysis.changed, study)
            except ConfigError as error:
                where = self.faults.where("analysis.changed")
                self.faults.extend(replace(fault, where=where) for fault in error.faults)
        return study

    def _reaching(self, scenario: str, policy: str) -> str:
        """The key that says whom a policy of a scenario reaches: the scenario's, or else that of the policy."""
        inside = f"library.{scenario}"
        own = f"{inside}.policies.{policy}.coverage"
        if lookup(self.tree, own) is not MISSING:
            return own
        by_name = lookup(self.tree, f"{inside}.policies.{policy}")
        is_short = by_name is MISSING and lookup(self.tree, f"{inside}.reach") not in (MISSING, None)
        return f"{inside}.reach" if is_short else f"policies.{policy}.coverage"

    def _with_series(self, series: SeriesSettings, tree: dict[str, object]) -> None:
        """Put the numbers of bank kinds that the user's series set in their places; a number given itself stays."""
        if not isinstance(tree.get("banks"), dict):
            return
        joint_stock = lookup(tree, "environments.central.joint_stock_share")
        for name, value in series.bank_numbers(shapes()["banks"], float(joint_stock)).items():
            if name in self.origin.given:
                continue
            tree["banks"] = assigned(tree["banks"], name.removeprefix("banks."), value)
            row = self.rows.get(name, catalogue.row(name))
            self.rows[name] = replace(row, name=name, source=OWN_SERIES, grade="own data")

    def _unknown_keys(self) -> None:
        known = (*AskedStudy.model_fields, *AskedScenarios.model_fields, *SHARED, *SECTIONS, *DEFINED, "bank")
        for key in self.tree:
            if key not in known:
                below = [name for name in self.origin.given if name.split(".")[0] == key] or [key]
                for name in below:
                    self.faults.at(name, NOT_KNOWN, LISTED, self._nearest_key(name))

    def _nearest_key(self, key: str) -> str:
        return nearest(
            key, (name for name in dotted_keys(self.tree) if name.split(".")[0] != key.split(".")[0])
        )

    def _separated(self, key: str, tree: object) -> Any:
        if key.partition(".")[0] not in (*SHARED, *DEFINED, "bank") or key == "library":
            return tree
        return separated(tree, key, self.rows, self.faults)

    def _validated(self, model: object, data: object, key: str) -> Any:
        return validated(model, data, key, self.faults, {"rows": self.rows})

    def _numbers(self, key: str, data: object) -> Any:
        if not isinstance(data, dict):
            self.faults.at(key, IS_MISSING if data is None else sentence("{!r} is not a mapping", data))
            return None
        return self._validated(numbers_of(key), data, key)

    def _part(self, model: object, key: str, tree: dict[str, object]) -> Any:
        data = tree.get(key, None if key == "objective" else {})
        return self._validated(model, data, key)

    def _keys(self, model: Any, tree: dict[str, Any]) -> Any:
        return self._validated(model, {key: tree[key] for key in model.model_fields if key in tree}, "")

    def _span(self, tree: dict[str, object]) -> StudyKeys | None:
        """The quarters of a study whose other keys are at fault; what is wrong with these is named already."""
        ends = {"start": tree.get("start"), "end": tree.get("end")}
        sound = {"task": "simulate", "seed": 0, "replicates": 1, **ends}
        span: StudyKeys | None = validated(StudyKeys, sound, "", Faults())
        return span

    def _members(self, tree: dict[str, object], span: StudyKeys | None) -> tuple[BankSettings, ...]:
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
                faults.at("name", sentence("{!r} stands twice", bank.name))
            if span is not None:
                span.note_outside(bank.since, "since", faults)
            banks[bank.name] = bank
        return tuple(banks.values())

    def _bank(self, data: Any, span: StudyKeys | None, plans: Any) -> BankSettings | None:
        """The bank that the user brings, if any, with those of its plans that are chosen."""
        file, before = None, len(self.faults)
        if isinstance(data, dict):
            data, file = self._bank_of_files(data)
        if plans is not None and data:
            data = {**data, "plans": read_plans(plans, data.get("plans"), self.faults)}
        if not data and len(self.faults) > before:
            return None
        if not data:
            chosen = self.origin.choices.get("bank")
            if chosen not in (None, "none"):
                self.faults.at("bank", sentence("{} holds no bank", chosen))
            return None
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

    def _note_plans(self, bank: BankSettings, data: dict[str, Any], span: StudyKeys) -> None:
        """Note what is not used of the bank's plans as it was given."""
        for name, plan in (bank.plans or {}).items():
            late = [str(year) for year in sorted(plan.years) if year > int(span.end[:4])]
            if late:
                said = (f"bank.plans.{name}", enumerated(late), span.end)
                self.notes.append(
                    sentence("{}: {} lie after the end of the study, {}, and are not used", *said)
                )
        if bank.plan is not None:
            total = sum(value for value in data["plan"].values() if isinstance(value, int | float))
            if abs(total - 1.0) > 1e-9:
                self.notes.append(scaled("bank.plan", total))

    def _bank_of_files(self, data: dict[str, Any]) -> tuple[Any, BankFile | None]:
        """What is said of the bank by its file, by the peers' files and, over them, by the configuration."""
        said = {key: value for key, value in data.items() if key not in ("file", "peer_files")}
        file = None
        if data.get("file"):
            file = bank_file.read(of_user(str(data["file"])), self.faults)
            self.notes += file.notes
            given = pruned(said)
            file.overruled = frozenset(f"bank.{key}" for key, _ in leaves(given))
            said = merged(file.data, given)
            for key, value in self.origin.asked.items():
                if value is None and key.startswith("bank."):
                    said = assigned(said, key.removeprefix("bank."), None)
        peers: list[Any] = []
        for path in data.get("peer_files") or ():
            for peer in bank_file.read_many(of_user(str(path)), self.faults):
                known = {key: value for key, value in peer.data.items() if key in Facts.model_fields}
                checked = validated(Facts, known, "bank", self.faults.placed(peer.where))
                peers += [] if checked is None else [checked.model_dump(mode="json", exclude_none=True)]
        return ({**said, "peers": peers} if peers else said), file

    def _moments(self, outputs: object, span: StudyKeys) -> None:
        moments = outputs.get("network") if isinstance(outputs, dict) else ()
        for moment in map(plain_quarter, moments if isinstance(moments, list) else ()):
            if is_quarter(moment):
                allowed = sentence("{} to {}, or start, middle, end", span.start, span.end)
                span.note_outside(moment, "outputs.network", self.faults, allowed)

    def _pinned(self) -> tuple[str, ...]:
        """Sampled numbers that the user gave, so that no replicate draws them."""
        names = [name for name, row in self.rows.items() if row.sampled and row.source == OWN_SERIES]
        for key in self.origin.given:
            name = catalogue.number_of(key)
            if name and self.rows.get(name, catalogue.row(name)).sampled:
                part = key.removeprefix(f"{name}.") if key != name else ""
                names.append(name if part in ("", *catalogue.GIVEN) else key)
        return tuple(sorted(set(names)))


OWN_SERIES: Final = "own series"
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


def scaled(key: str, total: float) -> Sentence:
    """What is said of shares that were rounded."""
    return sentence("{}: the shares add to {:.6g} and are scaled to 1", key, total)


# --- what a study names and must be there: files, extra packages, scenarios to look at, a task that does it


ENSEMBLE: Final = sentence("posterior, central, or the folder of an ensemble")
# What needs a package that a plain installation lacks: the module, and the extra that brings it.
METHODS: Final = {"sensitivity": ("SALib", "sensitivity")}
ENGINES: Final = {"dask": ("distributed", "cluster")}
CALIBRATING: Final = (*CALIBRATIONS, "track_record")
# The tasks that read a section; a section given for another task would be passed over in silence.
READ_BY: Final = {
    "analysis": ("policy",), "calibration": CALIBRATING, "objective": ("simulate", "policy", "banks"),
}  # fmt: skip


def _requirements(
    data: Mapping[str, Any], task: str, labels: Sequence[str], origin: Origin, faults: Faults
) -> None:
    """Note everything that is named and not there.

    Parameters
    ----------
    data : mapping
        The sections of the study, None where one is at fault.
    task : str
    labels : sequence of str
        The scenarios.
    origin : Origin
    faults : Faults
        Grows by what is wrong.
    """
    _scores(data["calibration"], faults)
    _ensemble(data["uncertainty"], faults)
    _extras(data, faults)
    _idle(task, origin, faults)
    if task in CALIBRATING:
        for scenario in data["scenarios"]:
            if scenario.assumptions:
                what = sentence("assumptions are not made by this task")
                faults.at(f"library.{scenario.name}.assumptions", what)
    analysis = data["analysis"]
    if analysis and analysis.scenario and labels and analysis.scenario not in labels:
        faults.unknown("analysis.scenario", analysis.scenario, labels)


def _note_objective(study: StudySettings, faults: Faults) -> None:
    """Note an objective that would be the effect of a baseline, which is compared with nothing."""
    last = study.scenarios[-1]
    if study.objective is not None and last.baseline == last.label:
        faults.at("objective", sentence("{} is the last scenario, and a baseline has no effect", last.label))


def _scores(calibration: Any, faults: Faults) -> None:
    path = calibration.scores if calibration else None
    if path:
        try:
            scores(path, faults.where("calibration.scores"))
        except ConfigError as error:
            faults.extend(error.faults)


def _ensemble(uncertainty: Any, faults: Faults) -> None:
    chosen = uncertainty.parameters if uncertainty else CENTRAL
    if chosen in (CENTRAL, POSTERIOR):
        return
    try:
        read_ensemble(of_user(chosen))
    except ConfigError as error:
        for fault in error.faults:
            what = sentence("{!r} is no ensemble: {} {}", chosen, fault.where, fault.what)
            faults.at("uncertainty.parameters", what, ENSEMBLE, nearest(chosen, (CENTRAL, POSTERIOR)))


def _extras(data: Mapping[str, Any], faults: Faults) -> None:
    methods = data["analysis"].methods if data["analysis"] else ()
    needs = [("analysis.methods", method, *METHODS[method]) for method in methods if method in METHODS]
    engine = data["execution"].engine if data["execution"] else ""
    needs += [("execution.engine", engine, *ENGINES[engine])] if engine in ENGINES else []
    for need in needs:
        note_lacking(*need, faults)


def _idle(task: str, origin: Origin, faults: Faults) -> None:
    """Note sections that the user gave and this task does not read."""
    for key in origin.given:
        section = key.partition(".")[0]
        readers = READ_BY.get(section, (task,))
        if task not in readers and not _is_whole_file(section, key, origin):
            reading = [f"task={reader}" for reader in readers]
            faults.at(key, sentence("is not read by task={}", task), ", ".join(reading), reading[0])


def _is_whole_file(section: str, key: str, origin: Origin) -> bool:
    """Whether a key comes from a chosen file of the group alone, which every task carries along."""
    return key not in origin.asked and any(
        layer.is_own and layer.package == section and key.startswith(f"{section}.") for layer in origin.layers
    )
