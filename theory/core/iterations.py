"""Linear iterations with noise: second moments step by step, and what they tend to."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import sympy

from theory.core.cited import JURY
from theory.core.expectation import Expectation, UpperLimit, is_random
from theory.core.jury import conditions
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal, less
from theory.proofs.sums import normal_sums
from theory.symbols import agents, dimension

FRESH_NOISE = Assumption(
    "fresh noise",
    "the noise of a step has mean zero and one variance in all coordinates; it is independent of all "
    "that was before, between agents and between coordinates; the start has finite second moments",
)


@dataclasses.dataclass(frozen=True)
class Step:
    """What a step makes of a family of vectors."""

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
        """Return the expected value after a step, given the state; of second degree at most."""
        i, a = (sympy.Dummy(letter, integer=True) for letter in "ia")
        noise = sympy.IndexedBase(sympy.Dummy("noise", real=True), real=True)
        moved = sympy.sympify(value).replace(
            lambda part: isinstance(part, sympy.Indexed) and self._step(part) is not None,
            lambda part: self._moved(part, noise),
        )
        slope = sympy.diff(moved, noise[i, a])
        bend = normal_sums(sympy.diff(slope, noise[i, a]))
        if bend.has(noise):
            raise ProofError(f"{value} is not of second degree in what is noisy.")
        still = moved.replace(
            lambda part: isinstance(part, sympy.Indexed) and part.base == noise,
            lambda part: sympy.S.Zero,
        )
        added = sympy.Sum(self.variance * bend, (i, 1, agents), (a, 1, dimension))
        return normal_sums(still + added / 2)

    def _step(self, part: Any) -> Step | None:
        return next((step for step in self.steps if step.state == part.base), None)

    def _moved(self, part: Any, noise: Any) -> Any:
        step = self._step(part)
        assert step is not None
        fresh = noise[part.indices] if step.noisy else 0
        return step.move(*part.indices) + fresh


def second_moments_settle_in_steps(
    proof: Proof, model: Iteration, moments: Any, map_: Any, noise: Any, signs: Iterable[Fact]
) -> list[list[Fact]]:
    """Conclude lim E P = V, with V = A V Aᵀ + N, from E[P after a step] = A P Aᵀ + N and A stable."""
    signs, moments = list(signs), sympy.Matrix(moments)
    matrix, noise = sympy.Matrix(map_), sympy.Matrix(noise)
    if is_random(matrix) or is_random(noise):
        raise ProofError(f"{matrix} and {noise} must be the same at all states.")
    for condition in conditions(matrix):
        if not any(proof.holds(fact, less(0, condition)) for fact in signs):
            raise ProofError(f"0 < {condition} is needed and is not among the facts.")
    closed = proof.equal(
        moments.applyfunc(model.after),
        matrix * moments * matrix.T + noise,
        "the moments after a step are made of those before",
    )
    settled = _fixed(matrix, noise)
    solved = proof.equal(
        matrix * settled * matrix.T + noise, settled, "solution of the discrete Lyapunov equation"
    )
    return [
        [
            proof.take(
                equal(UpperLimit(Expectation(moments[row, column])), settled[row, column]),
                "the moments tend to the solution of the discrete Lyapunov equation",
                (closed, solved, *signs),
                cited=(JURY,),
                required=(FRESH_NOISE,),
            )
            for column in range(moments.cols)
        ]
        for row in range(moments.rows)
    ]


def _fixed(matrix: Any, noise: Any) -> Any:
    """Solve V = A V Aᵀ + N."""
    size = matrix.rows
    names = [sympy.Dummy(f"v{entry}") for entry in range(size * size)]
    unknown = sympy.Matrix(size, size, names)
    (solution,) = sympy.linsolve(list(matrix * unknown * matrix.T + noise - unknown), names)
    return sympy.Matrix(size, size, [sympy.factor(entry) for entry in solution])
