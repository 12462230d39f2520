"""Lemma 5.5 of Boffi & Slotine (2020): the time average of QSGD on a quadratic, whatever k is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sdeopt.experiments.measured import Measured
from sims.average.claims import claims
from sims.average.drawing import draw
from sims.average.measuring import (
    Averaging,
    System,
    ends,
    excess,
    least_variance,
    scaled_coupling,
    time_averages,
    unlike,
)
from sims.shared import RESTORED
from sims.shared.configuration import ComparisonConfiguration
from sims.shared.families import family
from sims.shared.grids import as_part, with_measured, with_numbers

FROM_PAPER = (
    "Lemma 5.5: √t times the time average is normal in the limit, of covariance "
    "(1/p) H⁻¹ BBᵀ H⁻ᵀ, for every k, also with one preconditioner for all agents",
    "that the dynamics of x~ in EASGD change nothing of it",
    "that it attains the lower bound of Fisher's information",
    "that it fails with preconditioners of the agents' own",
)

RECONSTRUCTED = (
    RESTORED,
    "the quadratic, the noise, the preconditioners and all sizes",
    "which estimation the bound is of: that of x* from the paths of all agents",
    "that preconditioners of the agents' own spoil it only where agents are coupled and the "
    "coupling is not preconditioned, and by how much: the paper gives no number",
)

SETUP = (
    "The SDE of QSGD on a quadratic in two dimensions whose noise does not commute with H. After "
    "the start is forgotten, the mean of the agents is averaged over windows of time. In three "
    "directions, which determine a covariance, p·t times its variance is held against "
    "H⁻¹BBᵀH⁻ᵀ, over couplings k, numbers of agents p, and with one preconditioner P for all, "
    "Newton's H⁻¹ and one that is not symmetric. Then two agents in one dimension with "
    "preconditioners of their own, 4 and 1, that do and do not act on the coupling. Windows of a "
    "replica count once. Steps of Euler-Maruyama are exact for averages over time. The ends of "
    "the windows add a few percent to the closed form, which is a limit; that share is known "
    "exactly, and what is measured is held against the closed form times it. EASGD is measured in the "
    "same way, plain and with one preconditioner. Fisher's information of x* in the paths of all agents "
    "over a time t is p t Hᵀ(BBᵀ)⁻¹H: the covariance of the score, which is measured by the estimator "
    "of maximum likelihood, linear in the score; and the start in equilibrium knows of x* as well."
)


Array = NDArray[np.float64]


DIM = 2


DIRECTIONS = np.array([[1.0, 0.0], [0.0, 1.0], [np.sqrt(0.5), np.sqrt(0.5)]])
"""Directions whose variances determine a covariance in two dimensions."""


LONGER = 10.0
"""Windows for which it is computed, too, what a time average has more than the least variance."""


PRECONDITIONED = {
    "Newton": np.eye(DIM),
    "skew": np.array([[3.0, -0.8], [-0.8, 1.0]]),
}
"""By name: PH for a preconditioner P. Any symmetric positive PH has its P, in general not symmetric."""


CURVATURE, DEVIATION, OWN = 1.0, 1.0, np.array([4.0, 1.0])
"""h, σ and the agents' own preconditioners."""


@dataclass(frozen=True, kw_only=True)
class AverageConfiguration(ComparisonConfiguration):
    """Which settings, and how precisely each is measured; `ComparisonConfiguration` has the names.

    Parameters
    ----------
    replicas, windows : int
        Paths of every setting, and windows of each.
    window : float
        Length of a window in units of 1/(slowest rate). What the ends of a window add to the limit
        is a share of about one over this, known exactly.
    band : float
        The share by which a variance may differ from the closed form.
    coupling_for_own : tuple of float
        k for agents with preconditioners of their own, the first 0.
    coupling_of_easgd : tuple of float
        k for EASGD; the first also with a preconditioner.
    """

    replicas: int
    windows: int
    window: float
    band: float
    coupling: tuple[float, ...] = (0.0, 1.0, 3.0, 10.0)
    usual_coupling: float = 1.0
    agents: tuple[int, ...] = (1, 4, 16)
    usual_agents: int = 4
    coupling_for_own: tuple[float, ...] = (0.0, 3.0, 30.0)
    coupling_of_easgd: tuple[float, ...] = (0.3, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.coupling_for_own[0] != 0.0:
            raise InvalidArgumentError(
                f"coupling_for_own is {self.coupling_for_own}; begin with 0, where nothing is broken."
            )
        if min(self.coupling_of_easgd) == 0.0:
            raise InvalidArgumentError(
                f"coupling_of_easgd is {self.coupling_of_easgd}; give couplings above 0, without which "
                "x~ stays at its start."
            )


QUICK = AverageConfiguration(replicas=1_600, windows=8, window=25.0, band=0.08)


PAPER = AverageConfiguration(
    replicas=5_000,
    windows=10,
    window=25.0,
    band=0.04,
    coupling=(0.0, 0.3, 1.0, 3.0, 10.0),
    agents=(1, 2, 4, 8, 16),
    coupling_for_own=(0.0, 1.0, 3.0, 10.0, 30.0),
    coupling_of_easgd=(0.3, 1.0, 3.0),
)


def simulate(configuration: AverageConfiguration) -> xr.Dataset:
    """Measure the variance of time averages."""
    main, own = _alike(configuration), _own(configuration)
    apart, more = _path_by_path(configuration)
    work = main.attrs["agent_steps"] + own.attrs["agent_steps"] + more
    extra: dict[str, Any] = {"apart": apart, "band": configuration.band, "curvature": CURVATURE}
    extra["preconditioners"] = ("agent", OWN)
    return main.merge(own).assign(extra).assign_attrs(agent_steps=work)


def _system(name: str, agents: int, coupling: float, filtered: bool = False) -> System:
    """Return the quadratic with a preconditioner, or with none, for QSGD or EASGD."""
    law = family("quadratic", DIM)
    assert isinstance(law.loss, so.losses.Quadratic)
    hessian = law.loss.matrix
    if not name:
        return System(hessian, law.covariance, agents, coupling, filtered)
    drift = PRECONDITIONED[name]
    preconditioner = drift @ np.linalg.inv(hessian)
    noise = preconditioner @ law.covariance @ preconditioner.T
    return System(drift, (noise + noise.T) / 2, agents, coupling, filtered)


def _closed_form() -> Array:
    """Return H⁻¹ BBᵀ H⁻ᵀ of the quadratic: by Lemma 5.5 p·t times the covariance of z."""
    plain = _system("", 1, 0.0)
    inverse = np.linalg.inv(plain.drift)
    return np.asarray(inverse @ plain.covariance @ inverse.T)


def _alike(configuration: AverageConfiguration) -> xr.Dataset:
    given = configuration
    k, p = given.usual_coupling, given.usual_agents
    rows: list[dict[str, Any]] = [
        *({"shown": "coupling", "agents": p, "coupling": other} for other in given.coupling),
        *({"shown": "agents", "agents": other, "coupling": k} for other in given.agents),
        *(
            {"shown": "preconditioner", "agents": p, "coupling": other, "preconditioner": name}
            for name in PRECONDITIONED
            for other in (given.coupling[0], given.coupling[-1])
        ),
        *({"shown": "EASGD", "agents": p, "coupling": other} for other in given.coupling_of_easgd),
        {
            "shown": "EASGD",
            "agents": p,
            "coupling": given.coupling_of_easgd[0],
            "preconditioner": "skew",
        },
    ]
    whitening = np.linalg.inv(np.linalg.cholesky(_closed_form()))
    table, found, likely, work = [], [], [], 0
    for number, row in enumerate(rows):
        row.setdefault("preconditioner", "")
        filtered = row["shown"] == "EASGD"
        system = _system(row["preconditioner"], row["agents"], row["coupling"], filtered)
        run = time_averages(system, _how(given, number))
        size = np.sqrt(run.time * row["agents"])
        along = size * run.values @ whitening.T @ DIRECTIONS.T
        likeliest = size * run.most_likely(system.drift) @ whitening.T @ DIRECTIONS.T
        added, least = _ends_and_least(system, whitening, run.time, run.dt)
        added_later, least_later = _ends_and_least(system, whitening, LONGER * run.time, run.dt)
        for number_of_direction, direction in enumerate(DIRECTIONS):
            expected = 1 + float(direction @ added @ direction)
            bound = float(direction @ least @ direction)
            own = {"direction": number_of_direction, "expected": expected, "least": bound}
            later = 1 + float(direction @ added_later @ direction)
            own["above_later"] = later / float(direction @ least_later @ direction) - 1
            table.append(row | own)
            found.append(Measured.of((along[..., number_of_direction] ** 2).mean(axis=1)))
            likely.append(Measured.of((likeliest[..., number_of_direction] ** 2).mean(axis=1)))
        work += run.work
    result = with_measured(with_numbers(xr.Dataset(), table), "variance", found)
    result = with_measured(result, "likelihood", likely)
    return result.assign_attrs(agent_steps=work)


def _ends_and_least(
    system: System, whitening: Array, time: float, dt: float
) -> tuple[Array, Array]:
    """Return what the ends of a window add, and the bound of Fisher's information, as shares."""
    joint = system.joint()
    added = ends(joint.drift, joint.covariance, time, dt)[:DIM, :DIM]
    least = least_variance(system, time, dt)
    return whitening @ added @ whitening.T, whitening @ least @ whitening.T


def _how(given: AverageConfiguration, number: int) -> Averaging:
    # Noise of its own for every setting, so that errors are independent.
    return Averaging(given.replicas, given.windows, given.window, given.seed + number)


def _own(configuration: AverageConfiguration) -> xr.Dataset:
    given = configuration
    optimum = DEVIATION**2 / (len(OWN) * CURVATURE**2)
    table, found, work = [], [], 0
    for number, k in enumerate(given.coupling_for_own):
        for scaled in (False, True):
            how = _how(given, 1000 + 2 * number + scaled)
            system = unlike(CURVATURE, DEVIATION, OWN, k)
            drift = system.drift
            if scaled:
                run = scaled_coupling(CURVATURE, DEVIATION, OWN, k, how)
                drift = OWN[:, None] * (unlike(CURVATURE, DEVIATION, np.ones(len(OWN)), k).drift)
            else:
                run = time_averages(system, how)
            # the mean of agents that are coordinates, or the coordinate of the mean of agents
            mean = run.values.mean(axis=-1)
            found.append(Measured.of((run.time * mean**2).mean(axis=1) / optimum))
            limit = 1.0 if scaled or k == 0 else 1 + float(excess(CURVATURE, OWN, k))
            expected = limit + ends(drift, system.covariance, run.time, run.dt).mean() / optimum
            table.append({"coupling": k, "scaled": scaled, "limit": limit, "expected": expected})
            work += run.work
    result = with_measured(with_numbers(xr.Dataset(), table), "variance", found)
    return as_part(result, "own").assign_attrs(agent_steps=work)


def _path_by_path(configuration: AverageConfiguration) -> tuple[float, int]:
    """Return how far apart averages of the same noise are for the least and the largest k."""
    given = configuration
    systems = [_system("", given.usual_agents, k) for k in (given.coupling[0], given.coupling[-1])]
    how = Averaging(30, 1, given.window, given.seed + 2000)
    dt = min(system.dt() for system in systems)
    one, other = (time_averages(system, how, dt) for system in systems)
    apart = np.abs(one.values - other.values).max() / np.abs(one.values).max()
    return float(apart), one.work + other.work


experiment = Experiment(
    name="average",
    title="The time average of QSGD on a quadratic does not depend on the coupling, as Lemma 5.5 says",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, "
        "Lemma 5.5, eqs. (58) and (59)"
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
