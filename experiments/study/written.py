"""What a study writes beside its manifest: tables, data dictionary, networks, report."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from experiments.config.data import read_items
from experiments.config.population import Coverage
from experiments.own_bank.table import table_of, write_own_bank
from experiments.results.bands import write_bands
from experiments.results.distribution import PROVINCES, write_distribution, write_provinces
from experiments.results.paths import FALLS, PATHS, Aims, write_falls, write_paths
from experiments.results.schema import TABLES, schema_json
from experiments.results.tables import (
    COVERAGE,
    ITEMS,
    write_banks,
    write_costs,
    write_coverage,
    write_effects,
    write_items,
    write_outcomes,
    write_scores,
)
from experiments.runs.merged import KINDS_AND_ALL, Merged

WriteReport = Callable[[Path, str, Mapping[str, Any]], object]

MOST_ROWS = 10_000_000  # of a table that `auto` still writes in full


def write_tables(
    merged: Merged,
    folder: Path,
    detail: str,
    coverage: Sequence[Coverage] = (),
    aims: Aims = MappingProxyType({}),
) -> None:
    """Write every table, the data dictionary and the networks.

    Parameters
    ----------
    merged : Merged
        The study's chunks.
    folder : Path
        An existing folder.
    detail : str
        `full`: scores, outcomes and effects hold every quarter of every run. `reduced`: they hold the last
        quarter of every run, and the quarters before are in bands.parquet only, as a distribution over the
        runs. `auto`: full as long as no table exceeds `MOST_ROWS`.
    coverage : sequence of Coverage
        Whom the policies reach.
    aims : mapping
        What each scenario declares as its aim (`experiments.results.paths.aims_of`).
    """
    last_only = detail == "reduced" or (detail == "auto" and rows(merged) > MOST_ROWS)
    writers = (
        partial(write_effects, merged, folder, last_only),
        partial(write_outcomes, merged, folder, last_only),
        partial(write_bands, merged, folder),
        partial(write_scores, merged, folder, last_only),
        partial(write_distribution, merged, folder),
        partial(write_provinces, merged, folder),
        partial(write_costs, merged, folder),
        partial(write_banks, merged, folder),
        partial(write_own_bank, merged, folder),
        partial(write_coverage, coverage, folder),
        partial(write_items, merged, folder),
        partial(write_falls, merged, folder, last_edition()),
    )
    # Compressing leaves Python's lock free, so that two tables are written in the time of one.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in [pool.submit(writer) for writer in writers]:
            done.result()
    write_paths(merged, folder, aims)
    merged.blocks.forget()
    tables = {name: table for name, table in TABLES.items() if name != "banks" or merged.bank_variables}
    tables |= {"own_bank": table_of(merged.own_outcomes)} if merged.own_outcomes else {}
    tables |= {"coverage": COVERAGE} if coverage else {}
    further = {"items": ITEMS, "falls": FALLS, "paths": PATHS, "provinces": PROVINCES}
    tables |= {name: table for name, table in further.items() if (folder / f"{name}.parquet").exists()}
    text = schema_json(
        tables, merged.variables("true")[len(merged.variables("survey")) :], merged.bank_variables
    )
    (folder / "schema.json").write_text(text, encoding="utf-8")
    write_networks(merged, folder)


def last_edition() -> str:
    """Return the year's end from which every edition of the questionnaire asks the same items."""
    return f"{max(int(item['first_edition']) for item in read_items())}Q4"


def rows(merged: Merged) -> int:
    """Return how many rows the longest table of a study would have with every quarter of every run."""
    cells = len(KINDS_AND_ALL) * (len(merged.variables("true")) + len(merged.variables("survey")))
    return len(merged.scenarios) * len(merged.replicates) * len(merged.quarters) * cells


def write_networks(merged: Merged, folder: Path) -> None:
    """Write network/<scenario>-<quarter>.graphml: the partnerships of the first replicate."""
    first = merged.chunks[0]
    for name in first.names("graphs/"):
        scenario, _, quarter = name.rpartition("/")
        path = folder / "network" / f"{scenario.replace('/', '_')}-{quarter}.graphml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(first[f"graphs/{name}"].tobytes())


def write_report_of(folder: Path, language: str, settings: Mapping[str, Any]) -> object:
    """Write the lab's report; it draws figures, so it is imported only now."""
    from experiments.own_bank.paper import write_board
    from experiments.report.page import write_report

    write_board(folder, language, settings)
    return write_report(folder, language, settings)
