"""How tight the theorems of Boffi & Slotine (2020) are, Secs 3 and 5, and what makes them loose."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import xarray as xr

from sdeopt.experiment import Configuration, Experiment
from sims import easgd, momentum, qsgd
from sims.comparison.distances import STATISTICS, Bounds, measure_distances, measure_terms
from sims.comparison.grids import as_part, varied
from sims.comparison.setting import EasgdSetting, MomentumSetting, Setting
from sims.comparison.tightness_claims import claims
from sims.comparison.tightness_drawing import draw

__all__ = ["METHODS", "TightnessConfiguration", "claims", "experiment", "settings", "simulate"]

METHODS: dict[str, tuple[type[Setting], Bounds, Callable[[Any], float]]] = {
    "qsgd": (Setting, qsgd.bounds, qsgd.forget),
    "easgd": (EasgdSetting, easgd.bounds, easgd.forget),
    "momentum": (MomentumSetting, momentum.bounds, momentum.forget),
}
"""By name: the kind of setting, its bounds, and how long the start is remembered."""


@dataclass(frozen=True, kw_only=True)
class TightnessConfiguration(Configuration):
    """Which settings, and how precisely each is measured.

    Parameters
    ----------
    replicas, single_replicas : int
        Of every setting, and of coupled agents beside a single agent on the same noise.
    window : float
        The time that is averaged over, in units of 1/l.
    band : float
        The share by which a factor may exceed what it is claimed to be at most.
    couplings, agents, step_sizes : tuple
        k, p and η; p is varied with each of the others.
    coupling, step_size, dim
        k and η where they are not varied, and n.
    """

    replicas: int
    single_replicas: int
    window: float
    band: float = 0.05
    couplings: tuple[float, ...] = (1.5, 3.0, 9.0)
    agents: tuple[int, ...] = (2, 8, 32)
    step_sizes: tuple[float, ...] = (0.01, 0.1, 1.0, 10.0)
    coupling: float = 3.0
    step_size: float = 0.1
    dim: int = 2


QUICK = TightnessConfiguration(replicas=40, single_replicas=32, window=5.0)

PAPER = TightnessConfiguration(
    replicas=200,
    single_replicas=64,
    window=10.0,
    couplings=(1.5, 3.0, 9.0, 30.0),
    agents=(2, 4, 8, 16, 32),
    step_sizes=(0.001, 0.01, 0.1, 1.0, 10.0),
)


def settings(configuration: TightnessConfiguration, method: str) -> list[Setting]:
    """Return the settings of a method: k and p, then η and p.

    Parameters
    ----------
    configuration : TightnessConfiguration
        What is varied.
    method : str
        One of `METHODS`.

    Returns
    -------
    list of Setting
        On the log-cosh loss.
    """
    given = configuration
    kind, _, _ = METHODS[method]
    usual = kind("log-cosh", given.dim, given.agents[0], given.coupling, given.step_size)
    return [
        *varied(usual, "coupling", agents=given.agents, coupling=given.couplings),
        *varied(usual, "step_size", agents=given.agents, step_size=given.step_sizes),
    ]


def simulate(configuration: TightnessConfiguration) -> xr.Dataset:
    """Measure all that the theorems bound, for the three methods on one grid.

    Parameters
    ----------
    configuration : TightnessConfiguration
        What is varied, and how precisely it is measured.

    Returns
    -------
    xarray.Dataset
        For every method, with its name and ``_`` before all names, along ``<method>_setting``: what
        `sims.comparison.distances` describes, with ``spread`` and ``distortion``. The terms, along
        ``<method>_single_setting``, over p; for QSGD on the slanted loss too.
    """
    given, work = configuration, 0
    parts: list[xr.Dataset] = []
    for number, (name, (_, bounds, forget)) in enumerate(METHODS.items()):
        chosen = settings(given, name)
        main = measure_distances(
            chosen,
            bounds,
            forget,
            window=lambda setting: given.window,
            replicas=given.replicas,
            fewer_replicas=given.replicas,
            seed=given.seed + 1_000 * number,
            statistics=tuple(STATISTICS),
        )
        over_agents = [s for s in chosen if s.shown == "coupling" and s.coupling == given.coupling]
        if name == "qsgd":
            over_agents += [replace(s, family="slanted", dim=1) for s in over_agents]
        single = measure_terms(
            over_agents,
            bounds,
            forget,
            window=lambda setting: given.window,
            replicas=given.single_replicas,
            seed=given.seed + 1_000 * number + 500,
        )
        renamed = {str(key): f"{name}_{key}" for key in (*single.data_vars, "single_setting")}
        parts += [as_part(main, name), single.rename(renamed)]
        work += main.attrs["agent_steps"] + single.attrs["agent_steps"]
    return xr.merge(parts).assign(band=given.band).assign_attrs(agent_steps=work)


experiment = Experiment(
    name="tightness",
    title="The bounds are tight where noise alone counts, and loose where the distortion does",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, "
        "Lemma 3.1, eq. (31), Theorems 5.1, 5.2 and 5.3"
    ),
    setup=(
        "The SDEs of QSGD, EASGD and QSGD with momentum with constant Gaussian noise on one strongly "
        "convex loss with known Q, Σ φ(x_j) with φ″ falling from L = 4 at 0 to l = 1, over numbers of "
        "agents p with couplings k and with learning rates η. From the same runs: bound / measured of "
        "the spread, of the distortion ε and of the distance from the minimizer, and, beside a single "
        "agent that feels the same noise, of each term; for QSGD that also on a slanted loss in one "
        "dimension, whose third derivative is Q at the minimum. Transients are discarded as in the "
        "comparisons of the single theorems, which hold the bounds to 99.9% confidence; here the "
        "factors count."
    ),
    from_paper=("Lemma 3.1, eq. (31), and Theorems 5.1, 5.2 and 5.3",),
    reconstructed=(
        "the loss, the noise and all sizes: the paper holds no simulation against its bounds",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Theory against simulation",
)
