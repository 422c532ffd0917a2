"""How a study ends early, in words meant for the person who started it."""


class StudyFailed(Exception):
    """A study that could not be finished; its message stands alone, without a traceback (exit code 1)."""


class StudyStopped(StudyFailed):
    """A study that was interrupted; the same command goes on where it stopped (exit code 130)."""
