"""Lemma 5.5 for EASGD, with one preconditioner for all agents (Boffi & Slotine 2020, Sec. 5.5).

Agents dx^i = P (−H x^i dt + B dW^i) + k (x~ − x^i) dt with dx~ = kp (x• − x~) dt and k > 0, P invertible
(the identity is plain EASGD): the time averages of x• and of x~ have the law that Lemma 5.5 gives QSGD,
N(0, (1/p) H⁻¹BBᵀH⁻ᵀ) after √t. The proof uses uᵀ(x• + x~/p) with u = P⁻ᵀH⁻ᵀr, in which the coupling
cancels: what x~ draws from the mean is what it holds.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined
from theory.core.moments import Diffusion, Stacked, drift_of, noiseless, variance_of
from theory.core.ornstein_uhlenbeck import (
    CONSTANT_NOISE,
    SETTLED,
    LongRunVariance,
    long_run_variance,
    under_sum,
)
from theory.core.planting import coupling_errors, noise_errors, pull_error
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.results import lemma_5_5, lemma_5_5_preconditioned
from theory.results.lemma_3_1 import mean, x
from theory.results.lemma_5_5 import a, along, c, direction, form, hessian, law, m, noise, solved
from theory.results.lemma_5_5_preconditioned import (
    covariance,
    covariance_half,
    d,
    preconditioner,
    undone,
)
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import dimension as n

z = sympy.IndexedBase("z", real=True)
"""The quorum variable x~: z[1, a]."""


def drift(i: Any, a: Any) -> Any:
    """Return −P H x + k (x~ − x)."""
    descent = sympy.Sum(preconditioner[a, d] * hessian[d, c] * x[i, c], (c, 1, n), (d, 1, n))
    return -descent + k * (z[1, a] - x[i, a])


def filtered(i: Any, a: Any) -> Any:
    """Return the velocity of x~."""
    return k * p * (mean(a) - z[1, a])


def along_quorum(vector: Any) -> Any:
    """Return vᵀx~."""
    return sympy.Sum(vector[a] * z[1, a], (a, 1, n))


def stacked(model: Any) -> Stacked:
    """Return agents and quorum variable, which has no noise."""
    return Stacked(
        (
            Diffusion(x, model.drift, model.covariance),
            Diffusion(z, model.filtered, noiseless, sympy.S.One),
        )
    )


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Cancel coupling and preconditioner in the drift, and the preconditioner in the noise, twice."""
    system = stacked(model)
    coupled, undo, inverse = (
        proof.assume(name) for name in ("coupled", "preconditioner", "inverse")
    )
    proof.less(0, k * p, "x~ moves", using={coupled: p})
    descent = sympy.Sum(hessian[d, c] * mean(c), (c, 1, n))
    plain, turned = under_sum(proof, undo, descent, d, n), under_sum(proof, inverse, mean(c), c, n)
    once_scaled = sympy.Sum(undone[a] * covariance_half(a, d), (a, 1, n))
    once = under_sum(proof, undo, once_scaled, d, n)
    unscaled = sympy.Sum(solved[a] * sympy.Sum(noise[a, m] * noise[d, m], (m, 1, n)), (a, 1, n))
    twice = under_sum(proof, undo, unscaled, d, n)
    found = {}
    for name, value, more in (
        ("time average", along(direction), sympy.S.Zero),
        ("quorum", along_quorum(direction), along_quorum(direction) / (k * p)),
    ):
        solution = along(undone) + along_quorum(undone) / p + more
        falls = drift_of(proof, system, solution, system.generator(solution))
        downhill = combined(
            proof,
            falls.relation.left,
            -value,
            {falls: 1, plain: -1, turned: -1},
            "the coupling cancels",
        )
        rough = sympy.expand(
            system.generator(solution**2) - 2 * solution * system.generator(solution)
        )
        noisy = variance_of(proof, system, solution, rough)
        constant = combined(
            proof,
            noisy.relation.left,
            form(solved, solved) / p,
            {noisy: 1, once: 1 / p, twice: 1 / p},
            "the preconditioner cancels in the noise",
        )
        found[name] = long_run_variance(proof, x, value, solution, downhill, constant)
    return found


RESULT = Result(
    name="lemma_5_5_easgd",
    number="Lemma 5.5 for EASGD",
    source=BOFFI_SLOTINE,
    title="the time averages of EASGD have the law of those of QSGD",
    statements={
        "time average": Statement(
            "in any direction r the variance is rᵀH⁻¹BBᵀH⁻ᵀr/(p t), for every P and coupling gain",
            law(direction, form(solved, solved) / p),
        ),
        "quorum": Statement(
            "so it is for the time average of the quorum variable",
            equal(LongRunVariance(along_quorum(direction)), form(solved, solved) / p),
        ),
    },
    assumptions=(
        *(one for one in lemma_5_5.RESULT.assumptions if one.name == "inverse"),
        *(
            one
            for one in lemma_5_5_preconditioned.RESULT.assumptions
            if one.name == "preconditioner"
        ),
        Assumption("coupled", "the agents are coupled: k > 0", less(0, k)),
        CONSTANT_NOISE,
        SETTLED,
    ),
    setting={"drift": drift, "filtered": filtered, "covariance": covariance},
    system=stacked,
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        pull_error("drift", drift, lambda i, a: k * x[i, a], lambda i, a: k * mean(a)),
        *noise_errors("covariance", covariance),
        Planted("the noise is not preconditioned", setting={"covariance": lemma_5_5.covariance}),
        Planted(
            "the quorum variable has the rate of one agent",
            setting={"filtered": lambda i, a: filtered(i, a) / p},
        ),
        Planted(
            "one agent's variance",
            statements={"time average": law(direction, form(solved, solved))},
        ),
        Planted("P without inverse", without=("preconditioner",)),
        Planted("no coupling", without=("coupled",)),
    ),
    remarks=(
        "At k = 0 x~ keeps its start, and the law of x• is that of Lemma 5.5. The stationary "
        "variances of QSGD and EASGD differ: see stationary_easgd."
    ),
)
