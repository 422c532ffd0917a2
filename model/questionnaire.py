"""The simulated survey: maturity ladders of 0, 50 and 100, asked of a sample, scored as the report scores them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.column import Array, Indices
from agents.honeycomb import APPLICATION, DIMENSION_OF, DIMENSIONS, NEW_TECHNOLOGY, SLICES
from agents.kinds import KINDS
from model.numbers import SurveyNumbers
from model.population import Population
from model.reduction import over_banks
from model.streams import Draws


class Questionnaire:
    """Asks a sample once a year; its scores differ from the truth by sample, style, ladder and edition.

    An item has two steps, begun and mature; a bank of capability K has taken the first with probability 1 - (1 - K)^2
    and the second with K^2, which gives values 0, 50, 100 with mean 100 K. Intelligent audit, 41.25 / 47.5 / 11.25 %
    in 2023 (A016-A018), is this ladder at K = 0.35.

    Parameters
    ----------
    population : Population
    numbers : SurveyNumbers
        Numbers of the questionnaire, see ``conf/population``.
    draws : Draws
    """

    def __init__(self, population: Population, numbers: SurveyNumbers, draws: Draws) -> None:
        self.population, self.numbers, self.draws = population, numbers, draws
        frame = population.surveyed & population.reported
        self._queue = np.where(frame, draws.uniform("survey sample", population.size), 2.0)
        sizes = {kind: int(max(numbers.sample[kind].values())) for kind in KINDS if kind in numbers.sample}
        self.sample, self.blocks = self._draw_sample(sizes)
        shape = (len(draws.replicates), self.sample.shape[1])
        self.style = numbers.style_spread * draws.normal("survey answers", shape[1])

    def _draw_sample(self, sizes: dict[str, int]) -> tuple[Indices, dict[str, slice]]:
        """Banks in the order in which they would be asked, by kind; shape (replicates, asked)."""
        picked, blocks, start = [], {}, 0
        for kind, size in sizes.items():
            rows = self.population.rows(kind)
            order = np.argsort(self._queue[:, rows], axis=-1, kind="stable")
            available = int((self.population.surveyed & self.population.reported)[rows].sum())
            taken = min(size, available)
            picked.append(order[:, :taken] + rows.start)
            blocks[kind] = slice(start, start + taken)
            start += taken
        return np.concatenate(picked, axis=1), blocks

    def ask(self, indicators: Array, year: int, scenarios: int) -> Array:
        """Ask the sample and score the answers.

        Parameters
        ----------
        indicators : ndarray, shape (18, S * R, N)
            Capability, 0-1.
        year : int
            Edition; from 2023 the application dimension has the language-model item as well.
        scenarios : int
            The same answers' chance is used in every scenario.

        Returns
        -------
        ndarray, shape (S, R, kinds, 6)
            Scores 0-100; NaN for kinds the survey does not ask.
        """
        items, size, asked = int(self.numbers.items), len(DIMENSION_OF), self.sample.shape[1]
        chance = self.draws.words(np.uint16, "survey answers", items, size, asked)
        seen = self._seen(indicators, scenarios)
        for part, bias in zip(SLICES, self._bias(), strict=True):
            seen[part] += bias[:, None]
        np.clip(seen, 0.0, 1.0, out=seen)
        mature, begun = _threshold(seen * seen), _threshold(seen * (2.0 - seen))
        steps = np.zeros(seen.shape, np.int8)
        for draw in chance[:, :, :, None]:
            steps += (draw < begun).view(np.int8)
            steps += (draw < mature).view(np.int8)
        scores = self._dimension_scores(steps * (50.0 / items), year)
        return self._by_kind(np.moveaxis(scores, 1, -1), year)

    def _seen(self, indicators: Array, scenarios: int) -> NDArray[np.float32]:
        """Capability of the sample, single precision, shape (18, asked, S, R); replicates side by side."""
        banks = np.ascontiguousarray(indicators.swapaxes(-1, -2)).reshape(len(indicators), -1)
        replicates = len(self.sample)
        row = np.arange(scenarios * replicates).reshape(scenarios, replicates)
        places = self.sample.T[:, None] * row.size + row
        return banks.take(places, axis=1).astype(np.float32)

    def _bias(self) -> Array:
        """What each respondent adds: optimism, the bank's style, the edition for all and for a kind; (6, asked, R)."""
        numbers, size = self.numbers, len(DIMENSIONS)
        shared = (numbers.instrument_spread * self.draws.normal("instrument", size)).T
        own = self.draws.normal("instrument of a kind", len(KINDS), size).T
        bias = np.empty((size, *self.style.T.shape))
        bias[:] = numbers.optimism + self.style.T
        for kind, rows in self.blocks.items():
            edition = numbers.instrument_loading[kind] * shared
            edition = edition + numbers.instrument_own[kind] * own[:, KINDS.index(kind)]
            bias[:, rows] += edition[:, None]
        return bias

    def _dimension_scores(self, score: NDArray[Any], year: int) -> Array:
        """Average indicators into dimensions by the edition's definition; shape (6, asked, S, R)."""
        means = []
        for d, part in enumerate(SLICES):
            rows = list(range(part.start, part.stop))
            if d == APPLICATION and year < self.numbers.language_model_item_from:
                rows.remove(NEW_TECHNOLOGY)
            total = score[rows[0]].copy()
            for row in rows[1:]:
                total += score[row]
            means.append(total / len(rows))
        return np.stack(means)

    def _by_kind(self, scores: Array, year: int) -> Array:
        reported = np.full((*scores.shape[1:3], len(KINDS), len(DIMENSIONS)), np.nan)
        for kind, rows in self.blocks.items():
            by_year = self.numbers.sample[kind]
            number = min(
                int(by_year[max(y for y in by_year if y <= max(year, min(by_year)))]), rows.stop - rows.start
            )
            block = scores[..., rows.start : rows.start + number]
            if number:
                reported[..., KINDS.index(kind), :] = np.moveaxis(over_banks(block) / number, 0, -1)
        return reported


def _threshold(probability: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Below which a random 16-bit number falls with this probability, in steps of 2^-16; uses the input up."""
    probability *= 2.0**16 - 1.0
    probability += 0.5
    return probability.astype(np.uint16)
