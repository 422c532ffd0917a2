"""A few labelled choices in the browser's own elements, which stand in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import param

from experiments.app.page import Component, script

Choice = tuple[str, Sequence[tuple[str, ...]], str]
"""Label; value, text and, where there are several, group of each option; the usual value."""


class Choices(Component):
    """A few labelled choices; see ``choices.js``."""

    state = param.Dict(default={})
    told = param.String(default="")

    _esm = script("choices.js")

    @classmethod
    def of(cls, offered: Mapping[str, Choice], asked: Mapping[str, str]) -> Any:
        """Offer choices, with what the address asks for where that is one of them."""
        offer, state = [], {}
        for key, (label, options, usual) in offered.items():
            offer.append({"key": key, "label": label, "options": list(options), "usual": usual})
            given = asked.get(key, "")
            state[key] = given if given in {option[0] for option in options} else usual
        return cls(offer=offer, state=state)
