"""What configuration files say of themselves: titles in two languages, and the direction they expect."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from experiments.settings.fields import KindOrAll, Outcome, Sign, Strict, Text


class Title(Strict):
    """A title in both languages of the report."""

    en: Text
    zh: Text


def _in_both(given: Any) -> Any:
    return {"en": given, "zh": given} if isinstance(given, str) else given


Sentence = Annotated[Title, BeforeValidator(_in_both)]
"""What a file says in both languages, or in one sentence that serves for both."""


class Expected(Strict):
    """The direction in which an outcome of one bank kind (or of all) should move."""

    outcome: Outcome
    bank_kind: KindOrAll
    sign: Sign
