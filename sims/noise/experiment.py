"""Theorem 3.2 of Boffi & Slotine (2020): the distortion and the noise in the dynamics of the mean."""

import functools
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

import sdeopt as so
import theory
from sdeopt.experiment import Experiment
from sdeopt.experiments.measured import Measured
from sims.noise.claims import claims
from sims.noise.drawing import draw
from sims.shared import RESTORED
from sims.shared.configuration import GridConfiguration
from sims.shared.grids import as_part, columns, varied, with_measured, with_numbers
from sims.shared.setting import BATCH_SIZE, Setting, UnevenSetting
from sims.shared.stationary import forgetting_time, measure

FROM_PAPER = (
    "Theorem 3.2: dx• = (−∇f(x•) + ε) dt + √(η/(bp)) B̂ dW, and eq. (31), "
    "E‖ε‖ ≤ (p − 1)Q√nCη / (4pb(k − λ̄)) after transients",
    "Sec. 3.4: with learning rates of the agents' own (31) holds with their mean",
)

RECONSTRUCTED = (
    RESTORED,
    "the losses, the noise and all sizes: the paper holds no simulation against its bounds",
    "Q bounds the spectral norm of the Hessians of the components of ∇f; the largest eigenvalue, "
    "as the paper has it, is not enough",
)

SETUP = (
    "The SDE of QSGD with constant Gaussian noise. First the distortion "
    "ε = ∇f(x•) − (1/p) Σ ∇f(xⁱ), whose mean length is held against (31), over couplings k, "
    "numbers of agents p, learning rates η and dimensions n, on a strongly convex loss with "
    "known Q, Σ φ(x_j) with φ″ falling from L = 4 at 0 to l = 1; on another, of one dimension and "
    "slanted, whose third derivative is Q at the minimum itself, also with learning rates of the "
    "agents’ own, evenly spaced about their mean; on quadratics Q = 0. What is between measured and "
    "bound is split in two: Lemma 3.1 for the spread, and the step from the spread to ε. Lengths "
    "are averaged over time from when, at the rate 2l, a thousandth of the start is left, and "
    "averages of a replica count once. Then the noise of x•: the path of the mean less its drift "
    "−(1/p) Σ ∇f(xⁱ) dt, in steps of Euler-Maruyama, and its covariance per time."
)


@dataclass(frozen=True, kw_only=True)
class NoiseConfiguration(GridConfiguration):
    """Which settings, and how precisely each is measured; `GridConfiguration` has the others.

    Parameters
    ----------
    samples : int
        Agents in all replicas of a setting together, but at least `fewest_replicas` replicas.
    fewest_replicas : int
        The least number of replicas.
    window : float
        The time that is averaged over, in units of 1/l.
    band : float
        The share by which the covariance of the noise may differ from the exact one, and by which
        its power of p may differ from −1.
    coupling_for_noise, agents_for_noise
        k and p where the noise of the mean is measured.
    replicas_for_noise, steps_for_noise : int
        How many paths of the mean its noise is taken out of, and of how many steps.
    """

    samples: int
    fewest_replicas: int
    window: float = 5.0
    band: float
    coupling_for_noise: tuple[float, ...] = (0.0, 9.0)
    agents_for_noise: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    replicas_for_noise: int
    steps_for_noise: int


QUICK = NoiseConfiguration(
    samples=4096, fewest_replicas=100, replicas_for_noise=1_000, steps_for_noise=40, band=0.05
)


PAPER = NoiseConfiguration(
    samples=65_536,
    fewest_replicas=500,
    window=20.0,
    replicas_for_noise=6_000,
    steps_for_noise=20,
    band=0.03,
    coupling=(0.0, 0.3, 1.0, 3.0, 9.0, 30.0),
    agents=(2, 4, 8, 16, 32, 64, 128),
    step_size=(0.001, 0.01, 0.1, 1.0, 10.0),
    dim=(1, 2, 4, 8, 16),
    coupling_for_noise=(0.0, 1.0, 9.0),
)


def distortion_settings(configuration: NoiseConfiguration) -> list[Setting]:
    """Return the settings at which the distortion is measured."""
    given, usual = configuration, configuration.usual(Setting)
    return [
        *varied(usual, "coupling", agents=given.agents_with_coupling, coupling=given.coupling),
        *varied(usual, "agents", agents=given.agents),
        *varied(usual, "step_size", step_size=given.step_size),
        *varied(usual, "dim", dim=given.dim),
        *varied(
            replace(usual, family="slanted", dim=1),
            "slanted",
            agents=given.agents_with_coupling,
            coupling=given.coupling,
        ),
        replace(usual, family="quadratic", shown="quadratic"),
        *varied(
            replace(given.usual(UnevenSetting), family="slanted", dim=1),
            "uneven",
            coupling=(given.usual_coupling, max(given.coupling)),
        ),
    ]


def noise_settings(configuration: NoiseConfiguration) -> list[Setting]:
    """Return the settings at which the noise of the mean is measured: p and k for two losses."""
    return varied(
        configuration.usual(Setting),
        "noise",
        family=["quadratic", "log-cosh"],
        coupling=configuration.coupling_for_noise,
        agents=configuration.agents_for_noise,
    )


def simulate(configuration: NoiseConfiguration) -> xr.Dataset:
    """Measure the distortion, and the noise of the mean."""
    distortion = _distortion(configuration)
    noise = _noise(configuration)
    work = distortion.attrs["agent_steps"] + noise.attrs["agent_steps"]
    return distortion.merge(noise).assign(band=configuration.band).assign_attrs(agent_steps=work)


def _distortion(configuration: NoiseConfiguration) -> xr.Dataset:
    chosen = distortion_settings(configuration)
    runs = [measured(s, configuration, number) for number, s in enumerate(chosen)]
    table = columns(chosen)
    for name, statistic in (("distortion", "distortion"), ("spread", "synchronization")):
        found = [Measured.of(run[statistic].mean("step").values) for run in runs]
        table = with_measured(table, name, found)
    work = sum(run.attrs["agent_steps"] for run in runs)
    bounds = [distortion_bounds(setting) for setting in chosen]
    return with_numbers(table, bounds).assign_attrs(agent_steps=work)


def measured(setting: Setting, configuration: NoiseConfiguration, number: int) -> xr.Dataset:
    """Measure distortion and spread at one setting, started at the bound of the spread."""
    level = distortion_bounds(setting)["spread_bound"]
    each = level / ((setting.agents - 1) * setting.dim)
    return measure(
        setting,
        statistics=["distortion", "synchronization"],
        spread=each,
        # The distortion depends on where the mean is, so the slower rate l of the mean counts.
        forget=forgetting_time(start=1.0, level=1.0, rate=-2 * setting.law().curvature),
        window=configuration.window,
        replicas=max(configuration.fewest_replicas, configuration.samples // setting.agents),
        seed=configuration.seed + number,
    )


@functools.cache
def distortion_bounds(setting: Setting) -> dict[str, float]:
    """Return ``bound``, (31), ``spread_bound``, (22), and ``per_square``, Q√n/(2p)."""
    law, shared = setting.law(), setting.per_agent()
    curvature, bend = law.curvature, law.loss.constants.gradient_curvature
    assert bend is not None
    return {
        "bound": float(
            theory.load("theorem_3_2").bound(
                negative_curvature=curvature,
                gradient_curvature=bend,
                dimension=setting.dim,
                **shared,
            )
        ),
        "spread_bound": float(
            theory.load("lemma_3_1").bound(negative_curvature=curvature, **shared)
        ),
        "per_square": float(bend * np.sqrt(setting.dim) / (2 * setting.agents)),
    }


def _noise(configuration: NoiseConfiguration) -> xr.Dataset:
    chosen = noise_settings(configuration)
    found, shapes, work = [], [], 0
    for number, setting in enumerate(chosen):
        run = noise_of_mean(
            setting,
            steps=configuration.steps_for_noise,
            replicas=configuration.replicas_for_noise,
            # Noise of its own for every setting, so that errors are independent.
            seed=configuration.seed + 1000 + number,
        )
        noise = run["noise"].values
        expected = setting.step_size / (BATCH_SIZE * setting.agents) * setting.law().covariance
        found.append(Measured.of(np.trace(noise, axis1=1, axis2=2)))
        shapes.append(np.abs(noise.mean(axis=0) - expected).max() / np.trace(expected))
        work += run.attrs["agent_steps"]
    table = with_measured(columns(chosen), "trace", found).assign(
        expected=("setting", np.array([_noise_level(setting) for setting in chosen])),
        shape=("setting", np.array(shapes)),
    )
    return as_part(table, "noise").assign_attrs(agent_steps=work)


def noise_of_mean(setting: Setting, *, steps: int, replicas: int, seed: int) -> xr.Dataset:
    """Simulate the SDE of QSGD by Euler-Maruyama, and subtract its drift from the path of the mean."""
    law, dt = setting.law(), setting.dt()
    run = so.simulate(
        law.loss,
        so.QSGD(coupling=setting.coupling),
        steps=steps,
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        start=so.start.Gaussian(0.0, float(np.sqrt(setting.step_size))),
        noise=law.noise,
        agents=setting.agents,
        replicas=replicas,
        seed=seed,
        clock=so.clock.SDE(dt=dt),
        record=so.record.Every(1, variables=("agents",)),
        progress=False,
    )
    agents = run["agents"].transpose("step", "replica", "agent", "dim").values
    mean = agents.mean(axis=2)
    drift = -law.loss.gradient(agents[:-1]).mean(axis=2)
    rest = mean[1:] - mean[:-1] - drift * dt
    noise = np.einsum("sri,srj->rij", rest, rest) / (steps * dt)
    return xr.Dataset(
        {"noise": (("replica", "row", "column"), noise)},
        attrs={"agent_steps": steps * setting.agents * replicas},
    )


def _noise_level(setting: Setting) -> float:
    return setting.step_size * setting.law().noise_bound / (BATCH_SIZE * setting.agents)


experiment = Experiment(
    name="noise",
    title="The mean of coupled agents has 1/p of the noise, and a distortion far below its bound",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, "
        "Theorem 3.2, eqs. (28) to (31)"
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
