"""SGD and its first-order model (Boffi & Slotine 2020, eq. (2)).

One step of SGD is Δ = −η∇f − (η/√b) ζ with E ζ = 0 and Cov ζ = Σ(x); the model is

    dx = −∇f dt + √(η/b) B dW,    BBᵀ = Σ.

Their first moments over the time η agree to O(η²), so the model is of weak order 1. To the next
order,

    E Δ_SGD − E Δ_model = −(η²/2) ∇²f ∇f + O(η³),    E ΔΔᵀ_SGD − E ΔΔᵀ_model = O(η³):

the second moments are better than order 1 requires; for order 2 only a drift is missing (see eq. (1)).
"""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined, instance, multiplied, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.random_arrays import RandomArray, averaged
from theory.core.weak_order import (
    INDICES,
    SMOOTH_COEFFICIENTS,
    FieldDiffusion,
    along,
    gap,
    model_order,
    order_at_least,
)
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import batch_size, dimension, step_size

a, c, d = INDICES
f = sympy.Symbol("f", integer=True, positive=True)
gradient = sympy.IndexedBase("g", real=True)
"""∇f and its derivatives: g[a], g[a, c], g[a, c, d]."""
root = sympy.IndexedBase("B", real=True)
"""B and its derivatives: B[a, e], B[a, e, d]."""
FIELDS = (gradient, root)
noise = RandomArray("zeta", real=True)
"""The noise of one example's gradient: zeta[a]."""
sgd = RandomArray("Delta_S", real=True)
"""The step of SGD: Delta_S[a]."""


def total(value: Any, *indices: Any) -> Any:
    """Sum over coordinates."""
    return sympy.Sum(value, *[(index, 1, dimension) for index in indices])


def covariance(a: Any, c: Any) -> Any:
    """Return entry a, c of Σ = BBᵀ."""
    e = sympy.Dummy("e", integer=True, positive=True)
    return total(root[a, e] * root[c, e], e)


def step(a: Any) -> Any:
    """Return −η∇f − (η/√b) ζ."""
    return -step_size * gradient[a] - step_size / sympy.sqrt(batch_size) * noise[a]


def drift(a: Any) -> Any:
    """Return −∇f."""
    return -gradient[a]


def spread(a: Any, c: Any) -> Any:
    """Return (η/b) Σ."""
    return step_size / batch_size * covariance(a, c)


def equation(drift: Callable[[Any], Any], spread: Callable[[Any, Any], Any]) -> FieldDiffusion:
    """Return the equation with a drift and a covariance per unit of time."""
    return FieldDiffusion(drift, spread, FIELDS)


def moments(proof: Proof, step: Callable[[Any], Any]) -> tuple[Fact, Fact, Fact]:
    """Define the step of SGD and return it with its first two moments."""
    meaning = defined(proof, sgd[a], step(a))
    first = averaged(proof, meaning, "the mean of the step")
    other = instance(proof, meaning, {a: c}, "another coordinate")
    second = averaged(proof, multiplied(proof, meaning, other, "their product"), "its mean")
    known = [proof.assume("zero-mean noise"), proof.assume("covariance of the noise")]
    first = rewritten(proof, first, known, "the noise has mean zero")
    return meaning, first, rewritten(proof, second, known, "the noise has the covariance Σ")


CURVED = total(covariance(c, d) * gradient[a, c, d], c, d)
FIRST = (
    -(step_size**2) / 2 * total(gradient[a, c] * gradient[c], c)
    + step_size**3 / (4 * batch_size) * CURVED
)
TURNED = total(covariance(c, d) * gradient[a, d] + covariance(d, a) * gradient[c, d], d)
CHANGE = along(covariance(a, c), d, FIELDS)
MOVED = total(gradient[d] * CHANGE, d)
BENT = total(covariance(d, f) * along(CHANGE, f, FIELDS), d, f)
SECOND = step_size**3 / (2 * batch_size) * (TURNED + MOVED - step_size / (2 * batch_size) * BENT)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Compare the moments of SGD with the generator's expansion."""
    system = equation(model.drift, model.spread)
    meaning, first, second = moments(proof, model.step)
    agree = combined(proof, gap(system, sgd, 1, 1), 0, {first: 1}, "first moments to O(η²)")
    wanted = equation(drift, spread)
    return {
        "weak order": order_at_least(proof, system, meaning, [agree], 1),
        "first moments": combined(
            proof, gap(wanted, sgd, 1, 2), FIRST, {first: 1}, "first moments to O(η³)"
        ),
        "second moments": combined(
            proof, gap(wanted, sgd, 2, 2), SECOND, {second: 1}, "second moments to O(η³)"
        ),
    }


EQUATION = equation(drift, spread)
RESULT = Result(
    name="sgd_weak_order_1",
    number="Eq. (2)",
    source=BOFFI_SLOTINE,
    title="SGD and its first-order model",
    statements={
        "weak order": Statement(
            "the equation dx = −∇f dt + √(η/b) B dW is a model of SGD of weak order 1 at least",
            at_most(1, model_order(EQUATION, step)),
        ),
        "first moments": Statement(
            "the mean of one step of SGD less that of the equation, expanded to O(η³)",
            equal(gap(EQUATION, sgd, 1, 2), FIRST),
        ),
        "second moments": Statement(
            "the second moments of one step of SGD less those of the equation, expanded to O(η³): no "
            "term in η²",
            equal(gap(EQUATION, sgd, 2, 2), SECOND),
        ),
    },
    assumptions=(
        Assumption(
            "zero-mean noise",
            "given x, the noise of the gradient has mean zero",
            equal(Expectation(noise[a]), 0),
            over=(a,),
        ),
        Assumption(
            "covariance of the noise",
            "given x, its covariance is Σ(x) = BBᵀ: the noise is b^{-1/2} times that of one example, "
            "drawn with replacement",
            equal(Expectation(noise[a] * noise[c]), covariance(a, c)),
            over=(a, c),
        ),
        SMOOTH_COEFFICIENTS,
    ),
    setting={"step": step, "drift": drift, "spread": spread},
    system=Definition(sgd[a], step(a)),
    prove=prove,
    planted=(
        Planted(
            "the drift of the model has the wrong sign", setting={"drift": lambda a: gradient[a]}
        ),
        Planted("the drift is twice as large", setting={"drift": lambda a: 2 * drift(a)}),
        Planted(
            "the order is 2",
            statements={"weak order": at_most(2, model_order(EQUATION, step))},
        ),
        Planted(
            "the noise has the scale of one example",
            setting={"step": lambda a: -step_size * (gradient[a] + noise[a])},
        ),
        Planted(
            "the second moments miss the noise",
            statements={
                "second moments": equal(
                    gap(EQUATION, sgd, 2, 2),
                    SECOND + step_size**2 / batch_size * covariance(a, c),
                )
            },
        ),
    ),
    remarks=(
        "The first moments alone give order 1, so the noise-free flow dx = −∇f dt has it too: a slope "
        "of 1 in an experiment does not test the noise, the second moments do. Without replacement "
        "Σ is (1 − b/N) N/(N − 1) times as large. Order 2 is missed: the first moments differ in η²."
    ),
)
