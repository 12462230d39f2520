"""Results of papers: statements, assumptions, proof, and numerical values."""

import contextvars
import dataclasses
import functools
import itertools
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import one_of
from sdeopt.errors import InvalidArgumentError, shown
from theory.proofs.consistent import as_used, consistent
from theory.proofs.display import html_page, latex_of
from theory.proofs.dynamics import declared, demand_declared
from theory.proofs.evaluation import evaluate, is_numeric, parameter_symbols
from theory.proofs.fact import Assumption, Cited, Fact
from theory.proofs.failing import refusing
from theory.proofs.limits import demand_sums_of_limits
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation
from theory.proofs.relaying import relays
from theory.proofs.satisfiable import Instance
from theory.symbols import PARAMETERS

Status = Literal["proved", "proved under assumptions"]


@dataclasses.dataclass(frozen=True)
class Derivation:
    """The steps of a finished proof, with its assumptions and citations.

    Attributes
    ----------
    facts : tuple of Fact
        The steps, in order.
    conclusions : mapping of str to Fact
        The fact proved for each statement.
    seconds : float
        The time of the proof.
    instance : Instance
        Numbers that satisfy all assumptions at once: they do not contradict each other.
    in_words : tuple of str
        The names of the assumptions without a relation, which these numbers say nothing of.
    """

    facts: tuple[Fact, ...]
    conclusions: Mapping[str, Fact]
    seconds: float
    instance: Instance = Instance({})  # noqa: RUF009 - it is frozen
    in_words: tuple[str, ...] = ()

    @property
    def rests_on(self) -> frozenset[str]:
        """The names of the assumptions that the conclusions use."""
        return frozenset[str]().union(*(fact.rests_on for fact in self.conclusions.values()))

    @property
    def cites(self) -> tuple[Cited, ...]:
        """The facts of analysis that the conclusions use and sympy did not prove."""
        cited = frozenset[Cited]().union(*(fact.cites for fact in self.conclusions.values()))
        return tuple(sorted(cited, key=lambda fact: fact.name))

    @property
    def steps(self) -> int:
        """The number of steps that sympy checked."""
        return sum(fact.kind == "checked" for fact in self.facts)

    @property
    def status(self) -> Status:
        """Proved, or proved under the assumption of cited facts of analysis."""
        return "proved under assumptions" if self.cites else "proved"

    def latex(self) -> str:
        """Return the steps as rows of an ``align*`` environment, each with its reason."""
        rows = [fact.relation.latex() + rf" && \text{{{fact.words}}}" for fact in self.facts]
        return "\\begin{align*}\n" + " \\\\\n".join(f"& {row}" for row in rows) + "\n\\end{align*}"


_BEING_PROVED: contextvars.ContextVar[tuple[Any, ...]] = contextvars.ContextVar(
    "results whose proofs are being carried out", default=()
)
Written = tuple[Proof, dict[str, Fact], float]
"""A proof, the fact proved for each statement, and the seconds it took."""


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
        The number of interest, a part of the relation; the right side by default.
    stable : sympy.Expr, optional
        The same number in a form without cancellation in floating point; `Result.derive` proves the
        two equal.
    system : StatedSystem or tuple of StatedSystem, optional
        The equations whose solutions the claim is about; those of the result by default.

    Examples
    --------
    >>> from theory.proofs.relation import at_most
    >>> from theory.symbols import coupling, damping
    >>> product = at_most(2 * coupling * damping, coupling**2 + damping**2)
    >>> Statement("the product of two gains", product).number
    k**2 + mu**2
    """

    words: str
    relation: Relation
    value: Any = None
    stable: Any = None
    system: Any = None

    @property
    def number(self) -> Any:
        """The number of interest: the value, or the right side."""
        return self.relation.right if self.value is None else self.value


@dataclasses.dataclass(frozen=True)
class Planted:
    """A deliberate error in a result: its proof must then fail.

    Parameters
    ----------
    words : str
        The error, e.g. ``"the noise is not averaged over p agents"``.
    statements : mapping of str to Relation, optional
        Wrong claims, by the name of the statement.
    without : tuple of str, optional
        Names of the assumptions that are dropped.
    setting : mapping of str to object, optional
        Wrong parts of the setting, e.g. a drift of the opposite sign.

    Examples
    --------
    >>> Planted("the agents are not coupled", without=("coupled",)).without
    ('coupled',)
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
        Its number in the paper, e.g. ``"Lemma 3.1, eq. (22)"``.
    source : str
        The paper.
    title : str
        Its subject.
    statements : mapping of str to Statement
        The claims, the main one first.
    assumptions : tuple of Assumption
        The hypotheses; the proof must use every one.
    prove : callable
        Called with a `Proof` and the setting (its entries as attributes), returns the fact proved
        for each statement.
    setting : mapping of str to object
        The data of the proof, such as the drift, the metric or a matrix, in which errors can be
        planted.
    planted : tuple of Planted
        Errors that must make the proof fail.
    remarks : str
        Differences from the paper, and the limits of the result.
    system : StatedSystem or tuple of StatedSystem, optional
        The equations, and the definitions of arrays, that the statements speak of, or a function that
        returns them for the setting of the result. The proof starts from the setting that it is given,
        which can have an error planted; it must end at this system.
    signals : tuple of sympy.IndexedBase, optional
        Arrays of the system that may be any signal; `lemma` puts one in their place.
    domain : tuple of Assumption, optional
        Relations between parameters that follow from the assumptions: no numbers outside them satisfy
        these, so `evaluate` refuses such numbers.

    Examples
    --------
    >>> from theory.proofs.relation import at_most
    >>> from theory.symbols import coupling, damping
    >>> product = at_most(2 * coupling * damping, coupling**2 + damping**2)
    >>> result = Result(
    ...     name="two_gains",
    ...     number="Exercise 1",
    ...     source="a textbook",
    ...     title="the product of two gains",
    ...     statements={"product": Statement("twice the product is at most the squares", product)},
    ...     assumptions=(),
    ...     prove=lambda proof, setting: {
    ...         "product": proof.at_most(product.left, product.right, "a square is non-negative")
    ...     },
    ...     planted=(
    ...         Planted("the product thrice", {"product": at_most(3 * coupling * damping, 0)}),
    ...     ),
    ... )
    >>> result.derive().status, float(result.bound(coupling=1.0, damping=2.0))
    ('proved', 5.0)
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
    system: Any = None
    signals: tuple[Any, ...] = ()
    domain: tuple[Assumption, ...] = ()

    @property
    def main(self) -> Statement:
        """The first statement."""
        return next(iter(self.statements.values()))

    @property
    def conditions(self) -> tuple[Assumption, ...]:
        """The assumptions, and what they imply of the parameters."""
        return (*self.assumptions, *self.domain)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The keywords of `bound`; empty if the main statement has no number."""
        if not is_numeric(self.main.number):
            return ()
        symbols = parameter_symbols(self.main.number, self.conditions)
        return tuple(PARAMETERS[symbol].name for symbol in symbols)

    def derive(
        self,
        *,
        statements: Mapping[str, Relation] | None = None,
        without: tuple[str, ...] = (),
        setting: Mapping[str, Any] | None = None,
    ) -> Derivation:
        """Prove the statements; the arguments plant errors (see `Planted`).

        Parameters
        ----------
        statements : mapping of str to Relation, optional
            Other claims, by the name of the statement.
        without : tuple of str, optional
            Names of assumptions to drop.
        setting : mapping of str to object, optional
            Other parts of the setting.

        Returns
        -------
        Derivation
            All steps.

        Raises
        ------
        InvalidArgumentError
            There is no such statement, assumption or part.
        ProofError
            A step is not verified, or the proof does not end in the statements.
        """
        self._demand_own(statements, without, setting)
        written = self._written(without, setting or {}) if without or setting else self._as_given
        proof, reached, seconds = written
        self._conclude_all(written, statements or {})
        with refusing("that all assumptions can hold at once"):
            instance = consistent(
                self.assumptions,
                [statement.relation for statement in self.statements.values()],
                [self.stated_system(name) for name in self.statements],
                proof.facts,
                proof.taken,
            )
        words = tuple(one.name for one in self.assumptions if one.relation is None)
        derivation = Derivation(tuple(proof.facts), reached, seconds, instance, words)
        idle = {a.name for a in self.assumptions} - {*without} - derivation.rests_on
        if idle:
            raise ProofError(f"no statement uses the assumption: {', '.join(sorted(idle))}.")
        return derivation

    def _demand_own(self, statements: Any, without: Any, setting: Any) -> None:
        """Raise an error for what `derive` should change, and the result does not have."""
        for name, given in (("statements", statements), ("setting", setting)):
            if not isinstance(given, Mapping | None):
                raise _refused(name, given, "a mapping by names")
        if not isinstance(without, tuple | list | set | frozenset):
            raise _refused("without", without, "a tuple of names of assumptions")
        for kind, names, known in (
            ("statement", statements or (), self.statements),
            ("part of the setting", setting or (), self.setting),
            ("assumption", without, [assumption.name for assumption in self.assumptions]),
        ):
            for each in names:
                one_of(each, f"{kind} of {self.number} called", known)
        for name, claim in (statements or {}).items():
            if not isinstance(claim, Relation):
                raise _refused(f'"{name}"', claim, "a Relation")

    def stated_system(self, statement: str) -> Any:
        """Return the system that a statement speaks of.

        Parameters
        ----------
        statement : str
            Its name.

        Returns
        -------
        StatedSystem, tuple of StatedSystem or None
            The one of the statement, else that of the result.

        Examples
        --------
        >>> import theory
        >>> [str(array) for array in theory.load("lemma_3_1").stated_system("spread").dynamics()]
        ['x']
        """
        system = self._statement(statement).system or self.system
        if not callable(system):
            return system
        try:
            return system(types.SimpleNamespace(**self.setting))
        except AttributeError as problem:
            raise ProofError(f"the setting lacks a part of the system: {problem}.") from None

    def _statement(self, name: str) -> Statement:
        return self.statements[one_of(name, f"statement of {self.number} called", self.statements)]

    def conclusions(self) -> Mapping[str, Fact]:
        """Return the fact proved for each statement, for `lemma`.

        Whether the assumptions contradict each other is asked where they are made.

        Returns
        -------
        mapping of str to Fact
            The conclusions.

        Examples
        --------
        >>> import theory
        >>> sorted(theory.load("feedback_combination").conclusions())
        ['rate', 'sign']
        """
        self._conclude_all(self._as_given, {})
        return self._as_given[1]

    def as_used(self) -> Iterator[Assumption]:
        """Yield the assumptions at the values at which the proof takes them, for `lemma`.

        Yields
        ------
        Assumption
            One of this result, or of a lemma in its proof.

        Examples
        --------
        >>> import theory
        >>> list(theory.load("lemma_5_2").as_used())
        []
        """
        proof = self._as_given[0]
        yield from (*as_used(self.assumptions, proof.facts), *proof.taken)

    def _conclude_all(self, written: Written, statements: Mapping[str, Relation]) -> None:
        proof, reached, _ = written
        for name, statement in self.statements.items():
            if not statement.relation.contains(statement.number):
                raise ProofError(f'the number of "{name}" is not a part of what is proved.')
            with refusing(f'the statement "{name}"'):
                self._conclude(proof, reached[name], statements.get(name, statement.relation), name)

    @functools.cached_property
    def _as_given(self) -> Written:
        """The unchanged proof, carried out once for all statements that it is compared with."""
        return self._written((), {})

    def _written(self, without: tuple[str, ...], setting: Mapping[str, Any]) -> Written:
        if self in _BEING_PROVED.get():
            raise ProofError(f"the proof of {self.number} uses {self.number} itself.")
        token = _BEING_PROVED.set((*_BEING_PROVED.get(), self))
        try:
            return self._proved(without, setting)
        finally:
            _BEING_PROVED.reset(token)

    def _proved(self, without: tuple[str, ...], setting: Mapping[str, Any]) -> Written:
        start = time.perf_counter()
        systems = [self.stated_system(name) for name in self.statements]
        proof = Proof(
            (a for a in self.assumptions if a.name not in without),
            declared=itertools.chain(*map(declared, systems)),
        )
        parts = Setting({**self.setting, **setting})
        with refusing(f"the proof of {self.number}"):
            reached = dict(self.prove(proof, parts))
        if parts.idle:
            raise ProofError(
                f"the proof does not start from {', '.join(parts.idle)} of its setting."
            )
        if reached.keys() != self.statements.keys():
            raise ProofError(f"the proof reaches {', '.join(reached)}, not exactly the statements.")
        for name, statement in self.statements.items():
            if statement.stable is not None:
                proof.equal(statement.number, statement.stable, f"{name}, to be evaluated")
        return proof, reached, time.perf_counter() - start

    def _conclude(self, proof: Proof, fact: Fact, claim: Relation, name: str) -> None:
        open_still = fact.rests_on - {assumption.name for assumption in self.assumptions}
        if open_still:
            raise ProofError(f'the proof of "{name}" leaves open: {", ".join(sorted(open_still))}.')
        if not proof.holds(fact, claim):
            raise ProofError(
                f'the proof of "{name}" reaches {fact.relation}, but {claim} is stated.'
            )
        proof.defined(claim.left, claim.right)
        for one in self._granted(proof, fact):
            if relays(one, claim):
                raise ProofError(
                    f'the statement "{name}" is one of its own assumptions, or says no more: {one}.'
                )
        demand_sums_of_limits(claim, name)
        demand_declared(fact.dynamics, self.stated_system(name), claim, name)

    def _granted(self, proof: Proof, fact: Fact) -> Iterator[Relation]:
        """Yield the hypotheses that a conclusion rests on, as they are stated and as they are used."""
        if fact.kind == "assumed":
            yield fact.relation
        named = {assumption.name: assumption.relation for assumption in self.assumptions}
        for name in sorted(fact.rests_on & named.keys()):
            stated = named[name]
            if stated is not None:
                yield stated
        for used in proof.facts:
            if used.kind == "assumed" and used.rests_on <= fact.rests_on & named.keys():
                yield used.relation

    def bound(self, **parameters: ArrayLike) -> NDArray[np.float64]:
        """Return the number of the main statement.

        Parameters
        ----------
        **parameters : array_like
            As in `evaluate`.

        Returns
        -------
        numpy.ndarray
            Of the broadcast shape.
        """
        return self.evaluate(next(iter(self.statements)), **parameters)

    def evaluate(self, statement: str, /, **parameters: ArrayLike) -> NDArray[np.float64]:
        """Return the number of a statement.

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
            A value violates an assumption.
        InvalidArgumentError
            There is no such statement, or it has no number.
        """
        chosen = self._statement(statement)
        if not is_numeric(chosen.number):
            raise InvalidArgumentError(
                f'"{statement}" of {self.number} states a law or a relation, not a number that '
                "parameters give; it can be derived, but not evaluated."
            )
        formula = chosen.number if chosen.stable is None else chosen.stable
        return evaluate(formula, self.conditions, parameters, self.number)

    def latex(self) -> str:
        """Return the statements as LaTeX, one line each."""
        return r" \\ ".join(statement.relation.latex() for statement in self.statements.values())

    def __repr__(self) -> str:
        return f"{self.number}: {self.title} ({self.name})"

    def _repr_latex_(self) -> str:
        return latex_of(self)

    def _repr_html_(self) -> str:
        return html_page(self)


def _refused(name: str, given: Any, wanted: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{name} is {shown(given)}, but must be {wanted}.")


class Setting:
    """The parts of a setting as attributes, and which of them a proof has not asked for."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        self._parts, self._used = parts, set[str]()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._parts:
            raise AttributeError(name)
        self._used.add(name)
        return self._parts[name]

    @property
    def idle(self) -> list[str]:
        """The names of the parts that were not asked for."""
        return sorted(self._parts.keys() - self._used)
