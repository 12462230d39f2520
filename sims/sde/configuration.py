"""The settings of the experiment: which methods run on which loss, and how much of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiment import Configuration
from sdeopt.experiments.measured import FEWEST
from sims.sde.laws import CoupledMethod
from sims.sde.model import METHODS, NoisyLoss, coupled, rugged

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
        for name in ("agents", "agents_on_coupled", "agents_for_order"):
            whole_number(getattr(self, name), name, minimum=1)
        whole_number(self.halvings, "halvings", minimum=2)
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

    def problem(self, loss: str, agents: int) -> NoisyLoss:
        """Return a loss with so many agents."""
        return rugged(agents) if loss == "rugged" else coupled(agents, self.dim)

    def cases(self, loss: str) -> list[CoupledMethod]:
        """Return the methods with their couplings whose laws are compared."""
        if loss == "coupled":
            return [
                CoupledMethod(name, self.coupling_for(loss, name))
                for name in self.algorithms_on_coupled
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
        return [CoupledMethod(name, k) for name in self.algorithms for k in values[name]]

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
    replicas=75,
    replicas_on_coupled=30,
    replicas_for_order=1_500,
    replicas_for_order_with_momentum=600,
    replicas_for_order_on_coupled=80,
    agents_on_ripples=5_000,
    halvings=4,
    band=0.35,
)

PAPER = SdeConfiguration(
    coupling=(1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0),
    coupling_with_momentum=(10.0, 15.0, 20.0, 30.0, 40.0, 80.0),
    iterations=1_500,
    iterations_on_coupled=400,
    replicas=200,
    replicas_on_coupled=100,
    replicas_for_order=20_000,
    replicas_for_order_with_momentum=6_000,
    replicas_for_order_on_coupled=2_000,
    agents_on_ripples=50_000,
    band=0.15,
)
