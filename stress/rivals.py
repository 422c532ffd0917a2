"""Two processes on one study at the same time: both succeed, and there is one folder with the same bytes.

``python -m stress.rivals --pairs 5``
"""

import random
import shutil
import time
from pathlib import Path

from experiments.runs.manifest import contents
from stress.trial import WORDS, Run, command, expected, leftovers, report, study, unlike


def trial(pairs: int, seed: int, root: Path) -> int:
    """Start two processes a random moment apart, again and again."""
    whole = expected(root / "calm")
    chance = random.Random(seed)
    broken: list[str] = []
    shared = 0
    for pair in range(pairs):
        both = root / "both"
        both.mkdir()
        words = [*WORDS, f"outputs.folder={both / 'outputs'}"]
        runs = []
        for number in range(2):
            runs.append(Run(words, root / f"log-{number}.txt"))
            time.sleep(chance.uniform(0.0, 1.0))
        failed = [process for process in runs if process.wait()]
        broken += [f"pair {pair}: status {p.status}: {p.text.strip()[-300:]}" for p in failed]
        if other := unlike(contents(study(both)), whole):
            broken.append(f"pair {pair}: other bytes in {', '.join(other)}")
        shared += "were finished before" in runs[1].text
        broken += [f"pair {pair} left behind: {name}" for name in leftovers(both)]
        shutil.rmtree(both)
    figures = {
        "pairs of processes on one study": pairs,
        "second started when chunks were finished": shared,
        "studies with the bytes of one left alone": pairs - len(broken),
    }
    return report("Two processes on one study", figures, broken)


if __name__ == "__main__":
    raise SystemExit(command(trial, pairs=5, seed=1))
