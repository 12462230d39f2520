"""What all figures on deep networks say of their paper. Nothing here imports torch."""

from collections.abc import Mapping
from dataclasses import replace

from nets.figures.desk import DESK_CHOICES
from nets.figures.task import (
    FROM_PAPER,
    QUICK_LIMIT,
    QUICK_SETUP,
    RECONSTRUCTED,
    RECONSTRUCTED_SINGLE,
    SOURCE,
    CoupledAgents,
    Plan,
)
from nets.paper import Paper

SEVERAL_AGENTS = Paper(
    SOURCE,
    "Deep networks",
    setup=f"{QUICK_SETUP} {QUICK_LIMIT}",
    from_paper=FROM_PAPER,
    reconstructed=(*RECONSTRUCTED, *DESK_CHOICES),
)

SINGLE_AGENT = replace(
    SEVERAL_AGENTS, setup=QUICK_SETUP, reconstructed=(*RECONSTRUCTED_SINGLE, *DESK_CHOICES)
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
