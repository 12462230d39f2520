"""Learning rates that fall when the validation loss stalls, for each agent on its own or for all."""

from collections.abc import Sequence
from typing import Any

import torch

from nets.couplings import change_rate
from nets.couplings.positions import groups_of_agents
from nets.identity import identity_of
from sdeopt.arguments import finite_number, flag, whole_number
from sdeopt.errors import InvalidArgumentError


class StallDrops:
    """Divide the learning rate of an agent whenever its validation loss has stalled.

    The loss of the first epoch is the reference. A loss that differs from it by more than
    `threshold` of it becomes the new reference; when the reference has stood for `patience` epochs
    the rate is divided by the next factor, and the count begins again.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        With parameter groups for each agent; all of an agent's rates change by the same factor.
    factors : sequence of float
        What the rate is divided by at the first stall, the second, and so on; then it is held.
    threshold : float
        A share of the reference. RECONSTRUCTED default: the paper's number is not in our text.
    patience : int
        In epochs.
    shared : bool
        Whether all agents, those of other processes too, have one rate, which falls when the mean of
        their losses has stalled.

    Attributes
    ----------
    optimizer : torch.optim.Optimizer
        Whose rates are lowered.
    drops : torch.Tensor
        How often the rate of each agent was lowered.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 6.1 and its footnote: five epochs, then ÷5, ÷2 and ÷2. That the
    count begins again after a drop, with the old reference, is RECONSTRUCTED.

    Examples
    --------
    >>> import torch
    >>> from nets.training import StallDrops
    >>> weights = [torch.zeros(1, requires_grad=True) for agent in range(2)]
    >>> optimizer = torch.optim.SGD([{"params": [w]} for w in weights], lr=0.1)
    >>> drops = StallDrops(optimizer, patience=2)
    >>> for losses in ([1.0, 1.0], [0.999, 0.8], [1.001, 0.6]):
    ...     drops.step(torch.tensor(losses))
    >>> [group["lr"] for group in optimizer.param_groups]
    [0.02, 0.1]
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        factors: Sequence[float] = (5.0, 2.0, 2.0),
        threshold: float = 0.01,
        patience: int = 5,
        shared: bool = False,
    ) -> None:
        self.optimizer = optimizer
        self.shared = flag(shared, "shared")
        self.factors = tuple(finite_number(each, "factors", minimum=1) for each in factors)
        self.threshold = finite_number(threshold, "threshold", minimum=0)
        self.patience = whole_number(patience, "patience", minimum=1)
        agents = len(groups_of_agents(optimizer))
        self._reference = torch.full((agents,), torch.inf, dtype=torch.float64)
        self._unchanged = torch.zeros(agents, dtype=torch.int64)
        self.drops = torch.zeros(agents, dtype=torch.int64)

    def step(self, losses: torch.Tensor) -> None:
        """Lower the rates whose validation loss has stalled, at the end of an epoch.

        Parameters
        ----------
        losses : torch.Tensor
            One of each agent, in the order of the groups; where the rate is shared, those of all agents
            of all processes.
        """
        fits = losses.ndim == 1 and (
            len(losses) >= len(self.drops) if self.shared else len(losses) == len(self.drops)
        )
        if not fits:
            raise InvalidArgumentError(
                f"losses has shape {tuple(losses.shape)}, but there are {len(self.drops)} "
                "agents; give the validation loss of each."
            )
        now = losses.to("cpu", torch.float64)
        if self.shared:
            now = now.mean().expand_as(self.drops)
        # the first reference is infinite, and no loss differs from it by more than infinity
        moved = (now - self._reference).abs() > self.threshold * self._reference.abs()
        moved |= self._reference.isinf()
        self._reference = torch.where(moved, now, self._reference)
        self._unchanged = torch.where(moved, 0, self._unchanged + 1)
        for agent in (self._unchanged >= self.patience).nonzero().flatten().tolist():
            self._drop(agent)

    def _drop(self, agent: int) -> None:
        self._unchanged[agent] = 0
        done = int(self.drops[agent])
        if done < len(self.factors):
            (first, *_) = groups_of_agents(self.optimizer)[agent]
            change_rate(self.optimizer, agent, float(first["lr"]) / self.factors[done])
            self.drops[agent] += 1

    def configuration(self) -> dict[str, Any]:
        """Return what decides when rates fall, as plain values."""
        options: dict[str, Any] = {"threshold": self.threshold, "patience": self.patience}
        if self.shared:
            options["shared"] = True
        return {**identity_of(type(self)), "factors": list(self.factors), **options}

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return references, counts and numbers of drops; the rates are the optimizer's."""
        return {
            "reference": self._reference.clone(),
            "unchanged": self._unchanged.clone(),
            "drops": self.drops.clone(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where another schedule was.

        Parameters
        ----------
        state : dict
            What `state_dict` returned.
        """
        self._reference = state["reference"].clone()
        self._unchanged = state["unchanged"].clone()
        self.drops = state["drops"].clone()
