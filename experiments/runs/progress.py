"""One progress bar over all workers, on stderr and only when somebody watches."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def say(message: str) -> None:
    """Tell the user something that is not a result: one line on stderr."""
    print(message, file=sys.stderr, flush=True)


@contextmanager
def bar(total: int, done: int, label: str) -> Iterator[Callable[[int], None]]:
    """Show progress while a study runs.

    Parameters
    ----------
    total, done : int
        Runs (scenario x replicate) in the study, and those that were finished before.
    label : str
        Shown in front of the bar.

    Yields
    ------
    callable
        To be called with the number of runs just finished.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm

    width = min(shutil.get_terminal_size().columns, 120)  # of a terminal that does not know its width, 80
    with tqdm(total=total, initial=done, desc=label, unit="run", ncols=width, smoothing=0.1) as shown:
        yield lambda runs: shown.update(runs) and None
