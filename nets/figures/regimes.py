"""Where the regularization of EASGD exists: over training-set size, length of training and coupling."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.figures.desk import COUPLING, DESK_TASK
from nets.figures.figure import SEVERAL_AGENTS
from nets.figures.regime_claims import (
    gains_where_overtrained,
    gains_with_fewer_images,
    gains_with_length,
    lower_at_ends,
)
from nets.figures.task import PAPER_TASK, QUICK_TASK, Plan, Task
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class Regimes(Task):
    """The task at several sizes of the training set; all epochs of a training are read.

    Parameters
    ----------
    agents : int
        p, of QSGD and EASGD; MSGD is one agent.
    coupling : tuple of float
        k, rising.
    sizes : tuple of int
        Training examples that a run draws, rising; `train` does not count.
    """

    agents: int = 4
    coupling: tuple[float, ...]
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.agents, "agents", minimum=2)
        for name, values in (("sizes", self.sizes), ("coupling", self.coupling)):
            if len(values) < 2 or list(values) != sorted(set(values)):
                raise InvalidArgumentError(
                    f"{name} is {values}; give at least two numbers, rising."
                )


QUICK = Regimes(
    **QUICK_TASK | {"runs": 3, "epochs": 24, "every": 8},
    agents=2,
    coupling=(0.5, 2.0),
    sizes=(200, 400),
)
DESK = Regimes(**DESK_TASK, coupling=(0.1, COUPLING, 1.6), sizes=(2_500, 10_000, 20_000))
PAPER = Regimes(**PAPER_TASK, coupling=(0.005, 0.02, 0.1), sizes=(5_000, 20_000, 40_000))


def plans_of(configuration: Regimes) -> list[Plan]:
    """Return the trainings at one size."""
    usual = configuration.coupling[len(configuration.coupling) // 2]
    return [
        # its own mean pulls a single agent nowhere: this is MSGD, as in the other figures
        Plan(method="QSGD", coupling=usual),
        *(
            Plan(method=method, agents=configuration.agents, coupling=k)
            for method in ("QSGD", "EASGD")
            for k in configuration.coupling
        ),
    ]


def simulate(configuration: Regimes) -> "xr.Dataset":
    """Train at every size by MSGD, and by QSGD and EASGD with every coupling."""
    import json

    import xarray as xr

    from nets.figures.comparison import trainings
    from nets.figures.measured import as_attribute, measured

    plans = plans_of(configuration)
    of_size = [
        trainings(dataclasses.replace(configuration, train=size), plans).assign_coords(
            train=("plan", [size] * len(plans))
        )
        for size in configuration.sizes
    ]
    result = xr.concat(of_size, "plan", data_vars="all", combine_attrs="drop")
    attributes = of_size[-1].attrs | {
        "agent_steps": sum(each.attrs["agent_steps"] for each in of_size)
    }
    if "facts" in attributes:
        known = {name: one for each in of_size for name, one in measured(each).items()}
        attributes["measured"] = as_attribute(known)
        facts = [json.loads(each.attrs["facts"]) for each in of_size]
        taken = [each["cpu_hours"] for each in facts if each["cpu_hours"] is not None]
        hours = round(sum(taken), 2) if len(taken) == len(facts) else None
        attributes["facts"] = json.dumps(facts[-1] | {"cpu_hours": hours}, ensure_ascii=False)
    return result.assign_attrs(attributes)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what we expect, from what the paper says of training to the end."""
    return [
        *lower_at_ends(result),
        gains_where_overtrained(result),
        gains_with_fewer_images(result),
        gains_with_length(result),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw what EASGD gains at every size, epoch and coupling."""
    from nets.figures.regime_map import draw_gains

    return draw_gains(result)


experiment = SEVERAL_AGENTS.experiment(
    "regimes",
    "Where EASGD regularizes: training-set size, length of training, coupling",
    "Fig. 9 and Sec. 6.2, and beyond",
    setup=(
        "MSGD with one agent, and QSGD and EASGD with four, at several sizes of the training set and "
        "couplings; a training is read at all of its epochs. The panels show what EASGD gains in test "
        "loss and accuracy: blue where it is better, red where it is worse, a dot where three standard "
        "errors, or the interval of the plan, say so."
    ),
    reconstructed=(
        "the comparison itself, which is ours: the paper trains 150 epochs on 40,000 images, and says "
        "there that EASGD ends with the lower test loss",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
