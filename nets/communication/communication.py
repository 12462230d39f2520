"""What a coupling rule may ask of the agents of a run, and all agents in one process.

The order is that of `sdeopt.kernels.means`: agent i is added to sum i modulo 8, and the eight sums are
folded, the upper half onto the lower one. Every addition is of single numbers, so neither the shape of
a tensor nor its place in memory can change a bit, which ``torch.mean`` does not promise.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import torch

from nets.weights import Weights
from sdeopt.arguments import whole_number

SUMS = 8
"""How many run side by side."""


def mean_over_agents(
    stacks: Sequence[torch.Tensor], gains: torch.Tensor | None = None
) -> list[torch.Tensor]:
    """Return the mean of every stack over its first dimension, or Σ k_j x^j / Σ k_j."""
    # of one agent the mean is the agent, to the last bit
    if gains is None or not gains.any() or len(gains) == 1:
        return list(torch._foreach_div(_sums(stacks), float(len(stacks[0]))))
    weights = {kind: gains.to(kind) for kind in {stack.dtype for stack in stacks}}
    products = [
        weights[stack.dtype].to(stack.device).reshape(-1, *[1] * (stack.ndim - 1)) * stack
        for stack in stacks
    ]
    totals = {kind: _sums([each])[0] for kind, each in weights.items()}
    return [weighted / totals[weighted.dtype].to(weighted.device) for weighted in _sums(products)]


def _sums(stacks: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    agents = len(stacks[0])
    sums = list(stacks)
    for first in range(SUMS, agents, SUMS):
        sums = _added(sums, [stack[first : first + SUMS] for stack in stacks], SUMS)
    left, half = min(agents, SUMS), SUMS // 2
    while half:
        if left > half:
            sums = _added(sums, [total[half:left] for total in sums], half)
            left = half
        half //= 2
    return [total[0] for total in sums]


def _added(
    sums: Sequence[torch.Tensor], added: Sequence[torch.Tensor], kept: int
) -> list[torch.Tensor]:
    """Return the first `kept` of the sums with something added to the first of them."""
    count = len(added[0])
    if count == kept:  # nothing is copied that is not added to
        return list(torch._foreach_add([total[:kept] for total in sums], list(added)))
    copies = [total[:kept].clone() for total in sums]
    torch._foreach_add_([total[:count] for total in copies], list(added))
    return copies


class Communication(ABC):
    """Agents 0 .. p − 1, of which this process holds consecutive ones.

    Every method is collective: all processes call it, in the same order.

    Attributes
    ----------
    agents : int
        p, in all processes together.
    first_agent, local_agents : int
        This process holds agents first_agent .. first_agent + local_agents − 1.
    device : torch.device
        Where this process computes.
    """

    agents: int
    first_agent: int
    local_agents: int
    device: torch.device

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and reports progress for all."""
        return self.first_agent == 0

    @abstractmethod
    def mean(self, stacked: Weights, gains: torch.Tensor | None = None) -> Weights:
        """Return the mean over all agents, or Σ k_j x^j / Σ k_j.

        Parameters
        ----------
        stacked : dict of str to torch.Tensor
            Values of the agents of this process, of shape (local_agents, ...).
        gains : torch.Tensor, optional
            k_j of all p agents, on the CPU.

        Returns
        -------
        dict of str to torch.Tensor
            The same bits in every process, and for every way to share agents among processes.
        """

    @abstractmethod
    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values of all agents, in their order.

        Parameters
        ----------
        values : torch.Tensor
            Of the agents of this process, of shape (local_agents, ...).

        Returns
        -------
        torch.Tensor
            Of shape (p, ...).
        """

    @abstractmethod
    def agree(self, what: str, value: object) -> None:
        """Refuse to go on unless every process gives the same value.

        Parameters
        ----------
        what : str
            What the value is, for the message.
        value : object
            A number, a string, or anything whose ``repr`` says all of it.

        Raises
        ------
        InvalidArgumentError
            In every process, naming the first that differs.
        """

    @abstractmethod
    def agree_on(self, identity: Mapping[str, Any]) -> None:
        """Refuse to go on unless every process trains the same.

        Parameters
        ----------
        identity : dict
            What decides the training, as JSON values.

        Raises
        ------
        InvalidArgumentError
            In every process, naming what differs.
        """

    @abstractmethod
    def barrier(self) -> None:
        """Wait until every process has called this."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect from the other processes, after a run that went well."""

    @abstractmethod
    def abandon(self) -> None:
        """Disconnect after a failure, here or in another process, without waiting for the others."""

    def __enter__(self) -> Self:
        """Return the communication itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection, or abandon it after an error."""
        if problem is None:
            self.close()
        else:
            self.abandon()


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
        """Do nothing: there is one process."""

    def agree_on(self, identity: Mapping[str, Any]) -> None:
        """Do nothing: there is one process."""

    def barrier(self) -> None:
        """Do nothing: there is one process."""

    def close(self) -> None:
        """Do nothing: there is one process."""

    def abandon(self) -> None:
        """Do nothing: there is one process."""
