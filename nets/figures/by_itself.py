"""One of several agents that never meet, trained by itself: as it would be beside the others."""

import torch

from nets.communication import Local


class ByItself(Local):
    """One of `agents` agents, the only one here; of the others nothing is known, and zeros are gathered.

    Agents that never meet may be trained side by side, but then the first that diverges ends the
    training of all.
    """

    def __init__(self, agents: int, agent: int) -> None:
        super().__init__(1)
        self.agents, self.first_agent = agents, agent

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values of all agents."""
        every = values.new_zeros((self.agents, *values.shape[1:]))
        every[self.first_agent] = values[0]
        return every
