"""Basins and escape: where agents and means end, and how long they take to leave a lesser minimum."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sims.escape.claims import claims
from sims.escape.drawing import draw
from sims.escape.passages import Passages
from sims.shared import BEYOND, FORM, ROBUST, SHAPE, SOURCE
from sims.shared.measures import Basins
from sims.shared.panels import check_coupling, check_replicas

SETUP = (
    "QSGD on the second, more robust set of numbers of the rugged loss, whose convolution with the "
    "noise of a step has three basins. First, agents start uniformly on [−3, 3]; who ends in which "
    "basin? Second, all agents start at the lesser of the two deep minima; when does the mean, "
    "when does each agent first get halfway from the ridge to the minimum of the deepest basin? "
    "That is looked at after every step. A run that has not escaped by the end is censored, not an "
    "escape (Kaplan–Meier curves; mean times are all time observed per escape, with 95% "
    "intervals). Theory: the mean as one particle with the noise of a mean of p, on the loss "
    "convolved with the cloud that the coupling holds around it, by the exact double integral "
    "whose limit is the rate of Eyring and Kramers."
)

FROM_PAPER = (
    FORM,
    "that coupling gathers agents in wide and deep minima from which none escapes alone, and that "
    "too much of it leaves the mean near its start (Sec. 4.2)",
)

RECONSTRUCTED = (
    SHAPE,
    ROBUST,
    "noise, step size, couplings, and the numbers of agents, few where escapes are timed: with p = 200 "
    "the strongly coupled mean would not escape in any time",
    "the theory of the times of escape is not in the paper",
)

POSITIONS = np.linspace(-3.0, 3.0, 6001)
"""Where the basins of the convolved loss are sought."""


@dataclass(frozen=True, kw_only=True)
class EscapeConfiguration(Configuration):
    """Sizes of the two parts, basins and escapes.

    Parameters
    ----------
    replicas : int
        Of every run.
    half_width, step_size : float
        W of the uniform noise, and η.
    coupling : tuple of float
        k, from 0 to 1/η, with which the agents have least spread.
    crowd : int
        Agents in the runs that show the basins, which start uniformly on [−3, 3].
    agents : tuple of int
        p in the runs that start in the lesser deep minimum.
    horizon : float
        The time ηT for which escapes are observed.
    """

    replicas: int
    half_width: float = 9.0
    step_size: float = 0.05
    coupling: tuple[float, ...]
    crowd: int
    agents: tuple[int, ...]
    horizon: float

    def __post_init__(self) -> None:
        check_replicas(self.replicas)
        check_coupling(self.coupling, fewest=3)
        finite_number(self.half_width, "half_width", 0.0, open_end=True)
        if self.coupling[-1] * self.step_size >= 2:
            raise InvalidArgumentError(
                f"the largest coupling, {self.coupling[-1]:g}, is unstable with step size "
                f"{self.step_size:g}; it must be below {2 / self.step_size:g}."
            )


QUICK = EscapeConfiguration(
    replicas=200,
    coupling=(0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 20.0),
    crowd=150,
    agents=(2, 4, 8, 12),
    horizon=400.0,
)

PAPER = EscapeConfiguration(
    replicas=200,
    coupling=(0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0),
    crowd=200,
    agents=(2, 4, 6, 8, 12, 16),
    horizon=2000.0,
)


def landscape(configuration: EscapeConfiguration) -> Basins:
    """Return the basins of the loss convolved with the noise of one step."""
    noise = so.noise.Uniform(configuration.half_width)
    smooth = so.losses.RuggedWell.robust().convolved(noise, scale=configuration.step_size)
    return Basins.of(POSITIONS, smooth.value(POSITIONS[:, None]))


def simulate(configuration: EscapeConfiguration) -> xr.Dataset:
    """Simulate where agents end, and how long they take to escape."""
    basins = landscape(configuration)
    low, high = basins.two_deepest
    lesser, deepest = (low, high) if basins.deepest == high else (high, low)
    goal = _inner_border(basins, deepest, towards=lesser)
    start = basins.minima[lesser]
    result = xr.merge([_basins_at_end(configuration, basins), _escapes(configuration, start, goal)])
    steps = _steps(configuration)
    escape_work = len(configuration.coupling) * sum(configuration.agents) * steps
    crowd_work = len(configuration.coupling) * configuration.crowd * CROWD_STEPS
    return result.assign(
        minimum=("basin", basins.minima),
        ridge=("ridge_number", basins.ridges),
        deepest=deepest,
        goal=goal,
        origin=start,
        step_size=configuration.step_size,
        half_width=configuration.half_width,
    ).assign_attrs(agent_steps=configuration.replicas * (escape_work + crowd_work))


CROWD_STEPS = 4000
"""Steps after which the agents of the crowd have settled, or are stuck."""


def _inner_border(basins: Basins, goal: int, towards: int) -> float:
    """Return the place halfway from the ridge of a basin to its minimum, on the side of another."""
    ridge = basins.ridges[goal - 1 if towards < goal else goal]
    return float(0.5 * (ridge + basins.minima[goal]))


def _steps(configuration: EscapeConfiguration) -> int:
    """Return the number of steps that fill the horizon."""
    return max(round(configuration.horizon / configuration.step_size), 1)


def _basins_at_end(configuration: EscapeConfiguration, basins: Basins) -> xr.Dataset:
    """Return in which basin agents and means end that start all over the range."""
    runs = so.sweep(
        so.losses.RuggedWell.robust(),
        so.grid(so.QSGD, coupling=list(configuration.coupling)),
        noise=so.noise.Uniform(configuration.half_width),
        agents=configuration.crowd,
        replicas=configuration.replicas,
        steps=CROWD_STEPS,
        step_size=configuration.step_size,
        start=so.start.Uniform(-3.0, 3.0),
        seed=configuration.seed,
        same_noise=True,
        record=so.record.At([0, CROWD_STEPS]),
    ).isel(dim=0, drop=True)
    first, last = runs.isel(step=0, drop=True), runs.isel(step=-1, drop=True)
    agents = xr.apply_ufunc(basins.number, last["agents"])
    mean = xr.apply_ufunc(basins.number, last["mean"])
    number = xr.DataArray(np.arange(len(basins.minima)), dims="basin")
    return xr.Dataset(
        {
            "agent_share": (agents == number).mean("agent"),
            "mean_basin": mean,
            "start_basin": xr.apply_ufunc(basins.number, first["mean"]),
            "beside_mean": (agents == mean).mean("agent"),
        }
    )


def _escapes(configuration: EscapeConfiguration, start: float, goal: float) -> xr.Dataset:
    """Return the first passages from one deep minimum into the other, for every k and p."""
    grid = {"coupling": list(configuration.coupling), "agent_count": list(configuration.agents)}
    shape = (len(configuration.coupling), len(configuration.agents), configuration.replicas)
    names = ("mean_time", "mean_passed", "agent_time", "agent_passed")
    found = {name: xr.DataArray(np.zeros(shape), grid, [*grid, "replica"]) for name in names}
    for coupling, agents in product(configuration.coupling, configuration.agents):
        seen = _passages(configuration, coupling, agents, start, goal)
        eta, end = configuration.step_size, _steps(configuration)
        of_mean = Passages.of(seen["mean_first_passage"], eta, end)
        of_agents = Passages.of(seen["agents_first_passage"], eta, end)
        values = (of_mean.times, of_mean.passed, of_agents.times.sum(1), of_agents.passed.sum(1))
        for name, value in zip(names, values, strict=True):
            found[name].loc[coupling, agents] = value
    return xr.Dataset(found).assign(mean_passed=found["mean_passed"] > 0)


def _passages(
    configuration: EscapeConfiguration, coupling: float, agents: int, start: float, goal: float
) -> xr.Dataset:
    """Simulate agents that all start at one place, and look for their passage of the goal."""
    ends = {"low": goal} if start < goal else {"high": goal}
    beyond = so.statistics.Box(**ends)
    return so.simulate(
        so.losses.RuggedWell.robust(),
        so.QSGD(coupling),
        noise=so.noise.Uniform(configuration.half_width),
        agents=agents,
        replicas=configuration.replicas,
        steps=_steps(configuration),
        step_size=configuration.step_size,
        start=so.start.Point(start),
        seed=configuration.seed + 1,
        record=so.record.End(("mean",)),
        statistics=[so.statistics.FirstPassage(beyond, of=each) for each in ("mean", "agents")],
    )


experiment = Experiment(
    name="escape",
    title="Basins and escape: when coupling frees the mean from a lesser minimum, and when it holds it",
    source=f"{SOURCE}, Secs. 4.2 and 4.3; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
