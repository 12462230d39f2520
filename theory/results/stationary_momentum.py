"""Stationary second moments of QSGD with momentum on a quadratic loss (beyond Boffi & Slotine 2020).

Along an eigenvector of H with the eigenvalue h, in which the noise of each agent has the variance σ² per
unit time, dx^i = (v^i + k (x• − x^i)) dt, dv^i = (−h x^i − μ v^i + k₂ (v• − v^i)) dt + σ dW^i has in the
long run

    E x•² = σ²/(2 p h μ),    E v•² = σ²/(2 p μ),
    E Σ_i (x^i − x•)² = (p − 1) σ²/(2 (h + k (k₂ + μ)) (k + k₂ + μ)),

and E Σ_i (v^i − v•)² is h + k (k + k₂ + μ) times the last. Both covariances solve Lyapunov equations.
For h > 0 the spread is finite for every k; Lemma 3.2 shows this only for k (k₂ + μ) > g².
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.lyapunov import second_moments_settle
from theory.core.moments import REGULAR, Diffusion, Stacked, noiseless
from theory.core.planting import coupling_errors, noise_errors
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most
from theory.proofs.result import Planted, Result, Statement
from theory.results.lemma_3_1 import mean, x
from theory.results.stationary_qsgd import APART, CENTRE, SPREAD, noise, settled
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import damping as mu
from theory.symbols import hessian_eigenvalue as h
from theory.symbols import noise_size as sigma
from theory.symbols import velocity_coupling as k2

i, j = sympy.symbols("i j", integer=True)
v = sympy.IndexedBase("v", real=True)
"""The velocities: v[i, 1]."""


def mean_velocity(a: Any) -> Any:
    """Return coordinate a of the mean of the velocities."""
    return sympy.Sum(v[j, a], (j, 1, p)) / p


def velocity(i: Any, a: Any) -> Any:
    """Return the drift of a position: v + k (x• − x)."""
    return v[i, a] + k * (mean(a) - x[i, a])


def force(i: Any, a: Any) -> Any:
    """Return the drift of a velocity: −h x − μ v + k₂ (v• − v)."""
    return -h * x[i, a] - mu * v[i, a] + k2 * (mean_velocity(a) - v[i, a])


DRIFT = mean_velocity(1)
FASTER = v[i, 1] - DRIFT
TOGETHER = sympy.Matrix([[0, 1], [-h, -mu]])
PULL = sympy.Matrix([[-k, 1], [-h, -mu - k2]])
SPEED, STIFFNESS = k + k2 + mu, h + k * (k2 + mu)
"""Minus the trace and the determinant of the system of the differences."""
MEAN_MOMENT = sigma**2 / (2 * p * h * mu)
VELOCITY_MOMENT = sigma**2 / (2 * p * mu)
SPREAD_MOMENT = (p - 1) * sigma**2 / (2 * STIFFNESS * SPEED)
VELOCITY_SPREAD = sympy.Sum(FASTER**2, (i, 1, p))
VELOCITY_SPREAD_MOMENT = SPREAD_MOMENT * (h + k * SPEED)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Solve the Lyapunov equations of the mean and of the differences."""
    system = Stacked(
        (Diffusion(x, model.velocity, noiseless), Diffusion(v, model.force, model.noise))
    )
    centre = sympy.Matrix([CENTRE, DRIFT])
    apart = sympy.Matrix([APART, FASTER])
    signs = (proof.less(0, mu, "damping"), proof.less(0, h, "curvature"))
    means = second_moments_settle(
        proof, system, centre * centre.T, TOGETHER, sympy.diag(0, sigma**2 / p), signs
    )
    signs = (
        proof.less(0, SPEED, "minus the trace"),
        proof.less(0, STIFFNESS, "the determinant"),
    )
    spreads = second_moments_settle(
        proof,
        system,
        (apart * apart.T).applyfunc(lambda one: sympy.Sum(one, (i, 1, p))),
        PULL,
        sympy.diag(0, (p - 1) * sigma**2),
        signs,
    )
    return {
        "mean": means[0][0],
        "mean velocity": means[1][1],
        "spread": spreads[0][0],
        "velocity spread": spreads[1][1],
        "together": proof.at_most(
            SPREAD_MOMENT,
            (p - 1) * sigma**2 / (2 * h * mu),
            "the spread decreases with the coupling",
        ),
    }


RESULT = Result(
    name="stationary_momentum",
    number="Stationary moments of QSGD with momentum",
    source=BOFFI_SLOTINE,
    title="stationary second moments of QSGD with momentum on a quadratic loss",
    statements={
        "mean": Statement("the mean", settled(CENTRE**2, MEAN_MOMENT)),
        "mean velocity": Statement("its velocity", settled(DRIFT**2, VELOCITY_MOMENT)),
        "spread": Statement("the distances from the mean", settled(SPREAD, SPREAD_MOMENT)),
        "velocity spread": Statement(
            "the same for the velocities", settled(VELOCITY_SPREAD, VELOCITY_SPREAD_MOMENT)
        ),
        "together": Statement(
            "the spread is at most that without coupling",
            at_most(SPREAD_MOMENT, (p - 1) * sigma**2 / (2 * h * mu)),
        ),
    },
    assumptions=(REGULAR,),
    setting={"velocity": velocity, "force": force, "noise": noise},
    system=Stacked((Diffusion(x, velocity, noiseless), Diffusion(v, force, noise))),
    prove=prove,
    planted=(
        *coupling_errors("velocity", velocity, k),
        *coupling_errors("force", force, k2),
        *noise_errors("noise", noise),
        Planted(
            "the mean has the noise of one agent",
            statements={"mean": settled(CENTRE**2, p * MEAN_MOMENT)},
        ),
        Planted(
            "coupling of the velocities alone",
            statements={"spread": settled(SPREAD, SPREAD_MOMENT.subs(k, 0))},
        ),
        Planted(
            "the damping has the wrong sign",
            setting={"force": lambda i, a: force(i, a) + 2 * mu * v[i, a]},
        ),
        Planted(
            "the coupling of the positions has the wrong sign",
            setting={"velocity": lambda i, a: velocity(i, a) - 2 * k * (mean(a) - x[i, a])},
        ),
        Planted(
            "the gradient has the wrong sign",
            setting={"force": lambda i, a: force(i, a) + 2 * h * x[i, a]},
        ),
    ),
    remarks=(
        "With x~ in place of x•, and for the iterations, theory.moments solves the Lyapunov equations "
        "in floating point."
    ),
)
