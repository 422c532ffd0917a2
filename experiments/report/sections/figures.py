"""The figures of a study."""

from collections.abc import Iterable

from experiments.report.registry import Block, Page, section


@section("figures", place=60, brief=30)
def figures(page: Page) -> Iterable[Block]:
    """Every registered figure that the study has tables for; a brief shows those it has room for."""
    return page.figures("figures")
