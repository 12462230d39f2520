"""The estimate of memory."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.ensemble import Ensemble
from nets.ensemble.memory import free_memory


def test_what_a_linear_network_needs() -> None:
    agents, batch, width = 3, 32, 128
    ensemble = Ensemble(
        lambda: nn.Sequential(nn.Linear(width, width, bias=False), nn.Sigmoid()), agents, seed=1
    )
    inputs = torch.zeros(agents, batch, width)
    before = torch.get_rng_state()
    memory = ensemble.memory(functional.mse_loss, inputs, inputs.clone())
    assert torch.equal(torch.get_rng_state(), before)
    layer, example = 4 * width * width, 4 * batch * width
    assert memory.weights == memory.gradients == agents * layer
    # inputs and targets of all agents lie in one storage each; the outputs are kept besides
    assert memory.activations == 2 * agents * example + example
    assert memory.loop == 2 * agents * layer + memory.activations + layer
    assert memory.batched == 3 * agents * layer + agents * memory.activations
    assert "all at once" in str(memory)


def test_free_memory_is_known_on_linux() -> None:
    free = free_memory(torch.device("cpu"))
    assert free is None or free > 2**20
