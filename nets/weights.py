"""What the parts of `nets` hand each other: parameters by name."""

from typing import TypeAlias

import torch

Weights: TypeAlias = dict[str, torch.Tensor]
"""Name of a parameter to its values: stacked over agents in the first dimension, or of one point."""
