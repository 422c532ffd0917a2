"""The items of the questionnaire as a bank answers them: what each is called, and the rungs of its ladder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from agents.items import Item
from experiments.config import catalogue
from experiments.config.data import items
from experiments.config.errors import NOT_KNOWN, Refused, Sentence, enumerated, refuse, sentence
from experiments.config.fields import Catalogued, Listed, Strict
from experiments.config.names import Names, listed, vocabulary
from experiments.config.units import plain_letters

# What rungs are called, from the ground up, by how many a ladder has above it.
RUNGS: Final[Mapping[int, tuple[Sentence, ...]]] = {
    1: (sentence("not in place"), sentence("in place")),
    2: (sentence("not deployed"), sentence("begun"), sentence("mature")),
    3: (sentence("not deployed"), sentence("begun"), sentence("advanced"), sentence("mature")),
}
NONE: Final = ("none", "no", "无", "没有", "否", "未", "未开始")


@cache
def asked() -> Mapping[str, Item]:
    """Every item by its id, in the order of the questionnaire."""
    return {item.id: item for item in items()}


def title(item: Item) -> Sentence:
    """What an item is called."""
    return Sentence(item.name_en, item.name_zh)


@cache
def item_names() -> Names:
    """Items by what they are called."""
    return Names(dict.fromkeys(asked(), ()), {name: title(item) for name, item in asked().items()})


def rung(item: Item, answer: Any) -> int:
    """The rung that an answer means: ``2``, ``2 mature``, ``mature``, ``成熟``.

    Raises
    ------
    Refused
        With the rungs of the item.
    """
    line = plain_letters(str(answer))
    number = re.fullmatch(r"(\d+)(?:\.0+)?(?:\D.*)?", line)
    if not isinstance(answer, bool) and number and int(number[1]) <= item.rungs:
        return int(number[1])
    if number is None:
        if line in NONE:
            return 0
        for place, words in enumerate(RUNGS[item.rungs]):
            if line in (words.en, words.zh, words.zh.removeprefix("已")):
                return place
        if line in ("yes", "是", "有") and item.rungs == 1:
            return 1
    raise Refused(sentence("{!r} is no rung of {}", answer, title(item)), choices(item))


def choices(item: Item) -> Sentence:
    """The rungs of an item as a message or a drop-down lists them: ``0 not deployed, 1 begun, 2 mature``."""
    return enumerated(
        Sentence(f"{n} {words.en}", f"{n} {words.zh}") for n, words in enumerate(RUNGS[item.rungs])
    )


# --- what a bank says


EVIDENCE_NAMES: Final = vocabulary("evidence")
CLAIMED: Final = "claimed"
Trust = Annotated[float, Catalogued("bank.trust.*")]


class TrustInAnswers(Strict):
    """Chance that an item stands on the rung that was answered, by what is behind the answer."""

    claimed: Trust = catalogue.value("bank.trust.claimed")
    documented: Trust = catalogue.value("bank.trust.documented")
    audited: Trust = catalogue.value("bank.trust.audited")


class Answer(Strict):
    """What the bank says of one item.

    `answers` are rungs, one a respondent; `evidence` is what is behind them.
    """

    answers: Annotated[Listed[int], Field(min_length=1, max_length=99)]
    evidence: Annotated[str, BeforeValidator(EVIDENCE_NAMES.name)] = CLAIMED

    def chances(self, rungs: int, trust: TrustInAnswers) -> tuple[float, ...]:
        """Chance of each rung, from the ground up: each respondent is trusted as far as the evidence goes."""
        stands = float(getattr(trust, self.evidence))
        chances = [0.0] * (rungs + 1)
        for answer in self.answers:
            part = 1.0 / len(self.answers)
            low, high = max(answer - 1, 0), min(answer + 1, rungs)
            down = catalogue.value("bank.judged.overstated") if low < answer < high else float(low < answer)
            chances[answer] += part * stands
            chances[low] += part * (1.0 - stands) * down
            chances[high] += part * (1.0 - stands) * (1.0 - down)
        return tuple(chances)


def _answers(value: object) -> object:
    """Answers by item: names as people write them, a rung alone or with its evidence, several respondents."""
    if not isinstance(value, Mapping):
        return value
    rungs, faults = {}, []
    for word, answer in value.items():
        name = item_names().find(word)
        if name is None:
            best = item_names().nearest(word)
            faults.append(((str(word),), Refused(NOT_KNOWN, "", best), word))
            continue
        fields = dict(answer) if isinstance(answer, Mapping) else {"answers": answer}
        answers = fields.get("answers", fields.pop("rung", None))
        every = answers if isinstance(answers, list | tuple) else listed(answers)
        try:
            fields["answers"] = [rung(asked()[name], one) for one in every if one not in (None, "")]
        except Refused as refused:
            faults.append(((str(word),), refused, answers))
        if name in rungs:
            faults.append(((str(word),), Refused(sentence("stands twice")), word))
        rungs[name] = fields
    refuse("items", faults)
    return rungs


Answers = Annotated[dict[str, Answer], BeforeValidator(_answers)]
"""What a bank says of items, by item."""
