"""Several copies of a network that train side by side."""

import copy
from functools import partial
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrize import is_parametrized

from nets.ensemble import data_refusals, refusals
from nets.ensemble.building import Network, RunningStatistics, build
from nets.ensemble.computing import PLAIN, Computing
from nets.ensemble.evaluation import (
    Measure,
    Parts,
    evaluated,
    evaluating,
    in_parts,
    shared_buffers,
)
from nets.ensemble.passes import BatchedPass, Criterion, LoopPass, Pass
from nets.ensemble.stacking import Slots, copy_of, stacked
from nets.ensemble.statistics import recompute
from nets.ensemble.streams import COMMON, INITIAL, TRAINING, Stream
from nets.identity import identity_of, module_identity
from nets.trees import Called, Tree, examples_of, names_in_forward, of_agent
from nets.weights import Weights
from sdeopt.arguments import ANY_SIZE, finite_number, flag, one_of, whole_number
from sdeopt.display import in_one_line, short_signature
from sdeopt.errors import InvalidArgumentError

Way = Literal["loop", "batched"]
_WAYS = ("loop", "batched")


class Ensemble:
    """Agents: copies of one network with their own weights, data batches and random streams.

    Frozen parameters (``requires_grad=False``), also random ones, are those of agent 0 in all agents:
    what is coupled must be one network. A copy of an ensemble, or one read from a pickle, has memory of
    its own; an optimizer that is copied or pickled in one go with it trains the copy.

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

    @short_signature
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
        if way is not None:
            one_of(way, "way", _WAYS)
        self.agents = whole_number(agents, "agents", minimum=1)
        self.first_agent = whole_number(first_agent, "first_agent")
        self.seed = whole_number(seed, "seed", maximum=ANY_SIZE)
        self._network, self.together = network, flag(together, "together")
        stream = partial(Stream, self.seed)
        numbers = range(self.first_agent, self.first_agent + self.agents)
        there = refusals.place(device, dtype)
        initial = [stream(INITIAL, 0 if together else number, there) for number in numbers]
        making = partial(
            build, network, running_statistics=running_statistics, device=device, dtype=dtype
        )
        modules = making(initial)
        self.device = refusals.one_device(modules[0])
        own = [stream(TRAINING, number, self.device) for number in numbers]
        self._streams = [*own, stream(COMMON, self.first_agent, self.device)]
        self._steps = 0
        self._computing = PLAIN
        self.way = way or ("loop" if self.device.type == "cpu" else "batched")
        self._stack(modules)
        frozen = [name for name, each in modules[0].named_parameters() if not each.requires_grad]
        if frozen and not together:
            (zero,) = modules[:1] if not self.first_agent else making([stream(INITIAL, 0, there)])
            for name in frozen:
                self.buffers[name].copy_(zero.get_parameter(name).detach().clone())

    def __repr__(self) -> str:
        return in_one_line(self, "agents", "seed", "way")

    def _stack(self, modules: list[nn.Module]) -> None:
        """Move the agents' modules into stacks, and prepare passes over them."""
        self._modules = modules
        self.weights, self.buffers = stacked(modules)
        self._slots = Slots(self.weights)
        *own, common = self._streams
        self._pass: Pass = (
            LoopPass(modules, self._slots, own)
            if self.way == "loop"
            else BatchedPass(modules[0], self._slots, self.buffers, own, common)
        )

    def _apart(self) -> dict[str, Any]:
        """Return what a copy is made of: modules with memory of their own, streams, and the views."""
        rebuilt = ("_modules", "weights", "buffers", "_slots", "_pass")
        kept = {name: value for name, value in vars(self).items() if name not in rebuilt}
        modules = [copy_of(module, {}) for module in self._modules]
        return {"kept": kept, "modules": modules, "views": self._slots.loose()}

    def __getstate__(self) -> dict[str, Any]:
        if any(is_parametrized(layer) for layer in self._modules[0].modules()):
            raise InvalidArgumentError(
                "the network has parametrized layers, such as spectral_norm's, which torch does not "
                "pickle; send state_dict(), or copy the ensemble with copy.deepcopy."
            )
        state = self._apart()
        # a factory may be a lambda; a pickle knows what it was, and needs it no more
        state["kept"]["_network"] = identity_of(self._network)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state["kept"])
        self._stack(state["modules"])
        self._slots.take(state["views"])

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = type(self).__new__(type(self))
        memo[id(self)] = twin
        twin.__setstate__(copy.deepcopy(self._apart(), memo))
        return twin

    def __copy__(self) -> Self:
        return copy.deepcopy(self)

    @property
    def identity(self) -> dict[str, Any]:
        """What decides the agents' initial points, and what their passes compute."""
        made_by = self._network
        return {
            "module": module_identity(self._modules[0]),
            "factory": made_by if isinstance(made_by, dict) else identity_of(made_by),
            "types": sorted({str(stack.dtype) for stack in self.weights.values()}),
            "together": self.together,
        }

    @property
    def own_network(self) -> nn.Module:
        """The network of the first agent here; its parameters and buffers are views of the stacks."""
        return self._modules[0]

    @property
    def normalizes_batches(self) -> bool:
        """Whether layers normalize by the statistics of a batch, hence depend on its size."""
        return any(isinstance(layer, _BatchNorm) for layer in self._modules[0].modules())

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of what the network's forward takes."""
        return names_in_forward(self._modules[0])

    @property
    def unfrozen_buffers(self) -> Weights:
        """Those of `buffers` that are no frozen parameters."""
        return {name: self.buffers[name] for name, _ in self._modules[0].named_buffers()}

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
            its own ``lr``, and the agent has its own learning rate. An agent may have several groups,
            say one without weight decay: split its ``params``, and repeat its number.
        """
        return [
            {"params": list(views.values()), "agent": self.first_agent + i}
            for i, views in enumerate(self._slots.views)
        ]

    def backward(
        self,
        criterion: Criterion,
        inputs: Tree,
        targets: Tree,
        *,
        computing: Computing = PLAIN,
    ) -> Tensor:
        """Compute every agent's loss on its own batch, and leave the gradients in `gradients`.

        Parameters
        ----------
        criterion : callable
            Of one agent's outputs and targets: the mean loss.
        inputs : torch.Tensor or tuple or dict
            (agents, batch, ...). The network receives a tuple as positional arguments, and a dictionary
            as keyword arguments.
        targets : torch.Tensor or tuple or dict
            (agents, batch, ...).
        computing : Computing
            In fewer bits, say; see `nets.ensemble.computing`.

        Returns
        -------
        torch.Tensor
            The losses (agents,).

        Raises
        ------
        InvalidArgumentError
            If the data are not one batch per agent on the ensemble's device, or the network or the
            criterion writes into them.
        DivergenceError
            If a loss is not finite; its `replica` is the agent.
        """
        data_refusals.one_batch_each(inputs, targets, self.agents, self.device)
        if computing is not self._computing:
            computing.refuse(self.weights, self.way, of_agent(inputs, 0))
            self._computing = computing
        if computing.micro_batch is not None and self.normalizes_batches:
            refusals.unequal_parts(examples_of(of_agent(inputs, 0)), computing.micro_batch)
        with data_refusals.one_pass(self.weights, inputs, targets), computing.passes(self.device):
            losses = self._pass(criterion, inputs, targets, computing)
        refusals.finite_losses(losses, self.first_agent, self._steps)
        self._steps += 1
        return losses

    def clip(self, norm: float) -> Tensor:
        """Scale the gradients of each agent down to a norm, if theirs is longer.

        Parameters
        ----------
        norm : float
            Of all gradients of one agent as one vector. No agent's depends on another's.

        Returns
        -------
        torch.Tensor
            The norms before (agents,).
        """
        return self._slots.clip(finite_number(norm, "norm", 0, open_end=True))

    def evaluate(
        self,
        criterion: Criterion,
        inputs: Tree,
        targets: Tree,
        weights: Weights | None = None,
        *,
        buffers: Weights | None = None,
        chunk: int = 500,
        measure: Measure | None = None,
        computing: Computing = PLAIN,
    ) -> tuple[Tensor, Tensor]:
        """Return losses and outputs of many points on the same data, without gradients.

        Parameters
        ----------
        criterion : callable
            Of outputs and targets: the mean loss.
        inputs : torch.Tensor or tuple or dict
            (examples, ...), the same for all points.
        targets : torch.Tensor or tuple or dict
            (examples, ...).
        weights : dict, optional
            Points to evaluate, stacked (points, *shape), such as mean and quorum; the agents by
            default.
        buffers : dict, optional
            Their buffers, such as `buffers_at` computes; by default those that the agents have in
            common.
        chunk : int
            The most examples in one pass; the data are cut into nearly equal parts. Batch
            normalization by batch statistics depends on it.
        measure : callable, optional
            Of outputs and targets, a mean such as `accuracy`: kept instead of the outputs.
        computing : Computing
            As for `backward`.

        Returns
        -------
        tuple of torch.Tensor
            Losses (points,), and outputs (points, examples, ...) or measures (points, ...).
        """
        data_refusals.data_set(inputs, targets, self.device)
        parts = in_parts(inputs, targets, chunk)
        return self.evaluate_on(
            criterion, parts, weights, buffers=buffers, measure=measure, computing=computing
        )

    def evaluate_on(
        self,
        criterion: Criterion,
        batches: Parts,
        weights: Weights | None = None,
        *,
        buffers: Weights | None = None,
        measure: Measure | None = None,
        computing: Computing = PLAIN,
    ) -> tuple[Tensor, Tensor]:
        """Return what `evaluate` does, of data that come a batch at a time and are gone through once.

        Parameters
        ----------
        criterion, weights, buffers, measure, computing
            As for `evaluate`.
        batches : iterable of tuple
            Inputs and targets.

        Returns
        -------
        tuple of torch.Tensor
            Losses (points,), and outputs (points, examples, ...) or measures (points, ...).
        """
        points, own, common = self.weights if weights is None else weights, self.weights, {}
        if weights is None and buffers is None:
            buffers = self.buffers
        if buffers is None:
            common = shared_buffers(self.buffers)
        else:
            points, own = {**points, **buffers}, {**own, **self.buffers}
        refusals.points(points, own, self.device)
        points = {name: stack.to(own[name].dtype) for name, stack in points.items()}
        module = self._modules[0]
        fit = partial(computing.refuse, self.weights, "loop")
        last: list[tuple[Tree, Tree]] = []
        parts = data_refusals.each_data_set(batches, self.device, fit, last)
        with evaluating(module), data_refusals.explained(self.weights, last):
            return evaluated(module, points, common, criterion, parts, measure, computing)

    def buffers_at(
        self, points: Weights, inputs: Tree, *, chunk: int = 500, computing: Computing = PLAIN
    ) -> Weights:
        """Return the buffers of points that are no agents, such as running statistics at the mean.

        They are recomputed by a pass over data in training mode, as
        ``torch.optim.swa_utils.update_bn`` does.

        Parameters
        ----------
        points : dict
            Stacked weights (points, *shape).
        inputs : torch.Tensor or tuple or dict
            Training data (examples, ...).
        chunk : int
            The most examples in one pass.
        computing : Computing
            As for `backward`.

        Returns
        -------
        dict
            Stacked (points, *shape), for `evaluate`.
        """
        data_refusals.data_set(inputs, inputs, self.device)
        return self.buffers_from(points, in_parts(inputs, inputs, chunk), computing=computing)

    def buffers_from(
        self, points: Weights, batches: Parts, *, computing: Computing = PLAIN
    ) -> Weights:
        """Return what `buffers_at` does, from data that come a batch at a time.

        Parameters
        ----------
        points, computing
            As for `buffers_at`.
        batches : iterable of tuple
            Inputs, and targets that are not used; it is gone through once for each point.

        Returns
        -------
        dict
            Stacked (points, *shape), for `evaluate`.
        """
        refusals.points(points, self.weights, self.device)
        found: dict[str, list[Tensor]] = {name: [] for name in self.buffers}
        for point in range(len(next(iter(points.values())))):
            module = copy_of(
                self._modules[0], {name: stack[point] for name, stack in points.items()}
            )
            with Stream(0, COMMON, 0, self.device).drawing(), computing.forward(self.device):
                recompute(Called(module), data_refusals.inputs_alone(batches, computing.ordered))
            state = {**dict(module.named_parameters()), **dict(module.named_buffers())}
            for name, values in found.items():
                values.append(state[name].detach())
        stacks = {name: torch.stack(values) for name, values in found.items()}
        refusals.unknown_constants(self.buffers, stacks)
        return stacks

    def mean(self) -> Weights:
        """Return the mean of the agents' weights, by name, without the leading dimension."""
        return {name: weight.mean(dim=0) for name, weight in self.weights.items()}

    def module(self, agent: int) -> nn.Module:
        """Return an ordinary module with a copy of an agent's state; `agent` is its place here."""
        return copy_of(self._modules[agent], {})

    def module_of(self, weights: Weights) -> nn.Module:
        """Return an ordinary module with given weights, such as the mean's, by name.

        Buffers that are missing are those that the agents have in common; add what `buffers_at`
        computes where they differ.
        """
        missing = {name: stack for name, stack in self.buffers.items() if name not in weights}
        return copy_of(self._modules[0], {**weights, **shared_buffers(missing)})

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
            Its `state_dict`, which is copied.

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
