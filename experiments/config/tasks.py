"""What a study can be asked to do. Names in a configuration choose from this table; they never import anything."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

TASKS: Final = MappingProxyType(
    {
        "simulate": ("..study.run", "run_study"),
        "policy": ("..study.run", "run_study"),
        "banks": ("..study.run", "run_study"),
        "calibrate": ("..study.calibrate", "calibrate"),
        "backtest": ("..study.calibrate", "backtest"),
        "recovery": ("..study.calibrate", "recovery"),
        "ablations": ("..study.calibrate", "ablations"),
        "patterns": ("..study.calibrate", "patterns"),
    }
)
# What a task works out from a study before its report is drawn.
ANALYSES: Final = MappingProxyType({"policy": "..analysis.run"})


def task_function(task: str) -> Callable[[Any, Path], Path]:
    """The function behind a task, imported only now because it brings the model and the tables with it.

    Parameters
    ----------
    task : str
        A key of `TASKS`.

    Returns
    -------
    callable
        Takes the settings and the folder to write; gives back the folder written.
    """
    module, name = TASKS[task]
    function: Callable[[Any, Path], Path] = getattr(import_module(module, __package__), name)
    return function


def analysis_function(task: str, step: str = "analyse") -> Callable[..., object] | None:
    """The function that adds a task's own tables to a study's folder; None when the task adds none.

    Parameters
    ----------
    task : str
        A key of `TASKS`.
    step : str
        ``check``: takes the settings and refuses, before anything runs, what it could not do; ``analyse``: takes the
        settings, the folder, the merged chunks and the folder of finished chunks.

    Returns
    -------
    callable or None
    """
    if task not in ANALYSES:
        return None
    function: Callable[..., object] = getattr(import_module(ANALYSES[task], __package__), step)
    return function
