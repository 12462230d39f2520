"""Multiresolution (Sec. 3.4): agents with large learning rates beside agents with small ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.losses.loss import Loss
from sims.multiresolution.claims import claims
from sims.multiresolution.drawing import draw
from sims.shared import BEYOND, SOURCE
from sims.shared.panels import check_replicas

SETUP = (
    "QSGD whose agents have learning rates of their own, a number of them coarse (large η) and the "
    "others fine, at one coupling; a step scales an agent’s gradient, noise and coupling by its η. The "
    "loss is a sum over coordinates that do not act on one another, one bad place each, at which all "
    "agents start: a sharp local minimum beside a wide one, a flat region before a wide minimum, and "
    "a saddle, (z² − 1)²/4 + y²/2 at 0. When has the mean left each of them, and where are the mean, "
    "the fine and the coarse agents in the end? Beside it, one learning rate for all, the mean of "
    "those of each mixture."
)

FROM_PAPER = (
    "that with learning rates of their own agents with larger ones may help avoid sharp local minima, "
    "saddle points and flat regions, while agents with finer ones may help converge to robust minima "
    "(Sec. 3.4)",
)

RECONSTRUCTED = (
    "the loss and every number: the paper shows no such simulation",
    "the clock: with steps of their own agents also follow the drift at different rates, as the text "
    "of Sec. 3.4 has it (“at a different rate”)",
    "robust = wide; what generalizes is not defined on such a loss",
)

PLACES = ("sharp minimum", "flat region", "saddle")

BORDERS = (1.0, 1.5, 0.5)
"""The mean has left when it is beyond: halfway to the wide minima at 2, at 3, and at ±1."""


@dataclass(frozen=True, kw_only=True)
class RatesOfAgentsConfiguration(Configuration):
    """How much is simulated, and with which learning rates.

    Parameters
    ----------
    replicas, agents, steps : int
        The size of each simulation.
    interval : int
        Steps between two looks at the mean: the resolution of times.
    fine, coarse : float
        The two learning rates.
    coarse_agents : tuple of int
        How many are coarse, from none to all.
    coupling, half_width : float
        k, and W of the uniform noise.
    """

    replicas: int
    agents: int = 10
    steps: int = 6_000
    interval: int = 50
    fine: float = 0.005
    coarse: float = 0.1
    coarse_agents: tuple[int, ...] = (0, 1, 3, 5, 7, 10)
    coupling: float = 1.0
    half_width: float = 4.0

    def __post_init__(self) -> None:
        check_replicas(self.replicas)
        given = self.coarse_agents
        rising = list(given) == sorted(set(given))
        if not (rising and len(given) >= 3 and given[0] == 0 and given[-1] == self.agents):
            raise InvalidArgumentError(
                f"coarse_agents is {given}, but must rise from 0 to all {self.agents} agents, with at "
                "least one mixture between."
            )
        if not 0 < self.fine < self.coarse:
            raise InvalidArgumentError(
                f"fine is {self.fine:g} and coarse is {self.coarse:g}; give two learning rates above 0, "
                "the finer first."
            )

    def rates(self, coarse_agents: int) -> list[float]:
        """Return the learning rates of a mixture, the coarse ones first."""
        return [self.coarse] * coarse_agents + [self.fine] * (self.agents - coarse_agents)


QUICK = RatesOfAgentsConfiguration(replicas=100)

PAPER = RatesOfAgentsConfiguration(
    replicas=1_000, steps=12_000, interval=25, coarse_agents=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
)


def loss() -> Loss:
    """Return the sum of the three places; its coordinates are sharp, flat, z, y."""
    import sympy

    sharp, flat, z, y = sympy.symbols("sharp flat z y", real=True)
    number = sympy.Float
    wide = number(0.1) * (sharp - 2) ** 2
    dip = number(0.2) * sympy.exp(-(sharp**2) / (2 * number(0.12) ** 2))
    plain = 2 * sympy.exp(-((flat - 3) ** 2) / 2)
    wall = number(0.05) * sympy.exp(-2 * (flat + 1))
    saddle = (z**2 - 1) ** 2 / 4 + y**2 / 2
    return so.losses.from_sympy(wide - dip - plain + wall + saddle, (sharp, flat, z, y))


def simulate(configuration: RatesOfAgentsConfiguration) -> xr.Dataset:
    """Simulate every mixture, and one learning rate for all beside it."""
    counts = configuration.coarse_agents
    mixed = [_run(configuration, configuration.rates(count)) for count in counts]
    single = [
        _run(configuration, [float(np.mean(configuration.rates(count)))] * configuration.agents)
        for count in counts
    ]
    found = {}
    for name, runs in (("mixed", mixed), ("single", single)):
        data = xr.concat([_measured(run, c) for run, c in zip(runs, counts, strict=True)], "coarse")
        found.update({f"{name}_{key}": value for key, value in data.data_vars.items()})
    size = configuration.replicas * configuration.agents * configuration.steps
    return (
        xr.Dataset(found)
        .assign_coords(coarse=list(counts), place=list(PLACES))
        .assign(agents=configuration.agents, steps=configuration.steps)
        .assign_attrs(agent_steps=2 * len(counts) * size)
    )


def _run(configuration: RatesOfAgentsConfiguration, rates: Sequence[float]) -> xr.Dataset:
    """Simulate agents with these learning rates from the bad places."""
    return so.simulate(
        loss(),
        so.QSGD(configuration.coupling),
        noise=so.noise.Uniform(configuration.half_width),
        agents=configuration.agents,
        replicas=configuration.replicas,
        steps=configuration.steps,
        step_size=list(rates),
        start=so.start.Point(0.0),
        seed=configuration.seed,
        record=so.record.Every(configuration.interval, ("mean", "agents")),
    )


def _measured(run: xr.Dataset, coarse: int) -> xr.Dataset:
    """Return when the mean has left each place, and the final losses, per replica."""
    mean, agents = run["mean"].values, run["agents"].isel(step=-1).values
    along = np.stack([mean[..., 0], mean[..., 1], np.abs(mean[..., 2])], axis=-1)
    left = along > np.array(BORDERS)
    steps = run["step"].values
    # A mean that never leaves counts as leaving at the end: its time is at least that.
    time = np.where(left.any(axis=0), steps[left.argmax(axis=0)], steps[-1])
    f = loss().value
    parts = {"coarse": agents[:, :coarse], "fine": agents[:, coarse:]}
    nothing = np.full(len(agents), np.nan)
    return xr.Dataset(
        {
            "time": (("replica", "place"), time.astype(float)),
            "left": (("replica", "place"), left.any(axis=0)),
            "loss_of_mean": ("replica", f(mean[-1])),
            **{
                f"loss_of_{name}": (
                    "replica",
                    f(some.mean(axis=1)) if some.shape[1] else nothing,
                )
                for name, some in parts.items()
            },
        }
    )


experiment = Experiment(
    name="multiresolution",
    title="Learning rates of the agents’ own: coarse ones leave bad places, fine ones converge",
    source=f"{SOURCE}, Sec. 3.4; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
