"""Studies of the page: composed once for each environment, then levers are replaced and runs go on from where they act.

Hydra composes a frame, which is a setting without levers, together with every lever as shipped. A lever that is moved
changes the resolved policy alone; the runs of its scenario go on from the frame's own, at the year in which the first
lever acts, on the same random numbers. Each number is that of a study run from its start.
"""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import yaml

from experiments.app.setting import ALL_RUNS, BASE, PAGE, TITLES, Question, Setting, Use
from experiments.config import assembly, names
from experiments.config.assembly import ALL, Coverage, check_reach, coverage
from experiments.config.fields import Title
from experiments.config.load import compose_study
from experiments.config.scenarios import PolicySettings, ScenarioSettings
from experiments.config.study import StudySettings
from experiments.runs.engine import joined
from model import calendar
from model.record import Record
from model.run import resumed, snapshot
from model.system import BankingSystem
from model.world import Scenario, World

FRAMES_KEPT: Final = 4
RECORDS_KEPT: Final = 12


@dataclass
class Frame:
    """A setting without levers, composed; the levers as shipped beside it.

    Parameters
    ----------
    settings : StudySettings
        A study with one scenario, which has every lever.
    """

    settings: StudySettings
    before: dict[int, tuple[BankingSystem, ...]] = field(default_factory=dict)
    plain: dict[int, Record] = field(default_factory=dict)

    @cached_property
    def scenario(self) -> ScenarioSettings:
        """The frame as a scenario, without levers."""
        whole = self.settings.scenario(PAGE)
        return whole.model_copy(update={"policies": (), "label": BASE, "name": BASE, "baseline": BASE})

    @cached_property
    def policies(self) -> dict[str, PolicySettings]:
        """Every lever as shipped."""
        return {policy.name: policy for policy in self.settings.scenario(PAGE).policies}

    @cached_property
    def world(self) -> World:
        """The world of the frame; networks are left to the full study."""
        whole = assembly.world(self.settings.under(self.scenario.assumptions))
        return replace(whole, recording=replace(whole.recording, graphs=()))

    @cached_property
    def bare(self) -> Scenario:
        """The frame as the model's scenario."""
        return assembly.scenario(self.scenario)

    def used(self, use: Use) -> PolicySettings:
        """A lever as it is used: checked like any other policy."""
        shipped = self.policies[use.name].model_dump()
        changes = use.changes()
        reach = shipped["coverage"] | changes.pop("coverage", {})
        reach["provinces"] = names.provinces(reach["provinces"])
        return PolicySettings.model_validate({**shipped, **changes, "coverage": reach})

    def with_levers(self, uses: Sequence[Use], name: str) -> ScenarioSettings:
        """The frame's scenario with levers in use."""
        policies = tuple(self.used(use) for use in uses)
        update = {"label": name, "name": name, "baseline": BASE, "policies": policies}
        return self.scenario.model_copy(update=update)

    def model(self, uses: Sequence[Use]) -> Scenario:
        """The frame with levers as the model's scenario: what is outside is assembled once."""
        policies = tuple(self.used(use).assembled for use in uses)
        return replace(self.bare, name=PAGE, policies=policies)

    def run(self, uses: Sequence[Use], runs: int) -> Record:
        """The record of the first replicates: gone on from the frame's own, at the year in which a lever first acts."""
        self._walk(runs)
        if not uses:
            return self.plain[runs]
        scenario = self.model(uses)
        first = min(policy.start for policy in scenario.policies)
        system = [one for one in self.before[runs] if one.quarter < first][-1]
        return resumed(system, scenario)

    def _walk(self, runs: int) -> None:
        """Run the frame once, keeping how things stand before every year."""
        if runs in self.plain:
            return
        system = BankingSystem(self.world, [self.bare], range(runs))
        kept = []
        for quarter in range(calendar.index(self.world.end) + 1):
            if calendar.first_of_year(quarter):
                kept.append(snapshot(system))
            system.step()
        self.before[runs], self.plain[runs] = tuple(kept), system.recorder.finish()


class Frames:
    """The frames in use, a few at a time, and the last records.

    Parameters
    ----------
    folders : sequence of str
        Folders of the user's own configuration files.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self.folders = tuple(folders)
        self._frames: OrderedDict[Setting, Frame] = OrderedDict()
        self._records: OrderedDict[tuple[Setting, int], Record] = OrderedDict()

    def of(self, setting: Setting) -> Frame:
        """The frame of a setting."""
        bare = setting.bare
        if bare not in self._frames:
            self._frames[bare] = Frame(self._composed(bare))
            if len(self._frames) > FRAMES_KEPT:
                self._frames.popitem(last=False)
        self._frames.move_to_end(bare)
        return self._frames[bare]

    def _composed(self, bare: Setting) -> StudySettings:
        from experiments.config.folders import definitions, own_files

        levers = tuple(map(Use, definitions("policies", own_files(self.folders))))
        library = {PAGE: _every(bare, levers)}
        content = {"scenarios": [PAGE], "replicates": ALL_RUNS, "library": library}
        return self.composed(content)

    def composed(self, content: dict[str, object]) -> StudySettings:
        """Compose a file of configuration as the command line does."""
        with tempfile.TemporaryDirectory(prefix="honeycomb-") as folder:
            place = Path(folder) / "experiment" / f"{PAGE}.yaml"
            place.parent.mkdir()
            place.write_text(f"# @package _global_\n{yaml.safe_dump(content, allow_unicode=True)}", "utf-8")
            return compose_study([f"experiment={PAGE}"], [*self.folders, folder])

    def study(self, question: Question) -> StudySettings:
        """The study behind a question, as its file of configuration composes."""
        base, page = self.of(question.baseline), self.of(question.setting)
        scenarios = (
            base.with_levers(question.baseline.uses, BASE),
            page.with_levers(question.setting.uses, PAGE),
        )
        titled = (s.model_copy(update={"title": Title.model_validate(TITLES[s.label])}) for s in scenarios)
        return base.settings.model_copy(update={"scenarios": tuple(titled), "overrides": ()})

    def record(self, question: Question, runs: int) -> Record:
        """Both scenarios of a question for the first replicates, side by side."""
        parts = []
        for place, (name, setting) in enumerate(((BASE, question.baseline), (PAGE, question.setting))):
            record = self._record(setting, runs)
            parts.append(((place,), replace(record, scenarios=(name,))))
        return joined(parts)

    def _record(self, setting: Setting, runs: int) -> Record:
        key = (setting, runs)
        if key not in self._records:
            self._records[key] = self.of(setting).run(setting.uses, runs)
            if len(self._records) > RECORDS_KEPT:
                self._records.popitem(last=False)
        self._records.move_to_end(key)
        return self._records[key]

    def reach(self, question: Question) -> Coverage | None:
        """Whom the levers of a setting reach together; refused when one reaches nobody."""
        frame = self.of(question.setting)
        rows = coverage(frame.world.population, [frame.model(question.setting.uses)])
        check_reach(rows)
        return next((row for row in rows if row.policy == ALL), None)


def _every(bare: Setting, levers: tuple[Use, ...]) -> dict[str, object]:
    whole = bare.definition(TITLES[PAGE])
    return {**whole, "policies": {use.name: {} for use in levers}}
