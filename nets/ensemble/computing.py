"""How a pass through a network is computed: in which number type, order in memory, and parts.

Weights, gradients, optimizers, couplings, the criterion and all that is measured stay in float32: only
what lies between the inputs and the outputs of a network is computed in fewer bits.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import torch

from nets.data.data_set import IMAGES, pixel_by_pixel
from nets.ensemble.rounded_products import bfloat16_products
from nets.trees import Tree, examples_of, leaves, mapped, others
from nets.weights import Weights
from sdeopt.arguments import flag, whole_number
from sdeopt.errors import InvalidArgumentError

Piece: TypeAlias = tuple[Tree, Tree, float]
"""Inputs, targets, and the share of a batch that they are."""


@dataclass(frozen=True, kw_only=True)
class Computing:
    """How the passes of an ensemble are computed.

    Parameters
    ----------
    autocast : torch.dtype, optional
        ``torch.bfloat16`` for networks that are computed by ``torch.autocast``; by default they are
        computed in the type of their weights.
    channels_last : bool
        Whether images lie in memory pixel by pixel, which convolutions are often faster with, instead
        of channel by channel.
    micro_batch : int, optional
        The most examples of one forward and backward pass; the gradients of the parts of a batch are
        added up. By default a batch is one part.

    Notes
    -----
    ``torch.autocast`` computes matrix products and convolutions in bfloat16, of 8 significant bits, and
    leaves what needs more to float32. Outputs become float32 before the criterion, which would lose
    most of a small loss otherwise. bfloat16 has the range of float32, so gradients need no scaling;
    float16 has not, and is refused. A processor without instructions for bfloat16 computes these
    products in float32 and rounds them: the same up to the order of sums, about as fast as float32.

    Examples
    --------
    >>> import torch
    >>> from nets.ensemble.computing import Computing
    >>> network, fast = torch.nn.Linear(3, 2), Computing(autocast=torch.bfloat16)
    >>> with fast.types(torch.device("cpu")):
    ...     outputs = network(torch.ones(5, 3))
    >>> outputs.dtype, fast.single(outputs).dtype
    (torch.bfloat16, torch.float32)
    """

    autocast: torch.dtype | None = None
    channels_last: bool = False
    micro_batch: int | None = None

    def __post_init__(self) -> None:
        if self.autocast not in (None, torch.bfloat16):
            raise InvalidArgumentError(
                f"autocast is {self.autocast}, but must be torch.bfloat16, or None for the type of the "
                "weights; other types need gradients to be scaled, which nothing here does."
            )
        object.__setattr__(self, "channels_last", flag(self.channels_last, "channels_last"))
        if self.micro_batch is not None:
            count = whole_number(self.micro_batch, "micro_batch", minimum=1)
            object.__setattr__(self, "micro_batch", count)

    def refuse(self, weights: Weights, way: str, inputs: Tree) -> None:
        """Refuse an ensemble that cannot be computed like this.

        Parameters
        ----------
        weights : dict of str to torch.Tensor
            Of the network.
        way : {"loop", "batched"}
            How gradients are computed.
        inputs : torch.Tensor or tuple or dict
            Some examples, (examples, ...).
        """
        types = {stack.dtype for stack in weights.values()}
        if self.autocast is not None and types != {torch.float32}:
            listed = " and ".join(sorted(str(each) for each in types))
            raise InvalidArgumentError(
                f"the weights are {listed}, but autocast computes weights of torch.float32 in fewer "
                "bits; make the ensemble with dtype=torch.float32, or leave autocast out."
            )
        if not self.channels_last:
            return
        if way != "loop":
            raise InvalidArgumentError(
                "channels_last orders the images of one agent, but way='batched' turns agents into "
                "channels; make the ensemble with way='loop', or leave channels_last out."
            )
        shapes = [tuple(each.shape[1:]) for each in leaves(inputs)]
        if not any(len(shape) + 1 == IMAGES for shape in shapes):
            listed = " and ".join(map(str, shapes))
            raise InvalidArgumentError(
                f"channels_last is for images of shape (channels, height, width), but an input has "
                f"shape {listed}; leave channels_last out."
            )

    def passes(self, device: torch.device) -> AbstractContextManager[Any]:
        """Return a context for whole passes, forward and backward.

        Parameters
        ----------
        device : torch.device
            Where they are computed.
        """
        return nullcontext() if self.autocast is None else bfloat16_products(device)

    def types(self, device: torch.device) -> AbstractContextManager[Any]:
        """Return a context in which networks compute in the type of `autocast`, within `passes`.

        Parameters
        ----------
        device : torch.device
            Where they compute.
        """
        if self.autocast is None:
            return nullcontext()
        # weights that are cast once for several uses would be those of another level of vmap
        return torch.autocast(device.type, self.autocast, cache_enabled=False)

    @contextmanager
    def forward(self, device: torch.device) -> Iterator[None]:
        """Compute forward passes, without gradients, within a ``with`` block: `passes` and `types`.

        Parameters
        ----------
        device : torch.device
            Where they are computed.
        """
        with self.passes(device), self.types(device):
            yield

    def ordered(self, inputs: Tree) -> Tree:
        """Return inputs in the order in memory that passes need; a copy unless they have it.

        Parameters
        ----------
        inputs : torch.Tensor or tuple or dict
            (examples, ...).
        """
        return mapped(_by_pixels, inputs) if self.channels_last else inputs

    def parts(self, inputs: Tree, targets: Tree, axis: int) -> Iterator[Piece]:
        """Yield a batch in parts, with the share of the examples that each of them has.

        Parameters
        ----------
        inputs, targets : torch.Tensor or tuple or dict
            With the examples along `axis`.
        axis : int
            Which dimension.
        """
        most = self.micro_batch
        if most is None:
            yield inputs, targets, 1.0
            return
        first = next(leaves(inputs), None)
        examples = examples_of(inputs) if first is None or not axis else first.shape[axis]
        if examples <= most:
            yield inputs, targets, 1.0
            return
        for other in others([inputs, targets]):
            raise InvalidArgumentError(
                f"a batch holds {other!r:.60}, which is no tensor, so that it cannot be cut into parts "
                "of micro_batch examples; let the collate function return a tensor, or leave "
                "micro_batch out."
            )
        for start in range(0, examples, most):
            count = min(most, examples - start)
            cut = partial(_cut, axis=axis, start=start, count=count, examples=examples)
            yield mapped(cut, inputs), mapped(cut, targets), count / examples

    def single(self, outputs: Any) -> Any:
        """Return outputs of a network for the criterion, in float32 where autocast left fewer bits.

        Parameters
        ----------
        outputs : torch.Tensor or tuple or list or mapping
            What the network returned; anything else is left as it is.
        """
        if self.autocast is None:
            return outputs
        if isinstance(outputs, torch.Tensor):
            return outputs.float() if outputs.dtype == self.autocast else outputs
        if type(outputs) is dict or isinstance(outputs, tuple | list):
            return mapped(self.single, outputs)
        if isinstance(outputs, Mapping):
            # such as the outputs of transformers, which are made of named arguments
            return type(outputs)(**{name: self.single(each) for name, each in outputs.items()})
        return outputs

    def configuration(self) -> dict[str, Any]:
        """Return what was asked for; a training that asks for nothing is what it always was."""
        found: dict[str, Any] = {}
        if self.autocast is not None:
            found["autocast"] = str(self.autocast)
        if self.channels_last:
            found["channels_last"] = True
        if self.micro_batch is not None:
            found["micro_batch"] = self.micro_batch
        return found


def _cut(tensor: torch.Tensor, *, axis: int, start: int, count: int, examples: int) -> torch.Tensor:
    if tensor.ndim <= axis or tensor.shape[axis] != examples:
        raise InvalidArgumentError(
            f"a batch of {examples} examples has a tensor of shape {tuple(tensor.shape[axis:])}, which "
            "cannot be cut into parts of micro_batch examples; let every tensor of a batch have the "
            "examples as its first dimension, or leave micro_batch out."
        )
    return tensor.narrow(axis, start, count)


def _by_pixels(tensor: torch.Tensor) -> torch.Tensor:
    """Return images pixel by pixel, and what is no image as it is."""
    if tensor.ndim != IMAGES or pixel_by_pixel(tensor):
        return tensor
    return tensor.clone(memory_format=torch.channels_last)


PLAIN = Computing()
"""In the type of the weights, channel by channel."""
