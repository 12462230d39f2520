"""A finished proof: what `Result.derive` returns."""

import dataclasses
from collections.abc import Mapping
from typing import Literal

from theory.proofs.assumption import Cited
from theory.proofs.fact import Fact

__all__ = ["Derivation"]

Status = Literal["proved", "proved under assumptions"]


@dataclasses.dataclass(frozen=True)
class Derivation:
    """The steps of a proof and what it leans on.

    Attributes
    ----------
    facts : tuple of Fact
        The steps, in order.
    conclusions : mapping of str to Fact
        The fact reached for each statement.
    seconds : float
        The time it took.
    """

    facts: tuple[Fact, ...]
    conclusions: Mapping[str, Fact]
    seconds: float

    @property
    def rests_on(self) -> frozenset[str]:
        """The names of the assumptions that the conclusions need."""
        return frozenset[str]().union(*(fact.rests_on for fact in self.conclusions.values()))

    @property
    def cites(self) -> tuple[Cited, ...]:
        """The facts of analysis that the conclusions need and sympy did not prove."""
        cited = frozenset[Cited]().union(*(fact.cites for fact in self.conclusions.values()))
        return tuple(sorted(cited, key=lambda fact: fact.name))

    @property
    def steps(self) -> int:
        """The number of steps that sympy reduced to true."""
        return sum(fact.kind == "checked" for fact in self.facts)

    @property
    def status(self) -> Status:
        """Proved, or proved up to facts of analysis that are cited."""
        return "proved under assumptions" if self.cites else "proved"

    def latex(self) -> str:
        """Return the steps as rows of an ``align*`` environment, each with its reason."""
        rows = [fact.relation.latex() + rf" && \text{{{fact.words}}}" for fact in self.facts]
        return "\\begin{align*}\n" + " \\\\\n".join(f"& {row}" for row in rows) + "\n\\end{align*}"
