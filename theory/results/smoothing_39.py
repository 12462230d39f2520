"""The mean of coupled agents descends a less smoothed loss (Boffi & Slotine 2020, eqs. (38) and (39)).

QSGD x^i_{t+1} = x^i_t − η∇f(x^i_t) − (η/√b) ζ^i_t + ηk (x•_t − x^i_t), p agents with noise of mean
zero whose law does not depend on their positions. With y_t = x•_t − η∇f(x•_t), ε_t = ∇f(x•_t) −
(1/p) Σ_i ∇f(x^i_t) and the mean noise ξ_t = (1/√p) Σ_i ζ^i_t, whose covariance is the mean of
those of the agents, given x_t exactly

    E y_{t+1} = y_t + ηε_t − η ∇ E_ξ f(y_t + ηε_t − (η/√(bp)) ξ),

and to first order in ε_t, with a remainder of at most ½ η³ Q ‖ε_t‖² in each coordinate,

    E y_{t+1} ≈ y_t − η ∇ E_ξ f(y_t − (η/√(bp)) ξ) + η ( I − η E_ξ ∇²f(y_t − (η/√(bp)) ξ) ) ε_t.

The coupling cancels in the mean, and averaging divides the scale of the convolution by √p.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, TAYLOR
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.losses import (
    FIXED_LAW,
    SMOOTH,
    Bend,
    GradientOf,
    Loss,
    Slope,
    point,
    smoothed_gradient,
)
from theory.core.random_arrays import RandomArray, averaged, covariance, covaried
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.smoothing_38 import auxiliary
from theory.symbols import agents as p
from theory.symbols import batch_size, coupling, dimension, gradient_curvature, step_size

i, j, a, c = sympy.symbols("i j a c", integer=True, positive=True)
x, mean = sympy.IndexedBase("x", real=True), sympy.IndexedBase("xbar", real=True)
"""The agents, x[i, a], and their mean."""
y, epsilon = sympy.IndexedBase("y", real=True), sympy.IndexedBase("epsilon", real=True)
"""The auxiliary sequence and the distortion."""
x_next, mean_next = RandomArray("x^+", real=True), RandomArray("xbar^+", real=True)
y_next = RandomArray("y^+", real=True)
"""Agents, mean and auxiliary sequence at t + 1."""
noise, mean_noise = RandomArray("zeta", real=True), RandomArray("xi", real=True)
"""The noise of each agent, zeta[i, a], and ξ, xi[a]."""
SCALE = step_size / sympy.sqrt(batch_size * p)


def average(array: Any, a: Any) -> Any:
    """Return coordinate a of the mean over the agents."""
    return sympy.Sum(array[i, a], (i, 1, p)) / p


def step(i: Any, a: Any) -> Any:
    """Return agent i after a step of QSGD."""
    descent = step_size * Slope(a, point(lambda c: x[i, c]))
    noisy = step_size / sympy.sqrt(batch_size) * noise[i, a]
    return x[i, a] - descent - noisy + step_size * coupling * (mean[a] - x[i, a])


def distortion(a: Any) -> Any:
    """Return ∇f(x•) − (1/p) Σ_i ∇f(x^i)."""
    slopes = sympy.Sum(Slope(a, point(lambda c: x[i, c])), (i, 1, p))
    return Slope(a, point(lambda c: mean[c])) - slopes / p


NEAR = point(lambda c: y[c] - SCALE * mean_noise[c])
SHIFTED = point(lambda c: y[c] + step_size * epsilon[c] - SCALE * mean_noise[c])
BENT = sympy.Sum(Bend(a, c, NEAR) * step_size * epsilon[c], (c, 1, dimension))
BEYOND = Slope(a, SHIFTED) - Slope(a, NEAR) - BENT
REST = gradient_curvature / 2 * step_size**2 * sympy.Sum(epsilon[c] ** 2, (c, 1, dimension))
EXACT = y[a] + step_size * epsilon[a] - step_size * GradientOf(Expectation(Loss(SHIFTED)), y[a])
HESSIAN = sympy.Sum(Expectation(Bend(a, c, NEAR)) * epsilon[c], (c, 1, dimension))
FIRST_ORDER = (
    y[a]
    - step_size * GradientOf(Expectation(Loss(NEAR)), y[a])
    + step_size * (epsilon[a] - step_size * HESSIAN)
)


def around_y(proof: Proof, model: Any) -> tuple[Fact, Fact]:
    """Show x•_{t+1} = y + ηε − (η/√(bp)) ξ; return it with the definition of ξ."""
    centre = defined(proof, mean[a], average(x, a))
    before = defined(proof, y[a], model.auxiliary(mean, a))
    distorted = defined(proof, epsilon[a], distortion(a))
    noises = defined(proof, mean_noise[a], average(noise, a) * sympy.sqrt(p))
    each = defined(proof, x_next[i, a], model.step(i, a))
    after = defined(proof, mean_next[a], average(x_next, a))
    after = rewritten(proof, after, [each], "every agent")
    using = {after: 1, before: -1, distorted: -step_size, noises: SCALE}
    using[centre] = step_size * coupling - 1
    right = y[a] + step_size * epsilon[a] - SCALE * mean_noise[a]
    return combined(proof, mean_next[a], right, using, "the coupling cancels"), noises


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Average the agents, write the next mean in terms of y, and apply Taylor's formula."""
    around, noises = around_y(proof, model)
    after = defined(proof, y_next[a], model.auxiliary(mean_next, a))
    after = averaged(proof, rewritten(proof, after, [around], "substituted"), "given x")
    centred = averaged(proof, noises, "the mean noise")
    centred = rewritten(
        proof, centred, [proof.assume("zero-mean noise")], "the mean noise has mean zero"
    )
    after = rewritten(proof, after, [centred], "the noise has mean zero")
    near = smoothed_gradient(proof, y, lambda c: -SCALE * mean_noise[c], a)
    shifted = smoothed_gradient(
        proof, y, lambda c: step_size * epsilon[c] - SCALE * mean_noise[c], a
    )
    left = Expectation(y_next[a])
    exact = combined(proof, left, EXACT, {after: 1, shifted: step_size}, "at the shifted point")
    rests = {}
    for name in ("curvature, upwards", "curvature, downwards"):
        rests[name] = averaged(proof, proof.assume(name), "its expectation")
    above = proof.at_most(
        left,
        FIRST_ORDER + step_size * REST,
        "Taylor's formula",
        using={rests["curvature, downwards"]: step_size, after: 1, near: step_size},
    )
    below = proof.at_most(
        FIRST_ORDER - step_size * REST,
        left,
        "Taylor's formula",
        using={rests["curvature, upwards"]: step_size, after: -1, near: -step_size},
    )
    scatter = covaried(proof, noises, instance(proof, noises, {a: c}, "another coordinate"))
    scatter = rewritten(
        proof, scatter, [proof.assume("independent agents")], "the agents are independent"
    )
    scatter = rewritten(
        proof, scatter, [proof.assume("zero-mean noise")], "the noise has mean zero"
    )
    right = sympy.Sum(Expectation(noise[i, a] * noise[i, c]), (i, 1, p)) / p
    scatter = combined(proof, covariance(mean_noise[a], mean_noise[c]), right, {scatter: 1}, "ξ")
    return {
        "exact": exact,
        "first order, at most": above,
        "first order, at least": below,
        "mean noise": scatter,
    }


RESULT = Result(
    name="smoothing_39",
    number="Eqs. (38), (39)",
    source=BOFFI_SLOTINE,
    title="coupled agents and the smoothed loss",
    statements={
        "exact": Statement(
            "in expectation, one step of the mean is gradient descent on the loss convolved at scale "
            "η/√(bp), at a point shifted by ηε",
            equal(Expectation(y_next[a]), EXACT),
            value=SCALE,
        ),
        "first order, at most": Statement(
            "eq. (39) and its remainder, from above",
            at_most(Expectation(y_next[a]), FIRST_ORDER + step_size * REST),
        ),
        "first order, at least": Statement(
            "eq. (39) and its remainder, from below",
            at_most(FIRST_ORDER - step_size * REST, Expectation(y_next[a])),
        ),
        "mean noise": Statement(
            "the covariance of ξ is the mean of those of the agents",
            equal(
                covariance(mean_noise[a], mean_noise[c]),
                sympy.Sum(Expectation(noise[i, a] * noise[i, c]), (i, 1, p)) / p,
            ),
        ),
    },
    assumptions=(
        Assumption(
            "zero-mean noise",
            "given the agents, the noise of each has mean zero",
            equal(Expectation(noise[i, a]), 0),
            over=(i, a),
        ),
        Assumption(
            "independent agents",
            "the noises of different agents are uncorrelated; second moments are finite",
            equal(
                Expectation(noise[i, a] * noise[j, c]),
                sympy.KroneckerDelta(i, j) * Expectation(noise[i, a] * noise[i, c]),
            ),
            over=(i, j, a, c),
        ),
        Assumption(
            "curvature, upwards",
            "the Hessian of each component of ∇f has a spectral norm of at most Q",
            at_most(BEYOND, REST),
            over=(a,),
            through=(TAYLOR,),
        ),
        Assumption(
            "curvature, downwards",
            "the same bound from below",
            at_most(-BEYOND, REST),
            over=(a,),
            through=(TAYLOR,),
        ),
        SMOOTH,
        FIXED_LAW,
    ),
    setting={"step": step, "auxiliary": auxiliary},
    system=(
        Definition(mean[a], average(x, a)),
        Definition(y[a], auxiliary(mean, a)),
        Definition(epsilon[a], distortion(a)),
        Definition(mean_noise[a], average(noise, a) * sympy.sqrt(p)),
        Definition(x_next[i, a], step(i, a)),
        Definition(mean_next[a], average(x_next, a)),
        Definition(y_next[a], auxiliary(mean_next, a)),
    ),
    prove=prove,
    planted=(
        Planted(
            "averaging does not change the scale of the convolution",
            setting={
                "step": lambda i, a: (
                    step(i, a) + SCALE * (1 - sympy.sqrt(p)) * sympy.sqrt(p) * noise[i, a]
                )
            },
        ),
        Planted(
            "the agents are coupled to the first of them",
            setting={"step": lambda i, a: step(i, a) + step_size * coupling * (x[1, a] - mean[a])},
        ),
        Planted(
            "the distortion is not multiplied by the Hessian",
            statements={
                "first order, at most": at_most(
                    Expectation(y_next[a]),
                    FIRST_ORDER + step_size**2 * HESSIAN + step_size * REST,
                )
            },
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"auxiliary": lambda array, a: 2 * array[a] - auxiliary(array, a)},
        ),
        Planted(
            "there is no remainder",
            statements={"first order, at most": at_most(Expectation(y_next[a]), FIRST_ORDER)},
        ),
        Planted("the agents share their noise", without=("independent agents",)),
    ),
    remarks=(
        "The paper writes (39) with an equality after a Taylor expansion; here the identity before it "
        "is exact and the remainder is bounded. The Hessian is that of the loss at the noisy point "
        "near y, in expectation. This is one step, given the agents, on which ε depends. Averaging "
        "changes the shape of the noise too: ξ has the mean covariance of the agents, not their law."
    ),
)
