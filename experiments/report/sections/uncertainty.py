"""What the bands of a report hold, and what they cannot."""

from collections.abc import Iterator

from experiments.report.registry import Block, Page, Points, section

FEW = 30  # runs below which digits say nothing


@section("uncertainty", place=40, brief=70)
def uncertainty(page: Page) -> Iterator[Block]:
    """The note on what the bands hold and what they cannot."""
    labels, runs = page.labels, max(page.study.runs, 1)
    error = f"{1.645 * (0.25 / runs) ** 0.5:.2f}"
    count = labels("uncertainty.runs", n=runs, error=error, tail=max(round(runs / 20), 1))
    few = labels("uncertainty.few") if runs < FEW else ""
    points = [labels(f"uncertainty.{name}") for name in ("priors", "large", "both")]
    points.append(labels.sentences([count, few]))
    yield Points([*points, *(labels(f"uncertainty.{name}") for name in ("survey", "model", "calibration"))])
