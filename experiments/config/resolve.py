"""Which scenarios a study plays, what each holds, and which other one it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from experiments.config import catalogue
from experiments.config.assumptions import expanded
from experiments.config.catalogue import Row
from experiments.config.composition import Origin
from experiments.config.errors import (
    NOT_KNOWN,
    Faults,
    Refused,
    Sentence,
    nearest,
    out_of_range,
    sentence,
    typed,
)
from experiments.config.fields import LAST_QUARTER, Title, is_quarter, validated
from experiments.config.folders import GROUP_OF
from experiments.config.names import titled
from experiments.config.numbers import is_finite, is_real, separated
from experiments.config.scenarios import PolicySettings, ScenarioDefinition, ScenarioSettings, ShockSettings
from experiments.config.study import AskedScenarios, StudyKeys, numbers_of
from experiments.config.tree import leaves, merged

BASELINE, NONE, CENTRAL = "baseline", "none", "central"
MODELS: Final = {"policies": PolicySettings, "shocks": ShockSettings}
WORDS: Final = {group: word for word, group in GROUP_OF.items()}
CHINESE: Final = {"policies": "政策", "shocks": "冲击", "environments": "环境", "library": "情景"}
TESTS: Final = {
    "en": "What the policies and shocks given on the command line do against their baseline.",
    "zh": "命令行给定的政策与冲击相对于其基准的作用。",
}
UNSAID: Final = {"en": "What this scenario does against its baseline.", "zh": "该情景相对于其基准的作用。"}


@dataclass(frozen=True)
class Draft:
    """A scenario on its way into a study.

    `policies` and `shocks` are names with what the scenario changes in them; `key` is where the configuration has it.
    """

    label: str
    name: str
    definition: ScenarioDefinition
    environment: str
    policies: Mapping[str, Any] = field(default_factory=dict)
    shocks: Mapping[str, Any] = field(default_factory=dict)
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    baseline: str = ""
    given: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether no policy is in force."""
        return not self.policies

    @property
    def is_plain(self) -> bool:
        """Whether nothing is done, nothing happens and nothing else is assumed."""
        return not self.policies and not self.shocks and not self.assumptions


class Resolver:
    """Turns what was asked for into scenarios.

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
    """

    def __init__(
        self,
        tree: Mapping[str, Any],
        rows: Mapping[str, Row],
        origin: Origin,
        faults: Faults,
        notes: list[Sentence],
    ) -> None:
        self.tree, self.rows, self.origin, self.faults, self.notes = tree, rows, origin, faults, notes
        self.names = {group: titled(_titles(tree.get(group))) for group in WORDS}
        library = _titles(tree.get("library"))
        # Policies and shocks that no scenario is called like, each a scenario by itself; their groups.
        self.alone = {n: group for group in MODELS for n in self.names[group].names if n not in library}
        titles = {name: _titles(tree[group])[name] for name, group in self.alone.items()}
        known = list(library.values())  # a title that a scenario of the library has is the scenario's
        self.names["scenarios"] = titled(
            library | {name: None if title in known else title for name, title in titles.items()}
        )

    def scenarios(self, keys: AskedScenarios | None, span: StudyKeys | None) -> list[ScenarioSettings | None]:
        """The scenarios of the study, with None for each in which something is wrong."""
        drafts = self.drafts(keys)
        found = [self._settled(draft, span) for draft in drafts]
        self._unused(drafts)
        return found

    # --- which scenarios

    def drafts(self, keys: AskedScenarios | None) -> list[Draft]:
        """The scenarios of the study in order, baselines that had to be added first."""
        policies = self._names("policies", keys.policy if keys else None, "policy")
        shocks = self._names("shocks", keys.shock if keys else None, "shock")
        asked_for = [keys.environment] if keys and keys.environment is not None else None
        environment = next(iter(self._names("environments", asked_for, "environment") or ()), None)
        asked = [word for word in ("policy", "shock", "scenario") if keys and getattr(keys, word) is not None]
        if asked and "scenarios" in self.origin.asked:
            one = f"{asked[0]}="
            allowed = sentence("scenarios=, or {}", one)
            self.faults.add(typed("scenarios"), sentence("stands beside {}", one), allowed)
        if asked:
            name = self._names("library", [(keys and keys.scenario) or BASELINE], "scenario")
            drafts = self._one(name[0], policies, shocks, environment) if name else []
        else:
            given = keys.scenarios if keys else self.tree.get("scenarios")
            listed = [one for one in given if isinstance(one, str)] if isinstance(given, list | tuple) else []
            named = self._names("scenarios", [self._called(one) for one in listed], "scenarios") or ()
            drafts = [self._draft(one, environment) for one in named]
            if keys is None or keys.baseline is None:
                drafts = self._with_baselines(drafts)
        return self._compared(drafts, keys.baseline if keys else None)

    def _called(self, word: str) -> str:
        """A word for several scenarios means the policy or the shock, where there is one; a name of both is refused."""
        found = (self.names[group].find(word) for group in ("scenarios", *MODELS))
        name = next(filter(None, found), word)
        if name in self.alone and all(name in self.names[group].names for group in MODELS):
            what = sentence("{} is a policy and a shock", name)
            self.faults.at("scenarios", what, f"policy={name}, shock={name}")
        return name

    def _names(self, group: str, words: Sequence[str] | None, key: str) -> list[str] | None:
        """The names that words mean; `none` by itself means no name at all."""
        if words is None:
            return None
        if NONE in words:
            if len(words) > 1:
                self.faults.at(key, sentence("none stands beside others"))
            return []
        return self._known(group, words, key, (NONE,) if group in MODELS else ())

    def _known(self, group: str, words: Iterable[str], key: str, others: Sequence[str] = ()) -> list[str]:
        names, options = self.names[group], (*self.names[group].names, *others)
        found, strange, where = [], [], self.faults.where(key)
        for word in words:
            try:
                meant = word if word in others else names.name(word)
            except Refused as error:
                if names.candidates(word):
                    self.faults.refused(where, error)
                else:
                    strange.append(word)
                continue
            if meant in found:
                self.faults.add(where, sentence("{} stands there twice", meant), sentence("each name once"))
            else:
                found.append(meant)
        if strange:
            what = sentence(
                "{} {} not known", ", ".join(map(repr, strange)), "is" if len(strange) == 1 else "are"
            )
            near = (nearest(word, options) or names.nearest(word) for word in strange)
            self.faults.add(where, what, ", ".join(options), ", ".join(filter(None, near)))
        return found

    def _draft(self, name: str, environment: str | None) -> Draft:
        """A scenario of the library, or of one policy or shock."""
        key, data = f"library.{name}", (self.tree.get("library") or {}).get(name)
        if name in self.alone:
            data = {self.alone[name]: [name]}
        definition = validated(ScenarioDefinition, data, key, self.faults) or ScenarioDefinition()
        own = [definition.environment] if definition.environment is not None else []
        usual = next(iter(self._known("environments", own, f"{key}.environment")), CENTRAL)
        label = f"{name}@{environment}" if environment and environment != usual else name
        return Draft(
            label,
            name,
            definition,
            environment or usual,
            self._mapped("policies", definition.policies, key),
            self._mapped("shocks", definition.shocks, key),
            expanded(definition.assumptions, self.tree, f"{key}.assumptions", self.faults),
            given=name in self.alone,
        )

    def _mapped(self, group: str, chosen: Mapping[str, Any], key: str) -> dict[str, Any]:
        """What a scenario chooses, by the names of the group."""
        return {
            found[0]: changes
            for word, changes in chosen.items()
            if (found := self._known(group, [word], f"{key}.{group}"))
        }

    def _one(
        self, name: str, policies: list[str] | None, shocks: list[str] | None, environment: str | None
    ) -> list[Draft]:
        """One scenario, or given policies and shocks, and the baseline."""
        draft = self._draft(name, environment)
        if policies is not None or shocks is not None:
            done = draft.policies if policies is None else {one: {} for one in policies}
            blows = draft.shocks if shocks is None else {one: {} for one in shocks}
            label = "+".join((*done, *blows)) or BASELINE
            if draft.environment != CENTRAL:
                label = f"{label}@{draft.environment}"
            draft = replace(draft, label=label, given=True, policies=done, shocks=blows)
        if draft.is_plain and name == BASELINE:
            return [draft]
        base = self._baseline(environment) if draft.is_bare else self._baseline(draft.environment, draft)
        return [base, draft]

    def _baseline(self, environment: str | None, like: Draft | None = None) -> Draft:
        """The baseline of the library in an environment, and under the assumptions of another scenario."""
        draft = self._draft(BASELINE, environment)
        if like is not None and like.assumptions:
            return replace(draft, label=f"{BASELINE}@{like.name}", assumptions=like.assumptions)
        return draft

    def _with_baselines(self, drafts: list[Draft]) -> list[Draft]:
        """The same, with the baseline first when every scenario that was named has policies or shocks."""
        if not drafts or any(draft.is_bare and not draft.shocks for draft in drafts):
            return drafts
        added: dict[str, Draft] = {}
        for draft in drafts:
            baseline = self._baseline(draft.environment, draft)
            if not any(_alike(baseline, other) for other in added.values()):
                added.setdefault(baseline.label, baseline)
        return [*added.values(), *drafts]

    def _compared(self, drafts: list[Draft], named: str | None) -> list[Draft]:
        labels = [draft.label for draft in drafts]
        if named is not None and labels:
            meant = named if named in labels else self.names["scenarios"].find(named)
            if meant not in labels:
                what = sentence("{!r} is no scenario of this study", named)
                self.faults.unknown("baseline", named, labels, what)
            return [replace(draft, baseline=str(meant)) for draft in drafts]
        compared = [replace(draft, baseline=_baseline_of(draft, drafts)) for draft in drafts]
        by_label = {draft.label: draft for draft in compared}
        for draft in compared:
            base = by_label[draft.baseline]
            if draft.policies and not _alike(base, draft):
                self.notes.append(_mixed(draft, base))
        return compared

    # --- what they hold

    def _settled(self, draft: Draft, span: StudyKeys | None) -> ScenarioSettings | None:
        beyond: list[str] = []
        policies = [
            self._dated("policies", name, delta, draft, span, beyond)
            for name, delta in draft.policies.items()
        ]
        shocks = [self._dated("shocks", name, delta, draft, span) for name, delta in draft.shocks.items()]
        key = f"environments.{draft.environment}"
        numbers = self.tree.get("environments", {}).get(draft.environment)
        environment = self._validated(numbers_of(key), numbers, key)
        if None in policies or None in shocks or environment is None:
            return None
        said = self._said(draft, policies, shocks)
        if beyond:
            title = Title.model_validate(said["title"])
            said["title"] = {"en": title.en + BEYOND.en, "zh": title.zh + BEYOND.zh}
            self.notes.append(_unproven(draft.label, beyond))
        return ScenarioSettings.model_validate(
            {
                "label": draft.label,
                "name": draft.name,
                "baseline": draft.baseline or draft.label,
                "grade": draft.definition.grade,
                "environment_name": draft.environment,
                "environment": environment,
                "policies": policies,
                "shocks": shocks,
                "assumptions": dict(draft.assumptions),
                "beyond": tuple(beyond),
                **said,
            }
        )

    def _validated(self, model: Any, data: Any, key: str, rows: Mapping[str, Row] | None = None) -> Any:
        context = {"rows": self.rows if rows is None else rows}
        return validated(model, data, key, self.faults, context)

    def _said(self, draft: Draft, policies: list[Any], shocks: list[Any]) -> dict[str, Any]:
        """What the library says of a scenario, or what its policies and shocks say when those were given."""
        definition, parts = draft.definition, [*policies, *shocks]
        if draft.given and parts:
            joined = {one: " + ".join(getattr(part.title, one) for part in parts) for one in ("en", "zh")}
            expected = tuple(line for part in parts for line in part.expected)
            return {"title": joined, "tests": TESTS, "expected": expected}
        title = definition.title or {"en": draft.name, "zh": draft.name}
        return {"title": title, "tests": definition.tests or UNSAID, "expected": definition.expected}

    def _dated(
        self,
        group: str,
        name: str,
        delta: Any,
        draft: Draft,
        span: StudyKeys | None,
        beyond: list[str] | None = None,
    ) -> Any:
        """A policy or shock of a scenario, with an open end closed by the study's.

        What a scenario of the library changes in a policy may lie beyond the shipped range; `beyond` grows by it.
        """
        key, data = f"{group}.{name}", self.tree.get(group, {}).get(name)
        rows: dict[str, Row] = dict(self.rows)
        if delta and isinstance(data, Mapping):
            inside = f"library.{draft.name}.{group}.{name}"
            known = set(_keys(data))
            strange = [
                below
                for below in _keys(delta)
                if below not in known and not _is_inside(below, known) and not _is_number_of(key, below)
            ]
            if strange:
                self._strange(strange, known, inside)
                return None
            data = merged(data, self._delta(key, delta, inside, rows))
        if not isinstance(data, Mapping):
            self.faults.at(key, sentence("{!r} is not a mapping", data))
            return None
        if beyond is not None:
            self._reaches(key, data, delta, rows, beyond)
        is_open = data.get("end") is None
        data = {"name": name, **data}
        if is_open:
            data["end"] = max(span.end if span else LAST_QUARTER, str(data.get("start")))
        for end in ("start",) if is_open else ("start", "end"):
            if span is not None and is_quarter(data.get(end)):
                span.note_outside(data[end], f"{key}.{end}", self.faults)
        return self._validated(MODELS[group], data, key, rows)

    def _reaches(self, key: str, data: Any, delta: Any, rows: dict[str, Row], beyond: list[str]) -> None:
        """Let a scenario's own numbers lie beyond the shipped range, and note them."""
        strength = data.get("intensity")
        if is_real(strength) and strength > 1.0:
            if isinstance(delta, Mapping) and "intensity" in delta:
                beyond.append(f"{key}.intensity {strength:g}")
            else:
                self.faults.at(f"{key}.intensity", out_of_range(strength), UP_TO_ONE)
        effects = delta.get("effects") if isinstance(delta, Mapping) else None
        for lever in effects if isinstance(effects, Mapping) else ():
            name, value = f"{key}.effects.{lever}", data["effects"].get(lever)
            if not catalogue.known(name):
                continue
            row = rows.get(name, catalogue.row(name))
            if is_finite(value) and not row.low <= value <= row.high:
                beyond.append(f"{name} {value:g}")
                rows[name] = replace(row, low=min(row.low, value), high=max(row.high, value))

    def _delta(self, key: str, delta: Any, inside: str, rows: dict[str, Row]) -> Any:
        where = self.faults.where
        faults = self.faults.placed(lambda below: where(below.replace(key, inside, 1)))
        return separated(delta, key, rows, faults)

    def _strange(self, strange: list[str], known: set[str], inside: str) -> None:
        for below in strange:
            best = nearest(below, known)
            self.faults.at(f"{inside}.{below}", NOT_KNOWN, "", f"{inside}.{best}" if best else "")

    def _unused(self, drafts: list[Draft]) -> None:
        """Note values of the command line for policies, shocks, environments and scenarios that no scenario has."""
        used = {
            "policies": {name for draft in drafts for name in draft.policies},
            "shocks": {name for draft in drafts for name in draft.shocks},
            "environments": {draft.environment for draft in drafts},
            "library": {draft.name for draft in drafts},
        }
        for key in self.origin.asked:
            group, _, rest = key.partition(".")
            name = rest.partition(".")[0]
            if group in used and name in self.names[group].names and name not in used[group] and drafts:
                word = WORDS[group]
                what = sentence("no scenario of this study has {} {}", Sentence(word, CHINESE[group]), name)
                self.faults.add(typed(key), what, sentence("{}={}, or a scenario with it", word, name))


UP_TO_ONE: Final = sentence("0 to 1; a scenario of your own (--config-dir) may go beyond")
BEYOND: Final = sentence(" (beyond the evidence)")


def _unproven(label: str, beyond: Sequence[str]) -> Sentence:
    listed = ", ".join(beyond)
    return sentence("{} lies beyond the evidence: {}; its results are marked so", label, listed)


def _keys(tree: Any) -> list[str]:
    return [key for key, _ in leaves(tree)]


def _is_inside(key: str, known: set[str]) -> bool:
    """Whether a key gives a number together with what is known of it, or a whole branch."""
    above = key.rpartition(".")[0]
    return above in known or any(other.startswith(f"{key}.") for other in known)


def _is_number_of(definition: str, key: str) -> bool:
    """Whether the catalogue knows a number that a policy or shock may have though its file gives none."""
    names = (f"{definition}.{key}", f"{definition}.{key}".rpartition(".")[0])
    return any(catalogue.known(name) for name in names)


def _titles(group: Any) -> dict[str, Any]:
    if not isinstance(group, Mapping):
        return {}
    return {name: item.get("title") if isinstance(item, Mapping) else None for name, item in group.items()}


def _alike(first: Draft, second: Draft) -> bool:
    """Whether two scenarios stand in the same environment under the same assumptions."""
    return first.environment == second.environment and first.assumptions == second.assumptions


def _mixed(draft: Draft, base: Draft) -> Sentence:
    return sentence(
        "{} is compared with {}, which has another environment or other assumptions: the effect is that of all of "
        "them together",
        draft.label,
        base.label,
    )


def _baseline_of(draft: Draft, drafts: list[Draft]) -> str:
    """The scenario without policies that is most like it: environment and assumptions first, then shocks.

    Without policies of its own a scenario is compared with the first plain one.
    """
    plain = [other for other in drafts if other.is_plain]
    if draft.is_bare:
        like = [other for other in plain if other.environment == draft.environment and draft.is_plain]
        return (plain[:1] or like or [draft])[0].label
    bare = [other for other in drafts if other.is_bare]
    alike = [other for other in bare if _alike(other, draft)]
    for others in (alike, bare):
        same = [other for other in others if tuple(other.shocks) == tuple(draft.shocks)]
        calm = [other for other in others if not other.shocks]
        if same or calm:
            return (same or calm)[0].label
    return (plain or bare or [draft])[0].label
