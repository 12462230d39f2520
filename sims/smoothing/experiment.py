"""The effective smoothing of the loss, measured, against the η/√(bp) of Sec. 4."""

from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration, Experiment
from sims.shared import BEYOND, FORM, RESTORED, ROBUST, SHAPE, SOURCE
from sims.smoothing.claims import claims
from sims.smoothing.drawing import draw
from sims.smoothing.measuring import SmoothingCase, measure

SETUP = (
    "QSGD with Gaussian noise on the second, more robust set of numbers of the rugged loss. "
    "Clouds of agents in their stationary shape are put all over the range and followed for "
    "two successive steps. Let y be the mean after its gradients and before its noise. The "
    "variance v for which (f ∗ N(0, v))′(y) fits the next gradient best is measured twice: for "
    "the gradient at the mean, ∇f(x•), which is the smoothed gradient of eq. (39); and for the "
    "average gradient of the agents, (1/p) Σ ∇f(xⁱ), which moves the mean and includes the "
    "disturbance ε of eq. (39): the effective smoothing. Errors are those of least squares over "
    "independent replicas."
)

FROM_PAPER = (
    "eqs. (38) and (39): the smoothing scale η/√(bp), and the disturbance η(I − ηE∇²f)ε",
    FORM,
)

RECONSTRUCTED = (
    RESTORED,
    SHAPE,
    ROBUST,
    "noise, step sizes, couplings, batches and numbers of agents; the noise is Gaussian here, "
    "of the deviation of U(−9, 9), so that the mean of p of it has a law of the same form",
    "that agents with fresh noise in every step stay at least ησ/√b apart, so that the effective "
    "smoothing is no less than that of one agent, is not in the paper: Sec. 4 speaks of the "
    "scale η/√(bp) and of a disturbance that vanishes with synchronization, which steps of finite "
    "size do not reach",
)


@dataclass(frozen=True, kw_only=True)
class SmoothingConfiguration(Configuration):
    """What is varied, and around which setting.

    Parameters
    ----------
    samples : int
        Agents in all replicas of a case together; p of them make a replica.
    noise_deviation : float
        σ, of the Gaussian noise on one gradient of one example.
    usual_step_size : float
        η, where it is not varied.
    agents : tuple of int
        p, beginning with 1.
    few_agents, some_agents : int
        p where the step size or the batch, and where the coupling is varied.
    batch_size : tuple of int
        b.
    step_size : tuple of float
        η.
    pull : tuple of float
        ηk, between 0 and 2; where it is not varied 1, with which the agents have least spread.
    """

    samples: int
    noise_deviation: float = 5.2
    usual_step_size: float = 0.05
    agents: tuple[int, ...] = (1, 4, 16, 64, 256)
    few_agents: int = 4
    some_agents: int = 16
    batch_size: tuple[int, ...] = (1, 4, 16, 64)
    step_size: tuple[float, ...] = (0.0125, 0.025, 0.05, 0.1)
    pull: tuple[float, ...] = (0.1, 0.2, 0.4, 0.7, 1.0, 1.5)

    def __post_init__(self) -> None:
        most = max(*self.agents, self.few_agents, self.some_agents)
        if self.samples < 50 * most:
            raise InvalidArgumentError(
                f"samples is {self.samples}, but {most} agents need at least {50 * most}: the "
                "conditional averages have 50 bins of replicas."
            )


QUICK = SmoothingConfiguration(samples=2**18)

PAPER = SmoothingConfiguration(samples=2**22)


def cases(configuration: SmoothingConfiguration) -> list[SmoothingCase]:
    """Return the settings in which smoothing is measured."""
    usual, few = configuration.usual_step_size, configuration.few_agents
    batches, steps = configuration.batch_size, configuration.step_size
    return [
        *(SmoothingCase("alone, batch", 1, b, usual, 1.0) for b in batches),
        *(SmoothingCase("alone, step", 1, 1, eta, 1.0) for eta in steps),
        *(SmoothingCase("agents", p, 1, usual, 1.0) for p in configuration.agents),
        *(SmoothingCase("batch", few, b, usual, 1.0) for b in batches),
        *(SmoothingCase("step", few, 1, eta, 1.0) for eta in steps),
        *(
            SmoothingCase("coupling", configuration.some_agents, 1, usual, pull)
            for pull in configuration.pull
        ),
    ]


def simulate(configuration: SmoothingConfiguration) -> xr.Dataset:
    """Measure the smoothing in every case."""
    chosen = cases(configuration)
    sigma = configuration.noise_deviation
    rows = [
        asdict(case)
        | {"one_step": case.one_step(sigma)}
        # Each case has noise of its own, so that their errors are independent.
        | measure(case, sigma, configuration.samples // case.agents, configuration.seed + number)
        for number, case in enumerate(chosen)
    ]
    columns = {name: ("case", [row[name] for row in rows]) for name in rows[0]}
    work = configuration.samples * sum(case.steps() for case in chosen)
    return xr.Dataset(columns, {"case": np.arange(len(rows))}, {"agent_steps": work})


experiment = Experiment(
    name="smoothing",
    title="The effective smoothing: η/√(bp) at the mean, but in all never less than η/√b",
    source=f"{SOURCE}, Sec. 4, eqs. (38) and (39); {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
