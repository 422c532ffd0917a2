"""The academic's questions that a study of their own answers, each with its command; the others are calibration's."""

from typing import Final

from experiments.analysis.questions import Question

QUESTIONS: Final = (
    Question("Q022", "Which parameters are identified?", "identification", ("identification",)),
    Question("Q023", "Is the gap path a Matthew effect or mean reversion?", "convergence", ("convergence",)),
    Question("Q025", "How large is the 2023 measurement break?", "measurement_break", ("measurement_break",)),
    Question("Q026", "Do network effects survive an edge-rewired placebo?", "rewired_placebo", ("placebo",)),
    Question("Q028", "How sensitive are results to sample weights?", "survey_weights", ("survey_weights",)),
)
