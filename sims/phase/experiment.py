"""Which coupling to use at a noise level: QSGD over noise width, step size, coupling and agents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sims.phase.claims import claims
from sims.phase.drawing import draw
from sims.phase.prefactor import steeper
from sims.shared import BEYOND, FORM, ROBUST, SHAPE, SOURCE
from sims.shared.panels import check_coupling, check_replicas

SETUP = (
    "QSGD on the second, more robust set of numbers of the rugged loss, over a grid of noise "
    "half-width W, step size η, agents p and coupling k. Every cell starts its agents uniformly "
    "on [−3, 3], runs for the same time ηT and sees the same random numbers. Its value is the "
    "loss of the mean, as in Fig. 4(c): the true loss at x•, averaged over the last fifth of the "
    "run and over replicas, on a scale where the start, x• = 0, is 0 and the global minimum is 1 "
    "(“descent”). The best coupling is sought up to k = 1/η: beyond it every step overshoots the "
    "mean, and the agents spread again. At one step size the loss is also made steeper and flatter by a "
    "factor s; runs then last the time ηT/s."
)

FROM_PAPER = (
    FORM,
    "what is claimed of the best coupling, from the words of Sec. 4.3 and 4.2",
)

RECONSTRUCTED = (
    SHAPE,
    ROBUST,
    "the grid; the paper shows single slices of it only, and its text lost their numbers",
    "what is varied: Sec. 4.3 names the width of the noise and the prefactor of the loss, which sets "
    "the size of the gradients, and its text lost the second factor of “small width and small …”; the "
    "step size is our addition. All three are varied",
    "the theory of the law, κ* = ηW²/6s² with s the width of a cloud that smooths away what holds "
    "the mean at its start, is ours",
)

SETTLED = 0.8
"""The share of a run after which its loss is averaged."""

DIMS = ("step_size", "half_width", "agent_count", "coupling", "replica")

INTERVAL = 5
"""Steps between two evaluations of the loss; the mean moves little in so few."""


@dataclass(frozen=True, kw_only=True)
class PhaseConfiguration(Configuration):
    """The grid of a phase diagram.

    Parameters
    ----------
    replicas : int
        Of every cell of the grid; all cells see the same random numbers.
    horizon : float
        The time ηT that every run lasts, so that small steps are not short of time.
    half_width : tuple of float
        W, of the uniform noise on the gradient.
    step_size : tuple of float
        η.
    coupling : tuple of float
        k: 0, then rising, evenly spaced in log k.
    agents : tuple of int
        p.
    prefactor : tuple of float
        s, times the 0.1 of the loss, at the step size and the number of agents that follow.
    step_size_with_prefactor : float
        η there.
    agents_with_prefactor : int
        p there.
    """

    replicas: int
    horizon: float
    half_width: tuple[float, ...]
    step_size: tuple[float, ...]
    coupling: tuple[float, ...]
    agents: tuple[int, ...]
    prefactor: tuple[float, ...] = (0.5, 1.0, 2.0)
    step_size_with_prefactor: float = 0.05
    agents_with_prefactor: int

    def __post_init__(self) -> None:
        check_replicas(self.replicas)
        check_coupling(self.coupling, fewest=4)
        ratios = np.diff(np.log(self.coupling[1:]))
        if not np.allclose(ratios, ratios[0]):
            raise InvalidArgumentError(
                f"coupling is {self.coupling}, but above 0 each must be the same factor larger than "
                "the one before."
            )
        if max(self.coupling) * max(self.step_size) < 1.0:
            raise InvalidArgumentError(
                "coupling must go up to at least 1 / (the largest step size), "
                f"{1 / max(self.step_size):g}: from there on a step overshoots the mean."
            )


def _geometric(low: float, high: float, per_octave: int) -> tuple[float, ...]:
    """Return numbers that double every `per_octave` of them."""
    count = round(per_octave * np.log2(high / low)) + 1
    return tuple(float(low * 2.0 ** (index / per_octave)) for index in range(count))


QUICK = PhaseConfiguration(
    replicas=20,
    horizon=60.0,
    half_width=_geometric(4.5, 18.0, per_octave=2),
    step_size=(0.025, 0.05, 0.1),
    coupling=(0.0, *_geometric(0.15625, 40.0, per_octave=3)),
    agents=(20, 240),
    agents_with_prefactor=60,
)

PAPER = PhaseConfiguration(
    replicas=60,
    horizon=100.0,
    half_width=_geometric(4.5, 25.5, per_octave=2),
    step_size=(0.0125, 0.025, 0.05, 0.1),
    coupling=(0.0, *_geometric(0.15625, 80.0, per_octave=4)),
    agents=(10, 40, 160, 640),
    prefactor=(0.5, 0.7071, 1.0, 1.4142, 2.0),
    agents_with_prefactor=160,
)


def simulate(configuration: PhaseConfiguration) -> xr.Dataset:
    """Simulate every cell of the grid."""
    runs = [_at_step_size(configuration, eta) for eta in configuration.step_size]
    memory = [_memory(configuration, eta) for eta in configuration.step_size]
    well = so.losses.RuggedWell.robust()
    positions = np.linspace(-3.0, 3.0, 60_001)[:, None]
    return xr.Dataset(
        {
            "loss": xr.concat(runs, "step_size"),
            "memory": xr.concat(memory, "step_size"),
            "start_loss": well.value([0.0]),
            "lowest_loss": well.value(positions).min(),
            **_over_prefactor(configuration),
        },
        attrs={"agent_steps": _work(configuration)},
    )


def _steps(configuration: PhaseConfiguration, step_size: float) -> int:
    """Return the number of steps that fill the horizon."""
    return max(round(configuration.horizon / step_size), 2)


def _sweep(
    configuration: PhaseConfiguration, step_size: float, factor: float = 1.0, **chosen: Any
) -> xr.Dataset:
    """Simulate all noise levels at one step size; all runs see the same random numbers."""
    return so.sweep(
        so.losses.RuggedWell.robust() if factor == 1.0 else steeper(factor),
        noise=so.grid(so.noise.Uniform, half_width=list(configuration.half_width)),
        step_size=[step_size],
        steps=_steps(configuration, factor * step_size),
        replicas=configuration.replicas,
        start=so.start.Uniform(-3.0, 3.0),
        seed=configuration.seed,
        same_noise=True,
        on_divergence="mask",
        **chosen,
    )


def _at_step_size(
    configuration: PhaseConfiguration,
    step_size: float,
    agents: Sequence[int] = (),
    factor: float = 1.0,
) -> xr.DataArray:
    """Return the late average of the true loss of the mean at one step size."""
    steps = _steps(configuration, factor * step_size)
    runs = _sweep(
        configuration,
        step_size,
        factor,
        algorithm=so.grid(so.QSGD, coupling=list(configuration.coupling)),
        agents=list(agents or configuration.agents),
        record=so.record.At([int(SETTLED * steps), steps], ["mean"]),
        statistics=["loss_of_mean"],
        statistics_every=INTERVAL,
    )
    return runs["loss_of_mean"].isel(step=-1, drop=True).transpose(*DIMS)


def _over_prefactor(configuration: PhaseConfiguration) -> dict[str, Any]:
    """Return losses and memories at several prefactors of the loss."""
    given, eta = configuration, configuration.step_size_with_prefactor
    axis = xr.DataArray(list(given.prefactor), dims="prefactor", name="prefactor")
    losses, memories = [], []
    for factor in given.prefactor:
        found = _at_step_size(given, eta, [given.agents_with_prefactor], factor)
        losses.append(found.isel(step_size=0, agent_count=0, drop=True))
        memories.append(_memory(given, eta, factor).isel(step_size=0, drop=True))
    return {
        "prefactor_loss": xr.concat(losses, axis),
        "prefactor_memory": xr.concat(memories, axis),
        "prefactor_step_size": eta,
    }


def _memory(
    configuration: PhaseConfiguration, step_size: float, factor: float = 1.0
) -> xr.DataArray:
    """Return how start and end of an uncoupled agent correlate at one step size."""
    runs = _sweep(
        configuration,
        step_size,
        factor,
        algorithm=so.SGD(),
        agents=min(configuration.agents),
        record=so.record.At([0, _steps(configuration, factor * step_size)], ["agents"]),
    )
    start, end = (runs["agents"].isel(step=index, dim=0, drop=True) for index in (0, 1))
    return xr.corr(start, end, dim=["replica", "agent"])


def _work(configuration: PhaseConfiguration) -> int:
    """Return the agent-steps of the whole grid."""
    rows = len(configuration.coupling) * sum(configuration.agents) + min(configuration.agents)
    steps = sum(_steps(configuration, eta) for eta in configuration.step_size)
    eta = configuration.step_size_with_prefactor
    more = sum(_steps(configuration, factor * eta) for factor in configuration.prefactor)
    other = len(configuration.coupling) * configuration.agents_with_prefactor
    other += min(configuration.agents)
    each = len(configuration.half_width) * configuration.replicas
    return each * (steps * rows + more * other)


experiment = Experiment(
    name="phase",
    title="Which coupling to use at a noise level",
    source=f"{SOURCE}, Sec. 4.3; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
