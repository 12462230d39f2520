"""Linear equations with constant noise (Ornstein and Uhlenbeck): covariances, and averages over time.

dx = −A x dt + σ dW with −A Hurwitz. For explicit matrices the covariances are worked out by linear
algebra; for any number of agents and coordinates, averages over time come from a linear function of
the state whose drift is minus what is averaged.
"""

from typing import Any

import sympy

from theory.core.cited import DYNKIN, LEVY, SLUTSKY
from theory.core.expectation import Expectation, is_random
from theory.core.long_run import ClosedMoment
from theory.core.moments import REGULAR, DriftOf, Generated, VarianceOf
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal, less
from theory.symbols import time

CONSTANT_NOISE = Assumption(
    "constant noise", "the covariance of the noise is the same at all states and times"
)
SETTLED = Assumption(
    "bounded second moments",
    "the equation has a solution for all times, whose second moments stay bounded; for linear "
    "drifts: all eigenvalues of the drift have negative real parts",
)


class LongRunVariance(sympy.Function):  # type: ignore[misc]
    """The variance of the normal law that √t times the average over times up to t tends to."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        inside = printer.doprint(self.args[0])
        return (
            rf"\lim_{{t \to \infty}} \mathrm{{Var}} \frac{{1}}{{\sqrt{{t}}}} \int_0^t {inside}\,ds"
        )


def moment_exactly(proof: Proof, model: Generated, moment: ClosedMoment) -> Fact:
    """Conclude E V(t) = s / r + (E V(0) − s / r) e^{−rt} from LV = s − r V."""
    value, speed, limit = moment.value, moment.rate.relation.right, moment.limit
    proof.demand(moment.rate, less(0, speed))
    proof.demand(moment.exact, equal(model.generator(value), moment.source - speed * value))
    if is_random(moment.source) or is_random(speed):
        raise ProofError(f"{moment.source} and {speed} must be the same at all states.")
    start = sympy.Dummy("v_0", real=True)
    solution = limit + (start - limit) * sympy.exp(-speed * time)
    proof.equal(sympy.diff(solution, time), moment.source - speed * solution, "its equation")
    proof.equal(solution.subs(time, 0), start, "its start")
    return proof.take(
        equal(Expectation(value, time), solution.subs(start, Expectation(value, 0))),
        "the moment solves a linear equation",
        (moment.exact, moment.rate),
        cited=(DYNKIN,),
        required=(REGULAR,),
    )


def is_linear(expression: Any, state: Any) -> bool:
    """Return whether an expression is of first degree in the vectors state[i, a]."""
    entry = state[sympy.Dummy("i", integer=True), sympy.Dummy("a", integer=True)]
    return bool(expression.has(state)) and not sympy.diff(expression, entry).has(state)


def long_run_variance(
    proof: Proof, state: Any, value: Any, solution: Any, drift: Fact, noise: Fact
) -> Fact:
    """Conclude that the time average of U is asymptotically normal, from a W whose drift is −U.

    W(t) − W(0) + ∫ U is a martingale with the variance s t, hence a Wiener process of that variance;
    over √t, W(t) and W(0) vanish.
    """
    variance = noise.relation.right
    proof.demand(drift, equal(DriftOf(solution), -value))
    proof.demand(noise, equal(VarianceOf(solution), variance))
    if not is_linear(solution, state) or variance.has(state):
        raise ProofError(f"{solution} must be linear in {state}, and {variance} free of it.")
    return proof.take(
        equal(LongRunVariance(value), variance),
        "a martingale with variance s t is a Wiener process; the rest vanishes over √t",
        (drift, noise),
        cited=(LEVY, SLUTSKY),
        required=(CONSTANT_NOISE, SETTLED),
    )


def under_sum(proof: Proof, fact: Fact, factor: Any, index: Any, upper: Any) -> Fact:
    """Multiply an equation by a factor and add it up over an index."""
    if fact.relation.sign != "=":
        raise ProofError(f"an equation is needed, not {fact.relation}.")
    relation = equal(factor * fact.relation.left, factor * fact.relation.right)
    scaled = proof.take(relation, "multiplied", (fact,))
    return proof.sum_over(scaled, index, upper, "added up")


def stationary_covariance(pull: Any, noise: Any) -> Any:
    """Solve A V + V Aᵀ = D."""
    pull, noise = sympy.Matrix(pull), sympy.Matrix(noise)
    size = pull.rows
    names = [sympy.Dummy(f"v{entry}") for entry in range(size * size)]
    unknown = sympy.Matrix(size, size, names)
    rest = pull * unknown + unknown * pull.T - noise
    (solution,) = sympy.linsolve(list(rest), names)
    if any(entry.free_symbols & set(names) for entry in solution):
        raise ProofError("two eigenvalues of the drift add up to 0: no covariance is singled out.")
    return sympy.Matrix(size, size, [sympy.factor(entry) for entry in solution])


def covariance_at(pull: Any, noise: Any, start: Any, at: Any) -> Any:
    """Return the covariance at a time: V + e^{−At} (S₀ − V) e^{−Aᵀt}."""
    settled = stationary_covariance(pull, noise)
    spread = (-sympy.Matrix(pull) * at).exp()
    moved = spread * (sympy.Matrix(start) - settled) * spread.T
    return settled + moved.applyfunc(lambda entry: sympy.expand(entry, power_exp=True)).applyfunc(
        sympy.powsimp
    )


def long_run_covariance(pull: Any, noise: Any) -> Any:
    """Return A⁻¹ D A⁻ᵀ, the covariance of the limit law of √t times the time average."""
    inverse = sympy.Matrix(pull).inv()
    return (inverse * sympy.Matrix(noise) * inverse.T).applyfunc(sympy.factor)
