"""The residual network of 18 layers (He et al. 2016) for small images such as those of CIFAR-10."""

from functools import partial
from itertools import pairwise

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import batch_statistics, image_shape, uniform_dense_

WIDTH = 64
STAGES = 4


class ResNet18(nn.Module):
    """A 3×3 convolution, four stages of two residual blocks, and a dense layer."""

    def __init__(
        self,
        image: tuple[int, int, int] = (3, 32, 32),
        classes: int = 10,
        width: int = WIDTH,
    ) -> None:
        super().__init__()
        widths = [width, *(width * 2**stage for stage in range(STAGES))]
        blocks: list[nn.Module] = []
        for stage, (before, after) in enumerate(pairwise(widths)):
            blocks += [_Block(before, after, stride=2 if stage else 1), _Block(after, after)]
        self.first = nn.Sequential(_convolution(image[0], width), batch_statistics(width))
        self.blocks = nn.Sequential(*blocks)
        self.dense = uniform_dense_(nn.Linear(widths[-1], classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the outputs of a batch of images, of shape (batch, classes)."""
        features = self.blocks(torch.relu(self.first(images)))
        outputs: torch.Tensor = self.dense(features.mean((-2, -1)))
        return outputs


class _Block(nn.Module):
    """Two convolutions whose result is added to what they were given."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.change = nn.Sequential(
            _convolution(before, after, stride=stride),
            batch_statistics(after),
            nn.ReLU(),
            _convolution(after, after),
            batch_statistics(after),
        )
        self.shortcut: nn.Module = nn.Identity()
        if (before, stride) != (after, 1):
            self.shortcut = nn.Sequential(
                _convolution(before, after, kernel=1, stride=stride), batch_statistics(after)
            )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.change(features) + self.shortcut(features))


def _convolution(before: int, after: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """Return a convolution without bias: the normalization that follows would remove it."""
    layer = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


def suited_to(data: DataSet, *, width: int = WIDTH) -> "partial[ResNet18]":
    """Return how to make a network for a data set of images."""
    return partial(ResNet18, image_shape(data, "resnet18"), data.classes, width)
