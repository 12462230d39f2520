"""Theorem 3.2: the mean of coupled agents (Boffi & Slotine 2020, eqs. (26)-(31), Appendix A).

The mean of agents dx^i = (−∇f(x^i) + k (z − x^i)) dt + √(η/b) B(x^i) dW^i, z any common signal, obeys

    dx• = (−∇f(x•) + k (z − x•) + ε) dt + √(η/(bp)) B̂ dW,    B̂B̂ᵀ = (1/p) Σ_i B(x^i) B(x^i)ᵀ,

so its noise is that of one agent with p times the batch; in QSGD z = x•, and the coupling vanishes. The
distortion ε = ∇f(x•) − (1/p) Σ_i ∇f(x^i) is of second order in the distances of the agents: in Taylor's
formula around the mean the linear terms cancel, and Lemma 3.1 bounds the rest,

    ‖ε‖ <= (Q √n / (2p)) Σ_i ‖x^i − x•‖²,    E‖ε‖ <= (p − 1) Q √n C η / (4 p b (k − λ̄)).
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, TAYLOR
from theory.core.expectation import Constant, Expectation, UpperLimit, in_the_limit
from theory.core.gradients import OnHessians, Point
from theory.core.inequalities import length_at_most
from theory.core.moments import Diffusion, DriftOf, VarianceOf, drift_of, variance_of
from theory.core.norms import norm
from theory.core.planting import noise_errors, pull_error
from theory.core.taylor import integrated, weighted
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_3_1
from theory.results.lemma_3_1 import (
    SPREAD,
    covariance,
    drift,
    gradient,
    mean,
    mean_gradient,
    noise,
    signal,
    squares,
    x,
)
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import gradient_curvature, negative_curvature, noise_bound, step_size

i, j, a, c = sympy.symbols("i j a c", integer=True)
s = sympy.Symbol("s", real=True)
"""A place on the segment from the mean to an agent, from 0 to 1."""
hessian = sympy.IndexedBase("H", real=True)
"""∇²f at the mean: H[a, c]."""
direction = Constant("e", real=True)
"""Any direction: e[a]."""
offset = sympy.IndexedBase("y", real=True)
"""Agents on the diagonal: x^i = y_i (1, …, 1)."""
third = sympy.Function("T", real=True)(i, a, s)
"""vᵀ ∇²(∂_a f) v at x• + s v, with v = x^i − x•."""


POINTS = (
    Point(lambda a: x[i, a], lambda a: gradient[i, a]),
    Point(mean, lambda a: mean_gradient[a]),
)
"""The agents, and their mean."""


def distortion(a: Any) -> Any:
    """Return ε = ∇f(x•) − (1/p) Σ_i ∇f(x^i)."""
    return mean_gradient[a] - sympy.Sum(gradient[j, a], (j, 1, p)) / p


def towards_the_mean(drift: Any) -> Any:
    """Return a drift with the mean of the agents as the signal."""
    return lambda i, a: drift(i, a).subs(signal[a], mean(a))


def on_the_diagonal(a: Any) -> Any:
    """Return ε for f = (Σ_a x_a)³/6 and agents on the diagonal."""
    here = sympy.Sum(offset[j], (j, 1, p)) / p
    return ((n * here) ** 2 - sympy.Sum((n * offset[j]) ** 2, (j, 1, p)) / p) / 2


DRIFT = sympy.Add(-mean_gradient[a], distortion(a), evaluate=False)
COUPLED_DRIFT = sympy.Add(DRIFT, k * (signal[a] - mean(a)), evaluate=False)
ALONG = sympy.Sum(direction[a] * mean(a), (a, 1, n))
"""eᵀx•."""
AVERAGE = (
    sympy.Sum(direction[a] * direction[c] * covariance[i, a, c], (a, 1, n), (c, 1, n), (i, 1, p))
    / p
)
"""eᵀB̂B̂ᵀe."""
NOISE = step_size / (b * p) * AVERAGE
LEVEL = at_most(
    step_size / (b * p) * sympy.Sum(covariance[i, c, c], (c, 1, n), (i, 1, p)) / p,
    noise_bound * step_size / (b * p),
)
"""tr(B̂B̂ᵀ) η/(bp) and its bound."""
ONES = sympy.Sum(direction[a], (a, 1, n))
SQUARES = sympy.Sum(direction[a] ** 2, (a, 1, n))
LINEAR = sympy.Sum(hessian[a, c] * (x[i, c] - mean(c)), (c, 1, n))
REMAINDER = weighted(third, 1 - s, s)
PER_SQUARE = gradient_curvature * sympy.sqrt(n) / (2 * p)
"""The bound on ‖ε‖ relative to Σ_i ‖x^i − x•‖²."""
BOUND = (
    (p - 1)
    * gradient_curvature
    * sympy.sqrt(n)
    * noise_bound
    * step_size
    / (4 * p * b * (k - negative_curvature))
)
APART = n * sympy.Sum((offset[i] - sympy.Sum(offset[j], (j, 1, p)) / p) ** 2, (i, 1, p))
"""Σ_i ‖x^i − x•‖² for agents on the diagonal."""
SHARP = (norm(on_the_diagonal) ** 2, (PER_SQUARE.subs(gradient_curvature, n) * APART) ** 2)
"""‖ε‖² and the square of its bound there."""


def taylor(proof: Proof) -> Fact:
    """Bound ‖ε‖ by the second derivatives of the gradient."""
    above = integrated(proof, proof.assume("curvature of the gradient at most Q"), 1 - s, s)
    below = integrated(proof, proof.assume("curvature of the gradient at least −Q"), 1 - s, s)
    expanded = proof.sum_over(proof.assume("third derivatives"), i, p, "over all agents")
    upper = proof.sum_over(above, i, p, "over all agents")
    lower = proof.sum_over(below, i, p, "over all agents")
    level = gradient_curvature / (2 * p) * SPREAD
    words = "distances from the mean add up to zero, so the linear terms cancel"
    most = proof.at_most(distortion(a), level, words, using={lower: 1 / p, expanded: -1 / p})
    least = proof.at_most(-level, distortion(a), words, using={upper: 1 / p, expanded: 1 / p})
    return length_at_most(proof, most, least, a)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Average the equations; expand the gradients around the mean; use Lemma 3.1."""
    system = Diffusion(x, model.drift, model.noise)
    in_quorum = Diffusion(x, towards_the_mean(model.drift), model.noise)
    pathwise = taylor(proof)
    synchronized = lemma(proof, lemma_3_1.RESULT, "spread")
    expected = in_the_limit(proof, norm(distortion), PER_SQUARE, SPREAD, pathwise)
    return {
        "distortion": proof.at_most(
            UpperLimit(Expectation(norm(distortion))),
            BOUND,
            "by Lemma 3.1",
            using={expected: 1, synchronized: PER_SQUARE},
        ),
        "remainder": pathwise,
        "drift": drift_of(proof, system, mean(a), COUPLED_DRIFT),
        "drift in QSGD": drift_of(proof, in_quorum, mean(a), DRIFT),
        "noise": variance_of(proof, system, ALONG, NOISE),
        "noise level": proof.at_most(
            LEVEL.left,
            LEVEL.right,
            "p independent noises, averaged",
            using={
                proof.sum_over(proof.assume("noise bound"), i, p, "over all agents"): step_size
                / (b * p**2)
            },
        ),
        "sharp": proof.equal(*SHARP, "on the diagonal"),
        "sharp curvature": proof.at_most(
            ONES**2,
            n * SQUARES,
            "Lagrange's identity",
            certificate=sympy.Sum((direction[a] - direction[c]) ** 2, (a, 1, n), (c, 1, n)) / 2,
        ),
    }


RESULT = Result(
    name="theorem_3_2",
    number="Theorem 3.2, eq. (31)",
    source=BOFFI_SLOTINE,
    title="noise and distortion in the equation of the mean of coupled agents",
    statements={
        "distortion": Statement(
            "after transients, the expected length of the distortion",
            at_most(UpperLimit(Expectation(norm(distortion))), BOUND),
        ),
        "remainder": Statement(
            "the distortion is of second order in the distances of the agents from their mean",
            at_most(norm(distortion), PER_SQUARE * SPREAD),
        ),
        "drift": Statement(
            "the drift of the mean is −∇f, the distortion and the coupling to the signal",
            equal(DriftOf(mean(a)), COUPLED_DRIFT),
        ),
        "drift in QSGD": Statement(
            "with the mean as the signal the coupling vanishes",
            equal(DriftOf(mean(a)), DRIFT),
            system=lambda model: Diffusion(x, towards_the_mean(model.drift), model.noise),
        ),
        "noise": Statement(
            "in each direction the mean has the noise of one agent with p times the batch",
            equal(VarianceOf(ALONG), NOISE),
        ),
        "noise level": Statement(
            "the total variance of the mean per unit time, over all directions", LEVEL
        ),
        "sharp": Statement(
            "equality holds for f = (Σ x_a)³/6, Q = n, and agents on the diagonal", equal(*SHARP)
        ),
        "sharp curvature": Statement(
            "there Q = n: the form of each second derivative, (Σ v_a)², is at most n ‖v‖²",
            at_most(ONES**2, n * SQUARES),
        ),
    },
    assumptions=(
        *lemma_3_1.RESULT.assumptions,
        OnHessians(
            "third derivatives",
            "f has three continuous derivatives",
            equal(gradient[i, a] - mean_gradient[a] - LINEAR, REMAINDER),
            over=(i, a),
            through=(TAYLOR,),
            points=POINTS,
        ),
        Assumption(
            "curvature of the gradient at most Q",
            "no eigenvalue of the Hessian of a component of ∇f exceeds Q, at any point",
            at_most(third, gradient_curvature * squares(i)),
            over=(i, a, s),
        ),
        Assumption(
            "curvature of the gradient at least −Q",
            "no eigenvalue of the Hessian of a component of ∇f is below −Q, at any point",
            at_most(-gradient_curvature * squares(i), third),
            over=(i, a, s),
        ),
    ),
    setting={"drift": drift, "noise": noise},
    system=lambda model: Diffusion(x, model.drift, model.noise),
    signals=(signal,),
    prove=prove,
    planted=(
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * x[1, a]),
        *noise_errors("noise", noise),
        Planted(
            "the constant without the ½ of Taylor's formula",
            statements={"remainder": at_most(norm(distortion), 2 * PER_SQUARE * SPREAD)},
        ),
        Planted(
            "the paper's bound on the largest eigenvalue alone",
            without=("curvature of the gradient at least −Q",),
        ),
        Planted(
            "a bound without the √n of n components",
            statements={
                "distortion": at_most(
                    UpperLimit(Expectation(norm(distortion))), BOUND / sympy.sqrt(n)
                )
            },
        ),
        Planted("the coupling is too weak", without=("coupling exceeds curvature",)),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
        Planted(
            "the noise of an agent is that of one example",
            setting={"noise": lambda i, a, c: b * noise(i, a, c)},
        ),
    ),
    remarks=(
        "The paper bounds the largest eigenvalue of the Hessians of the components of −∇f; that is "
        "not enough: for f = (Σ x_a)³/6 none is positive, so Q would be 0, but ε is not 0 (see "
        '"sharp"). The bound has to be on the spectral norm. That the difference to the noise-free '
        "flow vanishes almost surely as k and p grow is an assumption of the paper (2.2), and is not "
        "claimed here. The signal is arbitrary, as in the paper's Appendix A."
    ),
)
