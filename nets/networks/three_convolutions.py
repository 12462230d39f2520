"""The convolutional network of Boffi & Slotine (2020, Sec. 6), after Zhang et al. (2015)."""

from functools import partial
from typing import Literal

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import batch_statistics, image_shape, uniform_dense_
from sdeopt.errors import InvalidArgumentError

KERNELS = (9, 5, 3)
CHANNELS = (64, 128, 256)
"""The paper does not state its numbers of channels: these are reconstructed."""

Padding = Literal["same", "valid"]


class ThreeConvolutions(nn.Module):
    """Three convolutions with kernels 9, 5 and 3, and one dense layer with dropout.

    Each convolution (stride 1) is followed by ReLU, 2×2 max-pooling and batch normalization.
    """

    def __init__(
        self,
        image: tuple[int, int, int] = (3, 32, 32),
        classes: int = 10,
        channels: tuple[int, int, int] = CHANNELS,
        *,
        dropout: float = 0.5,
        padding: Padding = "same",
    ) -> None:
        super().__init__()
        height, width = (_size_after(size, padding) for size in image[1:])
        if min(height, width) < 1:
            raise InvalidArgumentError(
                f"an image of {image[1]}×{image[2]} is too small for padding '{padding}'; "
                + ("use padding 'same'." if padding == "valid" else "use images of at least 8×8.")
            )
        layers: list[nn.Module] = []
        for before, after, kernel in zip((image[0], *channels), channels, KERNELS, strict=False):
            convolution = nn.Conv2d(before, after, kernel, padding=padding)
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
            layers += [convolution, nn.ReLU(), nn.MaxPool2d(2), batch_statistics(after)]
        self.convolutions = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.dense = uniform_dense_(nn.Linear(channels[-1] * height * width, classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the outputs of a batch of images, of shape (batch, classes)."""
        features = self.convolutions(images).flatten(1)
        outputs: torch.Tensor = self.dense(self.dropout(features))
        return outputs


def suited_to(
    data: DataSet,
    *,
    channels: tuple[int, int, int] = CHANNELS,
    dropout: float = 0.5,
    padding: Padding = "same",
) -> "partial[ThreeConvolutions]":
    """Return how to make a network for a data set of images."""
    image = image_shape(data, "three_convolutions")
    return partial(
        ThreeConvolutions, image, data.classes, channels, dropout=dropout, padding=padding
    )


def _size_after(size: int, padding: Padding) -> int:
    """Return the height or width that is left of an image after the three poolings."""
    for kernel in KERNELS:
        size = (size if padding == "same" else size - kernel + 1) // 2
    return size
