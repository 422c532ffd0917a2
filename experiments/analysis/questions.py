"""The questions of a policy researcher and of an academic, each with the command that answers it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Question:
    """A question, its experiment in ``conf/experiment``, and what the answer is read from.

    Parameters
    ----------
    id : str
        Such as ``Q001``, as docs/questions.md numbers them.
    asks : str
        The question in plain words.
    experiment : str
        File below ``conf/experiment``.
    tables : tuple of str
        Tables of the study's folder that hold the answer.
    """

    id: str
    asks: str
    experiment: str
    tables: tuple[str, ...]

    @property
    def command(self) -> str:
        """The command that answers the question."""
        return f"python simulate.py experiment={self.experiment}"


QUESTIONS: Final = (
    Question(
        "Q001",
        "Which bundle narrows the rural-city gap most by 2030 per yuan?",
        "packages",
        ("frontier", "ranking", "variance", "winners"),
    ),
    Question(
        "Q002",
        "Does opening public data help rural banks without data governance?",
        "open_data",
        ("factorial", "pairs", "surface"),
    ),
    Question(
        "Q003", "Does a sandbox widen inequality?", "sandbox_inequality", ("effects", "winners", "variance")
    ),
    Question(
        "Q004",
        "Which of two union modes is better where banks are heterogeneous?",
        "union_modes",
        ("dispersion", "ranking"),
    ),
    Question(
        "Q005",
        "What if margins fall another 30 basis points?",
        "margin_30bp",
        ("effects", "winners", "variance"),
    ),
    Question(
        "Q006",
        "When does the cost of language models make rural adoption viable without subsidy?",
        "language_model_threshold",
        ("thresholds",),
    ),
    Question(
        "Q007", "Are policies complements or substitutes?", "complements", ("pairs", "shapley", "factorial")
    ),
    Question(
        "Q008",
        "Does large-bank technology export create concentration risk?",
        "concentration",
        ("effects", "variance"),
    ),
    Question(
        "Q009",
        "How robust is the ranking of policies to unknown parameters?",
        "robust_ranking",
        ("ranking", "reversal", "frontier"),
    ),
    Question(
        "Q010",
        "Which data would most reduce uncertainty?",
        "information",
        ("information", "sensitivity", "ranking", "reversal"),
    ),
)
# An academic's that a study of their own answers; the others are calibration's.
EVIDENCE: Final = (
    Question("Q022", "Which parameters are identified?", "identification", ("identification",)),
    Question("Q023", "Is the gap path a Matthew effect or mean reversion?", "convergence", ("convergence",)),
    Question("Q025", "How large is the 2023 measurement break?", "measurement_break", ("measurement_break",)),
    Question("Q026", "Do network effects survive an edge-rewired placebo?", "rewired_placebo", ("placebo",)),
    Question("Q028", "How sensitive are results to sample weights?", "survey_weights", ("survey_weights",)),
)
# Ten more that experts asked.
EXPERTS: Final = (
    Question(
        "Q031",
        "How many sandbox places are enough, and who learns from them?",
        "sandbox_places",
        ("effects", "winners"),
    ),
    Question(
        "Q032",
        "One provincial bank or a union bank: what becomes of lending, capital and scores?",
        "merge_or_union",
        ("effects", "dispersion"),
    ),
    Question("Q033", "Which public data set moves what?", "data_sets", ("effects", "ranking")),
    Question(
        "Q034",
        "Which vendors and exporting banks are systemic: what if the largest one, two or four fail?",
        "systemic_suppliers",
        ("effects", "variance"),
    ),
    Question(
        "Q035",
        "Which conclusions survive sampling every assumption?",
        "surviving_conclusions",
        ("ranking", "variance"),
    ),
    Question(
        "Q036",
        "How do a bank's rivals answer when all city banks push ahead?",
        "rivals",
        ("effects", "winners"),
    ),
    Question(
        "Q037",
        "What does an earlier deadline of localisation cost?",
        "localisation_deadline",
        ("effects", "variance"),
    ),
    Question("Q038", "Pay or train: which keeps people, where?", "pay_or_train", ("effects", "frontier")),
    Question("Q039", "What does a faster wave of rural mergers do?", "merger_wave", ("effects", "variance")),
    Question(
        "Q040",
        "West or east: where does the same policy do most?",
        "regional_targeting",
        ("effects", "frontier", "winners"),
    ),
)
