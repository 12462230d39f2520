"""Where an agent is, when its weights are the point it looks ahead to.

Nesterov momentum is published with positions x and velocities v,

    v ← δv − η∇f(x + δv),  x ← x + v + ηk(s − x),

and ``torch.optim.SGD(nesterov=True)`` keeps the point where the gradient is taken, θ = x + δv, and a
buffer b ← δb + ∇f(θ), with θ ← θ − η(∇f(θ) + δb). Put v = −ηb. Then v obeys its own rule, and

    x + v + ηk(s − x) + δv⁺ = θ − η(∇f(θ) + δb⁺) + ηk(s − x),

where ⁺ marks the new value: torch's step, plus the same pull. So the two methods are one as long as

- the pull is that of positions, x = θ + δηb, for s (a mean of positions) and for x itself. Pulling
  weights to the mean of weights instead adds ηkδ(v• − v^i): a coupling of velocities, which the
  published method does not have;
- a change of η keeps v, hence multiplies b by η/η⁺ (`change_rate`). Torch alone keeps b, and so
  cuts a velocity that was built up at the old rate.

`nets.EASGD` keeps the same θ and the velocity v itself, so x = θ − δv. Optimizers that do not look
ahead have their weights at their positions. Of one that is not known here nobody can say where its
agents are: it is refused, unless its class says ``looks_ahead = False``.
"""

import inspect
import operator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch

from nets.optimizers.noisy_optimizer import NoisyOptimizer
from nets.optimizers.single_agent_easgd import EASGD
from nets.weights import Weights
from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError

_NEVER_AHEAD = (
    torch.optim.Adadelta,
    torch.optim.Adafactor,
    torch.optim.Adagrad,
    torch.optim.Adam,
    torch.optim.Adamax,
    torch.optim.AdamW,
    torch.optim.ASGD,
    torch.optim.RAdam,
    torch.optim.RMSprop,
    torch.optim.Rprop,
)
"""Optimizers that take the gradient where they are."""


def positions(weights: Weights, optimizer: torch.optim.Optimizer) -> Weights:
    """Return the positions x of agents whose weights are θ.

    Parameters
    ----------
    weights : dict of str to torch.Tensor
        Stacked weights, of shapes (agents, ...).
    optimizer : torch.optim.Optimizer
        The optimizer that trains them, between two steps: its parameters are slices of the stacks,
        in any groups, or the stacks themselves.

    Returns
    -------
    dict of str to torch.Tensor
        The weights themselves, unless the optimizer looks ahead.

    Raises
    ------
    InvalidArgumentError
        If it is not known whether the optimizer looks ahead, or it trains something else.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import positions
    >>> weights = {"bias": torch.tensor([[1.0], [2.0]])}
    >>> optimizer = torch.optim.SGD(weights.values(), lr=0.1, momentum=0.5, nesterov=True)
    >>> weights["bias"].grad = torch.ones(2, 1)
    >>> optimizer.step()
    >>> positions(weights, optimizer)["bias"]  # after one step from rest: x − η∇f
    tensor([[0.9000],
            [1.9000]])
    """
    buffer_name = _what_leads(optimizer)
    groups = [group for group in optimizer.param_groups if _looks_ahead(group)]
    if buffer_name is None or not groups:
        return weights
    points: Weights = {}
    slices: dict[str, list[torch.Tensor]] = {}
    places = _known(weights, optimizer).places
    for group in groups:
        moving, here, buffers = [], [], []
        for parameter in group["params"]:
            place = places.get(parameter) or place_in({}, parameter)
            buffer = optimizer.state.get(parameter, {}).get(buffer_name)
            if buffer is not None:
                moving.append(place)
                here.append(parameter.detach())
                buffers.append(buffer)
        if buffers:
            ahead = float(group["momentum"])
            # v itself, or torch's b = −v/η
            distance = -ahead if buffer_name == "velocity" else ahead * float(group["lr"])
            moved = torch._foreach_add(here, buffers, alpha=distance)
            for place, point in zip(moving, moved, strict=True):
                if place.row is None:
                    points[place.name] = point
                else:
                    own = slices.setdefault(place.name, [*weights[place.name]])
                    own[place.row] = point
    for name, own in slices.items():
        # a stack of one need not be copied
        points[name] = torch.stack(own) if len(own) > 1 else own[0].unsqueeze(0)
    return {name: points[name] if name in points else weights[name].clone() for name in weights}


class Place(NamedTuple):
    """Where a parameter lies in the stacks."""

    name: str
    row: int | None
    """Which agent's slice; None is the whole stack."""


Places = dict[tuple[int, torch.Size], Place]


def places_of(weights: Weights) -> Places:
    """Return where the slices of stacks, and the stacks, lie in memory."""
    places: Places = {}
    for name, stack in weights.items():
        begin, step = stack.data_ptr(), stack.stride(0) * stack.element_size()
        for row in range(len(stack)):
            places[begin + row * step, stack.shape[1:]] = Place(name, row)
        places[begin, stack.shape] = Place(name, None)
    return places


def place_in(places: Places, parameter: torch.Tensor) -> Place:
    """Return the place of a parameter of an optimizer."""
    place = places.get((parameter.data_ptr(), parameter.shape))
    if place is None:
        raise InvalidArgumentError(
            f"the optimizer trains a parameter of shape {tuple(parameter.shape)} that is no agent's; "
            "make it from the groups() of the ensemble whose agents it is to train."
        )
    return place


class _Found(NamedTuple):
    """The places of parameters of an optimizer, and the tensors that they are known for."""

    names: list[str]
    tensors: list[torch.Tensor]
    sizes: list[int]
    """Of the groups."""
    places: dict[torch.Tensor, Place]
    owners: list[set[int]]
    """Of each group: whose slices it has."""


_FOUND: WeakKeyDictionary[torch.optim.Optimizer, _Found] = WeakKeyDictionary()
"""A step needs them anew, and looking for them takes as long as moving a small network."""


def _known(weights: Weights, optimizer: torch.optim.Optimizer) -> _Found:
    """Return where the parameters of an optimizer are, looked for where its tensors are others."""
    tensors = [*weights.values()]
    for group in optimizer.param_groups:
        tensors += group["params"]
    names, known = [*weights], _FOUND.get(optimizer)
    sizes = [len(group["params"]) for group in optimizer.param_groups]
    if (
        known is None
        or known.names != names
        or known.sizes != sizes
        or not all(map(operator.is_, known.tensors, tensors))
    ):
        places, agents = places_of(weights), set(range(len(tensors[0])))
        keyed = ((each, (each.data_ptr(), each.shape)) for each in tensors[len(names) :])
        found = {each: places[key] for each, key in keyed if key in places}
        rows = [
            # tensors without numbers all lie at one place
            [found[each].row for each in group["params"] if each in found and each.numel()]
            for group in optimizer.param_groups
        ]
        owners = [set().union(*(agents if row is None else {row} for row in own)) for own in rows]
        known = _FOUND[optimizer] = _Found(names, tensors, sizes, found, owners)
    return known


def _what_leads(optimizer: torch.optim.Optimizer) -> str | None:
    """Return what an optimizer calls the buffer along which it looks ahead, if it may."""
    inner = optimizer
    while isinstance(inner, NoisyOptimizer):
        inner = inner.wrapped
    for kind, buffer_name in ((torch.optim.SGD, "momentum_buffer"), (EASGD, "velocity")):
        if _steps_like(inner, kind):
            return buffer_name
    if getattr(inner, "looks_ahead", None) is False:
        return None
    if not any(_steps_like(inner, kind) for kind in _NEVER_AHEAD):
        raise InvalidArgumentError(
            f"it is not known where agents are under the optimizer {type(inner).__name__}, whose "
            "weights may be points that it looks ahead to; use SGD, nets.EASGD or another of "
            "torch.optim without Nesterov momentum, or write looks_ahead = False in its class if it "
            "takes the gradient where it is."
        )
    return None


def _steps_like(optimizer: torch.optim.Optimizer, kind: type[torch.optim.Optimizer]) -> bool:
    """Return whether it is of a kind, and makes the steps of that kind."""
    if not isinstance(optimizer, kind):
        return False
    # torch wraps the step of every class for its profiler
    return inspect.unwrap(type(optimizer).step) is inspect.unwrap(kind.step)


def rates_of(optimizer: torch.optim.Optimizer, agents: int) -> torch.Tensor:
    """Return the learning rate of every agent of this process.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        With groups for each agent, or for all.
    agents : int
        How many agents of this process it trains.

    Returns
    -------
    torch.Tensor
        float64 of shape (agents,), on the CPU. Of an agent with several groups, that of the first.

    Raises
    ------
    InvalidArgumentError
        If its groups are neither one for all agents nor some of each agent.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import rates_of
    >>> rates_of(torch.optim.SGD([torch.zeros(2, 1)], lr=0.5), agents=2)
    tensor([0.5000, 0.5000], dtype=torch.float64)
    """
    groups = groups_of_agents(optimizer)
    if len(groups) == 1 and "agent" not in groups[0][0]:
        groups *= agents
    if len(groups) != agents:
        raise InvalidArgumentError(
            f"the optimizer has {len(groups)} parameter groups for {agents} agents; "
            "give it one group an agent, as Ensemble.groups() does, or one for all; groups that "
            'share an agent have its number under "agent".'
        )
    return torch.tensor([float(own[0]["lr"]) for own in groups], dtype=torch.float64)


def rates_by_name(weights: Weights, optimizer: torch.optim.Optimizer) -> torch.Tensor | None:
    """Return the learning rate of every agent and parameter where agents have several groups.

    It has shape (agents, names) and is on the CPU; None means that each agent has one rate.
    """
    of_agents = groups_of_agents(optimizer)
    if len(of_agents) > 1:
        owners = _known(weights, optimizer).owners
        of_group = dict(zip(map(id, optimizer.param_groups), owners, strict=True))
        for agent, groups in enumerate(of_agents):
            for group in groups:
                check_owner(of_group[id(group)], {agent})
    if all(len(own) == 1 for own in of_agents):
        return None
    places, column = places_of(weights), {name: place for place, name in enumerate(weights)}
    agents = len(next(iter(weights.values())))
    rates = torch.full((agents, len(weights)), torch.nan, dtype=torch.float64)
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            place = place_in(places, parameter)
            rows = slice(None) if place.row is None else place.row
            rates[rows, column[place.name]] = float(group["lr"])
    if rates.isnan().any():
        agent = int(rates.isnan().any(1).nonzero()[0])
        raise InvalidArgumentError(
            f"the optimizer trains only some parameters of agent {agent} of this process; give it all "
            "of them, as Ensemble.groups() does."
        )
    return rates


def change_rate(optimizer: torch.optim.Optimizer, agent: int, rate: float) -> None:
    """Set the learning rate of one agent and leave its velocity as it is.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        With groups for each agent.
    agent : int
        Which agent of this process, from 0.
    rate : float
        The new η. Of an agent with several groups, that of the first; the others change by the
        same factor.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import change_rate
    >>> weight = torch.zeros(1)
    >>> optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    >>> weight.grad = torch.ones(1)
    >>> optimizer.step()
    >>> change_rate(optimizer, 0, 0.05)
    >>> optimizer.state[weight]["momentum_buffer"]
    tensor([2.])
    """
    own = groups_of_agents(optimizer)[agent]
    first = finite_number(rate, "learning rate", 0, open_end=True)
    before = float(own[0]["lr"])
    for group in own:
        old = float(group["lr"])
        new = first if group is own[0] or not before else old * first / before
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(new)
        else:
            group["lr"] = new
        for parameter in group["params"]:
            buffer = optimizer.state[parameter].get("momentum_buffer")
            if buffer is not None and old != new:
                buffer.mul_(old / new)


def _looks_ahead(group: dict[str, Any]) -> bool:
    return bool(group.get("nesterov")) and bool(group.get("momentum"))


def groups_of_agents(optimizer: torch.optim.Optimizer) -> list[list[dict[str, Any]]]:
    """Return each agent's groups, in the order of agents: those with its number under ``agent``.

    Groups without numbers are those of one agent after the other, or one is that of all.
    """
    by_agent: dict[int, list[dict[str, Any]]] = {}
    for place, group in enumerate(optimizer.param_groups):
        by_agent.setdefault(int(group.get("agent", place)), []).append(group)
    return [by_agent[agent] for agent in sorted(by_agent)]


def check_owner(owners: set[int], agent: set[int]) -> None:
    """Refuse a group that has parameters of several agents, or of another one than it stands for.

    Parameters
    ----------
    owners : set of int
        Whose parameters it has.
    agent : set of int
        Whose group it is by its place and by its number, which must be one.
    """
    if not owners or owners == agent:
        return
    how = (
        "make it from the groups() of the ensemble, and give groups that share an agent its number "
        'under "agent".'
    )
    if len(owners) > 1:
        listed = " and ".join(map(str, sorted(owners)))
        raise InvalidArgumentError(
            f"a group of the optimizer has parameters of agents {listed}, but where there are several "
            f"groups each must be that of one agent; {how}"
        )
    raise InvalidArgumentError(
        f"a group of the optimizer stands for agent {min(agent - owners)}, but its parameters are those "
        f"of agent {min(owners)}; {how}"
    )
