"""What a coupling rule may ask of the agents of a run, wherever they live."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

import torch

from nets.weights import Weights

__all__ = ["Communication"]


class Communication(ABC):
    """Agents 0 .. p − 1, of which this process holds a row of neighbours.

    Every method is a meeting of all processes: all of them call it, in the same order.

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
    def barrier(self) -> None:
        """Wait until every process has come here."""

    @abstractmethod
    def close(self) -> None:
        """Part from the other processes, after a run that went well."""

    @abstractmethod
    def abandon(self) -> None:
        """Part from the other processes after a failure, here or there, without waiting for them."""

    def __enter__(self) -> Self:
        """Return the communication itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Part from the other processes in the way that fits."""
        if problem is None:
            self.close()
        else:
            self.abandon()
