"""Which way of computing an ensemble takes, and its state."""

import io
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.ensemble import Ensemble, Way
from sdeopt.errors import CheckpointError, InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, convolutions, perceptron


def dropping() -> nn.Module:
    return convolutions(rate=0.5)


def steps(ensemble: Ensemble, count: int, first: int = 0) -> torch.Tensor:
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
    losses = []
    for step in range(first, first + count):
        batch = batches(3, seed=step, dtype=torch.float32)
        losses.append(ensemble.backward(functional.cross_entropy, *batch))
        optimizer.step()
    return torch.stack(losses)


@pytest.mark.parametrize("odd", [[], np.zeros(2), "lop"])
def test_ways_and_policies_are_words(odd: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="no way"):
        Ensemble(perceptron, 3, seed=1, way=odd)
    with pytest.raises(InvalidArgumentError, match="no policy for running statistics"):
        Ensemble(perceptron, 3, seed=1, running_statistics=odd)


def test_a_loop_on_a_cpu_and_one_pass_elsewhere() -> None:
    assert Ensemble(perceptron, 3, seed=1).way == "loop"
    assert Ensemble(perceptron, 3, seed=1, way="batched").way == "batched"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_one_pass_on_a_gpu() -> None:
    assert Ensemble(perceptron, 3, seed=1, device="cuda").way == "batched"


class Branching(nn.Module):
    """Branches on its own values, which no batched pass can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.layer(x.flatten(1))
        return out if out.sum() > 0 else 2 * out


def test_a_network_that_cannot_be_batched() -> None:
    batch = batches(3, dtype=torch.float32)
    Ensemble(Branching, 3, seed=1, way="loop").backward(functional.cross_entropy, *batch)
    with pytest.raises(InvalidArgumentError, match="way='loop' computes one agent after the other"):
        Ensemble(Branching, 3, seed=1, way="batched").backward(functional.cross_entropy, *batch)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_a_resumed_run_has_the_bits_of_an_undisturbed_one(way: Way) -> None:
    whole = steps(Ensemble(dropping, 3, seed=1, way=way), 5)
    first = Ensemble(dropping, 3, seed=1, way=way)
    steps(first, 2)
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    file.seek(0)
    second = Ensemble(dropping, 3, seed=99, way=way)
    second.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(steps(second, 3, first=2), whole[2:])


def test_a_checkpoint_of_another_ensemble_is_refused() -> None:
    state = Ensemble(perceptron, 3, seed=1).state_dict()
    with pytest.raises(CheckpointError, match="holds 3 agents from number 0"):
        Ensemble(perceptron, 2, seed=1).load_state_dict(state)
    with pytest.raises(CheckpointError, match="checkpoint has"):
        Ensemble(convolutions, 3, seed=1).load_state_dict(state)
