"""A result of a paper: what it states, what it assumes, its proof, and its number as a function."""

import dataclasses
import functools
import time
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError, unknown_name
from theory.proofs.evaluation import evaluate, is_numeric, parameter_symbols
from theory.proofs.fact import Assumption, Cited, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation
from theory.symbols import PARAMETERS

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


Written = tuple[Proof, dict[str, Fact], float]
"""A proof, the fact reached for each statement, and the seconds it took."""


@dataclasses.dataclass(frozen=True)
class Statement:
    """One claim of a result.

    Parameters
    ----------
    words : str
        The claim in words.
    relation : Relation
        The claim.
    value : sympy.Expr, optional
        The number one asks for, where it is not the right side: a part of the relation.
    stable : sympy.Expr, optional
        The same number in a form that loses no digits in floating point; `Result.derive` proves the
        two equal.
    """

    words: str
    relation: Relation
    value: Any = None
    stable: Any = None

    @property
    def number(self) -> Any:
        """The number one asks for: the value, or the right side."""
        return self.relation.right if self.value is None else self.value


@dataclasses.dataclass(frozen=True)
class Planted:
    """An error put into a result on purpose: its proof must then fail.

    Parameters
    ----------
    words : str
        What is wrong, e.g. ``"the noise is not shared among p agents"``.
    statements : mapping of str to Relation, optional
        Wrong claims, by the name of the statement.
    without : tuple of str, optional
        Names of the assumptions dropped.
    setting : mapping of str to object, optional
        Wrong parts of the setting, e.g. a drift of the other sign.
    """

    words: str
    statements: Mapping[str, Relation] = dataclasses.field(default_factory=dict)
    without: tuple[str, ...] = ()
    setting: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """A lemma, theorem or corollary with its proof.

    Parameters
    ----------
    name : str
        The name of its module, e.g. ``"lemma_3_1"``.
    number : str
        As the paper numbers it, e.g. ``"Lemma 3.1, eq. (22)"``.
    source : str
        The paper.
    title : str
        What it is about.
    statements : mapping of str to Statement
        The claims, the main one first.
    assumptions : tuple of Assumption
        The hypotheses; the proof takes up every one.
    prove : callable
        Called with a `Proof` and the setting (its entries as attributes), returns the fact reached
        for each statement.
    setting : mapping of str to object
        What the proof starts from: the drift, the metric, the matrix; kept apart so that an error
        can be planted in it.
    planted : tuple of Planted
        Errors that the proof must notice.
    remarks : str
        What a reader should know: where the paper says something else, what the result does not say.
    """

    name: str
    number: str
    source: str
    title: str
    statements: Mapping[str, Statement]
    assumptions: tuple[Assumption, ...]
    prove: Callable[[Proof, Any], Mapping[str, Fact]]
    setting: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    planted: tuple[Planted, ...] = ()
    remarks: str = ""

    @property
    def main(self) -> Statement:
        """The first statement."""
        return next(iter(self.statements.values()))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The keywords of `bound`; empty when the main statement is no number."""
        if not is_numeric(self.main.number):
            return ()
        symbols = parameter_symbols(self.main.number, self.assumptions)
        return tuple(PARAMETERS[symbol].name for symbol in symbols)

    def derive(
        self,
        *,
        statements: Mapping[str, Relation] | None = None,
        without: tuple[str, ...] = (),
        setting: Mapping[str, Any] | None = None,
    ) -> Derivation:
        """Prove the statements; the arguments plant errors (see `Planted`).

        Returns
        -------
        Derivation
            All steps.

        Raises
        ------
        ProofError
            A step is not reduced to true, or the proof ends elsewhere than in the statements.
        """
        unknown = {*(statements or {})} - {*self.statements} | {*(setting or {})} - {*self.setting}
        unknown |= {*without} - {assumption.name for assumption in self.assumptions}
        if unknown:
            raise ValueError(f"{self.number} has no {', '.join(sorted(unknown))} to change.")
        if without or setting:
            proof, reached, seconds = self._written(without, setting or {})
        else:
            proof, reached, seconds = self._as_given
        for name, statement in self.statements.items():
            if not statement.relation.contains(statement.number):
                raise ProofError(f'the number of "{name}" is no part of what is proved.')
            claim = (statements or {}).get(name, statement.relation)
            self._conclude(proof, reached[name], claim, name)
        derivation = Derivation(tuple(proof.facts), reached, seconds)
        idle = {a.name for a in self.assumptions} - {*without} - derivation.rests_on
        if idle:
            raise ProofError(f"nothing that is stated rests on: {', '.join(sorted(idle))}.")
        return derivation

    @functools.cached_property
    def _as_given(self) -> Written:
        """The proof with nothing changed: written once, whatever statements it is held against."""
        return self._written((), {})

    def _written(self, without: tuple[str, ...], setting: Mapping[str, Any]) -> Written:
        start = time.perf_counter()
        proof = Proof(a for a in self.assumptions if a.name not in without)
        reached = dict(self.prove(proof, types.SimpleNamespace(**{**self.setting, **setting})))
        if reached.keys() != self.statements.keys():
            raise ProofError(f"the proof reaches {', '.join(reached)}, not all that is stated.")
        for name, statement in self.statements.items():
            if statement.stable is not None:
                proof.equal(statement.number, statement.stable, f"{name}, to be evaluated")
        return proof, reached, time.perf_counter() - start

    def _conclude(self, proof: Proof, fact: Fact, claim: Relation, name: str) -> None:
        if fact.kind == "assumed":
            raise ProofError(f'the statement "{name}" is one of its own assumptions.')
        open_still = fact.rests_on - {assumption.name for assumption in self.assumptions}
        if open_still:
            raise ProofError(f'the proof of "{name}" leaves open: {", ".join(sorted(open_still))}.')
        if not proof.holds(fact, claim):
            raise ProofError(
                f'the proof of "{name}" reaches {fact.relation}, but {claim} is stated.'
            )

    def bound(self, **parameters: ArrayLike) -> NDArray[np.float64]:
        """Return the number of the main statement; see `evaluate`."""
        return self.evaluate(next(iter(self.statements)), **parameters)

    def evaluate(self, statement: str, /, **parameters: ArrayLike) -> NDArray[np.float64]:
        """Return the number of a statement: the expression proved, evaluated.

        Parameters
        ----------
        statement : str
            Its name.
        **parameters : array_like
            Numbers or arrays that broadcast, by the names in `theory.symbols`.

        Returns
        -------
        numpy.ndarray
            Of the broadcast shape.

        Raises
        ------
        AssumptionError
            A value is outside the assumptions.
        InvalidArgumentError
            There is no such statement, or it states no number.
        """
        if statement not in self.statements:
            raise unknown_name(f"statement of {self.number} called", statement, self.statements)
        chosen = self.statements[statement]
        if not is_numeric(chosen.number):
            raise InvalidArgumentError(
                f'"{statement}" of {self.number} states a law or a relation, not a number that '
                "parameters give; it can be derived, but not evaluated."
            )
        formula = chosen.number if chosen.stable is None else chosen.stable
        return evaluate(formula, self.assumptions, parameters, self.number)

    def latex(self) -> str:
        """Return the statements as LaTeX, one line each."""
        return r" \\ ".join(statement.relation.latex() for statement in self.statements.values())
