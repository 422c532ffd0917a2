"""Kill a study at random moments, again and again: nothing is lost and no byte is different.

``python -m stress.kills --kills 300``
"""

import random
import shutil
import time
from pathlib import Path

from experiments.runs.manifest import contents
from stress.trial import WORDS, Run, command, expected, leftovers, report, run, study, unlike

PARALLEL = 8  # every so many attempts run on two workers


def trial(kills: int, seed: int, root: Path) -> int:
    """Kill until there were enough kills; compare each study that came through with one left in peace."""
    began = time.monotonic()
    whole = expected(root / "calm")
    calm = undisturbed(root / "again")
    chance = random.Random(seed)
    done = finished = resumed = kept_chunks = 0
    broken: list[str] = []
    struck, before = root / "struck", 0
    while done < kills or (struck / "outputs").exists():
        workers = 2 if chance.randrange(PARALLEL) == 0 else 1
        words = [*WORDS[:-1], f"execution.workers={workers}", f"outputs.folder={struck / 'outputs'}"]
        struck.mkdir(exist_ok=True)
        process = Run(words, root / "log.txt")
        patience = chance.uniform(0.0, (0.6 if workers == 1 else 1.2) * calm)
        status = process.wait(patience if done < kills else 600.0)
        if status is None:
            process.kill(group=chance.random() < 0.7)
            done += 1
            chunks = len(list((struck / "outputs" / ".studies").glob("*/*.chunk")))
            if chunks < before:
                broken.append(f"{before - chunks} finished chunks were lost by kill {done}")
            before = chunks
            continue
        finished += 1
        resumed += "were finished before" in process.text
        kept_chunks += before
        if status:
            broken.append(f"a study failed with status {status}: {process.text.strip()[-200:]}")
        elif other := unlike(contents(study(struck)), whole):
            broken.append(f"after {done} kills these files have other bytes: {', '.join(other)}")
        broken += [f"left behind: {name}" for name in leftovers(struck)]
        shutil.rmtree(struck, ignore_errors=True)
        before = 0
    figures = {
        "kills (SIGKILL at random moments)": done,
        "studies that came through": finished,
        "of these, resumed from finished chunks": resumed,
        "finished chunks found again, none lost": kept_chunks,
        "files compared with an undisturbed study": finished * len(whole),
        "seconds": round(time.monotonic() - began),
    }
    if not finished:
        broken.append("no study came through between the kills")
    return report("Kills", figures, broken)


def undisturbed(root: Path) -> float:
    """Return how many seconds the study takes when nobody disturbs it."""
    began = time.monotonic()
    run(root)
    return time.monotonic() - began


if __name__ == "__main__":
    raise SystemExit(command(trial, kills=300, seed=1))
