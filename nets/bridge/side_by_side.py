"""Several runs of coupled agents as one stack: agents of a run hear of each other only."""

import torch

from nets.communication.local import Local
from nets.weights import Weights
from sdeopt.errors import InvalidArgumentError

__all__ = ["SideBySide"]


class SideBySide(Local):
    """Runs of p agents each, for rules that pull to the mean: each agent is given that of its run.

    One batched pass over all runs is faster than one pass a run.

    Parameters
    ----------
    runs, agents : int
        How many runs, of how many agents each. Agents of a run are neighbours in the stack.
    device : torch.device or str, optional
        Where they are.

    Examples
    --------
    >>> import torch
    >>> from nets.bridge.side_by_side import SideBySide
    >>> two_runs = SideBySide(runs=2, agents=2)
    >>> two_runs.mean({"bias": torch.tensor([[0.0], [2.0], [5.0], [7.0]])})["bias"].ravel()
    tensor([1., 1., 6., 6.])
    """

    def __init__(self, runs: int, agents: int, *, device: torch.device | str = "cpu") -> None:
        super().__init__(runs * agents, device=device)
        self.runs, self.agents_of_run = runs, agents

    def mean(self, stacked: Weights, gains: torch.Tensor | None = None) -> Weights:
        """Return for each agent the mean over its run, of the shape of the stack."""
        if gains is not None:
            raise InvalidArgumentError(
                "runs side by side have no weighted means; run such a rule on its own."
            )
        return {
            name: self.by_run(stack).mean(dim=1).repeat_interleave(self.agents_of_run, dim=0)
            for name, stack in stacked.items()
        }

    def by_run(self, stack: torch.Tensor) -> torch.Tensor:
        """Return (runs × agents, ...) as (runs, agents, ...)."""
        return stack.reshape(self.runs, self.agents_of_run, *stack.shape[1:])
