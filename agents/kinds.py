"""The kinds of bank, a row each: what a kind is called, how it is drawn, and where it differs from the others.

A new kind is a row here, a class in ``agents.bank_kinds`` and its numbers in ``conf/banks``; everything else iterates.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class BankKind:
    """A kind of bank.

    Parameters
    ----------
    name : str
        In configurations and results, and the ``kind`` of its class.
    en, zh : str
        Label of the kind.
    colour : str
        Name of its colour in the figures' palette.
    small : bool
        Small or medium: surveyed, may ally, may be a user's own bank. Others export technology and come first.
    groups : tuple of str
        Groups of banks whose margins are known apart; usually the kind itself.
    in_union : bool
        Whether a provincial union runs a platform for it.
    unstated : str
        Name of the surveyed banks that decide like this kind and that no kind's mean counts; empty for none.
    """

    name: str
    en: str
    zh: str
    colour: str
    small: bool = True
    groups: tuple[str, ...] = ()
    in_union: bool = False
    unstated: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", self.groups or (self.name,))


BANK_KINDS: Final = (
    BankKind("large", "Large banks", "大型银行", "red", small=False, groups=("state", "joint_stock")),
    BankKind("city", "City banks", "城商行", "blue", unstated="other"),
    BankKind("rural", "Rural institutions", "农村金融机构", "orange", in_union=True),
    BankKind("private", "Private banks", "民营银行", "purple"),
)
KINDS: Final = tuple(kind.name for kind in BANK_KINDS)
SMALL_KINDS: Final = tuple(kind.name for kind in BANK_KINDS if kind.small)
GROUPS: Final = tuple(group for kind in BANK_KINDS for group in kind.groups)
KIND_OF_GROUP: Final = MappingProxyType({group: kind.name for kind in BANK_KINDS for group in kind.groups})
