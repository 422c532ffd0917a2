"""What configuration files say of themselves: titles in two languages, and the direction they expect."""

from __future__ import annotations

from experiments.settings.fields import KindOrAll, Outcome, Sign, Strict, Text


class Title(Strict):
    """A title in both languages of the report."""

    en: Text
    zh: Text


class Expected(Strict):
    """The direction in which an outcome of one bank kind (or of all) should move."""

    outcome: Outcome
    bank_kind: KindOrAll
    sign: Sign
