"""Typed, range-checked, frozen settings: what a study is, once its configuration has been composed and found sound."""

from experiments.settings.analysis import AnalysisSettings
from experiments.settings.bank import BankSettings
from experiments.settings.calibration import CalibrationSettings, PatternRule, UncertaintySettings
from experiments.settings.execution import ExecutionSettings
from experiments.settings.policy import (
    BlowSettings,
    CostSettings,
    Coverage,
    EffectSettings,
    PolicySettings,
    ShockSettings,
)
from experiments.settings.quantity import Quantity, Tree
from experiments.settings.scenario import ScenarioSettings
from experiments.settings.study import OutputSettings, ReportSettings, StudySettings
from experiments.settings.wording import Expected, Title

__all__ = [
    "AnalysisSettings",
    "BankSettings",
    "BlowSettings",
    "CalibrationSettings",
    "CostSettings",
    "Coverage",
    "EffectSettings",
    "ExecutionSettings",
    "Expected",
    "OutputSettings",
    "PatternRule",
    "PolicySettings",
    "Quantity",
    "ReportSettings",
    "ScenarioSettings",
    "ShockSettings",
    "StudySettings",
    "Title",
    "Tree",
    "UncertaintySettings",
]
