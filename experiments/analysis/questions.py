"""The questions of a policy researcher, of experts and of an academic, each with the command that answers it."""

from dataclasses import dataclass
from functools import cache

from experiments.config.data import table
from experiments.location import CONF


@dataclass(frozen=True)
class Question:
    """A question: a row of ``conf/questions.csv``.

    Parameters
    ----------
    id : str
        Such as ``Q001``, as docs/questions.md numbers them.
    asked_by : str
        policy, expert, or academic (what a study of their own answers; the others are calibration's).
    asks : str
        The question in plain words.
    experiment : str
        File below ``conf/experiment``.
    tables : tuple of str
        Tables of the study's folder that hold the answer.
    outcomes : tuple of (str, str)
        Outcomes and kinds of bank whose paths tell it.
    moment : str
        A quarter before the end that it asks about as well; empty for most.
    """

    id: str
    asked_by: str
    asks: str
    experiment: str
    tables: tuple[str, ...]
    outcomes: tuple[tuple[str, str], ...]
    moment: str

    @property
    def command(self) -> str:
        """The command that answers the question."""
        return f"python simulate.py experiment={self.experiment}"


@cache
def questions() -> dict[str, Question]:
    """Every question by its id."""
    found = {}
    for row in table(CONF / "questions.csv"):
        pairs = (one.partition("@") for one in row["outcomes"].split())
        tables, outcomes = tuple(row["tables"].split()), tuple((name, kind) for name, _, kind in pairs)
        told = row["id"], row["asked_by"], row["asks"], row["experiment"]
        found[row["id"]] = Question(*told, tables, outcomes, row["moment"])
    return found
