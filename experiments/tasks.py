"""What a study can be asked to do. Names in a configuration choose from this table; they never import anything."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from experiments.settings import StudySettings

TASKS: Final = MappingProxyType(
    {
        "simulate": ("experiments.study", "run_study"),
    }
)


def task_function(task: str) -> Callable[[StudySettings, Path], Path]:
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
    function: Callable[[StudySettings, Path], Path] = getattr(import_module(module), name)
    return function
