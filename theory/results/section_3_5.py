"""Section 3.5: the discrete momentum iteration as a step of the equation (Boffi & Slotine 2020).

v^i ← δ v^i − η (∇f(x^i + δ v^i) + ζ^i/√b),    x^i ← x^i + v^i + η k (x• − x^i)

is one Euler step, positions after velocities, of length √η, for the velocity v/√η, of the equation of
Lemma 3.2 with

    damping μ = (1 − δ)/√η,    coupling k₁ = √η k,    noise √(√η/b) B,

the gradient taken where Nesterov takes it. So the noise strength is √η/b, not η/b as without momentum.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import batch_size as b
from theory.symbols import coupling as k
from theory.symbols import momentum, noise_bound, step_size

x, velocity, mean, gradient = sympy.symbols("x V m g", real=True)
"""An agent, its velocity v/√η, the mean of the agents, the gradient with its noise."""

STEP = sympy.sqrt(step_size)
DAMPING = (1 - momentum) / STEP
COUPLING = STEP * k
STRENGTH = STEP / b


def next_velocity(v: Any) -> Any:
    """Return the velocity after a step of the iteration."""
    return momentum * v - step_size * gradient


def next_position(v: Any) -> Any:
    """Return the position after a step of the iteration, v being the new velocity."""
    return x + v + step_size * k * (mean - x)


def euler_velocity(damping: Any) -> Relation:
    """Return that the iteration is an Euler step of the velocity."""
    return equal(
        next_velocity(STEP * velocity) / STEP, velocity + STEP * (-gradient - damping * velocity)
    )


def euler_position(coupling: Any) -> Relation:
    """Return that the iteration is an Euler step of the position."""
    return equal(next_position(STEP * velocity), x + STEP * (velocity + coupling * (mean - x)))


def noise_per_time(strength: Any) -> Relation:
    """Return the variance that the noise of a step gives the velocity, per unit of time."""
    kick = sympy.diff(next_velocity(STEP * velocity) / STEP, gradient)
    return equal(kick**2 * noise_bound / b / STEP, strength * noise_bound)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Rescale the velocity and compare."""
    kick = sympy.diff(model.next_velocity(STEP * velocity) / STEP, gradient)
    return {
        "damping": proof.equal(
            model.next_velocity(STEP * velocity) / STEP,
            euler_velocity(DAMPING).right,
            "velocities rescaled",
        ),
        "coupling": proof.equal(
            model.next_position(STEP * velocity),
            euler_position(COUPLING).right,
            "velocities rescaled",
        ),
        "noise": proof.equal(
            kick**2 * noise_bound / b / STEP, noise_per_time(STRENGTH).right, "one step in √η"
        ),
    }


RESULT = Result(
    name="section_3_5",
    number="Section 3.5, discrete form",
    source=BOFFI_SLOTINE,
    title="the momentum iteration as an Euler step",
    statements={
        "damping": Statement(
            "the velocity takes an Euler step with this damping",
            euler_velocity(DAMPING),
            value=DAMPING,
        ),
        "coupling": Statement(
            "the position takes an Euler step with this coupling gain",
            euler_position(COUPLING),
            value=COUPLING,
        ),
        "noise": Statement(
            "the noise of the velocity has this strength per unit of time",
            noise_per_time(STRENGTH),
            value=STRENGTH,
        ),
    },
    assumptions=(),
    domain=(
        Assumption(
            "damping", "δ above 1 would be a negative damping: δ <= 1", at_most(momentum, 1)
        ),
    ),
    setting={"next_velocity": next_velocity, "next_position": next_position},
    prove=prove,
    planted=(
        Planted("the gain is not rescaled", statements={"coupling": euler_position(k)}),
        Planted(
            "the noise strength of the equation without momentum",
            statements={"noise": noise_per_time(step_size / b)},
        ),
        Planted(
            "the momentum is added with the wrong sign",
            setting={"next_velocity": lambda v: -momentum * v - step_size * gradient},
        ),
    ),
    remarks=(
        "Bounds with η/b for the equation with momentum, like that of Lemma 3.2, hold for the iteration "
        "with √η/b in its place. δ above 1 would be a negative damping."
    ),
)
