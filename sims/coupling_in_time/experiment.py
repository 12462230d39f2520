"""Couplings that grow in time, or when the curvature says so, against every constant one (Sec. 5.1)."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Configuration, Experiment
from sims.coupling_in_time import convex, convex_claims
from sims.coupling_in_time.claims import claims as on_the_rugged_loss
from sims.coupling_in_time.drawing import draw
from sims.coupling_in_time.measuring import TRIGGERS, Rugged, Switched
from sims.shared import BEYOND, FORM, SOURCE
from sims.shared.panels import check_coupling, check_replicas

SETUP = (
    "QSGD on the loss of Figure 1 with its noise level, ηW², and steps eight times shorter: with those "
    "of Figure 1 one step’s noise reaches over several minima of the true loss whatever the coupling. "
    "Runs with constant k; with k that is small in the first half, grows on a straight line in the "
    "next fifth and is 1/η from then on; and with k that is switched from the same small value to 1/η, "
    "replica by replica, when the curvature tells that the mean is near a minimum. That curvature is "
    "the slope of f′ between points a wavelength of the ripples to either side: where it is positive "
    "at x•, or there and at nine in ten agents. Every run sees as much time. "
    "Then strongly convex losses of one dimension, f = ½x² and one whose third derivative is Q at the "
    "minimizer, for Theorems 5.1 and 5.2: QSGD with k(x•, t) and EASGD with k(x~, t), which depend on "
    "state and time and stay between 0.3 and 3, and both with k(t) that rises from 0.3 to 8; beside "
    "them a single agent with their average noise, from which x• differs by the distortion alone."
)

FROM_PAPER = (
    FORM,
    "that for non-convex objectives low k early, for exploration, and larger k near the end reduces the "
    "variance of x• around a minimum and improves convergence to a minimum of the true loss rather than "
    "the smoothed one; that local curvature could tell when to increase k (Sec. 5.1)",
    "that Theorem 5.1 holds for couplings that depend on state and time, and that with k rising in time "
    "its first term becomes small, so that linear averaging of noise is left (Sec. 5.1); the same of "
    "Theorem 5.2 (Sec. 5.2)",
)

RECONSTRUCTED = (
    "every number of the loss, the noise, and the couplings, as in Figure 1; the steps and k",
    "how k grows, and which curvature is meant: that of the true loss at one point tells about the "
    "ripple there only",
    "the strongly convex losses, their noise, and the couplings there; on what k depends beside the "
    "time, the signal to which agents are coupled",
)


@dataclass(frozen=True, kw_only=True)
class CouplingInTimeConfiguration(Configuration):
    """How much is simulated, and with which couplings.

    Parameters
    ----------
    replicas, agents : int
        The size of each simulation.
    step_size, half_width : float
        η, and W of the uniform noise.
    horizon : float
        The time of each simulation, steps times η.
    coupling : tuple of float
        Constant k, from 0 upwards.
    early : float
        The k from which it grows, one of the constant ones.
    looks : int
        How often the curvature is looked at.
    convex_replicas : int
        Replicas of every run on strongly convex losses.
    """

    replicas: int
    agents: int = 50
    step_size: float = 0.005
    half_width: float = 20.0
    horizon: float = 100.0
    coupling: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0, 25.0, 100.0, 200.0)
    early: float = 1.5
    looks: int = 40
    convex_replicas: int

    def __post_init__(self) -> None:
        check_replicas(self.replicas)
        check_replicas(self.convex_replicas)
        check_coupling(self.coupling, fewest=2)
        finite_number(self.step_size, "step_size", 0.0, open_end=True)
        if self.early not in self.coupling:
            raise InvalidArgumentError(
                f"early is {self.early:g}, but is compared with the same constant coupling; choose one "
                f"of {', '.join(f'{k:g}' for k in self.coupling)}."
            )
        if not 1 <= self.looks <= self.steps():
            raise InvalidArgumentError(
                f"looks is {self.looks}, but a run has {self.steps()} steps; look at the curvature 1 to "
                f"{self.steps()} times."
            )

    def steps(self) -> int:
        """Return the number of steps that fill the time."""
        return max(round(self.horizon / self.step_size), 1)

    def late(self) -> float:
        """Return the coupling with which agents are closest together, 1/η."""
        return 1.0 / self.step_size

    def growing(self) -> so.schedules.Grid:
        """Return the coupling as a function of the step."""
        half, grown = 0.5 * self.steps(), 0.7 * self.steps()
        return so.schedules.Grid((half, grown), (self.early, self.late()))

    def rugged(self) -> Rugged:
        """Return what all runs have in common."""
        return Rugged(self.agents, self.step_size, self.half_width)


QUICK = CouplingInTimeConfiguration(replicas=200, convex_replicas=100)

PAPER = CouplingInTimeConfiguration(
    replicas=500,
    convex_replicas=1_000,
    coupling=(0.0, 0.5, 1.0, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0, 8.0, 25.0, 50.0, 100.0, 200.0),
)


def simulate(configuration: CouplingInTimeConfiguration) -> xr.Dataset:
    """Simulate couplings that change on the rugged loss, and on strongly convex ones."""
    found = on_rugged_loss(configuration)
    convex_part = convex.measure(configuration.convex_replicas, configuration.seed + 1000)
    work = found.attrs["agent_steps"] + convex_part.attrs["agent_steps"]
    return found.merge(convex_part).assign_attrs(agent_steps=work)


def on_rugged_loss(configuration: CouplingInTimeConfiguration) -> xr.Dataset:
    """Simulate constant couplings, the growing one, and those that the curvature switches."""
    rugged, steps = configuration.rugged(), configuration.steps()
    start = so.start.Uniform(-3.0, 3.0)
    seed, replicas = configuration.seed, configuration.replicas
    constant = [rugged.run(k, steps, start, replicas, seed) for k in configuration.coupling]
    grown = rugged.run(configuration.growing(), steps, start, replicas, seed)
    switched = Switched(rugged, configuration.early, configuration.late(), configuration.looks)
    triggered = [switched.run(trigger, steps, replicas, seed) for trigger in TRIGGERS]
    schedules = [*(f"k = {k:g}" for k in configuration.coupling), "growing", *TRIGGERS]
    agents = [*constant, grown, *(final for final, _ in triggered)]
    size = replicas * configuration.agents * steps
    return (
        rugged.measured(np.stack(agents))
        .assign_coords(schedule=schedules, trigger=list(TRIGGERS))
        .assign(
            coupling=("constant", list(configuration.coupling)),
            switched_at=(("trigger", "replica"), np.stack([when for _, when in triggered])),
            early=configuration.early,
            horizon=configuration.horizon,
        )
        .assign_attrs(agent_steps=len(agents) * size)
    )


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Secs 5.1 and 5.2 say of couplings that change, checked."""
    return on_the_rugged_loss(result) + convex_claims.claims(result)


experiment = Experiment(
    name="coupling_in_time",
    title="Coupling that is small early and large later, against every constant one",
    source=f"{SOURCE}, Sec. 5.1; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
