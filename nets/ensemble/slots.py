"""Where gradients go: one stack for all agents, whose slices are the ``.grad`` of the agents' views."""

from collections.abc import Collection, Sequence

import torch

from nets.ensemble.stacking import stack_like
from nets.weights import Weights

__all__ = ["Slots"]


class Slots:
    """The stacks of weights and gradients, and every agent's views of both.

    The memory of gradients is taken once. A pass writes into it, an optimizer reads it through the
    views, and nothing is pointed elsewhere in a step.

    Parameters
    ----------
    weights : dict
        The stack.
    """

    def __init__(self, weights: Weights) -> None:
        agents = len(next(iter(weights.values())))
        self.weights = weights
        self.gradients = {name: stack_like(w[0], agents) for name, w in weights.items()}
        self.views = [{name: w[i] for name, w in weights.items()} for i in range(agents)]
        self._slices = [{name: g[i] for name, g in self.gradients.items()} for i in range(agents)]
        for agent in range(agents):
            self._attach(agent, missing=())

    def write(self, agent: int, gradients: Sequence[torch.Tensor | None]) -> None:
        """Copy one agent's gradients into its slices.

        Parameters
        ----------
        agent : int
            Its place in the stack.
        gradients : sequence
            In the order of the weights; None for a parameter that the loss does not depend on.
        """
        slices = self._slices[agent]
        missing = set()
        for (name, slot), gradient in zip(slices.items(), gradients, strict=True):
            if gradient is None:
                missing.add(name)
            else:
                slot.copy_(gradient)
        self._attach(agent, missing)

    def write_all(self, gradients: Weights, missing: Collection[str]) -> None:
        """Copy the gradients of all agents into their slots.

        Parameters
        ----------
        gradients : dict
            Stacked; emptied, so that what is copied is freed before the next.
        missing : collection of str
            Parameters that the losses do not depend on.
        """
        for name, slot in self.gradients.items():
            slot.copy_(gradients.pop(name))
        for agent in range(len(self.views)):
            self._attach(agent, missing)

    def _attach(self, agent: int, missing: Collection[str]) -> None:
        """Let an agent's views have their gradients; ``zero_grad`` may have taken them away.

        Parameters that the loss does not depend on get none, as in an ordinary module: optimizers
        leave them alone.
        """
        slices = self._slices[agent]
        for name, view in self.views[agent].items():
            slot = None if name in missing else slices[name]
            if slot is None:
                slices[name].zero_()
            if view.grad is not slot:
                view.grad = slot
