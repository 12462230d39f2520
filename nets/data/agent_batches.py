"""One batch of examples for each agent and step, in an order of the agent's own."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch

from nets.data.data_set import DataSet, shuffled, taken
from sdeopt.arguments import ANY_SIZE, flag, whole_number
from sdeopt.display import in_one_line
from sdeopt.errors import InvalidArgumentError

ORDER, SHARES = 0, 1
"""What a random order is for: an agent's epoch, or dealing the examples out."""

Batch = tuple[torch.Tensor, torch.Tensor]
"""Inputs (agents, batch, ...) and targets (agents, batch, ...)."""


class AgentBatches:
    """The training batches of some agents, a pass over the data (an epoch) at a time.

    Parameters
    ----------
    data : DataSet
        Its training part is used, and stays on its device.
    agents : int
        How many agents are served here.
    batch : int
        Examples of each agent's batch.
    seed : int
        Of the orders.
    first_agent : int
        The number of the first agent here. Agent i receives the same batches in whichever process, and
        whichever agents are beside it.
    share : int, optional
        Give each agent this many examples of its own, which no other agent has. By default all
        agents have the whole training part, each in another order.
    drop_last : bool
        Leave out the examples of an epoch that do not fill a batch; otherwise its last batch is
        smaller.

    Attributes
    ----------
    part : Part
        The examples they are taken from.
    epoch, position : int
        The next batch to come: the number of finished epochs, and of batches of this one.

    Examples
    --------
    >>> import torch
    >>> from nets.data import AgentBatches, DataSet
    >>> data = DataSet("line", torch.arange(6.0), torch.arange(6), (6, 0, 0), 6, "made up")
    >>> batches = AgentBatches(data, agents=2, batch=3, seed=7)
    >>> for inputs, targets in batches:
    ...     print(targets.tolist())
    [[1, 3, 2], [2, 0, 4]]
    [[0, 4, 5], [5, 3, 1]]
    >>> batches.epoch
    1
    """

    def __init__(
        self,
        data: DataSet,
        agents: int,
        batch: int,
        seed: int,
        first_agent: int = 0,
        *,
        share: int | None = None,
        drop_last: bool = True,
    ) -> None:
        if not isinstance(data, DataSet):
            raise InvalidArgumentError(
                f"data is a {type(data).__name__}, but must be a nets.data.DataSet; "
                "nets.data.LoaderBatches takes data sets and loaders of torch."
            )
        self.agents = whole_number(agents, "agents", minimum=1)
        self.batch = whole_number(batch, "batch", minimum=1)
        self.seed = whole_number(seed, "seed", maximum=ANY_SIZE)
        self.first_agent = whole_number(first_agent, "first_agent")
        self.drop_last = flag(drop_last, "drop_last")
        self.epoch = self.position = 0
        self.part = data.train
        self.share = share
        self._shares = None if share is None else self._deal(whole_number(share, "share", 1))
        self.examples = len(self.part) if share is None else int(share)
        if self.batch > self.examples:
            raise InvalidArgumentError(
                f"batch is {self.batch}, but an agent has only {self.examples} training examples; "
                "choose a smaller batch or more examples."
            )
        # An instance's own cache: one decorating the method would keep every instance alive.
        self._indices = lru_cache(maxsize=1)(self._orders)

    def __repr__(self) -> str:
        return in_one_line(self, "agents", "batch", "seed", batches=len(self))

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        whole, rest = divmod(self.examples, self.batch)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches that are left of this epoch, and begin the next.

        While a batch is used, `position` already names the one after it: a state saved then goes
        on where this run would, also after the last batch of an epoch.
        """
        while self.position < len(self):
            self.position += 1
            yield self.at(self.epoch, self.position - 1)
        self.epoch, self.position = self.epoch + 1, 0

    def at(self, epoch: int, position: int) -> Batch:
        """Return one batch, without moving on.

        Parameters
        ----------
        epoch : int
            Number of the pass over the data, from 0.
        position : int
            Number of the batch in it, from 0.

        Returns
        -------
        tuple of torch.Tensor
            Inputs and targets, of shape (agents, batch, ...) each.
        """
        first = position * self.batch
        rows = self._indices(epoch)[:, first : first + self.batch]
        return taken(self.part.inputs, rows), taken(self.part.targets, rows)

    def state_dict(self) -> dict[str, int]:
        """Return where in the data this run is.

        Returns
        -------
        dict
            ``epoch`` and ``position``; all else follows from the arguments.
        """
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from where another run was.

        Parameters
        ----------
        state : dict
            What `state_dict` returned.
        """
        epoch = whole_number(state["epoch"], "epoch")
        position = whole_number(state["position"], "position")
        if position > len(self):
            raise InvalidArgumentError(
                f"position is {position}, but an epoch has {len(self)} batches; "
                "resume with the batch size and data set of the saved run."
            )
        self.epoch, self.position = epoch, position

    def _orders(self, epoch: int) -> torch.Tensor:
        """Return the rows of each agent in an epoch, in order, on the data's device."""
        orders = []
        for local in range(self.agents):
            agent = self.first_agent + local
            order = shuffled(self.examples, self.seed, ORDER, agent, epoch)
            orders.append(order if self._shares is None else self._shares[local][order])
        return torch.from_numpy(np.stack(orders)).to(self.part.inputs.device)

    def _deal(self, share: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Return the rows that belong to each agent served here."""
        every_agent = self.first_agent + self.agents
        if every_agent * share > len(self.part):
            raise InvalidArgumentError(
                f"share is {share}, but {every_agent} agents with so many examples each need "
                f"{every_agent * share} and the training part has {len(self.part)}; "
                "choose a smaller share or fewer agents."
            )
        dealt = shuffled(len(self.part), self.seed, SHARES)[: every_agent * share]
        return dealt.reshape(every_agent, share)[self.first_agent :]
