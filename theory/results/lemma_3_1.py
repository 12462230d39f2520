"""Lemma 3.1: the spread of coupled agents under noise (Boffi & Slotine 2020, eq. (22)).

Agents dx^i = (−∇f(x^i) + k (z − x^i)) dt + √(η/b) B(x^i) dW^i with tr(BᵀB) <= C and k > λ̄, for any
common signal z: after transients of rate 2 (k − λ̄),

    E Σ_i ‖x^i − x•‖² <= (p − 1) C η / (2 b (k − λ̄)).

The proof takes Itô's differential of V = Σ_i ‖x^i − x•‖². In it z cancels, the gradient and the coupling
contract at the rate k − λ̄, and the differences from the mean have (p − 1)/p of the noise.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.covariance import Covariance
from theory.core.expectation import Expectation, UpperLimit
from theory.core.losses import GradientArray
from theory.core.moments import REGULAR, Diffusion, moment_limit
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import agents as p
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import negative_curvature, noise_bound, step_size

i, j, a, c = sympy.symbols("i j a c", integer=True)
x = sympy.IndexedBase("x", real=True)
"""The agents: x[i, a]."""
gradient = GradientArray("g", real=True)
"""∇f at agent i: g[i, a]."""
mean_gradient = GradientArray("gbar", real=True)
"""∇f at the mean of the agents: gbar[a]."""
signal = sympy.IndexedBase("z", real=True)
"""The signal common to all agents: z[a]."""
covariance = Covariance("S", real=True)
"""B(x^i) B(x^i)ᵀ: S[i, a, c]."""


def mean(a: Any) -> Any:
    """Return coordinate a of the mean of the agents."""
    return sympy.Sum(x[j, a], (j, 1, p)) / p


def squares(i: Any) -> Any:
    """Return ‖x^i − x•‖²."""
    return sympy.Sum((x[i, a] - mean(a)) ** 2, (a, 1, n))


def drift(i: Any, a: Any) -> Any:
    """Return −∇f + k (z − x)."""
    return -gradient[i, a] + k * (signal[a] - x[i, a])


def noise(i: Any, a: Any, c: Any) -> Any:
    """Return (η/b) B Bᵀ."""
    return step_size / b * covariance[i, a, c]


SPREAD = sympy.Sum(squares(i), (i, 1, p))
PULL = -sympy.Sum((x[i, a] - mean(a)) * (gradient[i, a] - mean_gradient[a]), (a, 1, n))
BOUND = (p - 1) * noise_bound * step_size / (2 * b * (k - negative_curvature))
STRONG_COUPLING = Assumption(
    "coupling exceeds curvature",
    "the coupling gain is larger than the largest eigenvalue of −∇²f: k > λ̄",
    less(negative_curvature, k),
)
NOISE_BOUND = Assumption(
    "noise bound",
    "tr(BᵀB) <= C at every point; the noises of different agents are independent",
    at_most(sympy.Sum(covariance[i, c, c], (c, 1, n)), noise_bound),
    over=(i,),
)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the generator of the spread, then its expectation."""
    system = Diffusion(x, model.drift, model.noise)
    pull = proof.sum_over(proof.assume("curvature bound"), i, p, "over all agents")
    trace = proof.sum_over(proof.assume("noise bound"), i, p, "over all agents")
    stronger = proof.assume("coupling exceeds curvature")
    rate = proof.less(0, 2 * (k - negative_curvature), "the rate", using={stronger: 2})
    source = (p - 1) * step_size / b * noise_bound
    growth = proof.at_most(
        system.generator(SPREAD),
        source - 2 * (k - negative_curvature) * SPREAD,
        "the rate is at least k − λ̄, and the differences from the mean have (p − 1)/p of the noise",
        using={pull: 2, trace: step_size / b * (1 - 1 / p)},
    )
    return {"spread": moment_limit(proof, system, SPREAD, growth, rate, source)}


RESULT = Result(
    name="lemma_3_1",
    number="Lemma 3.1, eq. (22)",
    source=BOFFI_SLOTINE,
    title="noise and synchronization",
    statements={
        "spread": Statement(
            "after transients, the expected squared distances of the agents from their mean",
            at_most(UpperLimit(Expectation(SPREAD)), BOUND),
        )
    },
    assumptions=(
        STRONG_COUPLING,
        Assumption(
            "curvature bound",
            "no eigenvalue of −∇²f exceeds λ̄, at any point",
            at_most(PULL, negative_curvature * squares(i)),
            over=(i,),
            through=(MEAN_VALUE,),
        ),
        NOISE_BOUND,
        REGULAR,
    ),
    setting={"drift": drift, "noise": noise},
    system=lambda model: Diffusion(x, model.drift, model.noise),
    signals=(signal,),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("noise", noise),
        Planted(
            "the mean has no noise",
            statements={
                "spread": at_most(UpperLimit(Expectation(SPREAD)), BOUND * p / (p - 1)),
            },
        ),
        Planted("the coupling is too weak", without=("coupling exceeds curvature",)),
        Planted(
            "the gradient has the wrong sign",
            setting={"drift": lambda i, a: drift(i, a) + 2 * gradient[i, a]},
        ),
        Planted(
            "each agent has its own signal",
            setting={"drift": lambda i, a: -gradient[i, a] + k * (x[i + 1, a] - x[i, a])},
        ),
        Planted(
            "the noise of all agents is twice as strong",
            setting={"noise": lambda i, a, c: 4 * noise(i, a, c)},
        ),
    ),
    remarks="The paper applies Theorem 2.1 to each pair of agents; the constant is the same.",
)
