"""SGD descends the loss convolved with its noise (Boffi & Slotine 2020, Sec. 4, before eq. (38)).

SGD x_{t+1} = x_t − η∇f(x_t) − (η/√b) ζ_t with E ζ_t = 0 and a law of ζ_t that does not depend on
x_t. The sequence y_t = x_t − η∇f(x_t), without the last noise, obeys

    E y_{t+1} = y_t − η ∇ E_ζ f(y_t − (η/√b) ζ)

given x_t: in expectation, gradient descent on the smoothed loss, at noise scale η/√b. The proof
puts x_{t+1} = y_t − (η/√b) ζ_t, which holds by definition, into y_{t+1} and takes the expectation.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.losses import (
    FIXED_LAW,
    SMOOTH,
    GradientOf,
    Loss,
    Slope,
    point,
    smoothed_gradient,
)
from theory.core.random_arrays import RandomArray, averaged
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import batch_size, step_size

a = sympy.Symbol("a", integer=True, positive=True)
x, y = sympy.IndexedBase("x", real=True), sympy.IndexedBase("y", real=True)
"""The iterate and the auxiliary sequence at t."""
x_next, y_next = RandomArray("x^+", real=True), RandomArray("y^+", real=True)
"""The same at t + 1."""
noise = RandomArray("zeta", real=True)
"""The noise of the gradient: zeta[a]."""
SCALE = step_size / sympy.sqrt(batch_size)


def slope(array: Any, a: Any) -> Any:
    """Return ∂_a f at a point given by an array."""
    return Slope(a, point(lambda c: array[c]))


def step(a: Any) -> Any:
    """Return x − η∇f(x) − (η/√b) ζ."""
    return x[a] - step_size * slope(x, a) - SCALE * noise[a]


def auxiliary(array: Any, a: Any) -> Any:
    """Return x − η∇f(x)."""
    return array[a] - step_size * slope(array, a)


def convolved(scale: Any) -> Any:
    """Return ∂_a E_ζ f(y − s ζ)."""
    return GradientOf(Expectation(Loss(point(lambda c: y[c] - scale * noise[c]))), y[a])


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Write the next iterate in terms of y, the next y in terms of it, and average."""
    before = defined(proof, y[a], model.auxiliary(x, a))
    iterate = defined(proof, x_next[a], model.step(a))
    after = defined(proof, y_next[a], model.auxiliary(x_next, a))
    around = combined(
        proof, x_next[a], y[a] - SCALE * noise[a], {iterate: 1, before: -1}, "in terms of y"
    )
    after = averaged(proof, rewritten(proof, after, [around], "substituted"), "given x")
    after = rewritten(proof, after, [proof.assume("zero-mean noise")], "the noise has mean zero")
    smoothed = smoothed_gradient(proof, y, lambda c: -SCALE * noise[c], a)
    using = {after: 1, smoothed: step_size}
    right = y[a] - step_size * convolved(SCALE)
    return {"descent": combined(proof, Expectation(y_next[a]), right, using, "the smoothed loss")}


RESULT = Result(
    name="smoothing_38",
    number="Sec. 4, to eq. (38)",
    source=BOFFI_SLOTINE,
    title="SGD and the smoothed loss",
    statements={
        "descent": Statement(
            "in expectation, one step is gradient descent on the loss convolved with noise of "
            "scale η/√b",
            equal(Expectation(y_next[a]), y[a] - step_size * convolved(SCALE)),
            value=SCALE,
        )
    },
    assumptions=(
        Assumption(
            "zero-mean noise",
            "given x, the noise of the gradient has mean zero",
            equal(Expectation(noise[a]), 0),
            over=(a,),
        ),
        SMOOTH,
        FIXED_LAW,
    ),
    setting={"step": step, "auxiliary": auxiliary},
    system=(
        Definition(y[a], auxiliary(x, a)),
        Definition(x_next[a], step(a)),
        Definition(y_next[a], auxiliary(x_next, a)),
    ),
    prove=prove,
    planted=(
        Planted(
            "the loss is smoothed at the scale of one example",
            statements={
                "descent": equal(Expectation(y_next[a]), y[a] - step_size * convolved(step_size))
            },
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"auxiliary": lambda array, a: 2 * array[a] - auxiliary(array, a)},
        ),
        Planted(
            "the noise is not scaled by the learning rate",
            setting={"step": lambda a: step(a) + SCALE * (1 - 1 / step_size) * noise[a]},
        ),
        Planted("the law of the noise changes with x", without=("fixed law of the noise",)),
    ),
    remarks=(
        "This is one step, given x_t; the scale is that of the convolution, for any law of the noise. "
        "Minibatch noise depends on x, so there is no single smoothed loss."
    ),
)
