"""What configuration files say of themselves: titles in two languages, and the direction they expect."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from experiments.config.fields import KindOrAll, Loose, Outcome, Sign, Strict, Text
from experiments.config.numbers import fault
from experiments.config.sentences import Sentence


class Title(Strict):
    """A title in both languages of the report."""

    en: Text
    zh: Text


def _in_both(given: Any) -> Any:
    return {"en": given, "zh": given} if isinstance(given, str) else given


InBoth = Annotated[Title, BeforeValidator(_in_both)]
"""What a file says in both languages, or in one sentence that serves for both."""


class Expected(Strict):
    """The direction in which an outcome of one bank kind (or of all) should move; in a file ``index rural +``."""

    outcome: Outcome
    bank_kind: KindOrAll
    sign: Sign


def _in_words(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    words = given.split()
    if len(words) != 3:
        raise fault(
            Sentence(f"{given!r} is no outcome, kind and sign", f"{given!r} 不是指标、类型与方向"),
            "index rural +",
        )
    return dict(zip(("outcome", "bank_kind", "sign"), words, strict=True))


ExpectedLines = Annotated[tuple[Annotated[Expected, BeforeValidator(_in_words)], ...], Loose]
