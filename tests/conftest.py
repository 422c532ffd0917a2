"""Worlds that many tests read; all are built once, from the files of conf, by the same path as a study's.

The lab is imported where a world is asked for: the process that only hands out tests to others needs nothing of it.
"""

from __future__ import annotations

import gc
import logging
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from experiments.config.study import StudySettings
    from model.world import Scenario, World

# The same examples on every machine, and few enough that the whole suite stays quick.
settings.register_profile("lab", max_examples=25, derandomize=True, deadline=None)
settings.load_profile("lab")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let Python look for garbage less often: what is loaded by now stays, and composing makes many small objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


@pytest.fixture(autouse=True)
def no_log_left() -> Iterator[None]:
    """Take away what Hydra opens as a study's log: it would write on, to a console that a later test no longer has."""
    before, level = logging.root.handlers[:], logging.root.level
    yield
    for handler in logging.root.handlers[:]:
        if handler not in before and isinstance(handler, logging.StreamHandler) and _is_plain(handler):
            logging.root.removeHandler(handler)
            if isinstance(handler, logging.FileHandler):
                handler.close()
    logging.root.setLevel(level)


def _is_plain(handler: logging.Handler) -> bool:
    return type(handler).__module__ == "logging"  # not one by which pytest keeps what a test logs


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Programs that the test starts hear Ctrl-C, also where a shell in the background told the tests to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def composed() -> StudySettings:
    """The default study with central numbers; its first scenario is the baseline."""
    from tests import worlds

    return worlds.study()


@pytest.fixture(scope="session")
def lab() -> World:
    """The surveyed banks and the large ones, 2020 to 2030; only scores are recorded."""
    from tests import worlds

    return worlds.world("2030Q4")


@pytest.fixture(scope="session")
def baseline() -> Scenario:
    from tests import worlds

    return worlds.scenario()


@pytest.fixture(scope="session")
def nation() -> World:
    """The national system over two years."""
    from model.world import Recording
    from tests import worlds

    return worlds.world("2021Q4", place="national", recording=Recording(banks=True))
