"""Tear and alter chunk files: each is noticed and computed again, and the study has the same bytes.

``python -m stress.damage --files 40``
"""

import random
import shutil
from pathlib import Path

from experiments.runs.manifest import contents
from stress.trial import command, expected, report, run, study, unlike


def torn(content: bytes, chance: random.Random) -> bytes:
    """Cut a file short, anywhere."""
    return content[: chance.randrange(len(content))]


def flipped(content: bytes, chance: random.Random) -> bytes:
    """Turn one bit."""
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def holed(content: bytes, chance: random.Random) -> bytes:
    """Write zeros over a block, as a disk does that lost power."""
    place = chance.randrange(len(content))
    length = min(4096, len(content) - place)
    return content[:place] + bytes(length) + content[place + length :]


def longer(content: bytes, chance: random.Random) -> bytes:
    """Append something."""
    return content + chance.randbytes(1 + chance.randrange(100))


DAMAGES = (torn, flipped, holed, longer)


def trial(files: int, seed: int, root: Path) -> int:
    """Damage a few chunk files at a time until there were enough; the study is finished each time."""
    whole = expected(root)
    folder = study(root)
    chunks = sorted((root / "outputs" / ".studies").glob("*/*.chunk"))
    chance = random.Random(seed)
    damaged = again = rounds = 0
    broken: list[str] = []
    while damaged < files:
        struck = 0
        for path in chance.sample(chunks, min(len(chunks), 6, files - damaged)):
            content = path.read_bytes()
            other = DAMAGES[(damaged + struck) % len(DAMAGES)](content, chance)
            path.write_bytes(other)
            struck += other != content or 1
        shutil.rmtree(folder)
        status, text = run(root)
        damaged, rounds = damaged + struck, rounds + 1
        found = f"{len(chunks) - struck} of {len(chunks)} chunks were finished before"
        again += struck if status == 0 and (found in text or struck == len(chunks)) else 0
        if status:
            broken.append(f"round {rounds}: {text.strip()[-300:]}")
        elif different := unlike(contents(study(root)), whole):
            broken.append(f"round {rounds}: other bytes in {', '.join(different)}")
    if again < damaged:
        broken.append(f"{damaged - again} damaged files were not noticed")
    figures = {
        "chunk files torn, flipped, holed or lengthened": damaged,
        "noticed and computed again": again,
        "studies compared with an undamaged one": rounds,
    }
    return report("Damaged chunks", figures, broken)


if __name__ == "__main__":
    raise SystemExit(command(trial, files=40, seed=1))
