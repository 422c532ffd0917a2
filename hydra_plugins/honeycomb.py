"""Hydra's sweeper ``design``, in the namespace where Hydra looks for plugins: the jobs are the rows of a table."""

from pathlib import Path
from typing import Any

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


class DesignSweeper(Sweeper):
    """Launches every row of a design table, each with what the command line gives to all.

    Parameters
    ----------
    table : str
        The file.
    """

    config: DictConfig
    launcher: Launcher

    def __init__(self, table: str) -> None:
        self.table = table

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what Hydra composed, and make the launcher that it names."""
        self.config = config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Launch the jobs and wait for them."""
        from experiments.config.errors import Faults  # Hydra imports its plugins at every start
        from experiments.config.folders import own_of
        from experiments.config.sweep import designed

        faults = Faults()
        jobs = designed(self.table, arguments, own_of(self.config.hydra), faults)
        faults.stop()
        folder = Path(self.config.hydra.sweep.dir)
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(self.config, folder / "multirun.yaml")
        results = self.launcher.launch([words for words, _ in jobs], initial_job_idx=0)
        return [result.return_value for result in results]  # raises what stopped a job
