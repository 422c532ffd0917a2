"""What is wrong with an input, in both languages of the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """A sentence in English and in Chinese.

    Parameters
    ----------
    en, zh : str
    """

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def spoken(self, language: str) -> str:
        """The sentence in ``en`` or ``zh``."""
        return self.zh if language == "zh" else self.en


NOTHING = Sentence("", "")


class Refused(ValueError):
    """An input that cannot be used as it stands.

    Parameters
    ----------
    what : Sentence
        What is wrong.
    allowed : Sentence
        What would be accepted.
    suggestion : str
        The likeliest thing meant, as it would be written; empty when there is none.
    """

    def __init__(self, what: Sentence, allowed: Sentence = NOTHING, suggestion: str = "") -> None:
        super().__init__(what.en)
        self.what = what
        self.allowed = allowed
        self.suggestion = suggestion

    def __reduce__(self) -> tuple[type[Refused], tuple[Sentence, Sentence, str]]:
        return Refused, (self.what, self.allowed, self.suggestion)

    def spoken(self, language: str) -> str:
        """Everything in one line of a language."""
        parts = [self.what.spoken(language)]
        chinese = language == "zh"
        if self.allowed.spoken(language):
            parts.append(("可用：" if chinese else "allowed ") + self.allowed.spoken(language))
        if self.suggestion:
            parts.append(f"是否指 {self.suggestion}？" if chinese else f"did you mean {self.suggestion}?")
        return ("；" if chinese else "; ").join(parts)
