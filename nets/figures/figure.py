"""What all figures on deep networks have in common as experiments. Nothing here imports torch."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from nets.figures.desk import DESK_CHOICES
from nets.figures.task import (
    FROM_PAPER,
    QUICK_LIMIT,
    QUICK_SETUP,
    RECONSTRUCTED,
    SOURCE,
    CoupledAgents,
    Plan,
    Task,
)
from sdeopt.experiment import Claim, Experiment

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

T = TypeVar("T", bound=Task)


def figure(
    name: str,
    title: str,
    place: str,
    *,
    setup: str,
    limit: str = QUICK_LIMIT,
    from_paper: Sequence[str] = (),
    common: Sequence[str] = RECONSTRUCTED,
    reconstructed: Sequence[str] = (),
    quick: T,
    desk: T,
    paper: T,
    simulate: Callable[[T], "xr.Dataset"],
    draw: Callable[["xr.Dataset"], "Figure"],
    claims: Callable[["xr.Dataset"], list[Claim]],
) -> Experiment[T]:
    """Return the experiment of a figure or table in a place of the paper.

    Its words are those given and, before or behind them, those that hold for several: of the setup
    what the quick scale is and its limit, of the constants the common ones.
    """
    return Experiment(
        name=name,
        title=title,
        source=f"{SOURCE}, {place}",
        setup=" ".join(filter(None, (setup, QUICK_SETUP, limit))),
        from_paper=(*FROM_PAPER, *from_paper),
        reconstructed=(*common, *DESK_CHOICES, *reconstructed),
        scales={"quick": quick, "desk": desk, "paper": paper},
        simulate=simulate,
        draw=draw,
        claims=claims,
        section="Deep networks",
        requires=("torch",),
        extra="sdeopt[nets]",
    )


def every_number(couplings: Mapping[str, float], configuration: CoupledAgents) -> list[Plan]:
    """Return a plan for every method, with its coupling, and number of agents."""
    whole = [(p, None) for p in configuration.agents]
    few = [(p, configuration.few) for p in configuration.many]
    return [
        Plan(method=method, agents=p, coupling=k, epochs=epochs)
        for method, k in couplings.items()
        for p, epochs in (*whole, *few)
    ]
