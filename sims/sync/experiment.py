"""Lemma 3.1 of Boffi & Slotine (2020): how far noise keeps coupled agents apart."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

import sdeopt as so
import theory
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sdeopt.experiments.measured import Measured
from sims.shared import FORM, RESTORED, SHAPE
from sims.shared.configuration import GridConfiguration
from sims.shared.families import family
from sims.shared.grids import columns, varied, with_measured
from sims.shared.linear import time_step_bias
from sims.shared.setting import PULL, Setting
from sims.shared.stationary import forgetting_time, measure
from sims.sync.claims import claims
from sims.sync.drawing import draw

FROM_PAPER = (
    "Lemma 3.1: after transients Σ E‖xⁱ − x•‖² ≤ (p − 1)Cη / (2b(k − λ̄)) for k > λ̄",
    FORM,
)

RECONSTRUCTED = (
    RESTORED,
    "the losses, the noise and all sizes: the paper holds no simulation against its bounds",
    SHAPE,
    "the numbers of the rugged loss, for the same reason",
)

SETUP = (
    "The SDE of QSGD with constant Gaussian noise, over couplings k, numbers of agents p, "
    "learning rates η and dimensions n: on quadratics, where the exact value is known; on a "
    "strongly convex loss that is not quadratic, Σ φ(x_j) with φ″ falling from L = 4 at 0 to "
    "l = 1; and on a double well with k > λ̄ = 1. Agents start as far apart as the bound allows, "
    "and Σ‖xⁱ − x•‖² is averaged over time from when, by the rate 2(k − λ̄) of the proof, a "
    "thousandth of the bound is left of the start. Averages of a replica count once. Time steps "
    "have (k + L) dt = 0.1 in a scheme that then makes stationary variances at most 0.17% too "
    "small on linear drift; claims of ≤ add that. The rugged loss of Sec. 4.3 is measured alone, "
    "in the iteration of Fig. 1: λ̄ is about 200 with its numbers, and about 50 with others "
    "that bear out the words of the section as well; k > λ̄ would be beyond the stability of its "
    "steps, and no bound of Sec. 3 applies."
)


@dataclass(frozen=True, kw_only=True)
class SyncConfiguration(GridConfiguration):
    """Which settings, and how precisely each is measured; `GridConfiguration` has the others.

    Parameters
    ----------
    samples : int
        Directions of disagreement, p − 1 a replica, in all replicas of a setting together; but at
        least `fewest_replicas` replicas.
    fewest_replicas : int
        The least number of replicas.
    window : float
        The time that is averaged over, in units of 1/(k − λ̄).
    mean_window : float
        The same on the double well, but at least this: there the spread depends on where the mean
        is, and the mean takes a time of order 1 to leave the hill, however strong the coupling.
    band : float
        The share by which a measured value may differ from the exact one.
    coupling_on_wells : tuple of float
        k on the double well, where it must exceed λ̄ = 1.
    step_size_on_wells : float
        η there, large enough for agents to cross the hill.
    coupling_on_hill, agents_on_hill, replicas_on_hill
        k, p and the number of replicas where agents with the small η of the other losses are
        measured while their mean is on the hill still, and the bound is nearly attained.
    coupling_on_rugged, replicas_on_rugged, steps_on_rugged
        k and the size of the runs on the rugged loss.
    """

    samples: int
    fewest_replicas: int
    window: float = 8.0
    mean_window: float = 8.0
    band: float
    coupling_on_wells: tuple[float, ...] = (1.5, 2.0, 4.0, 9.0)
    step_size_on_wells: float = 1.0
    coupling_on_hill: float = 9.0
    agents_on_hill: int = 32
    replicas_on_hill: int
    coupling_on_rugged: tuple[float, ...] = (0.0, 3.0, 8.0, 20.0)
    replicas_on_rugged: int
    steps_on_rugged: int

    def __post_init__(self) -> None:
        super().__post_init__()
        least = min(*self.coupling_on_wells, self.coupling_on_hill)
        most = family("double well", 1).curvature
        if least <= most:
            raise InvalidArgumentError(
                f"k = {least:g} is given for the double well; Lemma 3.1 needs k > λ̄ = {most:g} there."
            )


QUICK = SyncConfiguration(
    samples=12_288, fewest_replicas=200, band=0.03, replicas_on_hill=12_000,
    replicas_on_rugged=100, steps_on_rugged=4_000,
)  # fmt: skip


PAPER = SyncConfiguration(
    samples=65_536,
    fewest_replicas=1_000,
    band=0.015,
    coupling=(0.0, 0.3, 1.0, 3.0, 9.0, 30.0),
    coupling_on_wells=(1.2, 2.0, 4.0, 9.0, 30.0),
    agents=(2, 4, 8, 16, 32, 64, 128),
    step_size=(0.001, 0.01, 0.1, 1.0, 10.0),
    dim=(1, 2, 4, 8, 16),
    replicas_on_hill=60_000,
    replicas_on_rugged=400,
    steps_on_rugged=20_000,
)


def settings(configuration: SyncConfiguration) -> list[Setting]:
    """Return the settings at which the spread is measured."""
    given = configuration
    usual = given.usual(Setting)
    in_wells = replace(usual, family="double well", step_size=given.step_size_on_wells)
    on_the_hill = replace(
        in_wells, coupling=given.coupling_on_hill, agents=given.agents_on_hill,
        step_size=given.usual_step_size, shown="hill",
    )  # fmt: skip
    convex = ["round quadratic", "quadratic", "log-cosh"]
    few, k = given.agents_with_coupling, given.coupling
    return [
        *varied(usual, "coupling", family=convex, agents=few, coupling=k),
        *varied(in_wells, "coupling", agents=few, coupling=given.coupling_on_wells),
        *varied(usual, "agents", agents=given.agents),
        *varied(usual, "step_size", step_size=given.step_size),
        *varied(usual, "dim", dim=given.dim),
        on_the_hill,
    ]


def simulate(configuration: SyncConfiguration) -> xr.Dataset:
    """Measure the spread of the agents at every setting."""
    chosen = settings(configuration)
    runs = [measured(s, configuration, number) for number, s in enumerate(chosen)]
    found = [Measured.of(run["synchronization"].mean("step").values) for run in runs]
    rugged = measure_rugged(
        configuration.coupling_on_rugged,
        configuration.replicas_on_rugged,
        configuration.steps_on_rugged,
        configuration.seed,
    )
    result = with_measured(columns(chosen), "spread", found).assign(
        bound=("setting", np.array([bound(s) for s in chosen])),
        exact=("setting", np.array([exact(s) for s in chosen])),
        bias=float(time_step_bias(PULL)),
        band=configuration.band,
    )
    work = sum(run.attrs["agent_steps"] for run in runs) + rugged.attrs["agent_steps"]
    return result.merge(rugged).assign_attrs(agent_steps=work)


@functools.cache
def bound(setting: Setting) -> float:
    """Return the bound of Lemma 3.1 on E Σ‖xⁱ − x•‖²."""
    curvature = setting.law().curvature
    lemma = theory.load("lemma_3_1")
    return float(lemma.bound(negative_curvature=curvature, **setting.per_agent()))


def exact(setting: Setting) -> float:
    """Return the stationary value on a quadratic, NaN on other losses."""
    moments = setting.moments()
    return np.nan if moments is None else float(moments.spread)


def measured(setting: Setting, configuration: SyncConfiguration, number: int) -> xr.Dataset:
    """Measure the spread at one setting."""
    rate = setting.coupling - setting.law().curvature
    level = bound(setting)
    window = configuration.window / rate
    replicas = max(configuration.fewest_replicas, configuration.samples // (setting.agents - 1))
    if setting.shown == "hill":
        replicas = configuration.replicas_on_hill
    elif setting.law().curvature > 0:
        window = max(window, configuration.mean_window)
    return measure(
        setting,
        statistics=["synchronization"],
        spread=level / ((setting.agents - 1) * setting.dim),
        forget=forgetting_time(start=level, level=level, rate=2 * rate),
        window=window,
        replicas=replicas,
        # Noise of its own for every setting, so that errors are independent.
        seed=configuration.seed + number,
    )


RUGGED_AGENTS, RUGGED_STEP_SIZE, HALF_WIDTH, START_HALF_WIDTH = 20, 0.04, 7.0, 3.0
"""p, η, the uniform noise and the interval of the start: as in Fig. 1, with fewer agents."""


def measure_rugged(coupling: Sequence[float], replicas: int, steps: int, seed: int) -> xr.Dataset:
    """Measure E Σ‖xⁱ − x•‖² of the iteration of Fig. 1."""
    loss = so.losses.RuggedWell()
    runs = so.sweep(
        loss,
        so.grid(so.QSGD, coupling=list(coupling)),
        steps=steps,
        step_size=RUGGED_STEP_SIZE,
        start=so.start.Uniform(-START_HALF_WIDTH, START_HALF_WIDTH),
        noise=so.noise.Uniform(HALF_WIDTH),
        agents=RUGGED_AGENTS,
        replicas=replicas,
        seed=seed,
        record=so.record.At([steps // 2, 3 * steps // 4, steps], variables=("mean",)),
        statistics=["synchronization"],
        progress=False,
    )
    quarters = runs["synchronization"].isel(step=slice(1, None)).transpose("step", "coupling", ...)
    found = Measured.of(quarters.mean("step").values)
    third, last = quarters.mean("replica").values
    return xr.Dataset(
        {
            "rugged": ("rugged_coupling", found.value),
            "rugged_error": ("rugged_coupling", found.error),
            "rugged_change": ("rugged_coupling", last / third - 1),
            "rugged_curvature": loss.constants.negative_curvature,
            "rugged_replicas": replicas,
        },
        {"rugged_coupling": np.asarray(coupling, np.float64)},
        {"agent_steps": steps * RUGGED_AGENTS * replicas * len(coupling)},
    )


experiment = Experiment(
    name="sync",
    title="Noise keeps coupled agents apart no more than Lemma 3.1 says",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, "
        "Lemma 3.1, eq. (22)"
    ),
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Theory against simulation",
)
