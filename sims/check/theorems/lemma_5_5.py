"""Lemma 5.5, eq. (59): the variance of the time average on a quadratic, whatever the coupling."""

import numpy as np
from scipy import linalg

from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.theorem import EQUAL, Theorem


def _why_not(case: Case) -> str:
    if case.hessian is None:
        return "the loss is not quadratic"
    if np.linalg.eigvalsh(case.hessian)[0] <= 0:
        return "the quadratic is not convex"
    return "the noise depends on x" if case.covariance is None else ""


def _predicted(case: Case) -> float:
    """Return the sum of the lemma's variances over the eigenvectors of H."""
    assert case.hessian is not None
    assert case.covariance is not None
    values, vectors = np.linalg.eigh(case.hessian)
    sizes = np.sqrt(np.einsum("ai,ab,bi->i", vectors, case.covariance, vectors))
    return float(case.evaluate("lemma_5_5", hessian_eigenvalue=values, noise_size=sizes).sum())


def _exact(case: Case, plan: Plan) -> float | None:
    """Return the same for the time that was averaged over, by the covariance of the stationary law.

    For dx = −Hx dt + noise, E x(s)x(0)ᵀ = e^{−Hs}V, integrated twice.
    """
    if case.moments is None or case.hessian is None or case.problem.discrete:
        return None
    dim = case.problem.loss.dim
    inverse = np.linalg.inv(case.hessian)
    law = case.moments.together[:dim, :dim]
    gone = np.eye(dim) - linalg.expm(-case.hessian * plan.window)
    half = inverse @ law - inverse @ inverse @ gone @ law / plan.window
    return float(np.trace(half + half.T))


THEOREM = Theorem(
    result="lemma_5_5",
    quantity="t E‖(1/t)∫x• − x*‖²",
    relation=EQUAL,
    algorithms=("SGD", "QSGD"),
    why_not=_why_not,
    predicted=_predicted,
    measured=lambda laboratory, _: laboratory.stationary.quantity("time_average"),
    exact=_exact,
)
