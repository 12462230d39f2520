"""The steps that discrete EASGD and QSGD allow on a parabola (Boffi & Slotine 2020, supplement)."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

import theory
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sims.shared import RESTORED
from sims.shared.configuration import ComparisonConfiguration
from sims.stability.claims import claims
from sims.stability.drawing import draw
from sims.stability.measuring import METHODS, Iteration, grow_with_new_mean, jury_border

FROM_PAPER = (
    "the iteration of EASGD, Sec. 2.4, with α = ηk and β = pα, and of QSGD",
    "that the stability of EASGD shrinks with p",
)

RECONSTRUCTED = (
    RESTORED,
    "the borders: the supplement is not in the text at hand; they are proved anew, α < 2(2 − q)/"
    "(2 + p(2 − q)) for EASGD and α < 2 − q for QSGD",
    "the order in which x~ receives the new mean is not the paper's; it is shown for comparison, and "
    "iterated by a loop of its own as the engine keeps to the paper",
)

SETUP = (
    "The discrete iterations without noise on f = ½hx², from a normal start. Noise that is added "
    "does not change whether they are stable, as they are linear. With q = ηh, α = ηk and all "
    "right-hand sides at the old time, EASGD has β = pα. Growth is the factor a step between the "
    "middle of a run and its end; the border is found by halving an interval of α on a logarithmic "
    "scale, and beside it all of the plane (ηk, p) is simulated at one q. The theory is Jury's "
    "criterion for the map of (x•, x~), and the factor 1 − q − α for differences. No random number "
    "but the start is drawn, so the error is that of the search."
)


@dataclass(frozen=True, kw_only=True)
class StabilityConfiguration(ComparisonConfiguration):
    """Which q and p, and how finely α = ηk is searched; `ComparisonConfiguration` has the names.

    Parameters
    ----------
    relative_step : tuple of float
        q = ηh, below 2.
    relative_step_for_map, points_for_map
        q where all of the plane (ηk, p) is simulated, and how many ηk there.
    steps : int
        Of every run.
    halvings : int
        Of the interval that a border is in.
    band : float
        The share by which a simulated border may differ from Jury's.
    agents_for_new_mean : int
        p where x~ is updated with the new mean.
    """

    agents: tuple[int, ...]
    relative_step: tuple[float, ...]
    relative_step_for_map: float = 0.5
    points_for_map: int
    steps: int
    halvings: int
    band: float
    agents_for_new_mean: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        largest = max(*self.relative_step, self.relative_step_for_map)
        if largest >= 2:
            raise InvalidArgumentError(
                f"a relative step q = ηh of {largest:g} is given; gradient descent is stable for q < 2."
            )


QUICK = StabilityConfiguration(
    agents=(2, 4, 8, 16, 64),
    relative_step=(0.1, 0.5, 1.0, 1.5),
    points_for_map=24,
    steps=400,
    halvings=14,
    band=0.001,
)


PAPER = StabilityConfiguration(
    agents=(2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128),
    relative_step=(0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 1.9),
    points_for_map=60,
    steps=4_000,
    halvings=20,
    band=0.0005,
)


LEAST, MOST = 1e-3, 4.0
"""α between which borders are searched."""

BEYOND, BEYOND_STEPS = 1.05, 200
"""How far beyond the border growth is measured, as a multiple of the border, and the length of these
runs: few steps, from the start on, so that rounding of what grows does not hide what dies out."""

NEW_MEAN_RATES, NEW_MEAN_STEPS = np.linspace(0.0037, 1.0, 200), 4_000
"""α and the length of the runs when x~ is updated with the new mean; no α is on a border."""


def simulate(configuration: StabilityConfiguration) -> xr.Dataset:
    """Search the borders, and map where the iterations die out."""
    given = configuration
    shape = (len(METHODS), len(given.relative_step), len(given.agents))
    border, jury, together, apart = (np.empty(shape) for _ in range(4))
    for place, (method, q, p) in zip(
        np.ndindex(shape), product(METHODS, given.relative_step, given.agents), strict=True
    ):
        run = Iteration(method, p, q, given.steps, given.seed)
        border[place] = run.border(LEAST, MOST, given.halvings)
        jury[place] = jury_border(method, p, q)
        beyond = BEYOND * float(jury[place])
        late = Iteration(method, p, q, BEYOND_STEPS, given.seed).growth(beyond, since=0)
        together[place], apart[place] = late.together, late.apart
    axes = ("algorithm", "relative_step", "agents")
    result = xr.Dataset(
        {
            "border": (axes, border),
            "jury": (axes, jury),
            "grows_together": (axes, together),
            "grows_apart": (axes, apart),
            "band": given.band,
            "relative_step_for_map": given.relative_step_for_map,
            "agents_for_new_mean": given.agents_for_new_mean,
        },
        {
            "algorithm": list(METHODS),
            "relative_step": list(given.relative_step),
            "agents": list(given.agents),
        },
    )
    runs = border.size * given.halvings * given.steps * float(np.mean(given.agents))
    work = runs + len(METHODS) * given.points_for_map * given.steps * sum(given.agents)
    return result.merge(_map(given)).assign_attrs(agent_steps=int(work))


def _map(given: StabilityConfiguration) -> xr.Dataset:
    q = given.relative_step_for_map
    # no border of a whole p is a value of this grid
    rates = np.geomspace(0.011, 2.9, given.points_for_map)
    shape = (len(METHODS), len(given.agents), given.points_for_map)
    found, should = np.empty(shape, bool), np.empty(shape, bool)
    for place, (method, p, rate) in zip(
        np.ndindex(shape), product(METHODS, given.agents, rates.tolist()), strict=True
    ):
        found[place] = Iteration(method, p, q, given.steps, given.seed).growth(rate).stable
        should[place] = rate < jury_border(method, p, q)
    other = grow_with_new_mean(
        given.agents_for_new_mean, q, NEW_MEAN_RATES, NEW_MEAN_STEPS, given.seed
    )
    margin = theory.load("easgd_new_mean_stability").bound(
        agents=given.agents_for_new_mean, relative_step=q, moving_rate=NEW_MEAN_RATES
    )
    axes = ("algorithm", "agents", "moving_rate")
    return xr.Dataset(
        {
            "dies_out": (axes, found),
            "should": (axes, should),
            "new_dies_out": ("new_moving_rate", other.stable),
            "new_margin": ("new_moving_rate", margin),
        },
        {
            "moving_rate": rates,
            "new_moving_rate": NEW_MEAN_RATES,
            "algorithm": list(METHODS),
            "agents": list(given.agents),
        },
    )


experiment = Experiment(
    name="stability",
    title="EASGD allows a coupling of about 2/(ηp), QSGD one that does not depend on p",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, "
        "supplement: stability of EASGD on a quadratic"
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
