"""How fast agents synchronize: Thm 3.1, Lemmas 3.2 and 5.4, Sec. 3.4 of Boffi & Slotine (2020)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import xarray as xr

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sims.rates import descents
from sims.rates.claims import claims
from sims.rates.drawing import draw
from sims.rates.measuring import (
    FLATTEST,
    FLOW_TIMES,
    STARTS,
    Flow,
    Relaxation,
    relax,
    slowest,
    uneven,
)
from sims.shared import RESTORED
from sims.shared.configuration import ComparisonConfiguration
from sims.shared.grids import as_part, with_measured, with_numbers

FROM_PAPER = (
    "Theorem 3.1: agents synchronize at the rate k − λ̄; Lemma 3.2, with momentum; Lemma 5.4, "
    "with gains that depend on the state",
    "Lemmas 5.1, 5.2 and 5.3: rates at which agents without noise reach the minimizer",
    "Sec. 3.4: with learning rates of the agents' own, (22) holds with their mean",
)

RECONSTRUCTED = (
    RESTORED,
    "losses, gains, learning rates and all sizes: the paper holds no such simulation",
    "the clock of Sec. 3.4: with equal drifts it holds; with steps that scale drifts it does not, "
    "by a factor that the theory gives, and no such factor is in the paper",
)

SETUP = (
    "First flows without noise of six agents in two dimensions: QSGD and EASGD, gains that depend "
    "on the state (k(1 + 2x²/(1 + x²)) of the first coordinate), and momentum with coupling of "
    "positions and velocities; on a strongly convex loss, Σ φ(x_j) with φ″ from l = 1 far out to "
    "L = 4 at 0, and on a double well with λ̄ = 1. The measured rate is the least "
    "−log(d(t)/d(0))/t over starts, pairs of agents and times, d their distance, so that every pair "
    "at every time obeys the proved bound where it is the larger. No noise is drawn, so there is no "
    "sampling error; time steps allow for 0.1%. Starts are wide, or close together "
    f"where the loss is flattest ({FLATTEST['log-cosh']:g} in every coordinate, and the hill). "
    "In the same way, not drawn, the rates at which agents reach the minimizer of the strongly convex "
    "loss: under the coupling p u(x) = k (x + ½ sin x), with EASGD, and with momentum in one place, "
    "from starts around and from far away, where the curvature is l. Then Sec. 3.4: eight agents whose "
    "learning rates, as strengths of their noise, differ fifteen times, started twenty times too far "
    "apart; E Σ‖xⁱ − x•‖² against the bound with the mean learning rate, in time, and E‖x•‖² "
    "where it is known. At last the iteration with such steps, which scale drift and coupling as "
    "well."
)


@dataclass(frozen=True, kw_only=True)
class RatesConfiguration(ComparisonConfiguration):
    """Which flows, and how precisely noise is averaged; `ComparisonConfiguration` has the names.

    Parameters
    ----------
    starts : int
        Starts of every flow.
    coupling, coupling_on_wells : tuple of float
        k on the log-cosh loss, and on the double well, where it must exceed λ̄ = 1.
    momentum : tuple of (float, float, float)
        k₁, k₂ and μ, with k₁(k₂ + μ) above 9/4.
    descents : int
        Starts of every flow whose rate to the minimizer is measured.
    replicas, replicas_for_uneven : int
        Of agents with noise, and where steps scale drifts.
    theta : tuple of float
        How unequal the learning rates are there, the first 0.
    band, band_for_uneven : float
        The shares by which a measured value may differ from an exact one, and from one that is
        exact for steps of no size.
    """

    MAY_BE_ZERO: ClassVar[tuple[str, ...]] = ("momentum", "theta")

    starts: int
    descents: int
    coupling: tuple[float, ...] = (0.0, 1.0, 3.0, 9.0)
    coupling_on_wells: tuple[float, ...] = (1.5, 2.0, 4.0, 9.0)
    momentum: tuple[tuple[float, float, float], ...] = (
        (1.5, 0.0, 2.0),
        (3.0, 0.0, 2.0),
        (9.0, 0.0, 2.0),
        (1.5, 3.0, 2.0),
        (3.0, 3.0, 2.0),
    )
    replicas: int
    replicas_for_uneven: int
    theta: tuple[float, ...] = (0.0, 0.3, 0.6, 0.8)
    band: float
    band_for_uneven: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.coupling_on_wells) <= 1.0:
            raise InvalidArgumentError(
                f"coupling_on_wells has {min(self.coupling_on_wells):g}; agents on the double well are "
                "proved to synchronize for k > λ̄ = 1."
            )
        if not self.theta[0] == 0.0 <= max(self.theta) < 1.0:
            raise InvalidArgumentError(f"theta is {self.theta}; begin with 0 and stay below 1.")


QUICK = RatesConfiguration(
    starts=40, descents=10, replicas=4_000, replicas_for_uneven=300, band=0.1, band_for_uneven=0.06
)


PAPER = RatesConfiguration(
    starts=1_000,
    descents=100,
    coupling=(0.0, 0.3, 1.0, 3.0, 9.0, 30.0),
    coupling_on_wells=(1.2, 1.5, 2.0, 4.0, 9.0, 30.0),
    replicas=40_000,
    replicas_for_uneven=2_000,
    theta=(0.0, 0.2, 0.4, 0.6, 0.8),
    band=0.03,
    band_for_uneven=0.03,
)


def flows(configuration: RatesConfiguration) -> list[Flow]:
    """Return the flows without noise whose rates are measured."""
    convex, wells = configuration.coupling, configuration.coupling_on_wells
    return [
        *(Flow("QSGD", "log-cosh", start, k) for start in STARTS for k in convex),
        *(Flow("QSGD", "double well", start, k) for start in STARTS for k in wells),
        *(Flow("EASGD", "double well", start, k) for start in STARTS for k in wells),
        *(Flow("state-dependent", "double well", start, k) for start in STARTS for k in wells),
        *(
            Flow("momentum", "log-cosh", "wide", k1, damping=mu, velocity_coupling=k2)
            for k1, k2, mu in configuration.momentum
        ),
    ]


RELAXATIONS = (
    Relaxation("round quadratic", 1.0),
    Relaxation("double well", 3.0),
    Relaxation("double well", 3.0, state_dependent=True),
)


def simulate(configuration: RatesConfiguration) -> xr.Dataset:
    """Measure rates of synchronization, without noise and with it."""
    given = configuration
    found = [slowest(flow, given.starts, given.seed) for flow in flows(given)]
    rows, shares, works = zip(*found, strict=True)
    table = with_numbers(xr.Dataset(), rows).assign(
        share=(("setting", "relative_time"), np.array(shares))
    )
    # Noise of its own for every setting, so that errors are independent.
    relaxed = [relax(one, given.replicas, given.seed + n) for n, one in enumerate(RELAXATIONS)]
    noisy = with_numbers(xr.Dataset(), [row for rows, _ in relaxed for row in rows])
    scaled = [
        uneven(theta, given.replicas_for_uneven, given.seed + 100 + number)
        for number, theta in enumerate(given.theta)
    ]
    factors = with_measured(
        with_numbers(xr.Dataset(), [row for row, _, _ in scaled]),
        "factor",
        [one for _, one, _ in scaled],
    )
    work = sum(works) + sum(steps for _, steps in relaxed) + sum(steps for _, _, steps in scaled)
    fallen = descents.measure(given.descents, given.seed + 200)
    tables = {"flow": table, "descent": fallen, "noisy": noisy, "uneven": factors}
    result = xr.merge([as_part(part, name) for name, part in tables.items()])
    bands = {"band": given.band, "band_for_uneven": given.band_for_uneven}
    return (
        result.assign_coords(relative_time=list(FLOW_TIMES))
        .assign(bands)
        .assign_attrs(agent_steps=work)
    )


experiment = Experiment(
    name="rates",
    title="Agents synchronize at least as fast as proved, and no faster where the loss is flattest",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, "
        "Theorem 3.1, Lemma 3.2, Sec. 3.4, Lemmas 5.1 to 5.4"
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
