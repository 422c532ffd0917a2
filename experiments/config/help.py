"""The help of the command line, made from the configuration files themselves.

It is printed without Hydra, whose own help lists every group twice before it fills a template that asks for neither.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from experiments.config.folders import OwnFiles, definitions
from experiments.config.words import CONFIG_KEYS
from experiments.location import COMMAND, CONF

WIDTH: Final = 100
EXAMPLES: Final = (
    ("", "the default study: four scenarios, with a report"),
    ("scenario=full_package replicates=64", "all thirteen levers against the baseline"),
    ("policy=[data_sharing,data_governance]", "two levers at once, against their baseline"),
    ("policy=data_sharing policies.data_sharing.start=2026Q1", "one lever, two years later"),
    ("environment=severe report=zh", "the default scenarios under severe margins, report in Chinese"),
    (
        "population=national replicates=4 name=national",
        "some 3,900 banks; results in outputs/national-<hash>",
    ),
    ("experiment=library", "every scenario of the library, 200 replicates each"),
    (
        "-m policy=none,inclusive_supervision,data_sharing environment=central,severe",
        "a sweep: one study each",
    ),
    ("-m design=docs/design.csv", "a sweep whose jobs are the rows of a table"),
    ("verify=outputs/study-1a2b3c4d", "compute a finished study again and compare it"),
)


def text() -> str:
    """What ``--help`` prints."""
    lines = [
        f"{COMMAND} [group=option ...] [key=value ...] [-m]",
        "",
        *textwrap.wrap(
            "Simulates how the digital scores of China's large, city, rural and private banks evolve, scenario by "
            "scenario and side by side, and writes tables, figures and a report into one folder.",
            WIDTH,
        ),
        "",
        "Names (of conf/library, policies, shocks, environments; policy and shock also take a list: policy=[a,b])",
        *named(),
        "",
        "Groups (choose files of conf/)",
        *groups(),
        "",
        "Keys (conf/config.yaml, conf/outputs; every other number: --cfg job; what it means: conf/catalogue.csv)",
        *keys(),
        "",
        "Flags",
        "  -m, --multirun        one study for each combination of comma-separated options, then one comparison",
        "  -c, --cfg job         print the composed configuration and stop (-p KEY: only that part)",
        "  -i, --info [WHAT]     how the configuration was composed: defaults, defaults-tree, searchpath, ...",
        "  -cd, --config-dir DIR a folder of your own groups, as DIR/policies/mine.yaml",
        "  -h, --help, --version",
        "",
        "Verbs",
        "  app                   a page to play with, in your browser; app --help lists its options",
        "  replay=MANIFEST       run a study again from its manifest.json",
        "  verify=FOLDER         compute a finished study again and compare every number",
        "  clean=list            what finished chunks take; clean=STUDY, clean=older:7d, clean=all removes some",
        "  template=FILE.xlsx    a workbook for your bank; zh:FILE.xlsx in Chinese, banks:FILE.xlsx for many",
        "  redact=FOLDER         a study with your bank once more without it, to be shared",
        "  purge=FOLDER          remove every study there that holds your bank, and what the store keeps of it",
        "",
        "Examples",
        *examples(),
        "",
        "Results go to outputs/<name>-<hash>/, the name being the experiment's or study unless name= is given:",
        "report.html, scores, effects, outcomes and costs as parquet, figures/, network/, manifest.json. A sweep goes",
        "to outputs/sweep-<hash>/. Exit status: 0 done, 1 failed, 2 the configuration has faults, 130 interrupted.",
    ]
    return "\n".join(lines)


def named() -> Iterator[str]:
    """One entry for each key that takes names of the configuration, with the names."""
    for key, group in CONFIG_KEYS.items():
        yield from _listed(key, definitions(group, OwnFiles()))


def _listed(word: str, options: Iterable[str], usual: str = "") -> list[str]:
    shown = f"[{usual}] " if usual else ""
    return textwrap.wrap(
        f"  {word:<14} {shown}{' '.join(options)}", WIDTH, subsequent_indent=" " * 17, break_on_hyphens=False
    )


def groups() -> Iterator[str]:
    """One entry per group: its options and the one chosen when nothing is said."""
    chosen = dict(
        re.findall(r"^  - (\w+): (\w+)", (CONF / "config.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for group, usual in chosen.items():
        options = sorted(file.stem for file in (CONF / group).glob("*.yaml"))
        if group != "library":
            yield from _listed(group, options, "" if usual == "null" else usual)


def keys() -> Iterator[str]:
    """One line per key with its default and what its file says of it."""
    for prefix, file in (("", "config.yaml"), ("outputs.", "outputs/default.yaml")):
        for line in (CONF / file).read_text(encoding="utf-8").splitlines():
            found = re.match(r"(\w+): (.*?)\s+# (.*)", line)
            if found and found[2] != "{}":
                value = f"={found[2].replace(' ', '')}" if found[2] else ".<key>=..."
                yield f"  {prefix + found[1]}{value}"
                yield from textwrap.wrap(found[3], WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)


def examples() -> Iterator[str]:
    """The examples, each with what it does."""
    for words, does in EXAMPLES:
        yield f"  {COMMAND} {words}".rstrip()
        yield f"      {does}"
