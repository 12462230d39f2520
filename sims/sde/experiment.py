"""The SDEs of Secs 2, 3 and 5.4 themselves, on the losses of Sec. 4.3, beside the iterations."""

from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Configuration, Experiment
from sdeopt.experiments.measured import FEWEST
from sims.sde.claims import claims
from sims.sde.drawing import draw
from sims.sde.laws import Case, Ends, end
from sims.sde.model import METHODS, Problem, coupled, rugged
from sims.sde.orders import Halvings, halve
from sims.sde.parting import Ripples, expected, in_troughs
from sims.shared import BEYOND, SOURCE
from sims.shared.grids import as_part, with_numbers

SETUP = (
    "SGD, QSGD, EASGD, QSGD whose gains depend on the state, and QSGD and EASGD with momentum, on the "
    "rugged loss of Figs 1 to 3 and the coupled one of Figs 4 to 6, each as an iteration and as a "
    "stochastic differential equation solved by Euler–Maruyama. A tick is the time of an iteration, η, "
    "and √η with momentum; the equation has the noise strength of its tick. All methods, all steps and "
    "the iterations see one Brownian path, of which coarser steps take sums, and the iteration’s "
    "uniform noise is a function. Four parts: the change of the law when dt is halved, from dt = η down "
    "to where it is small; the laws after many iterations, from dt = η down to η/16; how far SGD is "
    "from its equation over η and the ripples of the loss, with D = ηW²/6 and so the equation held; and "
    "up to which coupling the mean leaves its start."
)

FROM_PAPER = (
    "eqs. (2), (4) to (6), (33), (34) and (55), and that eq. (2) describes SGD to first order of η "
    "(Sec. 2.3)",
    "that the extra filter of EASGD brings nothing that QSGD has not, for optimization (Secs 2.4, 5.5)",
    "that with momentum much larger couplings are tolerated (Sec. 4.3)",
    "that gains which depend on an agent’s success let it pull the others to lower loss (Sec. 5.4)",
)

RECONSTRUCTED = (
    "the losses, noise widths, step sizes and momentum of Figs 1, 3 and 4 to 6; see there",
    "the paper solves none of these equations on them; sizes and couplings are ours. There are fewer "
    "agents than in the figures, because the iteration of EASGD is stable only for ηkp up to about 2",
    "the step size with momentum on the coupled loss, smaller than without as in Figs 3 and 1",
    "the gain of an agent, 2/(1 + h) with h the mean over coordinates of (x² − 2)²: large where the "
    "loss without tilt and ripples is low",
    "the mean has left its start = it is outside [−0.6, 0.6], the middle basin of the convolved rugged "
    "loss; on the coupled loss in a coordinate",
)

LEVELS = (1, 4, 16)
"""Steps in a tick, where laws are compared after many iterations."""


@dataclass(frozen=True)
class Halving:
    """For how many ticks, and down to how many steps a tick, dt is halved."""

    ticks: int
    finest: int

    @property
    def levels(self) -> tuple[int, ...]:
        """Steps in a tick."""
        return tuple(2**power for power in range(self.finest.bit_length()))


HALVINGS = {
    ("rugged", False): Halving(1, 256),
    ("rugged", True): Halving(5, 512),
    ("coupled", False): Halving(2, 32),
    ("coupled", True): Halving(5, 32),
}
"""By loss and momentum. Ripples relax at the rate Dw², on the rugged loss in a sixth of a tick, and with
momentum in the time 1/μ, ten ticks; down to which dt there is an order to see, curvature decides."""


@dataclass(frozen=True, kw_only=True)
class SdeConfiguration(Configuration):
    """Which methods run on which loss, with which couplings, and how much of each.

    Parameters
    ----------
    algorithms, algorithms_on_coupled : tuple of str
        Out of `sims.sde.model.METHODS`, with QSGD and EASGD among them.
    coupling : tuple of float
        k of QSGD on the rugged loss, rising.
    usual_coupling, strong_coupling : float
        k of the others there, both among those of QSGD.
    coupling_with_momentum : tuple of float
        k with momentum there, rising; EASGD has the first.
    coupling_on_coupled, momentum_coupling_on_coupled : float
        k on the coupled loss.
    dim : int
        n, of the coupled loss.
    agents, agents_on_coupled : int
        p.
    iterations, iterations_on_coupled : int
        After which laws are compared.
    replicas, replicas_on_coupled : int
        There.
    agents_for_order : int
        p where dt is halved.
    replicas_for_order, replicas_for_order_with_momentum, replicas_for_order_on_coupled : int
        There.
    agents_on_ripples : int
        Single agents behind each number of the third part.
    amplitude, frequency : tuple of float
        Of the ripples there; all are combined, with every step size.
    halvings : int
        How often η is halved there.
    band : float
        By how much a measured order may differ from 1.
    """

    algorithms: tuple[str, ...] = tuple(METHODS)
    algorithms_on_coupled: tuple[str, ...] = tuple(METHODS)
    coupling: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0)
    usual_coupling: float = 2.0
    strong_coupling: float = 8.0
    coupling_with_momentum: tuple[float, ...] = (10.0, 20.0, 40.0, 80.0)
    coupling_on_coupled: float = 2.0
    momentum_coupling_on_coupled: float = 10.0
    dim: int = 30
    agents: int = 16
    agents_on_coupled: int = 8
    iterations: int
    iterations_on_coupled: int
    replicas: int
    replicas_on_coupled: int
    agents_for_order: int = 8
    replicas_for_order: int
    replicas_for_order_with_momentum: int
    replicas_for_order_on_coupled: int
    agents_on_ripples: int
    amplitude: tuple[float, ...] = (0.4, 0.2, 0.1)
    frequency: tuple[float, ...] = (22.0, 11.0)
    halvings: int = 5
    band: float

    def __post_init__(self) -> None:
        for name in ("algorithms", "algorithms_on_coupled"):
            _check_algorithms(name, getattr(self, name))
        for name in ("coupling", "coupling_with_momentum"):
            _check_rising(name, getattr(self, name))
        for name in ("usual_coupling", "strong_coupling"):
            if getattr(self, name) not in self.coupling:
                raise InvalidArgumentError(
                    f"{name} is {getattr(self, name):g}, but must be one of coupling, "
                    f"{self.coupling}, so that methods are compared at one coupling."
                )
        for name in vars(self):
            value = getattr(self, name)
            if name.startswith(("replicas", "agents_on_ripples")) and value < FEWEST:
                raise InvalidArgumentError(
                    f"{name} is {value}, but confidence limits need at least {FEWEST}."
                )

    def problem(self, loss: str, agents: int) -> Problem:
        """Return a loss with so many agents."""
        return rugged(agents) if loss == "rugged" else coupled(agents, self.dim)

    def cases(self, loss: str) -> list[Case]:
        """Return the methods with their couplings whose laws are compared."""
        if loss == "coupled":
            return [
                Case(name, self.coupling_for(loss, name)) for name in self.algorithms_on_coupled
            ]
        both = (self.usual_coupling, self.strong_coupling)
        values = {
            "SGD": (0.0,),
            "QSGD": self.coupling,
            "EASGD": both,
            "SD-QSGD": both,
            "QSGD with momentum": self.coupling_with_momentum,
            "EASGD with momentum": self.coupling_with_momentum[:1],
        }
        return [Case(name, k) for name in self.algorithms for k in values[name]]

    def coupling_for(self, loss: str, name: str) -> float:
        """Return the coupling of a method on a loss where it has one only."""
        if name == "SGD":
            return 0.0
        if loss == "rugged":
            plain, momentum = self.usual_coupling, self.coupling_with_momentum[0]
        else:
            plain, momentum = self.coupling_on_coupled, self.momentum_coupling_on_coupled
        return momentum if METHODS[name].momentum else plain

    def replicas_of(self, loss: str, *, momentum: bool) -> int:
        """Return in how many replicas dt is halved."""
        if loss == "coupled":
            return self.replicas_for_order_on_coupled
        return self.replicas_for_order_with_momentum if momentum else self.replicas_for_order


def _check_algorithms(name: str, given: Sequence[str]) -> None:
    for one in given:
        if one not in METHODS:
            raise unknown_name(f"method in {name} called", one, METHODS)
    if not {"QSGD", "EASGD"} <= set(given):
        raise InvalidArgumentError(
            f"{name} is {tuple(given)}, but needs QSGD and EASGD, which are compared."
        )


def _check_rising(name: str, given: Sequence[float]) -> None:
    if len(given) < 2 or list(given) != sorted(set(given)) or given[0] <= 0:
        raise InvalidArgumentError(
            f"{name} is {tuple(given)}, but must be two couplings above 0 or more, rising."
        )


QUICK = SdeConfiguration(
    # Each method of each loss is compiled: momentum of EASGD, and all but two on the coupled loss,
    # are left to the larger scale.
    algorithms=("SGD", "QSGD", "EASGD", "SD-QSGD", "QSGD with momentum"),
    algorithms_on_coupled=("SGD", "QSGD", "EASGD"),
    iterations=600,
    iterations_on_coupled=100,
    replicas=50,
    replicas_on_coupled=30,
    replicas_for_order=2_000,
    replicas_for_order_with_momentum=600,
    replicas_for_order_on_coupled=80,
    agents_on_ripples=6_000,
    halvings=4,
    band=0.35,
)

PAPER = SdeConfiguration(
    coupling=(1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0),
    coupling_with_momentum=(10.0, 15.0, 20.0, 30.0, 40.0, 80.0),
    iterations=2_000,
    iterations_on_coupled=600,
    replicas=400,
    replicas_on_coupled=200,
    replicas_for_order=60_000,
    replicas_for_order_with_momentum=16_000,
    replicas_for_order_on_coupled=400,
    agents_on_ripples=100_000,
    band=0.15,
)

LOSSES = ("rugged", "coupled")


def simulate(configuration: SdeConfiguration) -> xr.Dataset:
    """Simulate the four parts."""
    parts = [_orders(configuration, loss) for loss in LOSSES]
    parts += [_laws(configuration, loss) for loss in LOSSES]
    parts.append(_ripples(configuration))
    work = sum(part.attrs["agent_steps"] for part in parts)
    given = configuration
    scalars = {
        name: getattr(given, name)
        for name in ("band", "usual_coupling", "strong_coupling", "coupling_on_coupled")
    }
    joined = xr.merge(parts, combine_attrs="drop", join="exact")
    return joined.assign(scalars).assign_attrs(agent_steps=work)


def _orders(configuration: SdeConfiguration, loss: str) -> xr.Dataset:
    """Halve dt for all methods on a loss, those with momentum apart: their ticks differ."""
    names = configuration.algorithms if loss == "rugged" else configuration.algorithms_on_coupled
    problem = configuration.problem(loss, configuration.agents_for_order)
    parts = []
    for momentum in (False, True):
        methods = [METHODS[name] for name in names if METHODS[name].momentum is momentum]
        if not methods:
            continue
        halving = HALVINGS[loss, momentum]
        how = Halvings(
            {each.name: configuration.coupling_for(loss, each.name) for each in methods},
            halving.ticks,
            halving.levels,
            configuration.replicas_of(loss, momentum=momentum),
            configuration.seed,
        )
        found = halve(problem, methods, how)
        stiffness = methods[-1].stiffness(problem)
        number = xr.DataArray(stiffness * found["dt"].values, dims="dt")
        kind = "momentum" if momentum else "plain"
        parts.append(as_part(found.assign(number=number), f"{loss}_{kind}"))
    return xr.merge(parts, combine_attrs="drop").assign_attrs(
        agent_steps=sum(part.attrs["agent_steps"] for part in parts)
    )


def _laws(configuration: SdeConfiguration, loss: str) -> xr.Dataset:
    given, few = configuration, loss == "coupled"
    problem = given.problem(loss, given.agents_on_coupled if few else given.agents)
    how = Ends(
        given.iterations_on_coupled if few else given.iterations,
        LEVELS,
        given.replicas_on_coupled if few else given.replicas,
        given.seed + 1,
    )
    found = end(problem, given.cases(loss), how).assign(
        pull=problem.given.step_size * problem.agents,
        number=problem.given.step_size * problem.curvature,
        momentum=problem.momentum,
    )
    return as_part(found, f"{loss}_law")


def _ripples(configuration: SdeConfiguration) -> xr.Dataset:
    """Measure SGD and Euler-Maruyama at dt = η over step sizes, amplitudes and frequencies."""
    problem = configuration.problem("rugged", 1)
    rows, work = [], 0
    for frequency in configuration.frequency:
        for amplitude in configuration.amplitude:
            for power in range(configuration.halvings + 1):
                step_size = problem.given.step_size / 2**power
                ripples = Ripples(step_size, amplitude, frequency)
                changed = problem.with_ripples(amplitude, frequency).with_step_size(step_size)
                # Noise of its own for every number, so that errors are independent.
                seed = configuration.seed + 2 + 2 * len(rows)
                count = configuration.agents_on_ripples
                iteration = in_troughs(changed, count, seed, uniform=True)
                gaussian = in_troughs(changed, count, seed + 1, uniform=False)
                rows.append(
                    {
                        "step_size": step_size,
                        "amplitude": amplitude,
                        "frequency": frequency,
                        "number": ripples.number,
                        "equation": expected(changed),
                        "iteration": float(iteration.value),
                        "iteration_error": float(iteration.error),
                        "gaussian": float(gaussian.value),
                        "gaussian_error": float(gaussian.error),
                        "replicas": float(count),
                    }
                )
                work += 2 * count * ripples.steps
    table = with_numbers(xr.Dataset(), rows)
    return as_part(table, "ripples").assign_attrs(agent_steps=work)


experiment = Experiment(
    name="sde",
    title="The differential equations on the rugged and the coupled loss, beside the iterations",
    source=f"{SOURCE}, Secs 2.3, 2.4, 3, 4.3 and 5.4; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
