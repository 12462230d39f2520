"""What a theorem assumes, and the facts of analysis that a proof may cite."""

import dataclasses
from typing import Any

from theory.proofs.relation import Relation

__all__ = ["Assumption", "Cited"]


@dataclasses.dataclass(frozen=True)
class Cited:
    """A fact of analysis that sympy cannot prove and that a proof leans on.

    Parameters
    ----------
    name : str
        As the field calls it, e.g. ``"Dynkin's formula"``.
    words : str
        What it says, with its conditions.
    source : str
        Where it is proved.
    """

    name: str
    words: str
    source: str


@dataclasses.dataclass(frozen=True)
class Assumption:
    """One named hypothesis of a theorem.

    Parameters
    ----------
    name : str
        A few words that are unique within the theorem; a proof takes the hypothesis up by it.
    words : str
        The hypothesis in full.
    relation : Relation, optional
        The hypothesis as a relation between sympy expressions. One between parameters alone is
        also tested before the bound is evaluated. Without a relation the hypothesis is one of words
        (a solution exists), and a proof can only require it.
    over : tuple of sympy symbols, optional
        What the relation is said of for all values: it can be taken up at any of them.
    through : tuple of Cited, optional
        The facts by which the words give the relation, where they are not the same thing.
    """

    name: str
    words: str
    relation: Relation | None = None
    over: tuple[Any, ...] = ()
    through: tuple[Cited, ...] = ()
