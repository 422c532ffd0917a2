"""From settings to the model's objects: numbers, population, environments, policies."""

from experiments.assembly.study import scenario, world

__all__ = ["scenario", "world"]
