"""Second moments that obey a Lyapunov equation, of equations and of iterations: their limits."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from theory.core.cited import DYNKIN, JURY, ROUTH_HURWITZ
from theory.core.expectation import Expectation, UpperLimit
from theory.core.jury import conditions
from theory.core.moments import REGULAR, Generated, demand_function_of, demand_second_degree
from theory.proofs.domains import demand_constant, demand_law
from theory.proofs.dynamics import Dynamics, Motion, law_at_places, stacked
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal, less
from theory.proofs.signs import is_nonnegative
from theory.proofs.sums import at_places, demand_free_of_binding, normal_sums, own_names
from theory.symbols import agents, dimension

FRESH_NOISE = Assumption(
    "fresh noise",
    "the noise of a step has mean zero and the same variance in all coordinates; it is independent of "
    "the past, between agents and between coordinates; the start has finite second moments",
)


@dataclasses.dataclass(frozen=True)
class Step:
    """A family of vectors, and their values after one step."""

    state: Any
    move: Callable[[Any, Any], Any]
    noisy: bool = False
    count: Any = agents


@dataclasses.dataclass(frozen=True)
class Iteration:
    """Coupled agents as an iteration; all right sides are taken at the old time."""

    steps: tuple[Step, ...]
    variance: Any

    def after(self, value: Any) -> Any:
        """Return the expected value after a step, given the state; at most of second degree."""
        demand_function_of(value, {*self.dynamics()})
        if not is_nonnegative(self.variance):
            raise ProofError(f"{self.variance} is not known to be a variance.")
        i, a = (sympy.Dummy(letter, integer=True) for letter in "ia")
        noises = {
            step.state: sympy.IndexedBase(sympy.Dummy("noise", real=True), real=True)
            for step in self.steps
            if step.noisy
        }
        value = own_names(sympy.sympify(value))
        entries = [part for part in value.atoms(sympy.Indexed) if self._step(part) is not None]
        changes = {part: self._moved(part, noises) for part in entries}
        demand_free_of_binding(value, changes, set())
        moved = value.xreplace(changes)
        total = moved.replace(
            lambda part: isinstance(part, sympy.Indexed) and part.base in noises.values(),
            lambda part: sympy.S.Zero,
        )
        for step in self.steps:
            if step.noisy:
                entry = noises[step.state][i, a]
                bend = normal_sums(sympy.diff(sympy.diff(moved, entry), entry))
                if bend.has(*noises.values()):
                    raise ProofError(f"{value} is not of second degree in the noisy vectors.")
                total += sympy.Sum(self.variance * bend / 2, (i, 1, step.count), (a, 1, dimension))
        return normal_sums(total)

    def dynamics(self) -> Dynamics:
        """Return the motion of each family."""
        return stacked(*map(self._motion, self.steps))

    def _motion(self, step: Any) -> Dynamics:
        move = law_at_places(step.move, 2)
        demand_law(step.state, move)
        variance = self.variance if step.noisy else sympy.S.Zero
        parts = move, sympy.sympify(variance), sympy.sympify(step.count)
        return {step.state: Motion("iteration", parts)}

    def _step(self, part: Any) -> Step | None:
        return next((step for step in self.steps if step.state == part.base), None)

    def _moved(self, part: Any, noises: dict[Any, Any]) -> Any:
        step = self._step(part)
        assert step is not None
        fresh = noises[step.state][part.indices] if step.noisy else 0
        return at_places(step.move, *part.indices) + fresh


def hurwitz_conditions(matrix: Any) -> list[Any]:
    """Return the expressions that are all positive exactly when ẋ = A x is stable."""
    coefficients = sympy.Matrix(matrix).charpoly(sympy.Dummy("z")).all_coeffs()[1:]
    if len(coefficients) > 3:
        raise ProofError(
            f"the conditions are known here up to three rows, not {len(coefficients)}."
        )
    if len(coefficients) == 3:
        first, second, third = coefficients
        coefficients = [first, first * second - third, third]
    return [sympy.expand(one) for one in coefficients]


def stationary_covariance(pull: Any, noise: Any) -> Any:
    """Solve A V + V Aᵀ = D."""
    pull, noise = sympy.Matrix(pull), sympy.Matrix(noise)
    return _solved(pull.rows, lambda unknown: pull * unknown + unknown * pull.T - noise)


def _solved(size: int, rest: Callable[[Any], Any]) -> Any:
    """Solve a linear equation, rest(V) = 0, for a matrix V."""
    names = [sympy.Dummy(f"v{entry}") for entry in range(size * size)]
    (solution,) = sympy.linsolve(list(rest(sympy.Matrix(size, size, names))), names)
    if any(entry.free_symbols & set(names) for entry in solution):
        raise ProofError("the covariance has no unique solution; two eigenvalues cancel.")
    return sympy.Matrix(size, size, [sympy.factor(entry) for entry in solution])


@rule
def second_moments_settle(
    proof: Proof, model: Generated, moments: Any, pull: Any, noise: Any, signs: Iterable[Fact]
) -> list[list[Fact]]:
    """Conclude lim E P = V, with A V + V Aᵀ + N = 0, from LP = A P + P Aᵀ + N and A stable.

    E P(t) = V + e^{At} (E P(0) − V) e^{Aᵀt} solves the linear equation that Dynkin's formula makes of
    the premise, and e^{At} vanishes.
    """
    moments, pull, noise = map(sympy.Matrix, (moments, pull, noise))
    signs = _demand_stable(proof, hurwitz_conditions(pull), signs, pull, noise)
    closed = proof.equal(
        moments.applyfunc(model.generator),
        pull * moments + moments * pull.T + noise,
        "the moments obey a linear equation",
    )
    settled = stationary_covariance(-pull, noise)
    solved = proof.equal(
        pull * settled + settled * pull.T + noise,
        sympy.zeros(*noise.shape),
        "solution of the Lyapunov equation",
    )
    words = "the moments tend to the solution of the Lyapunov equation"
    demand_second_degree(model, *moments)
    rule = {
        "cited": (DYNKIN, ROUTH_HURWITZ),
        "required": (REGULAR,),
        "dynamics": model.dynamics(),
    }
    return _limits(proof, moments, settled, words, (closed, solved, *signs), rule)


@rule
def second_moments_settle_in_steps(
    proof: Proof, model: Iteration, moments: Any, matrix: Any, noise: Any, signs: Iterable[Fact]
) -> list[list[Fact]]:
    """Conclude lim E P = V, with V = A V Aᵀ + N, from E[P after a step] = A P Aᵀ + N and A stable."""
    moments, matrix, noise = map(sympy.Matrix, (moments, matrix, noise))
    signs = _demand_stable(proof, conditions(matrix), signs, matrix, noise)
    closed = proof.equal(
        moments.applyfunc(model.after),
        matrix * moments * matrix.T + noise,
        "the moments after a step are linear in those before",
    )
    settled = _solved(matrix.rows, lambda unknown: matrix * unknown * matrix.T + noise - unknown)
    solved = proof.equal(
        matrix * settled * matrix.T + noise, settled, "solution of the discrete Lyapunov equation"
    )
    words = "the moments tend to the solution of the discrete Lyapunov equation"
    demand_second_degree(model, *moments)
    rule = {"cited": (JURY,), "required": (FRESH_NOISE,), "dynamics": model.dynamics()}
    return _limits(proof, moments, settled, words, (closed, solved, *signs), rule)


def _demand_stable(
    proof: Proof, needed: Iterable[Any], signs: Iterable[Fact], *constants: Any
) -> tuple[Fact, ...]:
    """Check that all conditions of stability are among the signs, and return these."""
    signs = tuple(signs)
    demand_constant(*constants)
    for condition in needed:
        proof.demand_among(signs, less(0, condition))
    return signs


def _limits(
    proof: Proof,
    moments: Any,
    settled: Any,
    words: str,
    premises: tuple[Fact, ...],
    rule: dict[str, Any],
) -> list[list[Fact]]:
    """Take the limit of each moment, by the rule given."""

    def limit(place: tuple[int, int]) -> Fact:
        relation = equal(UpperLimit(Expectation(moments[place])), settled[place])
        return proof.take(relation, words, premises, **rule)

    rows, columns = range(moments.rows), range(moments.cols)
    return [[limit((row, column)) for column in columns] for row in rows]
