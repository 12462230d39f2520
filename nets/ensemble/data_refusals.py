"""What a user can get wrong with the data of an ensemble: each refusal is one sentence."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from nets.trees import Separate, Tree, examples_of, leaves
from sdeopt.errors import InvalidArgumentError, SdeoptError


@contextmanager
def explained(
    weights: Mapping[str, torch.Tensor], batches: Sequence[tuple[Tree, Tree]]
) -> Iterator[None]:
    """Explain a pass that failed on its last batch, if it has one."""
    try:
        yield
    except (SdeoptError, torch.OutOfMemoryError):
        raise
    except (RuntimeError, TypeError, ValueError, IndexError) as problem:
        if not batches:
            raise
        inputs, targets = batches[-1]
        said = " ".join((str(problem) or type(problem).__name__).splitlines()[0].split())
        _demand_one_type(weights, inputs, targets, said, problem)
        raise InvalidArgumentError(
            f"the network or the criterion failed ({said:.300}) on inputs of {_described(inputs)} and "
            f"targets of {_described(targets)}; change it so that it takes them, or the data."
        ) from problem


def _demand_one_type(
    weights: Mapping[str, torch.Tensor], inputs: Tree, targets: Tree, said: str, problem: Exception
) -> None:
    """Refuse data of another type than the weights, which torch may not mix."""
    types = {stack.dtype for stack in weights.values()}
    pairs = (("inputs", inputs), ("targets", targets))
    for name, tensor in ((name, each) for name, tree in pairs for each in leaves(tree)):
        real = tensor.is_floating_point()
        if tensor.dtype in types or not (real or (name == "inputs" and "dtype" in said)):
            continue
        given, own = (
            str(kind).removeprefix("torch.") for kind in (tensor.dtype, min(types, key=str))
        )
        raise InvalidArgumentError(
            f"the {name} are {given} and the network's weights {own}, which torch does not mix "
            f"here ({said}); convert the data with .to(torch.{own})"
            + (f", or make the ensemble with dtype=torch.{given}." if real else ".")
        ) from problem


def _described(tree: Tree) -> str:
    """Return shapes and types, such as "shape (32, 10) in float32"."""
    found = [f"shape {tuple(each.shape)} in {str(each.dtype)[6:]}" for each in leaves(tree)]
    return ", ".join(found) or type(tree).__name__


@contextmanager
def one_pass(weights: Mapping[str, torch.Tensor], inputs: Tree, targets: Tree) -> Iterator[None]:
    """Explain a pass that fails on its data, and refuse one that writes into them."""
    with explained(weights, [(inputs, targets)]), unchanged(inputs, targets):
        yield


@contextmanager
def unchanged(inputs: Tree, targets: Tree = ()) -> Iterator[None]:
    """Refuse a pass that writes into its data: other passes over them would see something else."""
    named = {"inputs": inputs, "targets": targets}
    before = {name: _versions(tree) for name, tree in named.items()}
    yield
    for name, tree in named.items():
        if _versions(tree) != before[name]:
            raise InvalidArgumentError(
                f"the network or the criterion changed the {name} in place, so that the next pass over "
                "these data would see others; make a new tensor there, as x = x - 1 does and x -= 1, "
                "x.sub_(1) and a first layer with inplace=True do not."
            )


def inputs_alone(
    batches: Iterable[tuple[Tree, Tree]], ordered: Callable[[Tree], Tree]
) -> Iterator[list[Tree]]:
    """Yield the inputs of batches, for passes that must not write into them."""
    for inputs, _ in batches:
        with unchanged(inputs):
            yield [ordered(inputs)]


def _versions(tree: Tree) -> list[int]:
    # of what was made in inference mode nobody counts the changes
    return [each._version for each in leaves(tree) if not each.is_inference()]


def one_batch_each(inputs: Tree, targets: Tree, agents: int, device: torch.device) -> None:
    """Refuse data that are not one batch for each agent."""
    for name, tree in (("inputs", inputs), ("targets", targets)):
        if isinstance(tree, Separate):
            if len(tree) != agents:
                raise InvalidArgumentError(
                    f"{name} has batches of {len(tree)} agents, but this ensemble has {agents}."
                )
        else:
            for tensor in leaves(tree):
                if tensor.ndim == 0 or tensor.shape[0] != agents:
                    raise InvalidArgumentError(
                        f"{name} has shape {tuple(tensor.shape)}, but its first dimension must be "
                        f"{agents}: one data batch for each agent of this ensemble."
                    )
        same_device(tree, name, device)


def data_set(inputs: Tree, targets: Tree, device: torch.device) -> None:
    """Refuse data on which nothing can be evaluated."""
    for name, tree in (("inputs", inputs), ("targets", targets)):
        same_device(tree, name, device)
    given, wanted = examples_of(inputs), examples_of(targets)
    if given != wanted or not given:
        raise InvalidArgumentError(
            f"there are {given} inputs and {wanted} targets, but evaluation needs one "
            "target for each of at least one input."
        )


def each_data_set(
    batches: Iterable[tuple[Tree, Tree]],
    device: torch.device,
    fit: Callable[[Tree], None],
    last: list[tuple[Tree, Tree]],
) -> Iterator[tuple[Tree, Tree]]:
    """Yield batches one by one, refused where nothing can be evaluated on them; `last` is the latest."""
    for inputs, targets in batches:
        data_set(inputs, targets, device)
        fit(inputs)
        last[:] = [(inputs, targets)]
        yield inputs, targets
        last.clear()  # what fails now is a loader


def same_device(tree: Tree, name: str, device: torch.device) -> None:
    """Refuse data without tensors, or on another device."""
    found = {tensor.device for tensor in leaves(tree)}
    if not found:
        raise InvalidArgumentError(
            f"{name} is a {type(tree).__name__}, but must be a torch.Tensor, or a tuple or dictionary "
            "of them; convert it with torch.as_tensor."
        )
    for other in found - {device}:
        raise InvalidArgumentError(
            f"{name} lies on {other}, but the ensemble on {device}; move it with .to('{device}')."
        )
