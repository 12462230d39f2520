"""Examples in memory, with the parts they are used for."""

import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from sdeopt.display import in_one_line
from sdeopt.errors import InvalidArgumentError

PARTS = ("train", "validation", "test")
"""The parts of a data set, in their order."""

IMAGES = 4
"""Dimensions of images: examples, channels, height, width."""


def shuffled(count: int, seed: int, *key: int) -> NDArray[np.int64]:
    """Return the numbers 0, ..., count − 1 in the random order of a key."""
    words = np.random.Philox(np.random.SeedSequence(seed, spawn_key=key))
    return np.argsort(words.random_raw(count), kind="stable")


def taken(examples: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Return examples by their numbers, in the order in memory that they have."""
    ordered = pixel_by_pixel(examples)
    dense = examples.movedim(1, -1) if ordered else examples
    # twice as fast as indexing by several dimensions
    found = dense.index_select(0, rows.flatten()).view(*rows.shape, *dense.shape[1:])
    return found.movedim(-1, rows.ndim) if ordered else found


def pixel_by_pixel(examples: torch.Tensor) -> bool:
    """Return whether examples are images whose channels lie side by side in memory."""
    if examples.ndim != IMAGES:
        return False
    # images of one channel count as either order, but convolutions look at their strides
    return examples.stride(1) == 1 and examples.is_contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True, eq=False)
class Part:
    """The examples of one use: views, not copies.

    Parameters
    ----------
    inputs : torch.Tensor
        One example a row.
    targets : torch.Tensor
        What belongs to each.

    Examples
    --------
    >>> import torch
    >>> from nets.data import Part
    >>> part = Part(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    >>> inputs, targets = part
    >>> len(part)
    3
    """

    inputs: torch.Tensor
    targets: torch.Tensor

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.targets)

    def __iter__(self) -> Iterator[torch.Tensor]:
        """Yield inputs, then targets."""
        return iter((self.inputs, self.targets))

    def chunks(self, most: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return the examples in nearly equal parts: a small rest would have poor batch statistics.

        Parameters
        ----------
        most : int
            The most examples of a part.
        """
        if not len(self):
            return []
        count = -(-len(self) // most)
        pairs = (each.tensor_split(count) for each in (self.inputs, self.targets))
        return list(zip(*pairs, strict=True))


@dataclass(frozen=True, eq=False)
class DataSet:
    """Inputs and targets in memory: first the training part, then validation, then test.

    Parameters
    ----------
    name : str
        As in `nets.data.names`.
    inputs : torch.Tensor, shape (examples, ...)
        Standardized features or pixels, or the numbers of words.
    targets : torch.Tensor, shape (examples, ...)
        Class numbers (int64), or real numbers.
    sizes : tuple of int
        How many examples are for training, validation and test; a part may be empty.
    classes : int
        How many values a class number can have, which is how many outputs a network needs.
    provenance : str
        Where the examples come from, and what was done to them.

    Examples
    --------
    >>> import torch
    >>> from nets.data import DataSet
    >>> data = DataSet("line", torch.arange(10.0)[:, None], torch.arange(10) % 2, (6, 2, 2),
    ...                classes=2, provenance="made up")
    >>> data.validation.inputs
    tensor([[6.],
            [7.]])
    """

    name: str
    inputs: torch.Tensor
    targets: torch.Tensor
    sizes: tuple[int, int, int]
    classes: int
    provenance: str

    def __post_init__(self) -> None:
        for name, given in (("inputs", self.inputs), ("targets", self.targets)):
            if not isinstance(given, torch.Tensor):
                raise InvalidArgumentError(
                    f"the {name} of data set '{self.name}' are a {type(given).__name__}, but must be a "
                    "torch.Tensor; convert them with torch.as_tensor."
                )
            if given.ndim == 0:
                raise InvalidArgumentError(
                    f"the {name} of data set '{self.name}' are a single number, but must be a tensor "
                    "with one example a row."
                )
        object.__setattr__(self, "sizes", self._whole_sizes())
        rows = len(self.inputs), len(self.targets), sum(self.sizes)
        if len(set(rows)) > 1 or min(self.sizes) < 0:
            raise InvalidArgumentError(
                f"data set '{self.name}' has {rows[0]} inputs, {rows[1]} targets and parts of "
                f"{self.sizes} examples, but the parts must be counts that add up to both."
            )

    def _whole_sizes(self) -> tuple[int, int, int]:
        try:
            train, validation, test = (operator.index(size) for size in self.sizes)
        except (TypeError, ValueError) as problem:
            raise InvalidArgumentError(
                f"the sizes of data set '{self.name}' are {self.sizes!r:.60}, but must be three whole "
                "numbers, of examples for training, validation and test; give 0 for a part without any."
            ) from problem
        return train, validation, test

    def __repr__(self) -> str:
        return in_one_line(self, "name", "classes", **dict(zip(PARTS, self.sizes, strict=True)))

    @property
    def train(self) -> Part:
        """The examples that gradients are computed from."""
        return self._part(0)

    @property
    def validation(self) -> Part:
        """The examples that choose learning rates and stopping times."""
        return self._part(1)

    @property
    def test(self) -> Part:
        """The examples that nothing is chosen by."""
        return self._part(2)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return tuple(self.inputs.shape[1:])

    @property
    def device(self) -> torch.device:
        """Where the examples lie."""
        return self.inputs.device

    def to(self, device: torch.device | str) -> "DataSet":
        """Return the data set on a device, so that no batch has to be copied there later.

        Parameters
        ----------
        device : torch.device or str
            For example ``"cuda"``.

        Returns
        -------
        DataSet
            The same examples; this one if it is there already.
        """
        if self.device == torch.device(device):
            return self
        return replace(self, inputs=self.inputs.to(device), targets=self.targets.to(device))

    def channels_last(self) -> "DataSet":
        """Return the data set with images that lie pixel by pixel, so that no batch is reordered later.

        Returns
        -------
        DataSet
            The same examples, for ``Trainer(..., channels_last=True)``; their shape stays as it is.

        Examples
        --------
        >>> from nets.data import load
        >>> digits = load("digits").channels_last()
        >>> digits.shape, digits.inputs.stride()
        ((1, 28, 28), (784, 1, 28, 1))
        """
        if self.inputs.ndim != IMAGES:
            raise InvalidArgumentError(
                f"data set '{self.name}' has inputs of shape {self.shape}, but channels_last is for "
                "images of shape (channels, height, width); use it as it is."
            )
        return replace(self, inputs=self.inputs.clone(memory_format=torch.channels_last))

    def with_signs(self) -> "DataSet":
        """Return the data set of two classes with targets −1 and 1, for the squared loss.

        Returns
        -------
        DataSet
            Targets are of the inputs' type and of shape (examples, 1), and `classes` is 1: one
            output is enough.

        Raises
        ------
        InvalidArgumentError
            If there are not two classes.
        """
        if self.classes != 2:
            raise InvalidArgumentError(
                f"data set '{self.name}' has {self.classes} classes, but signs stand for two; "
                "use its class numbers, or another data set."
            )
        signs = (2 * self.targets - 1).to(self.inputs.dtype).unsqueeze(1)
        return replace(self, targets=signs, classes=1)

    def _part(self, number: int) -> Part:
        first = sum(self.sizes[:number])
        rows = slice(first, first + self.sizes[number])
        return Part(self.inputs[rows], self.targets[rows])
