"""The report of a study: one self-contained HTML page, its figures, and a brief of at most four printed pages.

What draws is imported when a report is asked for: matplotlib costs a second that ``--help`` should not pay.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_report(
    folder: Path, language: str, settings: Mapping[str, Any], *, data: Path | None = None
) -> Path:
    """Draw the figures of a study and write its report, and its brief where there are policies.

    The same tables give the same bytes, wherever the folder lies.

    Parameters
    ----------
    folder
        A finished study: ``scores.parquet`` and ``manifest.json``, and what it has of ``effects``,
        ``outcomes``, ``costs``, ``coverage``, ``distribution`` and the tables of an analysis (parquet),
        ``network/*.graphml`` and ``schema.json``.
    language
        ``en`` or ``zh``.
    settings
        The resolved settings; every number of the catalogue among them is listed as an assumption.
    data
        Folder with ``provinces.csv``, ``source/scores.csv`` and ``source/noise_and_limits.csv``; the
        repository's by default.

    Returns
    -------
    pathlib.Path
        ``folder/report.html``; figures stand in ``folder/figures`` as PNG (200 dpi) and SVG.
    """
    from experiments.report.page import report

    return report(folder, language, settings, data)


def write_brief(
    folder: Path, language: str, settings: Mapping[str, Any] | None = None, *, data: Path | None = None
) -> Path:
    """Write the policy brief of a study: at most four A4 pages, ready to print.

    Parameters
    ----------
    folder, language, data
        As in `write_report`.
    settings
        The resolved settings, for the titles of policies; by default the ``config`` of the manifest.

    Returns
    -------
    pathlib.Path
        ``folder/brief.html``.
    """
    from experiments.report.page import brief

    return brief(folder, language, settings, data)
