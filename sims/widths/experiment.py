"""Wide against deep minima: where coupled agents gather when width and depth are set apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sdeopt.losses.loss import Loss
from sims.shared import BEYOND, SOURCE
from sims.shared.panels import check_coupling, check_replicas
from sims.widths.claims import claims
from sims.widths.drawing import draw

SETUP = (
    "QSGD on pairs of wells, Gaussian dips of chosen widths and depths at −1.5 and 1.5 in a flat "
    "quartic bowl. The loss is a sum over four coordinates with a pair each, and coordinates do not "
    "act on one another, so that one run shows four pairs: a wide and a narrow well of equal depth, a "
    "shallow and a deep one of equal width, a narrow one that is twice as deep as the wide one, and "
    "the same with a well that is narrower than the noise of a step reaches. Agents start uniformly "
    "on [−3, 3]; on which side of 0 are they in the end, and in the second half of the run?"
)

FROM_PAPER = (
    "that SGD is thought to be biased towards minima of high volume, that coupling amplifies this and "
    "leads to an accumulation of agents in wider and deeper minima in which all can fit, and that "
    "then hardly any agent escapes (Sec. 4.2)",
)

RECONSTRUCTED = (
    "the loss and every number: the paper has no loss on which width and depth differ",
    "consensus = at least 90% of the agents on one side; reached at k = in at least 90% of replicas, "
    "in every pair",
)

PLACE, BOWL = 1.5, 0.02
"""Where the wells are, on either side, and the coefficient of x⁴ of the bowl."""

PAIRS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "equal depth": ((0.6, 1.0), (0.2, 1.0)),
    "equal width": ((0.4, 1.0), (0.4, 1.5)),
    "narrow and deeper": ((0.6, 1.0), (0.2, 2.0)),
    "too narrow to fit": ((0.6, 1.0), (0.05, 2.0)),
}
"""Width and depth of the left and of the right well of every pair."""

OBSERVED = 20
"""States that are looked at in the second half of the run."""

POSITIONS = np.linspace(-3.0, 3.0, 1201)


@dataclass(frozen=True, kw_only=True)
class WidthsConfiguration(Configuration):
    """How much is simulated.

    Parameters
    ----------
    replicas, agents, steps : int
        The size of each simulation.
    step_size, half_width : float
        η, and W of the uniform noise.
    coupling : tuple of float
        k, from 0 upwards.
    """

    replicas: int
    agents: int = 50
    steps: int = 6_000
    step_size: float = 0.01
    half_width: float = 13.5
    coupling: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

    def __post_init__(self) -> None:
        check_replicas(self.replicas)
        check_coupling(self.coupling, fewest=3)
        if self.steps < 2 * OBSERVED:
            raise InvalidArgumentError(
                f"steps is {self.steps}, but {OBSERVED} states of the second half are looked at; give "
                f"at least {2 * OBSERVED}."
            )


QUICK = WidthsConfiguration(replicas=100)

PAPER = WidthsConfiguration(replicas=400, steps=12_000)


def profile(x: Any, pair: str, exp: Callable[[Any], Any], number: Callable[[float], Any]) -> Any:
    """Return the loss along one coordinate, of numbers or of a symbol."""
    total = number(BOWL) * x**4
    for place, (width, depth) in zip((-PLACE, PLACE), PAIRS[pair], strict=True):
        total -= number(depth) * exp(-((x - number(place)) ** 2) / (2 * number(width) ** 2))
    return total


def loss() -> Loss:
    """Return the sum of all pairs, a coordinate each."""
    import sympy

    symbols = [sympy.Symbol(f"x{index}", real=True) for index in range(len(PAIRS))]
    terms = [
        profile(x, pair, sympy.exp, sympy.Float) for x, pair in zip(symbols, PAIRS, strict=True)
    ]
    return so.losses.from_sympy(sum(terms), symbols)


def simulate(configuration: WidthsConfiguration) -> xr.Dataset:
    """Simulate every coupling, and count who is on which side when."""
    runs = [_sides(configuration, k) for k in configuration.coupling]
    axis = xr.DataArray(list(configuration.coupling), dims="coupling", name="coupling")
    size = configuration.replicas * configuration.agents * configuration.steps
    profiles = [profile(POSITIONS, pair, np.exp, float) for pair in PAIRS]
    return (
        xr.concat(runs, dim=axis, combine_attrs="drop")
        .assign_coords(pair=list(PAIRS), position=POSITIONS)
        .assign(
            loss=(("pair", "position"), np.array(profiles)),
            reach=configuration.step_size * configuration.half_width,
        )
        .assign_attrs(agent_steps=len(runs) * size)
    )


def _sides(configuration: WidthsConfiguration, k: float) -> xr.Dataset:
    """Return the shares of agents on the right, and who is not where most were halfway."""
    half = configuration.steps // 2
    seen = np.linspace(half, configuration.steps, OBSERVED + 1).round().astype(int)
    run = so.simulate(
        loss(),
        so.QSGD(k),
        noise=so.noise.Uniform(configuration.half_width),
        agents=configuration.agents,
        replicas=configuration.replicas,
        steps=configuration.steps,
        step_size=configuration.step_size,
        start=so.start.Uniform(-3.0, 3.0),
        seed=configuration.seed,
        record=so.record.At([0, *seen.tolist()], ("agents", "mean")),
    ).rename(dim="pair")
    right = (run["agents"] > 0).isel(step=slice(1, None))
    share = right.mean("agent")
    consensus = share.isel(step=0) > 0.5
    return xr.Dataset(
        {
            "right": share.isel(step=-1, drop=True),
            "right_halfway": share.isel(step=0, drop=True),
            # agents, at all times seen later, on the other side than most were halfway
            "astray": (right != consensus.drop_vars("step"))
            .isel(step=slice(1, None))
            .mean(("step", "agent")),
            "start": run["mean"].isel(step=0, drop=True),
            "mean": run["mean"].isel(step=-1, drop=True),
            "final": run["agents"].isel(step=-1, drop=True),
        }
    )


experiment = Experiment(
    name="widths",
    title="Wide against deep minima: in which of them coupled agents gather",
    source=f"{SOURCE}, Sec. 4.2; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
