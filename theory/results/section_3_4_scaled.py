"""Section 3.4, the other reading: a step size that scales the drift (Boffi & Slotine 2020).

x^i ← x^i − η_i (ĝ(x^i) − k (x• − x^i)) scales drift and coupling of an agent by η_i as well. In the
time of the mean step η

    dx^i = (η_i/η) (−∇f(x^i) + k (x• − x^i)) dt + (η_i/√(η b)) B(x^i) dW^i.

What holds, for l-strongly convex f, is on average over time

    E Σ_i ‖x^i − x•‖² <= p C η / (2 b (k + l)),

p/(p − 1) times (22) with the mean step: Σ_i (η/η_i) ‖x^i − x*‖² loses 2 (k + l) times the spread. In
general (22) does not hold at all: on a slope, f = c·x, and without noise the agents move at the same
velocity and fixed distances.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.expectation import Expectation
from theory.core.long_run import TimeAverage, average_limit
from theory.core.moments import REGULAR, Diffusion
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import SPREAD, covariance, gradient, mean, signal, x
from theory.results.section_3_4 import steps
from theory.results.sgd_convergence import minimizer
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import noise_bound, step_size
from theory.symbols import strong_convexity as l

i, j, a, c = sympy.symbols("i j a c", integer=True)
slope = sympy.IndexedBase("c", real=True)
"""∇f of a linear f: c[a]."""

DISTANCES = sympy.Sum((x[i, a] - minimizer[a]) ** 2, (a, 1, n))
"""‖x^i − x*‖²."""
WEIGHED = sympy.Sum(step_size / steps[i] * DISTANCES, (i, 1, p))
TRACE = sympy.Sum(covariance[i, c, c], (c, 1, n))
CENTER = sympy.Sum((mean(a) - minimizer[a]) ** 2, (a, 1, n))
"""‖x• − x*‖²."""
UPHILL = sympy.Sum((x[i, a] - minimizer[a]) * gradient[i, a], (a, 1, n))
BOUND = p * noise_bound * step_size / (2 * b * (k + l))
HARMONIC = p / sympy.Sum(1 / steps[j], (j, 1, p))
"""The harmonic mean of the learning rates."""
BEHIND = slope[a] * (1 - HARMONIC / steps[i]) / k
"""The distance of agent i behind the mean on a slope."""
TOGETHER = -slope[a] * HARMONIC / step_size
"""The velocity of all agents there."""


def scaled(i: Any, a: Any, center: Any) -> Any:
    """Return (η_i/η) (−∇f + k (center − x))."""
    return steps[i] / step_size * (-gradient[i, a] + k * (center - x[i, a]))


def drift(i: Any, a: Any) -> Any:
    """Return the drift with the mean as center."""
    return scaled(i, a, mean(a))


def noise(i: Any, a: Any, c: Any) -> Any:
    """Return (η_i²/(η b)) B Bᵀ."""
    return steps[i] ** 2 / (step_size * b) * covariance[i, a, c]


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Compare the decrease of the weighted distances with the noise."""
    system = Diffusion(x, model.drift, model.noise)
    pull = proof.sum_over(proof.assume("strong convexity"), i, p, "over all agents")
    weighed = proof.at_most(
        steps[i] * TRACE,
        steps[i] * noise_bound,
        "one agent",
        using={proof.assume("noise bound"): steps[i]},
    )
    traces = proof.sum_over(weighed, i, p, "over all agents")
    average = proof.at_most(0, CENTER, "no negative square")
    source = p * step_size / b * noise_bound
    growth = proof.at_most(
        system.generator(WEIGHED),
        source - 2 * (k + l) * SPREAD,
        "the weights undo the scaling; distances from x* are at least those from the mean",
        using={
            pull: 2,
            traces: 1 / b,
            proof.assume("mean step"): p * noise_bound / b,
            average: 2 * l * p,
        },
        certificate=0,
    )
    rate = proof.less(0, 2 * (k + l), "the rate of the spread")
    here = {gradient[i, a]: slope[a], x[i, a]: signal[a] - BEHIND}
    return {
        "average": average_limit(proof, system, WEIGHED, SPREAD, growth, rate, source),
        "slope": proof.equal(
            model.scaled(i, a, signal[a]).subs(here), TOGETHER, "velocities on the slope"
        ),
        "slope, mean": proof.equal(
            sympy.Sum(BEHIND, (i, 1, p)), 0, "the distances behind the mean add up to 0"
        ),
    }


RESULT = Result(
    name="section_3_4_scaled",
    number="Section 3.4, scaled drifts",
    source=BOFFI_SLOTINE,
    title="a learning rate for each agent that scales its drift and its coupling too",
    statements={
        "average": Statement(
            "averaged over time, the expected squared distances of the agents from their mean",
            at_most(TimeAverage(Expectation(SPREAD)), BOUND),
        ),
        "slope": Statement(
            "for ∇f = c, without noise, agents that are behind the mean by (c/k) (1 − H/η_i), H the "
            "harmonic mean of the η_i, all have the same velocity: they stay apart",
            equal(
                scaled(i, a, signal[a]).subs(
                    {gradient[i, a]: slope[a], x[i, a]: signal[a] - BEHIND}
                ),
                TOGETHER,
            ),
        ),
        "slope, mean": Statement(
            "these distances add up to 0", equal(sympy.Sum(BEHIND, (i, 1, p)), 0)
        ),
    },
    assumptions=(
        Assumption(
            "strong convexity",
            "f is l-strongly convex with the minimizer x*",
            at_most(l * DISTANCES, UPHILL),
            over=(i,),
            through=(MEAN_VALUE,),
        ),
        Assumption(
            "noise bound",
            "tr(BᵀB) <= C at every point; the noise of different agents is independent",
            at_most(TRACE, noise_bound),
            over=(i,),
        ),
        Assumption(
            "mean step",
            "η is the mean of the η_i",
            equal(sympy.Sum(steps[i], (i, 1, p)) / p, step_size),
        ),
        Assumption("coupled", "the agents are coupled: k > 0", less(0, k)),
        REGULAR,
    ),
    setting={"drift": drift, "noise": noise, "scaled": scaled},
    system=Diffusion(x, drift, noise),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        *noise_errors("noise", noise),
        Planted(
            "(22) with the mean step",
            statements={"average": at_most(TimeAverage(Expectation(SPREAD)), BOUND * (p - 1) / p)},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * steps[i] / step_size * gradient[i, a]},
        ),
        Planted(
            "the coupling is not scaled",
            setting={
                "drift": lambda i, a: (
                    -steps[i] / step_size * gradient[i, a] + k * (mean(a) - x[i, a])
                )
            },
        ),
        Planted(
            "the noise is proportional to the root of the learning rate",
            setting={"noise": lambda i, a, c: noise(i, a, c) * step_size / steps[i]},
        ),
        Planted(
            "on the slope the coupling is not scaled",
            setting={
                "scaled": lambda i, a, center: (
                    -steps[i] / step_size * gradient[i, a] + k * (center - x[i, a])
                )
            },
        ),
    ),
    remarks=(
        "The paper says that (22) holds with the mean learning rate, without saying in which time. With "
        "scaled drifts it fails: on a slope by any factor (C = 0 there), and for f = 0 by up to "
        "p/(p − 1), see section_3_4_uneven. The bound here is on the average over time, or in the "
        "stationary state; while the mean moves, agents with different steps stay at a distance."
    ),
)
