"""Stability of discrete QSGD on f = h x²/2 (Boffi & Slotine 2020, supplement).

With q = ηh and α = ηk, the agents x^i ← x^i − q x^i + α (x• − x^i) have a mean that is multiplied
by 1 − q and distances from it that are multiplied by 1 − q − α. So for q < 2 they are stable for α
below 2 − q and, if p >= 2, unstable for α from 2 − q on, for every p.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.jury import SpectralRadius, conditions, stable, unstable
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import agents as p
from theory.symbols import moving_rate as alpha
from theory.symbols import relative_step as q

i, j = sympy.symbols("i j", integer=True)
x = sympy.IndexedBase("x", real=True)
u = sympy.Symbol("u", positive=True)
"""The distance below the border: α = border / (1 + u)."""
w = sympy.Symbol("w", nonnegative=True)
"""The distance above it: α = border + w."""
MEAN = sympy.Sum(x[j], (j, 1, p)) / p
BORDER = 2 - q


def agent(i: Any) -> Any:
    """Return the new x^i."""
    return x[i] - q * x[i] + alpha * (MEAN - x[i])


def one_row(factor: Any) -> Any:
    """Return a factor as a map of one row."""
    return sympy.Matrix([[factor]])


MEAN_MAP = one_row(1 - q)


def apart(q: Any, alpha: Any) -> Any:
    """Return the map of the distances from the mean."""
    return one_row(1 - q - alpha)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Split the agents into their mean and the rest, and read off both factors."""
    new_mean = sympy.Sum(model.agent(j), (j, 1, p)) / p
    given = {proof.assume("small step"): q}
    below, above = apart(q, BORDER / (1 + u)), apart(q, BORDER + w)
    drift, flip = conditions(below)
    mean_drift, mean_flip = conditions(MEAN_MAP)
    return {
        "below": stable(
            proof,
            below,
            (
                proof.less(0, drift, "Jury's first condition for the differences"),
                proof.less(0, flip, "Jury's second condition for the differences", given=given),
            ),
        ),
        "above": unstable(
            proof,
            above,
            proof.at_most(
                conditions(above)[1], 0, "Jury's second condition fails from the border on"
            ),
            {1: sympy.S.One},
        ),
        "mean stable": stable(
            proof,
            MEAN_MAP,
            (
                proof.less(0, mean_drift, "Jury's first condition for the mean"),
                proof.less(0, mean_flip, "Jury's second condition for the mean", given=given),
            ),
        ),
        "mean": proof.equal(new_mean, (1 - q) * MEAN, "the mean"),
        "apart": proof.equal(
            model.agent(i) - new_mean,
            (1 - q - alpha) * (x[i] - MEAN),
            "each agent against the mean",
        ),
    }


RESULT = Result(
    name="qsgd_stability",
    number="Supplement, stability of QSGD",
    source=BOFFI_SLOTINE,
    title="stability of discrete QSGD on a parabola",
    statements={
        "below": Statement(
            "the distances from the mean tend to 0 for every positive α below 2 − q",
            less(SpectralRadius(apart(q, BORDER / (1 + u))), 1),
            value=BORDER,
        ),
        "above": Statement(
            "they do not for α = 2 − q and above",
            at_most(1, SpectralRadius(apart(q, 2 - q + w))),
        ),
        "mean stable": Statement(
            "the mean is stable for all α and p", less(SpectralRadius(MEAN_MAP), 1)
        ),
        "mean": Statement(
            "the mean is multiplied by 1 − q",
            equal(sympy.Sum(agent(j), (j, 1, p)) / p, (1 - q) * MEAN),
        ),
        "apart": Statement(
            "the distance of an agent from the mean is multiplied by 1 − q − α",
            equal(agent(i) - sympy.Sum(agent(j), (j, 1, p)) / p, (1 - q - alpha) * (x[i] - MEAN)),
        ),
    },
    assumptions=(
        Assumption("small step", "gradient descent itself is stable: ηh < 2", less(q, 2)),
    ),
    setting={"agent": agent},
    prove=prove,
    planted=(
        Planted(
            "the coupling has the wrong sign",
            setting={"agent": lambda i: agent(i) - 2 * alpha * (MEAN - x[i])},
        ),
        Planted(
            "the gradient has the wrong sign", setting={"agent": lambda i: agent(i) + 2 * q * x[i]}
        ),
        Planted(
            "stable up to 2", statements={"below": less(SpectralRadius(apart(q, 2 / (1 + u))), 1)}
        ),
        Planted(
            "unstable from 1 on",
            statements={"above": at_most(1, SpectralRadius(apart(q, 1 + w)))},
        ),
        Planted("gradient descent is not stable", without=("small step",)),
    ),
    remarks=(
        "Unlike the border of EASGD, about 2/p, that of QSGD does not depend on the number of agents."
    ),
)
