"""What the theorems about the stability of iterations share."""

import numpy as np

from sdeopt.errors import InvalidArgumentError
from sims.check.case import Case
from sims.check.dynamics import BAND, border
from sims.check.estimation import hessians
from sims.check.theorem import EQUAL, Laboratory, Theorem


def stability_of(algorithm: str, *, result: str) -> Theorem:
    """Return the theorem about the couplings that an iteration allows on a quadratic."""
    return Theorem(
        result=result,
        quantity="largest stable ηk",
        relation=EQUAL,
        algorithms=(algorithm,),
        constants=("smoothness",),
        why_not=_on_quadratics,
        own=_largest_step,
        measured=_tried,
        of_iteration=True,
        tolerance=BAND,
    )


def _on_quadratics(case: Case) -> str:
    """Return why the Jury criterion does not tell: on quadratics it does."""
    if case.hessian is None:
        return "the loss is not quadratic"
    if case.problem.agents < 2:
        return "it takes two agents at least"
    return ""


def _largest_step(case: Case) -> dict[str, float]:
    """Return ηh at the largest curvature, where the border is lowest."""
    return {"relative_step": case.problem.step_size * case.parameter("smoothness")}


def _tried(laboratory: Laboratory, predicted: float) -> float:
    """Return the border that a bisection finds."""
    return border(laboratory.case, predicted)


def demand_stable(case: Case) -> None:
    """Refuse to measure an iteration that runs away from the minimum, however near it starts."""
    problem, minimum, method = case.problem, case.constants.minimum, case.method
    if not problem.discrete or minimum is None or method is None:
        return
    curvatures = np.linalg.eigvalsh(hessians(problem.loss, minimum[None])[0])
    if curvatures[0] <= 0:
        return
    iteration = method.discretized(problem.step_size)
    growth = max(
        float(np.abs(np.linalg.eigvals(part.at(value))).max())
        for part in (iteration.together, iteration.apart)
        for value in curvatures
    )
    if growth >= 1:
        raise InvalidArgumentError(
            f"the iteration of {problem.kind} is not stable at the minimum: with step_size = "
            f"{problem.step_size:g} and coupling = {problem.number('coupling'):g} a step multiplies "
            f"distances by up to {growth:.3g}; lower one of them, or check the SDE."
        )
