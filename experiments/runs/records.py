"""What a chunk of a study holds: the record of some replicates, found sound and laid out as the tables read it."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

import networkx as nx
import numpy as np

from agents.honeycomb import DIMENSIONS, KINDS
from experiments.config.errors import Words, enumerated, failure, sentence
from experiments.runs.store import ArrayFile, packed
from model.outcomes import BY_BANK, YEARLY

if TYPE_CHECKING:
    from model.record import Record

BY_QUARTER: Final = ("true", "survey", "outcomes/", "items")
FIELDS: Final = ("survey", "costs", "bank_index", "bank_assets", "province_index")
GROUPS: Final = ("outcomes", "banks", "own")
ITEM: Final = "item:"  # what the name of an item begins with where its level, 0-100, stands among outcomes
LABELS: Final = ("scenarios", "replicates", "quarters", "survey_quarters", "policies", "years", "provinces")


def pack(name: str, record: "Record", with_graphs: bool = True) -> Iterator[bytes]:
    """Yield the bytes of a chunk.

    Parameters
    ----------
    name : str
        The chunk's.
    record : Record
    with_graphs : bool
        Keep its networks.
    """
    arrays = {key: laid(key, array) for key, array in arrays_of(record, with_graphs).items()}
    labels = {key: [plain(value) for value in getattr(record, key)] for key in LABELS}
    labels["bank_kind"] = [plain(value) for value in record.bank_kind]
    labels["bank_reported"] = [plain(value) for value in record.bank_reported]
    labels["own_rows"] = [list(row) for row in record.own_rows]
    labels["levels"] = [[item, int(rung)] for item, rung in getattr(record, "levels", ())]
    labels["bank_province"] = [plain(value) for value in record.bank_province]
    return packed(name, arrays, labels)


def by_quarter(name: str) -> bool:
    """Tell whether an array lies with its quarters first and its replicates last."""
    return name.startswith(BY_QUARTER)


def laid(name: str, array: np.ndarray) -> np.ndarray:
    """Lay an array of a record as it is read.

    Quarters first and replicates last for what is known by quarter, (quarters, scenarios, ..., replicates); runs first
    for what is known of every bank, (scenarios * replicates, quarters, banks).
    """
    if by_quarter(name):
        return np.moveaxis(array, (2, 1), (0, -1))
    return array.reshape(-1, *array.shape[2:]) if name.startswith("banks/") else array


def arrays_of(record: "Record", with_graphs: bool) -> dict[str, np.ndarray]:
    """Name every array of a record; graphs become the bytes of their GraphML."""
    # All small and medium banks come last among the kinds, as they do among outcomes.
    arrays = {"true": np.concatenate([record.true, record.small[..., None, :]], axis=3)}
    arrays |= {name: getattr(record, name) for name in FIELDS}
    shares = getattr(record, "items", None)
    if shares is not None:  # of banks: half the digits are more than they have
        arrays["items"] = shares.astype(np.float32)
    for group in GROUPS:
        for name, array in (getattr(record, group, None) or {}).items():
            arrays[f"{group}/{name}"] = array
    for (scenario, quarter), graph in record.graphs.items() if with_graphs else ():
        arrays[f"graphs/{scenario}/{quarter}"] = np.frombuffer(graphml(graph), np.uint8)
    return arrays


def graphml(graph: nx.Graph) -> bytes:
    """Write a graph as GraphML, by the writer that every installation has."""
    return ("\n".join(nx.generate_graphml(graph)) + "\n").encode()


def plain(value: object) -> Any:
    """Return a NumPy scalar as a Python one."""
    return value.item() if isinstance(value, np.generic) else value


class Packed(ArrayFile):
    """An opened chunk."""

    def __getitem__(self, name: str) -> np.ndarray:
        return self.read(name)

    def read(self, name: str, *leading: int) -> np.ndarray:
        """Read an array as its record has it, or only the part of it at some leading positions.

        Parameters
        ----------
        name : str
            Name of the array.
        *leading : int
            Positions on its first axes.
        """
        whole = slice(None)
        if by_quarter(name):
            values: np.ndarray = np.moveaxis(self.rows(name, whole), (0, -1), (2, 1))[leading]
            return values
        replicates = len(self.labels["replicates"])
        if name.startswith("banks/"):
            if len(leading) == 2:
                run = leading[0] * replicates + leading[1]
                return cast(np.ndarray, self.rows(name, slice(run, run + 1))[0])
            runs = self.rows(name, whole)
            return cast(np.ndarray, runs.reshape(-1, replicates, *runs.shape[1:])[leading])
        if not leading:
            return self.rows(name, whole)
        first, *others = leading
        return cast(np.ndarray, self.rows(name, slice(first, first + 1))[(0, *others)])

    def bytes_by_quarter(self, last_only: bool) -> int:
        """Return how many bytes all arrays by quarter take, or the last quarter of each."""
        entries = [entry for name, entry in self.entries.items() if by_quarter(name)]
        return sum(
            np.dtype(entry["dtype"]).itemsize * math.prod(entry["shape"][1 if last_only else 0 :])
            for entry in entries
        )

    def share(self, first: "Packed") -> None:
        """Drop the labels that equal those of another chunk, and refer to those."""
        own, names = self.labels["replicates"], first.labels
        if all(self.labels[key] == names[key] for key in names if key != "replicates"):
            self.labels = {**names, "replicates": own}


# --- whether a record is sound: the first number that is not finite and should be is named


ALWAYS: Final = ("true", "costs")
SHOWN: Final = {"true": "score", "survey": "surveyed score", "bank_index": "index", "costs": "cost"}


def check_finite(record: "Record") -> None:
    """Fail when a number is infinite, or missing where it is defined.

    Parameters
    ----------
    record : Record
        Scores, surveys and costs are defined wherever there are banks, the index of a bank until it is merged away, an
        outcome of the banks in every quarter in which it is measured, and an outcome of the system in all runs of a
        chunk or in none.

    Raises
    ------
    StudyFailed
        With scenario, replicate, kind or bank, quarter and quantity of the first.
    """
    for name, array, axes in quantities(record):
        wrong = undefined(name, array, record)
        if wrong.any():
            place = np.argwhere(wrong)[0]
            scenario, replicate = record.scenarios[place[0]], record.replicates[place[1]]
            where: list[Words] = [sentence("scenario {}", scenario), sentence("replicate {}", replicate)]
            where += [str(names[p]) for names, p in zip(axes, place[2:], strict=True)]
            value = array[tuple(place)]
            quantity = SHOWN.get(name, name.partition("/")[2] or name)
            raise failure(
                "the study leaves the numbers: {} is {} in {} ({} such numbers there); a value at the edge of its "
                "range, or several together, may be more than the model can carry. Nothing of this chunk is kept",
                quantity,
                value,
                enumerated(where),
                int(wrong.sum()),
            )


def quantities(record: "Record") -> Iterator[tuple[str, np.ndarray, tuple[Any, ...]]]:
    """Yield what a record holds with the names along its axes after scenarios and replicates."""
    yield "true", record.true, (record.quarters, KINDS, DIMENSIONS)
    yield "survey", record.survey, (record.survey_quarters, KINDS, DIMENSIONS)
    yield "bank_index", record.bank_index, ([f"bank {n}" for n in range(record.bank_index.shape[2])],)
    for name, array in record.outcomes.items():
        yield f"outcomes/{name}", array, (record.quarters, (*KINDS, "all"))
    for name, array in (getattr(record, "own", None) or {}).items():
        yield f"own/{name}", array, (record.survey_quarters, [" ".join(row) for row in record.own_rows])
    payers = range(record.costs.shape[4])
    yield "costs", record.costs, (record.years, record.policies, payers, KINDS)


def undefined(name: str, array: np.ndarray, record: "Record") -> np.ndarray:
    """Mark the numbers that are not finite and should be; same shape as the array."""
    wrong = ~np.isfinite(array)
    if not wrong.any():
        return wrong
    missing = np.isnan(array)
    if name == "bank_index":  # a bank that was merged away has none
        return wrong & ~missing
    outcome = name.removeprefix("outcomes/") if name.startswith("outcomes/") else ""
    if name in ALWAYS or outcome in BY_BANK:
        expected = np.ones(array.shape, bool)
        if name == "true":
            expected &= peopled(record)[: len(KINDS), None]
        elif outcome:
            expected &= peopled(record)
            if outcome in YEARLY:
                expected &= np.array([quarter.endswith("Q4") for quarter in record.quarters])[:, None]
    else:
        expected = np.broadcast_to(~missing.all(axis=(0, 1)), array.shape)
    return wrong & (expected | ~missing)


def peopled(record: "Record") -> np.ndarray:
    """Which kinds have banks, and all of them together."""
    kinds = {KINDS[k] if isinstance(k, int | np.integer) else str(k) for k in np.unique(record.bank_kind)}
    return np.array([*(kind in kinds for kind in KINDS), True])
