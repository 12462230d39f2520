"""The steps that discrete EASGD and QSGD allow on a parabola (Boffi & Slotine 2020, supplement)."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

import theory
from sdeopt.experiment import Configuration, Experiment
from sims.stability.claims import claims
from sims.stability.drawing import draw
from sims.stability.measuring import METHODS, Iteration, jury_border, told_the_new_mean

LEAST, MOST = 1e-3, 4.0
"""α between which borders are searched."""

BEYOND = 1.05
"""How far beyond the border it is looked at what grows, as a multiple of the border."""

WATCHED = 200
"""Steps of these runs, looked at from their start: few enough that what dies out does not get lost in
the rounding of what grows."""

OTHER_PULLS, OTHER_STEPS = np.linspace(0.0037, 1.0, 200), 4_000
"""α and the length of the runs when x~ is told the new mean; no α is on a border."""


@dataclass(frozen=True, kw_only=True)
class StabilityConfiguration(Configuration):
    """Which q and p, and how finely α = ηk is searched.

    Parameters
    ----------
    agents : tuple of int
        p.
    relative_steps : tuple of float
        q = ηh, below 2.
    mapped : float
        q where all of the plane (ηk, p) is simulated.
    pulls : int
        How many ηk in that plane.
    steps : int
        Of every run.
    halvings : int
        Of the interval that a border is in.
    band : float
        The share by which a simulated border may differ from Jury's.
    other_agents : int
        p where x~ is told the new mean.
    """

    agents: tuple[int, ...]
    relative_steps: tuple[float, ...]
    mapped: float = 0.5
    pulls: int
    steps: int
    halvings: int
    band: float
    other_agents: int = 10


QUICK = StabilityConfiguration(
    agents=(2, 4, 8, 16, 64),
    relative_steps=(0.1, 0.5, 1.0, 1.5),
    pulls=24,
    steps=400,
    halvings=14,
    band=0.001,
)

PAPER = StabilityConfiguration(
    agents=(2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128),
    relative_steps=(0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 1.9),
    pulls=60,
    steps=4_000,
    halvings=20,
    band=0.0005,
)


def simulate(configuration: StabilityConfiguration) -> xr.Dataset:
    """Search the borders, and map where the iterations die out."""
    given = configuration
    shape = (len(METHODS), len(given.relative_steps), len(given.agents))
    border, jury, together, apart = (np.empty(shape) for _ in range(4))
    for place, (method, q, p) in zip(
        np.ndindex(shape), product(METHODS, given.relative_steps, given.agents), strict=True
    ):
        run = Iteration(method, p, q, given.steps, given.seed)
        border[place] = run.border(LEAST, MOST, given.halvings)
        jury[place] = jury_border(method, p, q)
        beyond = BEYOND * float(jury[place])
        late = Iteration(method, p, q, WATCHED, given.seed).growth(beyond, since=0)
        together[place], apart[place] = late.together, late.apart
    axes = ("algorithm", "relative_step", "agents")
    result = xr.Dataset(
        {
            "border": (axes, border),
            "jury": (axes, jury),
            "grows_together": (axes, together),
            "grows_apart": (axes, apart),
            "band": given.band,
            "mapped": given.mapped,
            "other_agents": given.other_agents,
        },
        {
            "algorithm": list(METHODS),
            "relative_step": list(given.relative_steps),
            "agents": list(given.agents),
        },
    )
    runs = border.size * given.halvings * given.steps * float(np.mean(given.agents))
    work = runs + len(METHODS) * given.pulls * given.steps * sum(given.agents)
    return result.merge(_map(given)).assign_attrs(agent_steps=int(work))


def _map(given: StabilityConfiguration) -> xr.Dataset:
    q = given.mapped
    # no border of a whole p is a value of this grid
    pulls = np.geomspace(0.011, 2.9, given.pulls)
    shape = (len(METHODS), len(given.agents), given.pulls)
    found, should = np.empty(shape, bool), np.empty(shape, bool)
    for place, (method, p, pull) in zip(
        np.ndindex(shape), product(METHODS, given.agents, pulls.tolist()), strict=True
    ):
        found[place] = Iteration(method, p, q, given.steps, given.seed).growth(pull).stable
        should[place] = pull < jury_border(method, p, q)
    other = told_the_new_mean(given.other_agents, q, OTHER_PULLS, OTHER_STEPS, given.seed)
    margin = theory.load("easgd_new_mean_stability").bound(
        agents=given.other_agents, relative_step=q, moving_rate=OTHER_PULLS
    )
    axes = ("algorithm", "agents", "pull")
    return xr.Dataset(
        {
            "dies_out": (axes, found),
            "should": (axes, should),
            "new_dies_out": ("other_pull", other.stable),
            "new_margin": ("other_pull", margin),
        },
        {
            "pull": pulls,
            "other_pull": OTHER_PULLS,
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
    setup=(
        "The discrete iterations without noise on f = ½hx², from a normal start. Noise that is added "
        "does not change whether they are stable, as they are linear. With q = ηh, α = ηk and all "
        "right-hand sides at the old time, EASGD has β = pα. Growth is the factor a step between the "
        "middle of a run and its end; the border is found by halving an interval of α on a logarithmic "
        "scale, and beside it all of the plane (ηk, p) is simulated at one q. The theory is Jury's "
        "criterion for the map of (x•, x~), and the factor 1 − q − α for differences. No random number "
        "but the start is drawn, so the error is that of the search."
    ),
    from_paper=(
        "the iteration of EASGD, Sec. 2.4, with α = ηk and β = pα, and of QSGD",
        "that the stability of EASGD shrinks with p",
    ),
    reconstructed=(
        "the borders: the supplement is not in the text at hand; they are proved anew, α < 2(2 − q)/"
        "(2 + p(2 − q)) for EASGD and α < 2 − q for QSGD",
        "the order in which x~ hears the new mean is not the paper's; it is shown for comparison, and "
        "iterated by a loop of its own as the engine keeps to the paper",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Theory against simulation",
)
