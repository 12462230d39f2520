"""All agents in this process."""

import torch

from nets.communication.communication import Communication
from nets.communication.reduction import mean_over_agents
from nets.weights import Weights
from sdeopt.arguments import whole_number

__all__ = ["Local"]


class Local(Communication):
    """All p agents in this process; nothing is sent.

    Parameters
    ----------
    agents : int
        p.
    device : torch.device or str, optional
        Where they are; the CPU by default.

    Examples
    --------
    >>> import torch
    >>> from nets.communication import Local
    >>> Local(3).mean({"bias": torch.tensor([[0.0], [1.0], [5.0]])})
    {'bias': tensor([2.])}
    """

    def __init__(self, agents: int, *, device: torch.device | str = "cpu") -> None:
        self.agents = self.local_agents = whole_number(agents, "agents", minimum=1)
        self.first_agent = 0
        self.device = torch.device(device)

    def mean(self, stacked: Weights, gains: torch.Tensor | None = None) -> Weights:
        """Return the mean, or the mean weighted by the gains."""
        means = mean_over_agents(list(stacked.values()), gains)
        return dict(zip(stacked, means, strict=True))

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values, which are those of all agents already."""
        return values

    def agree(self, what: str, value: object) -> None:
        """Do nothing: there is nobody to differ."""

    def barrier(self) -> None:
        """Do nothing: there is nobody to wait for."""

    def close(self) -> None:
        """Do nothing: there is nobody to part from."""

    def abandon(self) -> None:
        """Do nothing: there is nobody to leave behind."""
