"""Figure of a sweep: a row for everything that differs, with the medians and 90 % intervals of a few measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from experiments.figures.style import BLUE, FAINT, INK, KIND_COLOURS, new_figure, safe, style, wrapped
from experiments.labels import Labels

MOST = 60


@dataclass(frozen=True)
class Panel:
    """What one panel shows.

    Parameters
    ----------
    title : str
    values : mapping
        Name of a mark (a kind of bank, or nothing) -> one (low, median, high) a row, None where there is none.
    zero : bool
        Whether the panel is about changes, so that zero is drawn.
    """

    title: str
    values: Mapping[str, Sequence[tuple[float, float, float] | None]]
    zero: bool = False


def comparison(title: str, names: Sequence[str], panels: Sequence[Panel], labels: Labels) -> Figure:
    """Draw rows side by side.

    Parameters
    ----------
    title : str
        Of the figure.
    names : sequence of str
        What tells each row from the others; the first `MOST` are drawn.
    panels : sequence of Panel
    labels : Labels

    Returns
    -------
    Figure
    """
    names = names[:MOST]
    with style():
        figure = new_figure(1.3 + 0.3 * len(names), title)
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, place in zip(panels, axes, strict=True):
            _draw(panel, place, len(names), labels)
        axes[0].set_yticks(range(len(names)), [wrapped(safe(name, 90), 38) for name in names])
        axes[0].set_ylim(len(names) - 0.4, -0.6)
    return figure


def _draw(panel: Panel, axes: object, rows: int, labels: Labels) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    axes.set_title(wrapped(panel.title, 40), fontweight="normal")
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    if panel.zero:
        axes.axvline(0.0, color=INK, linewidth=0.6)
    step = 0.22 if len(panel.values) > 1 else 0.0
    for number, (mark, values) in enumerate(panel.values.items()):
        shift = (number - (len(panel.values) - 1) / 2.0) * step
        drawn = [(row + shift, value) for row, value in enumerate(values[:rows]) if value is not None]
        colour = KIND_COLOURS.get(mark, BLUE)
        for height, (low, _, high) in drawn:
            axes.plot([low, high], [height, height], color=colour, linewidth=1.0)
        axes.plot(
            [value[1] for _, value in drawn], [height for height, _ in drawn], "o", color=colour, markersize=3.2,
            label=labels.name("kind", mark) if mark else None,
        )  # fmt: skip
    if len(panel.values) > 1:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=len(panel.values))
    axes.tick_params(axis="y", length=0)
