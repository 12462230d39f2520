"""Several copies of a network that train side by side."""

from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nets.ensemble import refusals
from nets.ensemble.building import Network, RunningStatistics, build
from nets.ensemble.evaluation import Measure, evaluated, evaluating, in_parts, shared_buffers
from nets.ensemble.passes import BatchedPass, Criterion, LoopPass, Pass
from nets.ensemble.stacking import Slots, copy_of, stacked
from nets.ensemble.streams import COMMON, INITIAL, TRAINING, Stream
from nets.weights import Weights
from sdeopt.arguments import whole_number
from sdeopt.errors import unknown_name

Way = Literal["loop", "batched"]
_WAYS = ("loop", "batched")


class Ensemble:
    """Agents: copies of one network with their own weights, data batches and random streams.

    Parameters
    ----------
    network : callable
        Makes one agent's network; called once per agent.
    agents : int
        How many this process holds.
    seed : int
        Of initial points and of what networks draw while they train.
    together : bool
        Whether all agents begin at one point, that of agent 0.
    first_agent : int
        The number of the first agent, where several processes own parts of one run.
    way : {"loop", "batched"}, optional
        How gradients are computed: one agent after the other, or all of them in one pass. The default
        is the loop on a CPU, and one pass on a GPU, which many small operations leave idle. On a CPU
        one pass is worth a trial where networks and batches are tiny (it was 1.4 times as fast with
        batches of 10). The loop has the bits of ordinary modules, the other way agrees with them up
        to rounding, and needs the memory of all agents' activations at once.
    running_statistics : {"refuse", "drop", "keep"}
        What to do with a network whose batch normalization keeps them, see `nets.ensemble.building`.
    device : torch.device or str, optional
        Where the agents are computed; where the network is made by default.
    dtype : torch.dtype, optional
        Of floating-point weights; that of the network by default.

    Attributes
    ----------
    weights, buffers : dict
        By name, stacked tensors (agents, *shape). `buffers` holds frozen parameters too.
    way : str
        How gradients are computed.
    device : torch.device
        Where the agents are computed.

    Examples
    --------
    >>> import torch
    >>> from nets.ensemble.ensemble import Ensemble
    >>> ensemble = Ensemble(lambda: torch.nn.Linear(3, 2), agents=4, seed=7)
    >>> optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1, momentum=0.9)
    >>> inputs, targets = torch.randn(4, 10, 3), torch.randn(4, 10, 2)
    >>> losses = ensemble.backward(torch.nn.functional.mse_loss, inputs, targets)
    >>> optimizer.step()
    >>> losses.shape, ensemble.weights["weight"].shape
    (torch.Size([4]), torch.Size([4, 2, 3]))
    """

    def __init__(
        self,
        network: Network,
        agents: int,
        *,
        seed: int,
        together: bool = False,
        first_agent: int = 0,
        way: Way | None = None,
        running_statistics: RunningStatistics = "refuse",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        if way is not None and way not in _WAYS:
            raise unknown_name("way", way, _WAYS)
        self.agents = whole_number(agents, "agents", minimum=1)
        self.first_agent = whole_number(first_agent, "first_agent")
        stream = partial(Stream, whole_number(seed, "seed"))
        numbers = range(self.first_agent, self.first_agent + self.agents)
        there = torch.device("cpu" if device is None else device)
        initial = [stream(INITIAL, 0 if together else number, there) for number in numbers]
        self._modules = build(network, initial, running_statistics, device, dtype)
        self.device = refusals.one_device(self._modules[0])
        self.weights, self.buffers = stacked(self._modules)
        self._slots = Slots(self.weights)
        own = [stream(TRAINING, number, self.device) for number in numbers]
        common = stream(COMMON, self.first_agent, self.device)
        self._streams = [*own, common]
        self._steps = 0
        self.way = way or ("loop" if self.device.type == "cpu" else "batched")
        self._pass: Pass = (
            LoopPass(self._modules, self._slots, own)
            if self.way == "loop"
            else BatchedPass(self._modules[0], self._slots, self.buffers, own, common)
        )

    @property
    def gradients(self) -> Weights:
        """Stacked gradients, filled by `backward`; their memory stays where it is."""
        return self._slots.gradients

    def groups(self) -> list[dict[str, Any]]:
        """Return one parameter group per agent, for any optimizer of ``torch.optim``.

        Returns
        -------
        list of dict
            With ``params``, the agent's views of the stack, and ``agent``, its number. Give a group
            its own ``lr``, and the agent has its own learning rate.
        """
        return [
            {"params": list(views.values()), "agent": self.first_agent + i}
            for i, views in enumerate(self._slots.views)
        ]

    def backward(self, criterion: Criterion, inputs: Tensor, targets: Tensor) -> Tensor:
        """Compute every agent's loss on its own batch, and leave the gradients in `gradients`.

        Parameters
        ----------
        criterion : callable
            Of one agent's outputs and targets: the mean loss.
        inputs : torch.Tensor
            (agents, batch, ...).
        targets : torch.Tensor
            (agents, batch, ...).

        Returns
        -------
        torch.Tensor
            The losses (agents,).

        Raises
        ------
        InvalidArgumentError
            If the data are not one batch per agent on the ensemble's device.
        DivergenceError
            If a loss is not finite; its `replica` is the agent.
        """
        refusals.one_batch_each(inputs, targets, self.agents, self.device)
        losses = self._pass(criterion, inputs, targets)
        refusals.finite_losses(losses, self.first_agent, self._steps)
        self._steps += 1
        return losses

    def evaluate(
        self,
        criterion: Criterion,
        inputs: Tensor,
        targets: Tensor,
        weights: Weights | None = None,
        *,
        buffers: Weights | None = None,
        chunk: int = 500,
        measure: Measure | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return losses and outputs of many points on the same data, without gradients.

        Parameters
        ----------
        criterion : callable
            Of outputs and targets: the mean loss.
        inputs : torch.Tensor
            (examples, ...), the same for all points.
        targets : torch.Tensor
            (examples, ...).
        weights : dict, optional
            Points to evaluate, stacked (points, *shape), such as mean and quorum; the agents by
            default.
        buffers : dict, optional
            Their buffers; by default those that the agents have in common.
        chunk : int
            The most examples in one pass; the data are cut into nearly equal parts. Batch
            normalization by batch statistics depends on it.
        measure : callable, optional
            Of outputs and targets, a mean such as `accuracy`: kept instead of the outputs.

        Returns
        -------
        tuple of torch.Tensor
            Losses (points,), and outputs (points, examples, ...) or measures (points, ...).
        """
        refusals.data_set(inputs, targets, self.device)
        points, own, common = self.weights if weights is None else weights, self.weights, {}
        if weights is None and buffers is None:
            buffers = self.buffers
        if buffers is None:
            common = shared_buffers(self.buffers)
        else:
            points, own = {**points, **buffers}, {**own, **self.buffers}
        refusals.points(points, own, self.device)
        parts = in_parts(inputs, targets, chunk)
        with evaluating(self._modules[0]):
            return evaluated(self._modules[0], points, common, criterion, parts, measure)

    def mean(self) -> Weights:
        """Return the mean of the agents' weights, by name, without the leading dimension."""
        return {name: weight.mean(dim=0) for name, weight in self.weights.items()}

    def module(self, agent: int) -> nn.Module:
        """Return an ordinary module with a copy of an agent's state; `agent` is its place here."""
        return copy_of(self._modules[agent], {})

    def module_of(self, weights: Weights) -> nn.Module:
        """Return an ordinary module with given weights, such as the mean's, by name.

        Names that are missing, such as buffers, are copied from the first agent.
        """
        return copy_of(self._modules[0], weights)

    def state_dict(self) -> dict[str, Any]:
        """Return all that a run needs to continue, as tensors and plain numbers."""
        return {
            "agents": self.agents,
            "first_agent": self.first_agent,
            "steps": self._steps,
            "weights": {name: stack.clone() for name, stack in self.weights.items()},
            "buffers": {name: stack.clone() for name, stack in self.buffers.items()},
            "streams": [stream.state() for stream in self._streams],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where another ensemble of the same network stood.

        Parameters
        ----------
        state : dict
            Its `state_dict`.

        Raises
        ------
        CheckpointError
            If it belongs to other agents or another network.
        """
        refusals.same_agents(state, self.agents, self.first_agent)
        pairs = [(state["weights"], self.weights), (state["buffers"], self.buffers)]
        for given, own in pairs:
            refusals.same_stacks(given, own)
        for given, own in pairs:
            for name, stack in own.items():
                stack.copy_(given[name])
        for stream, states in zip(self._streams, state["streams"], strict=True):
            stream.restore(states)
        self._steps = int(state["steps"])
