"""The convolutional network for MNIST that the study of large batches takes from PyTorch's examples."""

from functools import partial

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import image_shape
from sdeopt.errors import InvalidArgumentError

KERNEL = 5
CHANNELS = (20, 50)
HIDDEN = 500


class TwoConvolutions(nn.Module):
    """Two 5×5 convolutions, each with ReLU and 2×2 max-pooling, and two dense layers."""

    def __init__(
        self,
        image: tuple[int, int, int] = (1, 28, 28),
        classes: int = 10,
        channels: tuple[int, int] = CHANNELS,
        hidden: int = HIDDEN,
    ) -> None:
        super().__init__()
        height, width = (_size_after(size) for size in image[1:])
        if min(height, width) < 1:
            raise InvalidArgumentError(
                f"an image of {image[1]}×{image[2]} is too small for two 5×5 convolutions; "
                "use images of at least 16×16."
            )
        self.layers = nn.Sequential(
            nn.Conv2d(image[0], channels[0], KERNEL),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(*channels, KERNEL),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(channels[1] * height * width, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the outputs of a batch of images, of shape (batch, classes)."""
        outputs: torch.Tensor = self.layers(images)
        return outputs


def suited_to(
    data: DataSet, *, channels: tuple[int, int] = CHANNELS, hidden: int = HIDDEN
) -> "partial[TwoConvolutions]":
    """Return how to make a network for a data set of images."""
    image = image_shape(data, "two_convolutions")
    return partial(TwoConvolutions, image, data.classes, channels, hidden)


def _size_after(size: int) -> int:
    """Return the height or width that is left of an image after both poolings."""
    for _ in CHANNELS:
        size = (size - KERNEL + 1) // 2
    return size
