"""Coupled agents with noise that depends on the state: simulated, bounded, and exact up to its strength.

On f = ½‖x‖² mean squares obey linear equations into which the noise enters by E tr(BᵀB) alone, whatever
else B(x) does: spread and squared distance are those of constant noise times E tr(BᵀB)/C. The same is
true of every step of Euler-Maruyama, so that the comparison is free of the error of the time steps.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import sdeopt as so
import theory
from sdeopt.experiments.measured import Measured
from sims.shared.setting import BATCH_SIZE, EasgdSetting, MomentumSetting, Setting
from sims.shared.stationary import forgetting_time
from sims.state_noise.law import DIM, NOISE_BOUND, STEEPEST, Array, strength

FINER = 2
"""Time steps of Euler-Maruyama for one of the scheme of order 1.5, which such noise does not admit."""

SNAPSHOTS = 25
"""Times in a window at which everything is measured."""

PASSING = 0.5
"""The start, in every coordinate, from where the mean passes the largest third derivative, at 0.33."""

PASSED = (0.1, 0.2)
"""From when to when it is near there."""


def simulated(
    setting: Setting, kept: Sequence[int], replicas: int, seed: int, start: so.start.Start
) -> dict[str, Array]:
    """Simulate by Euler-Maruyama; return the agents and x~ or the velocities (step, replica, …, dim)."""
    law = setting.law()
    others = {"quorum": "quorum", "velocity": "velocities"}
    parts = [others[part] for part in setting.method().state if part in others]
    run = so.simulate(
        law.loss,
        setting.algorithm(),
        steps=kept[-1],
        step_size=setting.step_size,
        batch_size=BATCH_SIZE,
        noise=law.noise,
        agents=setting.agents,
        clock=so.clock.SDE(dt=setting.dt() / FINER),
        start=start,
        replicas=replicas,
        seed=seed,
        record=so.record.At(kept, variables=["agents", *parts]),
        progress=False,
    )
    order = ("step", "replica", "agent", "dim")
    return {
        name: np.asarray(run[name].transpose(*(one for one in order if one in run[name].dims)))
        for name in ("agents", *parts)
    }


def numbers(setting: Setting, found: Mapping[str, Array]) -> dict[str, Array]:
    """Return what is measured of every replica, averaged over its snapshots."""
    agents, loss = found["agents"], setting.law().loss
    mean = agents.mean(axis=2)
    other = found.get("quorum", np.zeros_like(mean))
    if "velocities" in found:
        other = found["velocities"].mean(axis=2)
    square = (mean**2).sum(axis=-1) + (other**2).sum(axis=-1)
    distortion = loss.gradient(mean) - loss.gradient(agents).mean(axis=2)
    apart = [found[name] for name in ("agents", "velocities") if name in found]
    values = {
        "spread": sum(((one - one.mean(axis=2, keepdims=True)) ** 2).sum((2, 3)) for one in apart),
        "distortion": np.linalg.norm(distortion, axis=-1),
        "distance": np.sqrt(square),
        "square": square,
        "strength": strength(agents).mean(axis=2),
    }
    return {name: value.mean(axis=0) for name, value in values.items()}


def share(value: Array, strengths: Array, of_constant: float) -> Measured:
    """Return E value / (what constant noise gives · E tr(BᵀB)/C), whose error is that of a ratio."""
    scale = float(strengths.mean())
    ratio = float(value.mean()) / scale
    around = Measured.of(value / scale - ratio * (strengths / scale - 1))
    return around.per(of_constant)


def measured(
    setting: Setting, window: float, replicas: int, seed: int
) -> tuple[dict[str, Measured], int]:
    """Measure one setting after its transients; return also the agent-steps."""
    dt, rate = setting.dt() / FINER, proved_rate(setting)
    if setting.shown == "passing":
        early, late = (int(np.ceil(time / dt)) for time in PASSED)
        start: so.start.Start = so.start.Point(np.full(DIM, PASSING))
    else:
        early = int(np.ceil(forgetting_time(start=1.0, level=1.0, rate=rate) / dt))
        late = early + int(np.ceil(window / rate / dt))
        start = so.start.Gaussian(0.0, float(np.sqrt(setting.step_size)))
    kept = np.unique(np.linspace(early, late, SNAPSHOTS).astype(int)).tolist()
    own = numbers(setting, simulated(setting, kept, replicas, seed, start))
    found = {name: Measured.of(value) for name, value in own.items()}
    for name, value in constant_noise(setting, dt).items():
        found[f"{name}_share"] = share(own[name], own["strength"], value)
    return found, kept[-1] * setting.agents * replicas


def proved_rate(setting: Setting) -> float:
    """Return the rate of the transients: the least of those that the theorems prove."""
    law, k, p = setting.law(), setting.coupling, setting.agents
    convex = law.loss.constants.strong_convexity
    if convex is None:
        return k - law.curvature
    if isinstance(setting, MomentumSetting):
        given = {"damping": setting.damping, "smoothness": STEEPEST, "strong_convexity": convex}
        together = theory.load("lemma_3_2").bound(coupling=k, velocity_coupling=0.0, **given)
        joint = theory.load("lemma_5_3").bound(metric_shift=setting.damping / 2, **given)
        return float(min(together, joint))
    if isinstance(setting, EasgdSetting):
        return float(theory.load("lemma_5_2").bound(agents=p, coupling=k, strong_convexity=convex))
    return convex


def constant_noise(setting: Setting, dt: float = 0.0) -> dict[str, float]:
    """Return what constant noise of the trace C gives on f = ½‖x‖², in steps or without; else NaN."""
    if setting.family != "round quadratic":
        return {"spread": np.nan, "square": np.nan}
    from theory.moments import stationary_moments

    noise = setting.step_size / BATCH_SIZE * NOISE_BOUND / DIM
    method = setting.method().discretized(dt) if dt else setting.method()
    moments = stationary_moments(method, 1.0, noise)
    spread = moments.spread
    if isinstance(setting, MomentumSetting):
        spread = spread + moments.velocity_spread
    return {"spread": DIM * float(spread), "square": DIM * float(np.trace(moments.together))}


@functools.cache
def bounds(setting: Setting) -> dict[str, float]:
    """Return all bounds on what is measured; NaN where a loss lacks the constants."""
    law, shared = setting.law(), setting.per_agent()
    given: dict[str, Any] = {name: value for name, value in shared.items() if name != "damping"}
    found: dict[str, Any] = dict.fromkeys(
        ("spread_bound", "distortion_bound", "bound", "free", "level"), np.nan
    )
    found["level"] = setting.step_size * NOISE_BOUND / (BATCH_SIZE * setting.agents)
    bend: Any = law.loss.constants.gradient_curvature
    convex = law.loss.constants.strong_convexity
    if isinstance(setting, MomentumSetting):
        shape: dict[str, Any] = {
            "damping": setting.damping,
            "smoothness": STEEPEST,
            "strong_convexity": convex,
        }
        found["spread_bound"] = theory.load("lemma_3_2").evaluate(
            "spread", **given, **shape, velocity_coupling=0.0
        )
        found["bound"] = theory.load("theorem_5_3_explicit").bound(
            **given,
            **shape,
            gradient_curvature=bend,
            dimension=DIM,
            metric_shift=setting.damping / 2,
        )
        return {name: float(value) for name, value in found.items()}
    found["spread_bound"] = theory.load("lemma_3_1").bound(
        negative_curvature=law.curvature, **given
    )
    if convex is None:
        return {name: float(value) for name, value in found.items()}
    bent = {**given, "gradient_curvature": bend, "dimension": DIM}
    found["distortion_bound"] = theory.load("theorem_3_2").bound(
        negative_curvature=law.curvature, **bent
    )
    found["free"] = theory.load("theorem_5_1").bound(strong_convexity=convex, **bent)
    found["bound"] = found["free"]
    if isinstance(setting, EasgdSetting):
        found["bound"] = theory.load("theorem_5_2").evaluate(
            "distance", strong_convexity=convex, **bent
        )
        found["free"] = theory.load("theorem_5_2_without_metric").evaluate(
            "both", strong_convexity=convex, **bent
        )
    return {name: float(value) for name, value in found.items()}


def noise_of_mean(
    setting: Setting, *, steps: int, replicas: int, seed: int
) -> tuple[Measured, Measured, int]:
    """Measure the covariance per time of the noise of x•, and its share of (η/(bp)) tr B̂B̂ᵀ.

    It is the path of the mean less its drift, in steps of Euler-Maruyama from a start at hand.
    """
    start = so.start.Gaussian(0.0, float(np.sqrt(setting.step_size)))
    kept = list(range(steps + 1))
    agents = simulated(setting, kept, replicas, seed, start)["agents"]
    mean, dt = agents.mean(axis=2), setting.dt() / FINER
    drift = -setting.law().loss.gradient(agents[:-1]).mean(axis=2)
    rest = mean[1:] - mean[:-1] - drift * dt
    trace = (rest**2).sum(axis=-1).mean(axis=0) / dt
    strengths = strength(agents[:-1]).mean(axis=(0, 2))
    level = bounds(setting)["level"]
    return Measured.of(trace), share(trace, strengths, level), steps * setting.agents * replicas
