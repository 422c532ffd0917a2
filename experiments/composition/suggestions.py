"""Did you mean: the known word nearest to one that was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def distance(first: str, second: str) -> int:
    """Typing slips between two words: letters left out, added or changed, and neighbours swapped.

    Parameters
    ----------
    first, second : str
        Two words.

    Returns
    -------
    int
        Optimal string alignment distance, 0 for equal words.
    """
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        row = [i]
        for j, b in enumerate(second, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]


def _shortened(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


class Nearest:
    """The nearest of many known words.

    Words that share a form once one letter is left out of each are candidates (that covers every single slip);
    only when there is none are all words compared.

    Parameters
    ----------
    words : iterable of str
        The known words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(set(words))
        self._forms: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.words:
            for form in _shortened(word):
                self._forms[form].append(word)

    def best(self, typed: str) -> str:
        """The known word most likely meant, or an empty string.

        Parameters
        ----------
        typed : str
            What was written.

        Returns
        -------
        str
            The nearest word; of equally near ones the one made of the same letters, then of the same length.
        """
        typed = typed[:300]
        near = {word for form in _shortened(typed) for word in self._forms.get(form, ())}
        if near:
            letters = sorted(typed)
            return min(
                near,
                key=lambda w: (distance(typed, w), sorted(w) != letters, len(w) != len(typed), w),
            )
        close = get_close_matches(typed, self.words, n=1, cutoff=0.6)
        return close[0] if close else ""


def unknown(names: Iterable[object], options: Sequence[str]) -> tuple[str, str, str] | None:
    """What to say of names that are none of the options, all at once; None when every name is one.

    Parameters
    ----------
    names : iterable of object
        What was written.
    options : sequence of str
        The known words.

    Returns
    -------
    what, allowed, suggestion : str
    """
    strangers = list(dict.fromkeys(repr(name) for name in names if name not in options))
    if not strangers:
        return None
    best = dict.fromkeys(nearest(name, options) for name in names if name not in options)
    verb = "is" if len(strangers) == 1 else "are"
    return f"{', '.join(strangers)} {verb} not known", ", ".join(options), ", ".join(filter(None, best))


def nearest(typed: object, words: Iterable[str]) -> str:
    """The nearest of a few words, or an empty string.

    Parameters
    ----------
    typed : object
        What was written.
    words : iterable of str
        The known words.

    Returns
    -------
    str
        The word most likely meant.
    """
    return Nearest(words).best(str(typed))
