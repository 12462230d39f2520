"""Lemma 5.5: QSGD on a quadratic loss, averaged over time (Boffi & Slotine 2020, eqs. (58)-(59)).

Agents dx^i = (−H x^i + k (x• − x^i)) dt + B dW^i with constant B, η/b inside. For every k, and
whether or not H and BBᵀ commute, the time average z_t = (1/t) ∫ x• of the mean obeys

    √t z_t → N(0, (1/p) H⁻¹ BBᵀ H⁻ᵀ),

and along eigenvectors of H with eigenvalues h, h' the stationary covariance V of x• is the entry of
BBᵀ over p (h + h'), i.e. HV + VHᵀ = BBᵀ/p. The coupling cancels in the mean. For the average in a
direction r take W = rᵀH⁻¹x•: its drift is −rᵀx• and its noise is constant, so ∫ rᵀx• is a Wiener
process up to W(0) − W(t).
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined
from theory.core.expectation import Constant, Expectation, UpperLimit
from theory.core.long_run import ClosedMoment, moment_exactly, moments_settle
from theory.core.moments import REGULAR, Diffusion, drift_of, variance_of
from theory.core.ornstein_uhlenbeck import (
    CONSTANT_NOISE,
    SETTLED,
    LongRunVariance,
    long_run_variance,
    under_sum,
)
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import mean, x
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import dimension as n
from theory.symbols import hessian_eigenvalue as h
from theory.symbols import noise_size as sigma
from theory.symbols import time

i, a, c, m = sympy.symbols("i a c m", integer=True)
hessian = Constant("H", real=True)
"""H[a, c]."""
noise = Constant("B", real=True)
"""B[a, m]."""
direction = Constant("r", real=True)
"""Any direction: r[a]."""
solved = Constant("g", real=True)
"""H⁻ᵀ r: g[a]."""
eigenvector, other = Constant("e", real=True), Constant("d", real=True)
"""Two eigenvectors of H, e[a] and d[a]."""
other_eigenvalue = sympy.Symbol("h_2", positive=True)
entry = sympy.Symbol("s", real=True)
"""eᵀBBᵀd."""


def drift(i: Any, a: Any) -> Any:
    """Return −H x + k (x• − x)."""
    return -sympy.Sum(hessian[a, c] * x[i, c], (c, 1, n)) + k * (mean(a) - x[i, a])


def covariance(i: Any, a: Any, c: Any) -> Any:
    """Return BBᵀ."""
    return sympy.Sum(noise[a, m] * noise[c, m], (m, 1, n))


def along(vector: Any) -> Any:
    """Return vᵀx•."""
    return sympy.Sum(vector[a] * mean(a), (a, 1, n))


def form(one: Any, other: Any) -> Any:
    """Return uᵀBBᵀw."""
    return sympy.Sum(one[a] * other[c] * covariance(i, a, c), (a, 1, n), (c, 1, n))


def from_the_left(vector: Any, c: Any) -> Any:
    """Return coordinate c of Hᵀv."""
    return sympy.Sum(vector[a] * hessian[a, c], (a, 1, n))


def averaged(proof: Proof, system: Diffusion, vector: Any, equations: Any, variance: Any) -> Fact:
    """Show the law of the time average in a direction r, from g with Hᵀg = r."""
    solution = along(solved)
    drift = drift_of(proof, system, solution, system.generator(solution))
    turned = under_sum(proof, equations, mean(c), c, n)
    downhill = combined(
        proof, drift.relation.left, -along(vector), {drift: 1, turned: -1}, "the drift is −rᵀx•"
    )
    constant = variance_of(proof, system, solution, variance)
    return long_run_variance(proof, x, along(vector), solution, downhill, constant)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Find the function whose drift is minus the mean, and the equation of the second moments."""
    system = Diffusion(x, model.drift, model.covariance)
    first = under_sum(proof, proof.assume("eigenvector"), mean(c), c, n)
    second = under_sum(proof, proof.assume("another eigenvector"), mean(c), c, n)
    sized = proof.assume("entry of the noise")
    product = along(eigenvector) * along(other)
    speed = h + other_eigenvalue
    exact = combined(
        proof,
        system.generator(product),
        entry / p - speed * product,
        {first: -along(other), second: -along(eigenvector), sized: 1 / p},
        "both decay, and the noise adds",
    )
    rate = proof.less(0, speed, "the rate")
    moment = ClosedMoment(product, exact, rate, entry / p)

    parallel = under_sum(proof, proof.assume("eigenvector"), mean(c) / h, c, n)
    own = along(eigenvector) / h
    falls = drift_of(proof, system, own, system.generator(own))
    downhill = combined(
        proof,
        falls.relation.left,
        -along(eigenvector),
        {falls: 1, parallel: -1},
        "the drift is −eᵀx•",
    )
    rough = variance_of(proof, system, own, form(eigenvector, eigenvector) / (p * h**2))
    exactly = long_run_variance(proof, x, along(eigenvector), own, downhill, rough)
    return {
        "eigenvector": combined(
            proof,
            exactly.relation.left,
            sigma**2 / (p * h**2),
            {exactly: 1, proof.assume("size of the noise"): 1 / (p * h**2)},
            "the size of the noise",
        ),
        "time average": averaged(
            proof, system, direction, proof.assume("inverse"), form(solved, solved) / p
        ),
        "transient": moment_exactly(proof, system, moment),
        "stationary covariance": moments_settle(proof, system, product, [(sympy.S.One, moment)]),
    }


def eigen(name: str, vector: Any, value: Any) -> Assumption:
    """Return that a vector is an eigenvector of H from the left."""
    return Assumption(
        name,
        "vᵀH = h vᵀ with h > 0; H is the Hessian of a strongly convex quadratic loss",
        equal(from_the_left(vector, c), value * vector[c]),
        over=(c,),
    )


def law(vector: Any, variance: Any) -> Relation:
    """Return the limit law of the time average in a direction."""
    return equal(LongRunVariance(along(vector)), variance)


def settled(value: Any) -> Relation:
    """Return the limit of the second moment along two eigenvectors."""
    product = along(eigenvector) * along(other)
    return equal(UpperLimit(Expectation(product)), value)


def transient(factor: Any) -> Relation:
    """Return the second moment along two eigenvectors at a time."""
    product, speed = along(eigenvector) * along(other), h + other_eigenvalue
    limit = entry / (p * speed)
    start = Expectation(product, 0)
    decay = sympy.exp(-factor * speed * time)
    return equal(Expectation(product, time), limit + (start - limit) * decay)


RESULT = Result(
    name="lemma_5_5",
    number="Lemma 5.5, eq. (59)",
    source=BOFFI_SLOTINE,
    title="QSGD on a quadratic loss: stationary covariance and time average",
    statements={
        "eigenvector": Statement(
            "along an eigenvector with the eigenvalue h, in which the noise has the standard "
            "deviation σ, the time average has the variance σ²/(p h² t)",
            law(eigenvector, sigma**2 / (p * h**2)),
        ),
        "time average": Statement(
            "in any direction r the variance is rᵀH⁻¹BBᵀH⁻ᵀr/(p t), for every coupling gain",
            law(direction, form(solved, solved) / p),
        ),
        "stationary covariance": Statement(
            "the stationary covariance V of the mean solves HV + VHᵀ = BBᵀ/p: along two "
            "eigenvectors it is the entry of BBᵀ over p (h + h')",
            settled(entry / (p * (h + other_eigenvalue))),
        ),
        "transient": Statement(
            "the second moment along the two tends to it as e^{−(h + h')t}", transient(1)
        ),
    },
    assumptions=(
        Assumption(
            "inverse",
            "H is invertible, so that there is g = H⁻ᵀr",
            equal(from_the_left(solved, c), direction[c]),
            over=(c,),
        ),
        eigen("eigenvector", eigenvector, h),
        eigen("another eigenvector", other, other_eigenvalue),
        Assumption(
            "entry of the noise", "s stands for eᵀBBᵀd", equal(form(eigenvector, other), entry)
        ),
        Assumption(
            "size of the noise",
            "the noise has the variance σ² along the eigenvector",
            equal(form(eigenvector, eigenvector), sigma**2),
        ),
        CONSTANT_NOISE,
        SETTLED,
        REGULAR,
    ),
    setting={"drift": drift, "covariance": covariance},
    system=Diffusion(x, drift, covariance),
    prove=prove,
    planted=(
        *coupling_errors("drift", drift, k),
        *noise_errors("covariance", covariance),
        Planted(
            "the noise is not averaged over the agents",
            statements={"eigenvector": law(eigenvector, sigma**2 / h**2)},
        ),
        Planted(
            "the stationary variance for the long-run one",
            statements={"eigenvector": law(eigenvector, sigma**2 / (2 * p * h))},
        ),
        Planted(
            "the sum of the eigenvalues without its ½",
            statements={"stationary covariance": settled(2 * entry / (p * (h + other_eigenvalue)))},
        ),
        Planted("transients at half the rate", statements={"transient": transient(sympy.S.Half)}),
        Planted(
            "the gradient has the wrong sign",
            setting={
                "drift": lambda i, a: (
                    sympy.Sum(hessian[a, c] * x[i, c], (c, 1, n)) + k * (mean(a) - x[i, a])
                )
            },
        ),
        Planted(
            "each agent has its own signal",
            setting={"drift": lambda i, a: drift(i, a) + k * (x[1, a] - mean(a))},
        ),
        Planted("the noise grows with the state", without=("constant noise",)),
    ),
    remarks=(
        "The coupling does not enter the results. The mean of x• tends to 0, the "
        "minimizer. H need not be symmetric for the time average, nor commute with BBᵀ."
    ),
)
