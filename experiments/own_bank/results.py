"""A study's results opened for work, with the answers about a user's own bank."""

import pandas as pd

from experiments.own_bank import answers
from experiments.results import open as opened


class Results(opened.Results):
    """The folder of a study, opened: what every study has, and `own_bank` for one with ``bank=``."""

    def own_bank(self, bank: str | None = None) -> dict[str, pd.DataFrame]:
        """Answer a strategy team's questions about its own bank; for studies with ``bank=``.

        Parameters
        ----------
        bank : str, optional
            Name, where the study follows several; the first by default.

        Returns
        -------
        dict of DataFrame
            The ``choice`` between the plans, the ``floors`` they fall below in each future, their ``payback`` and
            ``paired`` differences, the ``paths`` of what they bring, the ``budget`` and the ``bridge`` of revenue, the
            ``items``, the ``place`` among peers, the ``bottleneck``, ``maintenance``, ``routes`` to language models,
            ``people``, ``shares`` of spending and what should move ``early`` (`experiments.own_bank.answers`).
        """
        runs = answers.OwnRuns(self.path("own_bank"), self.manifest["config"]["bank"] or {}, bank)
        return answers.every(runs)
