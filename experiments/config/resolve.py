"""Which scenarios a study plays, what each holds and assumes, and which other one it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from experiments.config import catalogue
from experiments.config.catalogue import Row
from experiments.config.composition import Origin
from experiments.config.errors import (
    NOT_KNOWN,
    Faults,
    Refused,
    Sentence,
    enumerated,
    nearest,
    one_of,
    sentence,
    shown,
    typed,
    unknown,
)
from experiments.config.fields import (
    LAST_QUARTER,
    Span,
    Title,
    is_quarter,
    note_refusals,
    plain_quarter,
    validated,
)
from experiments.config.folders import GROUP_OF, groups, is_group, parsed
from experiments.config.names import Names, listed, titled, vocabulary
from experiments.config.numbers import WORDS, content, number, parts, separated
from experiments.config.scenarios import (
    Changes,
    PolicySettings,
    ScenarioDefinition,
    ScenarioSettings,
    ShockSettings,
    beyond_evidence,
)
from experiments.config.study import SHARED, AskedStudy, StudySettings, numbers_of
from experiments.config.tree import MISSING, Tree, dotted_keys, leaves, lookup, merged, overlap, plain_data

BASELINE, NONE, CENTRAL = "baseline", "none", "central"
MODELS: Final = {"policies": PolicySettings, "shocks": ShockSettings}
WORD_OF: Final = {group: word for word, group in GROUP_OF.items()}
CHINESE: Final = {"policies": "政策", "shocks": "冲击", "environments": "环境", "library": "情景"}
TESTS: Final = Title(
    en="What the policies and shocks given on the command line do against their baseline.",
    zh="命令行给定的政策与冲击相对于其基线的作用。",
)
SOME_LEVERS: Final = sentence("levers: {{data_sharing: 1.0}}, names of policies and how strongly")
UNSAID: Final = Title(en="What this scenario does against its baseline.", zh="该情景相对于其基线的作用。")
Part = PolicySettings | ShockSettings


@dataclass
class Resolver:
    """Turns definitions, as users write them, into the scenarios that were asked for, as the engine takes them.

    Parameters
    ----------
    tree : mapping
        The composed configuration as plain data, numbers separated from what is known of them.
    rows : mapping
        What the files say of numbers beside their values.
    origin : Origin
    faults : Faults
        Grows by what is wrong; it knows where a dotted key stands.
    notes : list of Sentence
        Grows by what is worth saying.
    span : Span or None
        The quarters of the study, where they are sound.
    """

    tree: Mapping[str, Any]
    rows: Mapping[str, Row]
    origin: Origin
    faults: Faults
    notes: list[Sentence]
    span: Span | None

    def __post_init__(self) -> None:
        self.places: dict[tuple[str, str], str] = {}  # of the scenario at hand
        # By scenario and policy: where it says whom that reaches.
        self.reaching: dict[tuple[str, str], str] = {}
        self.used: dict[str, set[str]] = {group: set() for group in WORD_OF}
        self.said: dict[str, dict[str, Row]] = {}  # by scenario, what it says of numbers beside their values
        # By dotted name of a policy or shock and by scenario: where that says which of its keys otherwise.
        self.otherwise: dict[str, dict[str, dict[str, str]]] = {}
        self.names = {
            group: titled(_titles(self.tree.get(group)), vocabulary(word)) for group, word in WORD_OF.items()
        }
        library = _titles(self.tree.get("library"))
        # Policies and shocks that no scenario is called like, each a scenario by itself; their groups.
        self.alone = {n: group for group in MODELS for n in self.names[group].names if n not in library}
        titles = {name: _titles(self.tree[group])[name] for name, group in self.alone.items()}
        taken = list(library.values())  # a title that a scenario of the library has is the scenario's
        self.names["scenarios"] = titled(
            library | {name: None if title in taken else title for name, title in titles.items()}
        )

    def scenarios(self, keys: AskedStudy) -> list[ScenarioSettings]:
        """The scenarios of the study in order, baselines that had to be added first; parts at fault are left out."""
        scenarios = self._compared(self._asked(keys), keys.baseline)
        if scenarios:
            self._note_unused()
            self._note_overruled(scenarios)
        return [self._marked(one) for one in scenarios]

    # --- which scenarios

    def _asked(self, keys: AskedStudy) -> list[ScenarioSettings]:
        policies = self._names("policies", keys.policy, "policy")
        shocks = self._names("shocks", keys.shock, "shock")
        asked_for = None if keys.environment is None else [keys.environment]
        environment = next(iter(self._names("environments", asked_for, "environment") or ()), None)
        words_used = [word for word in ("policy", "shock", "scenario") if getattr(keys, word) is not None]
        if not words_used:
            listed = keys.scenarios or self.tree.get("scenarios")  # of those at fault what can be read
            words = (
                [word for word in listed if isinstance(word, str)] if isinstance(listed, list | tuple) else []
            )
            chosen = self._names("scenarios", [self._called(word) for word in words], "scenarios")
            scenarios = [self._scenario(name, environment) for name in chosen or ()]
            return scenarios if keys.baseline is not None else self._with_baselines(scenarios)
        if "scenarios" in self.origin.asked:
            word = f"{words_used[0]}="
            allowed = sentence("scenarios=, or {}", word)
            self.faults.add(typed("scenarios"), sentence("stands beside {}", word), allowed)
        for name in self._names("library", [keys.scenario or BASELINE], "scenario") or ():
            one = self._scenario(name, environment, policies, shocks)
            self._note_replaced(name, policies, shocks)
            baseline = self._baseline(*((one.environment_name, one) if one.policies else (environment, None)))
            return [one] if baseline.label == one.label else [baseline, one]
        return []

    def _note_replaced(
        self, scenario: str, policies: Sequence[str] | None, shocks: Sequence[str] | None
    ) -> None:
        """Note the policies and shocks of a scenario in whose place others, or none, were asked for."""
        own = ScenarioDefinition.read((self.tree.get("library") or {}).get(scenario), "", Faults())
        for group, names, chosen in (("policies", own.done, policies), ("shocks", own.shocks, shocks)):
            lost = [] if chosen is None else [name for name in names if name not in chosen]
            if lost:
                values = (f"{WORD_OF[group]}=", Sentence(group, CHINESE[group]), scenario, ", ".join(lost))
                self.notes.append(sentence("{} takes the place of the {} of {}: {}", *values))

    def _called(self, word: str) -> str:
        """A word for several scenarios means the policy or the shock, where there is one; a name of both is refused."""
        matches = (self.names[group].find(word) for group in ("scenarios", *MODELS))
        name = next(filter(None, matches), word)
        if name in self.alone and all(name in self.names[group].names for group in MODELS):
            what = sentence("{} is a policy and a shock", name)
            self.faults.at("scenarios", what, f"policy={name}, shock={name}")
        return name

    def _names(self, group: str, words: Sequence[str] | None, key: str) -> list[str] | None:
        """The names that words mean; `none` by itself means no policy or no shock at all."""
        if words is None:
            return None
        if NONE in words and group in MODELS:
            if len(words) > 1:
                self.faults.at(key, sentence("none stands beside others"))
            return []
        return self._known(group, words, key, (NONE,) if group in MODELS else ())

    def _known(self, group: str, words: Iterable[str], key: str, others: Sequence[str] = ()) -> list[str]:
        names, options = self.names[group], (*self.names[group].names, *others)
        meanings: list[str] = []
        strange, where = [], self.faults.where(key)
        for word in words:
            candidates = names.candidates(word)
            if not candidates:
                strange.append(word)
            elif len(candidates) > 1:
                with self.faults.noted(key):
                    names.name(word)
            elif candidates[0] in meanings:
                self.faults.add(
                    where, sentence("{} stands there twice", candidates[0]), sentence("each name once")
                )
            else:
                meanings.append(candidates[0])
        if strange:
            what = sentence(
                "{} {} not known", ", ".join(map(repr, strange)), "is" if len(strange) == 1 else "are"
            )
            near = (
                _several(word, names) or nearest(word, options) or names.nearest(word) for word in strange
            )
            self.faults.add(where, what, ", ".join(options), ", ".join(filter(None, near)))
        return meanings

    def _baseline(self, environment: str | None, like: ScenarioSettings | None = None) -> ScenarioSettings:
        """The baseline of the library in an environment, and under the assumptions of another scenario."""
        baseline = self._scenario(BASELINE, environment)
        if like is None or not like.assumptions:
            return baseline
        other = {"label": f"{BASELINE}@{like.name}", "assumptions": like.assumptions}
        return baseline.model_copy(update=other)

    def _with_baselines(self, scenarios: list[ScenarioSettings]) -> list[ScenarioSettings]:
        """The same, with the baseline first when every scenario that was named has policies or shocks."""
        if any(not one.policies and not one.shocks for one in scenarios):
            return scenarios
        added: dict[str, ScenarioSettings] = {}
        for one in scenarios:
            baseline = self._baseline(one.environment_name, one)
            if not any(_alike(baseline, other) for other in added.values()):
                added.setdefault(baseline.label, baseline)
        return [*added.values(), *scenarios]

    def _compared(self, scenarios: list[ScenarioSettings], baseline: str | None) -> list[ScenarioSettings]:
        by_label = {one.label: one for one in scenarios}
        base = {one.label: _baseline_of(one, scenarios) for one in scenarios}
        if baseline is not None and scenarios:
            label = str(baseline if baseline in by_label else self.names["scenarios"].find(baseline))
            if label not in by_label:
                what = sentence("{!r} is no scenario of this study", baseline)
                self.faults.unknown("baseline", baseline, by_label, what)
            base = dict.fromkeys(by_label, label)
        for one in scenarios:
            other = by_label.get(base[one.label])
            if other and not _alike(other, one):
                self.notes.append(_of_worlds(one, other))
        return [one.model_copy(update={"baseline": base[one.label]}) for one in scenarios]

    # --- what they hold

    def _scenario(
        self,
        name: str,
        environment: str | None,
        policies: Sequence[str] | None = None,
        shocks: Sequence[str] | None = None,
    ) -> ScenarioSettings:
        """A scenario of the library, or of one policy or shock, with what was asked for in place of its own."""
        key, alone = f"library.{name}", self.alone.get(name)
        data = {alone: [name]} if alone else (self.tree.get("library") or {}).get(name)
        definition = ScenarioDefinition.read(data, key, self.faults)
        if {"dates", "reach"} & definition.model_fields_set and not definition.levers:
            self.faults.at(key, sentence("has dates or reach but no levers"), SOME_LEVERS)
        for twice in definition.levers.keys() & definition.policies:
            self.faults.at(f"{key}.policies", sentence("{} stands there twice", twice))
        own = [] if definition.environment is None else [definition.environment]
        usual = next(iter(self._known("environments", own, f"{key}.environment")), CENTRAL)
        chosen = self._chosen("policies", definition.done, policies, key)
        blows = self._chosen("shocks", definition.shocks, shocks, key)
        label, is_given = name, policies is not None or shocks is not None
        if is_given:
            nothing = name if definition.assumptions else BASELINE
            usual, environment, label = CENTRAL, environment or usual, "+".join((*chosen, *blows)) or nothing
        label = f"{label}@{environment}" if environment not in (None, usual) else label
        environment = environment or usual
        used = {"library": [name], "policies": chosen, "shocks": blows, "environments": [environment]}
        for group, names in used.items():
            self.used[group].update(names)
        self.places = dict(self._short(definition, key))
        parts = [self._part("policies", *one, name) for one in chosen.items()]
        struck = [self._part("shocks", *one, name) for one in blows.items()]
        present = [*parts, *struck] if is_given or alone else []
        return ScenarioSettings(
            label=label,
            name=name,
            baseline=label,
            **self._said(name, self._emptied(definition) if is_given else definition, present),
            grade=definition.grade,
            environment_name=environment,
            environment=self._environment(environment),
            policies=tuple(part for part in parts if isinstance(part, PolicySettings)),
            shocks=tuple(part for part in struck if isinstance(part, ShockSettings)),
            assumptions=expanded(definition.assumptions, self.tree, f"{key}.assumptions", self.faults),
        )

    def _chosen(
        self, group: str, own: Mapping[str, Changes], words: Sequence[str] | None, key: str
    ) -> Mapping[str, Changes]:
        """What a scenario chooses of a group, by name, or what was asked for in its place."""
        chosen: dict[str, Changes] = {}
        for word, changes in own.items():
            for name in self._known(group, [word], f"{key}.{group}"):
                if name in chosen:
                    self.faults.at(f"{key}.{group}", sentence("{} stands there twice", name))
                chosen[name] = changes
        return chosen if words is None else {name: {} for name in words}

    def _short(self, definition: ScenarioDefinition, key: str) -> Iterator[tuple[tuple[str, str], str]]:
        """By policy and key of it, where a scenario in short says it: ``dates``, ``reach``, or beside the lever."""
        for word, own in definition.levers.items():
            name = self.names["policies"].find(word)
            if name is None:
                continue
            is_whole = isinstance(lookup(self.tree, f"{key}.levers.{word}"), Mapping)
            shared = {**dict.fromkeys(definition.dates, "dates"), "coverage": "reach"}
            beside = {part: f"levers.{word}" + (f".{part}" if is_whole else "") for part in own}
            coverage = own.get("coverage")
            reach = {
                f"coverage.{part}": "reach" for part in definition.reach if lookup(coverage, part) is MISSING
            }
            for part, place in {**shared, **beside, **reach}.items():
                yield (name, part), f"{key}.{place}"

    def _environment(self, name: str) -> Tree:
        key = f"environments.{name}"
        numbers = (self.tree.get("environments") or {}).get(name)
        return validated(numbers_of(key), numbers, key, self.faults, {"rows": self.rows}) or Tree({})

    def _emptied(self, definition: ScenarioDefinition) -> ScenarioDefinition:
        """What says what a scenario is, once its policies and shocks were taken from it: a baseline, if it had any."""
        if not definition.done and not definition.shocks:
            return definition
        return ScenarioDefinition.read((self.tree.get("library") or {}).get(BASELINE), "", Faults())

    def _said(
        self, name: str, definition: ScenarioDefinition, parts: Sequence[Part | None]
    ) -> dict[str, Any]:
        """What the library says of a scenario, or what its policies and shocks say when those were given."""
        present = [part for part in parts if part is not None]
        if present:
            joined = [" + ".join(getattr(part.title, one) for part in present) for one in ("en", "zh")]
            expected = tuple(line for part in present for line in part.expected)
            return {"title": Title(en=joined[0], zh=joined[1]), "tests": TESTS, "expected": expected}
        title = definition.title or Title(en=name, zh=name)
        return {"title": title, "tests": definition.tests or UNSAID, "expected": definition.expected}

    def _marked(self, scenario: ScenarioSettings) -> ScenarioSettings:
        """The same, which says so where numbers of it lie beyond the evidence."""
        beyond = tuple(beyond_evidence(scenario, {**self.rows, **self.said.get(scenario.name, {})}))
        if not beyond:
            return scenario
        listed = ", ".join(beyond)
        self.notes.append(
            sentence("{} lies beyond the evidence: {}; its results are marked so", scenario.label, listed)
        )
        title = Title(en=scenario.title.en + BEYOND.en, zh=scenario.title.zh + BEYOND.zh)
        return scenario.model_copy(update={"title": title, "beyond": beyond})

    def _part(self, group: str, name: str, changes: Changes, scenario: str) -> Part | None:
        """A policy or shock with what a scenario changes in it, or None; an open end is closed by the study's.

        What a scenario changes in a policy may lie beyond the shipped range.
        """
        key, inside, data = f"{group}.{name}", f"library.{scenario}.{group}.{name}", self.tree[group][name]
        if not isinstance(data, Mapping):
            self.faults.at(key, sentence("{} is not {}", shown(data), sentence("a mapping")))
            return None
        where, rows = self.faults.where, dict(self.rows)

        def place(below: str) -> str:
            rest = below.removeprefix(inside).removeprefix(key).removeprefix(".")
            if not _is_changed(rest, changes, data):
                return where(f"{key}.{rest}".strip("."))
            part, _, inner = rest.partition(".")
            short = self.places.get((name, part), f"{inside}.{part}")
            short = self.places.get((name, rest), short) if inner else short
            return where(f"{short}.{inner}".strip(".") if short.endswith(f".{part}") else short)

        faults = self.faults.placed(place)
        if "name" in data or "name" in changes:
            faults.at(f"{key}.name", NOT_KNOWN)
        own = separated(changes, key, rows, faults)
        self.said.setdefault(scenario, {}).update(rows)
        whole = self._ended(merged(data, own), key, faults)
        changed = {below: place(f"{key}.{below}") for below, _ in leaves(own) if below}
        self.otherwise.setdefault(key, {})[scenario] = changed
        free = {f"{key}.{below}" for below in changed if group == "policies"}
        context = {"rows": rows, "key": key, "free": free}
        at = inside if changes else key
        part: Part | None = validated(MODELS[group], {**whole, "name": name}, at, faults, context)
        if isinstance(part, PolicySettings):
            self.reaching[scenario, name] = place(f"{key}.coverage")
        return part

    def _ended(self, data: dict[str, Any], key: str, faults: Faults) -> dict[str, Any]:
        """A policy or shock with an end, and dates outside the study noted."""
        data = {**data, **{end: plain_quarter(data[end]) for end in ("start", "end") if end in data}}
        span, is_open = self.span, data.get("end") is None
        if is_open:
            start, last = data.get("start"), span.end if span else LAST_QUARTER
            data = {**data, "end": max(last, str(start)) if is_quarter(start) else last}
        for end in ("start",) if is_open else ("start", "end"):
            if span is not None and is_quarter(data.get(end)):
                span.note_outside(data[end], f"{key}.{end}", faults)
        return data

    def _note_unused(self) -> None:
        """Note values of the command line for policies, shocks, environments and scenarios that no scenario has."""
        for key in self.origin.asked:
            group, name = [*key.split("."), ""][:2]
            if group in WORD_OF and name in self.names[group].names and name not in self.used[group]:
                word = WORD_OF[group]
                what = sentence("no scenario of this study has {} {}", Sentence(word, CHINESE[group]), name)
                self.faults.add(typed(key), what, sentence("{}={}, or a scenario with it", word, name))

    def _note_overruled(self, scenarios: Sequence[ScenarioSettings]) -> None:
        """Note words of the command line that scenarios say otherwise: a fault where none is left that takes one."""
        words = {key: key for key in self.origin.asked}
        if any(one.key_or_group == "allocation" and is_group(one) for one in parsed(self.origin.overrides)):
            words["allocation"] = "allocation.rule"
        assumed = {one.label: dict.fromkeys(one.assumptions, one.label) for one in scenarios}
        for word, key in words.items():
            group, name, rest = [*key.split(".", 2), "", ""][:3]
            of_part = self.otherwise.get(f"{group}.{name}")
            values_of, place_of = (of_part, rest) if of_part else (assumed, key)
            places = {
                one: [place for other, place in keys.items() if overlap(place_of, other)]
                for one, keys in values_of.items()
            }
            apart = [one for one in places if places[one]]
            if apart and len(apart) == len(places):
                where = enumerated(dict.fromkeys(place for one in apart for place in places[one]))
                what = sentence("counts in no scenario, for each that has it says its own: {}", where)
                self.faults.add(typed(word), what)
            elif of_part and apart:
                said_so = sentence("{} does not count in {}, which says its own", word, enumerated(apart))
                self.notes.append(said_so)


BEYOND: Final = sentence(" (beyond the evidence)")


def _is_changed(key: str, changes: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether a key of a policy or shock, or what it lies in, is what a scenario changes."""
    while key and lookup(changes, key) is MISSING and lookup(data, key) is MISSING:
        key = key.rpartition(".")[0]
    return lookup(changes, key) is not MISSING


def _several(word: str, names: Names) -> str:
    """A list of names, where a text holds several of them."""
    chosen = [names.find(one) for one in listed(word)]
    return f"[{','.join(map(str, chosen))}]" if len(chosen) > 1 and all(chosen) else ""


def _titles(group: Any) -> dict[str, object]:
    if not isinstance(group, Mapping):
        return {}
    return {name: item.get("title") if isinstance(item, Mapping) else None for name, item in group.items()}


def _alike(first: ScenarioSettings, second: ScenarioSettings) -> bool:
    """Whether two scenarios stand in the same environment under the same assumptions."""
    return first.environment_name == second.environment_name and first.assumptions == second.assumptions


def _of_worlds(one: ScenarioSettings, other: ScenarioSettings) -> Sentence:
    """What an effect is of, where a scenario is compared with one in another world."""
    if one.policies or one.shocks:
        return sentence(
            "{} is compared with {}, which has another environment or other assumptions: the effect is that of all of "
            "them together",
            one.label,
            other.label,
        )
    return sentence(
        "{} is compared with {}, which has another environment or other assumptions: without policy or shock of its "
        "own, the effect is theirs",
        one.label,
        other.label,
    )


def _baseline_of(one: ScenarioSettings, scenarios: list[ScenarioSettings]) -> str:
    """The scenario without policies that is most like it: environment and assumptions first, then shocks.

    Without policies of its own a scenario is compared with the first plain one.
    """
    bare = [other for other in scenarios if not other.policies]
    plain = [other for other in bare if not other.shocks and not other.assumptions]
    if not one.policies:
        return (plain or [one])[0].label
    alike = [other for other in bare if _alike(other, one)]
    for others in (alike, bare):
        same = [other for other in others if _struck(other) == _struck(one)]
        calm = [other for other in others if not other.shocks]
        if same or calm:
            return (same or calm)[0].label
    return (bare or [one])[0].label


def _struck(one: ScenarioSettings) -> list[str]:
    return [shock.name for shock in one.shocks]


# --- what a scenario assumes otherwise: an allocation rule, a network, any number that scenarios usually share


CHOSEN: Final = ("allocation", "network")
ASSUMED: Final = ("behaviour", "banks", "network", "allocation", "population.questionnaire")
# Numbers that make the banks themselves, which the scenarios of a study share.
OF_THE_POPULATION: Final = ("asset_growth", "focus")


def expanded(
    values: Mapping[str, object], tree: Mapping[str, object], key: str, faults: Faults
) -> dict[str, Any]:
    """The assumptions of a scenario as values by dotted name, those alone that differ from the study's.

    Parameters
    ----------
    given : mapping
        ``{allocation: reinforcement, network: none, behaviour.loss_system: 0.05, banks: {city: {...}}}``.
    tree : mapping
        The composed configuration.
    key : str
        Where the assumptions stand in it.
    faults : Faults
        Grows by what is wrong.
    """
    files: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    for name, value in parts(values):
        try:
            if name in CHOSEN and isinstance(value, str):
                files |= _file(name, value)
                continue
            if name in changes:
                raise Refused(sentence("{} stands there twice", name))
            _check_name(name, tree)
            changes[name] = _sound_value(name, value, lookup(tree, name), key, faults)
        except Refused as refused:
            faults.refused(f"{key}.{name}", refused)
        except ValidationError as error:
            note_refusals(error, None, value, f"{key}.{name}", faults)
    # A value stands above the file of its group, whichever was written first.
    return {name: value for name, value in {**files, **changes}.items() if lookup(tree, name) != value}


def _file(group: str, name: str) -> dict[str, object]:
    """What a file of the group sets, over the layers of the network that is usual."""
    name = one_of(vocabulary(group).find(name) or name, groups()[group])
    usual = content("network/partnerships") if group == "network" else {}
    return {f"{group}.{key}": value for key, value in {**usual, **content(f"{group}/{name}")}.items()}


def _check_name(name: str, tree: Mapping[str, object]) -> None:
    """Refuse what is no number or word that scenarios may have apart."""
    allowed = ", ".join(f"{prefix}.*" for prefix in ASSUMED)
    if lookup(tree, name) is MISSING:
        raise Refused(NOT_KNOWN, allowed, nearest(name, dotted_keys({k: tree.get(k) for k in SHARED})))
    in_population = name.startswith("banks.") and name.split(".")[2:3] in [[n] for n in OF_THE_POPULATION]
    if in_population or not name.startswith(tuple(f"{prefix}." for prefix in ASSUMED)):
        what = sentence("is shared by all scenarios of a study: ask for two studies instead")
        raise Refused(what, allowed, f"-m {name.partition('.')[0]}=...")


def _sound_value(name: str, value: Any, shipped: object, key: str, faults: Faults) -> object:
    """A value as plain data, when it is sound for its name; what stands beside it counts as in any other file."""
    whole = catalogue.number_of(name)
    if whole:
        rows: dict[str, Row] = {}
        if catalogue.is_number(value):
            placed = faults.placed(lambda part: faults.where(f"{key}.{name}{part.removeprefix(whole)}"))
            value = separated(value, whole, rows, placed)
        return plain_data(number(value, rows.get(whole, catalogue.row(whole)), shipped))
    options = tuple[Any, ...](WORDS.get(name, (True, False)))
    if isinstance(shipped, bool) != isinstance(value, bool):
        raise unknown(value, options)
    return one_of(value, options)


def of_words(words: Sequence[str], settings: StudySettings) -> dict[str, Any]:
    """The assumptions that overrides such as ``allocation=reinforcement`` make, by dotted name.

    Raises
    ------
    ConfigError
        If one is no assumption, or its value is not allowed.
    """
    values = {override.key_or_group: override.value() for override in parsed(words)}
    tree = {group: plain_data(getattr(settings, group)) for group in SHARED}
    faults = Faults()
    changes = expanded(values, tree, "analysis.changed", faults)
    faults.stop(settings.report.language)
    return changes
