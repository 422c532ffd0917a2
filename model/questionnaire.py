"""The simulated survey: a sample answers the questionnaire, in its own style, under the edition of the year."""

from typing import TYPE_CHECKING

import numpy as np

from agents.honeycomb import DIMENSIONS
from model import calendar
from model.calendar import FIRST_YEAR
from model.reduction import over_banks
from model.streams import uniform

if TYPE_CHECKING:
    from model.system import BankingSystem


class Questionnaire:
    """Asks a sample once a year; its scores differ from the true ones by sample, style and edition.

    True scores are the report's arithmetic on what a bank has. The report's own scores stand higher in strategy and
    organization than its printed items: an offset a dimension stands for what the report leaves unsaid.

    Parameters
    ----------
    system : BankingSystem
    """

    def __init__(self, system: "BankingSystem") -> None:
        self.system = system
        population, draws = system.banks, system.draws
        frame = population.surveyed & population.reported
        self.frame = frame & np.array([system.kinds[k].surveyed for k in population.kind])
        first, last = FIRST_YEAR, FIRST_YEAR + calendar.index(system.world.end) // 4
        drawn = uniform(draws.words("editions", last - first + 1, len(DIMENSIONS)))
        self.edition = system.p.edition_spread * np.sqrt(3.0) * (2.0 * drawn - 1.0)  # with that deviation
        self.style = system.p.style_spread * draws.normals("style")

    def ask(self, year: int) -> np.ndarray:
        """Scores that the survey would report, shape (R, kinds, 6), NaN for kinds that it does not ask.

        Parameters
        ----------
        year : int
            Edition; a year after the last sample known asks as many banks as the last.
        """
        system, p = self.system, self.system.p
        dims, edition = system.dims, self.edition[year - FIRST_YEAR]
        offset = np.asarray(p.offset).reshape(6, -1)
        queue = self.queue(year)
        scores = np.full((system.rows, len(system.kind_rows), len(DIMENSIONS)), np.nan)
        for k, (name, rows) in enumerate(zip(system.banks.kinds, system.kind_rows, strict=True)):
            sample = self._sample(name, queue[rows], year)
            if sample is None:
                continue
            loading = p.edition_loading[rows][:1]
            answers = dims[:, rows] + (offset + edition * loading)[:, None] + self.style[rows]
            answers = np.minimum(np.maximum(answers, 0.0), 100.0) * sample
            number = sample.sum(0)
            scores[:, k] = (over_banks(answers) / np.where(number, number, np.nan)).T
        return scores

    def queue(self, year: int) -> np.ndarray:
        """Order of every bank for an edition's sample, drawn anew each year (Z007); 2 for banks that are not asked."""
        drawn = self.system.draws.uniforms(f"survey sample/{year}")
        return np.where(self.frame[:, None] & self.system.active, drawn, 2.0)

    def _sample(self, kind: str, queue: np.ndarray, year: int) -> np.ndarray | None:
        """Who is asked, bool (n, R): the first in the year's queue; None where the kind is not asked."""
        sizes = self.system.world.sample.get(kind)
        if not sizes or not len(queue):
            return None
        number = int(sizes[max((y for y in sizes if y <= year), default=min(sizes))])
        if number < 1:
            return None
        place = min(number, len(queue)) - 1
        bar = np.partition(queue, place, axis=0)[place]
        result: np.ndarray | None = (queue <= bar) & (queue < 2.0)
        return result
