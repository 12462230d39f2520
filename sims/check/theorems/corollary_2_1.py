"""Corollary 2.1, for the agents beside the flow that rests at the minimizer.

The p agents of QSGD are one system: its Jacobian, that of −∇f for each agent and a coupling that is
symmetric and pulls differences together, has no eigenvalue above −l. So the whole contracts at the
rate l in the Euclidean metric, its noise has the trace pηC/b, and the corollary bounds
E Σ‖xⁱ − x*‖² by pηC/(2bl). Here both are divided by p.
"""

from sims.check.case import Case
from sims.check.theorem import Theorem


def _predicted(case: Case) -> float:
    strength = case.problem.step_size / case.problem.batch_size
    return float(
        case.evaluate(
            "corollary_2_1",
            metric_floor=1.0,
            rate=case.parameter("strong_convexity"),
            noise_bound=strength * case.parameter("noise_bound"),
        )
    )


THEOREM = Theorem(
    result="corollary_2_1",
    quantity="E Σ‖xⁱ − x*‖²/p",
    algorithms=("SGD", "QSGD"),
    predicted=_predicted,
    constants=("strong_convexity", "noise_bound"),
    measured=lambda laboratory, _: laboratory.stationary.quantity("agent_square"),
    exact=lambda case, _: None if case.moments is None else float(case.moments.agent),
)
