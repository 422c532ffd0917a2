"""What the bands of a report hold, and what they cannot."""

from experiments.labels import Labels
from experiments.report.material import Material


def uncertainty(material: Material, labels: Labels) -> list[str]:
    """The note on what the bands hold and what they cannot."""
    runs = material.runs
    count = labels(
        "uncertainty.runs",
        n=runs,
        error=f"{1.645 * (0.25 / max(runs, 1)) ** 0.5:.2f}",
        tail=max(round(runs / 20), 1),
    )
    few = [labels("uncertainty.few")] if runs < 30 else []
    names = ("priors", "large", "both")
    return [
        *(labels(f"uncertainty.{name}") for name in names),
        labels.sentences([count, *few]),
        labels("uncertainty.survey"),
        labels("uncertainty.model"),
    ]
