"""Batches that are more than one tensor: tuples and dictionaries of tensors, nested as one likes.

A network receives a tuple as positional arguments and a dictionary as keyword arguments.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import torch
from torch import nn

from sdeopt.errors import InvalidArgumentError

Tree: TypeAlias = Any
"""A tensor, or a tuple, list or dictionary of trees; what is none of these is left as it is."""

Split: TypeAlias = Callable[[Tree], tuple[Tree, Tree]]
"""From a batch to what the network receives, and what the criterion sees beside its outputs."""


class Separate(tuple[Tree, ...]):
    """The batches of agents side by side, one a place, which may differ in shape."""


def mapped(change: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """Return a tree with every tensor changed, together with those in the same places of others."""
    if isinstance(tree, torch.Tensor):
        return change(tree, *others)
    if isinstance(tree, Mapping):
        return {key: mapped(change, tree[key], *(each[key] for each in others)) for key in tree}
    if isinstance(tree, tuple | list):
        parts = [mapped(change, *places) for places in zip(tree, *others, strict=True)]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return tree


def leaves(tree: Tree) -> Iterator[torch.Tensor]:
    """Yield the tensors of a tree."""
    return (each for each in _entries(tree) if isinstance(each, torch.Tensor))


def others(tree: Tree) -> Iterator[Any]:
    """Yield what in a tree is no tensor: a number, a text, an object."""
    return (
        each for each in _entries(tree) if each is not None and not isinstance(each, torch.Tensor)
    )


def _entries(tree: Tree) -> Iterator[Any]:
    """Yield what in a tree is no container."""
    if isinstance(tree, Mapping):
        for key in tree:
            yield from _entries(tree[key])
    elif isinstance(tree, tuple | list):
        for each in tree:
            yield from _entries(each)
    else:
        yield tree


def examples_of(tree: Tree) -> int:
    """Return how many examples a batch has."""
    for tensor in leaves(tree):
        if tensor.ndim:
            return len(tensor)
    raise InvalidArgumentError(
        f"a batch is a {type(tree).__name__} without a tensor whose first dimension is examples; let "
        "the collate function of the loader return tensors, or tuples or dictionaries of them."
    )


def of_agent(batches: Tree, agent: int) -> Tree:
    """Return the batch of one agent, from a stack or from batches side by side."""
    if isinstance(batches, torch.Tensor | Separate):
        return batches[agent]
    return mapped(lambda stack: stack[agent], batches)


def stacked_batches(batches: Tree) -> Tree:
    """Return the batches of all agents as one stack."""
    for other in others(batches):
        raise InvalidArgumentError(
            f"a batch holds {other!r:.60}, which is no tensor, so that the agents' batches cannot be "
            "computed in one pass; let the collate function return a tensor, or make the ensemble with "
            "way='loop'."
        )
    if not isinstance(batches, Separate):
        return batches
    try:
        return mapped(lambda *parts: torch.stack(parts), *batches)
    except (RuntimeError, ValueError, KeyError) as problem:
        raise InvalidArgumentError(
            f"the agents' batches are unlike ({str(problem).splitlines()[0]}), so that they cannot be "
            "computed in one pass; make the ensemble with way='loop', or pad them to one shape."
        ) from problem


def arguments_of(inputs: Tree) -> tuple[tuple[Tree, ...], dict[str, Tree]]:
    """Return the positional and the keyword arguments of a network."""
    if isinstance(inputs, Mapping):
        return (), dict(inputs)
    if isinstance(inputs, tuple | list):
        return tuple(inputs), {}
    return (inputs,), {}


def called(network: Callable[..., Any], inputs: Tree) -> Any:
    """Return the outputs of a network."""
    if isinstance(inputs, torch.Tensor):
        return network(inputs)
    positional, named = arguments_of(inputs)
    return network(*positional, **named)


class Called(nn.Module):
    """A network with one argument, for loops of torch that know no other."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tree) -> Any:
        """Return the outputs of the network."""
        return called(self.network, inputs)


def names_in_forward(network: nn.Module) -> tuple[str, ...]:
    """Return the names of the arguments that a network takes."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    taken = inspect.signature(network.forward).parameters.values()
    return tuple(each.name for each in taken if each.kind in kinds)


def split_batch(batch: Tree, names: tuple[str, ...]) -> tuple[Tree, Tree]:
    """Return the inputs and targets of a batch, for a network whose forward takes arguments of names.

    Of a tuple the last entry is the targets; of a dictionary the network receives the entries that its
    forward names, and the criterion sees all. A tensor alone is both.
    """
    if isinstance(batch, Mapping):
        inputs = {name: batch[name] for name in names if name in batch}
        if not inputs:
            raise InvalidArgumentError(
                f"a batch has {', '.join(map(repr, batch))}, and the network's forward takes "
                f"{', '.join(map(repr, names)) or 'nothing'}; give entries the names that it takes, or "
                "split=..., a function from a batch to inputs and targets."
            )
        return inputs, batch
    if isinstance(batch, tuple | list) and len(batch) > 1:
        *several, targets = batch
        return (several[0] if len(several) == 1 else tuple(several)), targets
    alone = batch[0] if isinstance(batch, tuple | list) and batch else batch
    return alone, alone
