"""What the parts of `nets` hand each other: parameters by name."""

from typing import TypeAlias

import torch

Weights: TypeAlias = dict[str, torch.Tensor]
"""Name of a parameter to its values: stacked over agents in the first dimension, or of one point."""

HALF = (torch.float16, torch.bfloat16)
"""Types too coarse for what moves by a small fraction each step: a mean, a filter, a quorum variable."""


def as_rows(stack: torch.Tensor) -> torch.Tensor:
    """Return a stack as one row of numbers for each agent; a parameter may be a single number."""
    return stack.reshape(len(stack), -1)


def at_least_single(weights: Weights) -> Weights:
    """Return weights with those of half precision in float32, and all others as they are."""
    return {
        name: values.float() if values.dtype in HALF else values for name, values in weights.items()
    }
