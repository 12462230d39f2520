"""An ensemble trains as its agents would alone: bit for bit in a loop, up to rounding all at once."""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.ensemble import Ensemble, Way
from nets.ensemble.passes import OwnMasks
from nets.ensemble.streams import TRAINING, Stream
from tests.nets.ensemble.small_networks import batches, convolutions, perceptron

AGENTS, STEPS, SEED = 5, 6, 11
RATES = [0.1, 0.02, 0.3, 0.05, 0.0]
OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "nesterov": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=1e-2),
    "foreach": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, foreach=True),
    # without a large eps, Adam makes whole steps of a gradient that is nothing but rounding
    "adam": lambda p: torch.optim.Adam(p, lr=0.1, eps=1e-2),
}


def train(ensemble: Ensemble, name: str, clear: bool = False) -> torch.Tensor:
    optimizer = OPTIMIZERS[name](ensemble.groups())
    for group, rate in zip(optimizer.param_groups, RATES, strict=False):
        group["lr"] = rate
    dtype = ensemble.weights[next(iter(ensemble.weights))].dtype
    losses = []
    for step in range(STEPS):
        if clear:
            optimizer.zero_grad()
        inputs, targets = batches(AGENTS, seed=step, dtype=dtype)
        losses.append(ensemble.backward(functional.cross_entropy, inputs, targets))
        optimizer.step()
    return torch.stack(losses, dim=1)


def train_alone(module: nn.Module, agent: int, name: str, dtype: torch.dtype) -> torch.Tensor:
    optimizer = OPTIMIZERS[name](module.parameters())
    optimizer.param_groups[0]["lr"] = RATES[agent]
    losses = []
    for step in range(STEPS):
        inputs, targets = batches(AGENTS, seed=step, dtype=dtype)
        loss = functional.cross_entropy(module(inputs[agent]), targets[agent])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("network", [perceptron, convolutions])
def test_loop_has_the_bits_of_ordinary_loops(network: Callable[[], nn.Module], name: str) -> None:
    ensemble = Ensemble(network, AGENTS, seed=SEED, way="loop")
    alone = [ensemble.module(agent) for agent in range(AGENTS)]
    losses = train(ensemble, name)
    for agent, module in enumerate(alone):
        assert torch.equal(losses[agent], train_alone(module, agent, name, torch.float32))
        for key, weight in module.named_parameters():
            assert torch.equal(ensemble.weights[key][agent], weight)


def test_loop_has_these_bits_wherever_a_batch_lies_in_memory() -> None:
    ensemble = Ensemble(lambda: nn.Linear(33, 7), 8, seed=SEED, way="loop")
    inputs = torch.randn(8, 5, 33, generator=torch.Generator().manual_seed(1))
    targets = torch.arange(40).reshape(8, 5) % 7
    losses = ensemble.backward(functional.cross_entropy, inputs, targets)
    for agent in range(8):
        module = ensemble.module(agent)
        own = inputs[agent].clone()
        loss = functional.cross_entropy(module(own), targets[agent].clone())
        loss.backward()
        assert torch.equal(losses[agent], loss)
        assert torch.equal(ensemble.gradients["weight"][agent], module.weight.grad)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("network", [perceptron, convolutions])
def test_batched_agrees_up_to_rounding(network: Callable[[], nn.Module], name: str) -> None:
    ensemble = Ensemble(network, AGENTS, seed=SEED, way="batched", dtype=torch.float64)
    alone = [ensemble.module(agent) for agent in range(AGENTS)]
    losses = train(ensemble, name, clear=True)
    for agent, module in enumerate(alone):
        theirs = train_alone(module, agent, name, torch.float64)
        torch.testing.assert_close(losses[agent], theirs, rtol=1e-9, atol=1e-12)
        for key, weight in module.named_parameters():
            torch.testing.assert_close(
                ensemble.weights[key][agent], weight.detach(), rtol=1e-7, atol=1e-9
            )


def dropping() -> nn.Module:
    return convolutions(rate=0.4)


def test_both_ways_drop_the_same_units() -> None:
    losses = {}
    for way in ("loop", "batched"):
        ensemble = Ensemble(dropping, AGENTS, seed=SEED, way=way, dtype=torch.float64)
        losses[way] = train(ensemble, "nesterov")
    torch.testing.assert_close(losses["batched"], losses["loop"], rtol=1e-9, atol=1e-12)
    masks_differ = Ensemble(dropping, AGENTS, seed=SEED + 1, together=True, dtype=torch.float64)
    inputs, targets = batches(1)
    first = masks_differ.backward(
        functional.cross_entropy,
        inputs.expand(AGENTS, *inputs.shape[1:]),
        targets.expand(AGENTS, *targets.shape[1:]),
    )
    assert len(set(first.tolist())) == AGENTS


def test_dropout_has_the_bits_of_a_module_that_follows_the_stream() -> None:
    ensemble = Ensemble(dropping, 2, seed=SEED, way="loop")
    alone = ensemble.module(1)
    inputs, targets = batches(2, dtype=torch.float32)
    before = torch.get_rng_state()
    losses = ensemble.backward(functional.cross_entropy, inputs, targets)
    assert torch.equal(torch.get_rng_state(), before)
    with Stream(SEED, TRAINING, 1, torch.device("cpu")).drawing():
        expected = functional.cross_entropy(alone(inputs[1]), targets[1])
    assert torch.equal(losses[1], expected)


def test_masks_of_one_agent_have_the_bits_of_torch() -> None:
    inputs = torch.randn(5, 7, requires_grad=True)
    for inplace in (False, True):
        found = []
        for context in (contextlib.nullcontext(), OwnMasks([])):
            with Stream(SEED, TRAINING, 0, torch.device("cpu")).drawing(), context:
                out = functional.dropout(inputs.clone(), 0.3, inplace=inplace)
            (gradient,) = torch.autograd.grad(out.sum(), inputs)
            found.append((out.detach(), gradient))
        assert all(torch.equal(*pair) for pair in zip(*found, strict=True))
    with OwnMasks([]):
        assert functional.dropout(inputs, 0.3, training=False) is inputs
        assert functional.dropout(inputs, p=1.0).abs().sum() == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_both_ways_agree_on_a_gpu() -> None:
    losses = {}
    for way in ("loop", "batched"):
        ensemble = Ensemble(
            dropping, AGENTS, seed=SEED, way=way, dtype=torch.float64, device="cuda"
        )
        optimizer = OPTIMIZERS["nesterov"](ensemble.groups())
        for step in range(STEPS):
            batch = [part.to("cuda") for part in batches(AGENTS, seed=step)]
            losses[way] = ensemble.backward(functional.cross_entropy, *batch)
            optimizer.step()
    torch.testing.assert_close(losses["batched"], losses["loop"], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_an_agent_does_not_depend_on_who_runs_beside_it(way: Way) -> None:
    inputs, targets = batches(4)
    whole = Ensemble(dropping, 4, seed=SEED, way=way, dtype=torch.float64)
    losses = whole.backward(functional.cross_entropy, inputs, targets)
    for first in (0, 2):
        part = Ensemble(dropping, 2, seed=SEED, first_agent=first, way=way, dtype=torch.float64)
        own = slice(first, first + 2)
        part_losses = part.backward(functional.cross_entropy, inputs[own], targets[own])
        torch.testing.assert_close(part_losses, losses[own], rtol=1e-12, atol=0)
        for name, weight in part.weights.items():
            assert torch.equal(weight, whole.weights[name][own])
        assert [group["agent"] for group in part.groups()] == [first, first + 1]


class Partly(nn.Module):
    """Has a layer that it never uses, a frozen one, and two that share their weights."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(2, 2)
        self.frozen = nn.Linear(64, 64).requires_grad_(False)
        self.inner = nn.Linear(64, 64)
        self.tied = nn.Linear(64, 64)
        self.tied.weight = self.inner.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.frozen(x.flatten(1))
        return self.tied(torch.tanh(self.inner(hidden)))


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_unused_frozen_and_shared_parameters(way: Way) -> None:
    ensemble = Ensemble(Partly, AGENTS, seed=SEED, way=way, dtype=torch.float64)
    start = copy.deepcopy(ensemble.weights)
    alone = [ensemble.module(agent) for agent in range(AGENTS)]
    assert "tied.weight" not in ensemble.weights
    assert "frozen.weight" in ensemble.buffers
    train(ensemble, "nesterov")  # with weight decay, from which an unused parameter is exempt
    assert torch.equal(ensemble.weights["unused.weight"], start["unused.weight"])
    for agent, module in enumerate(alone):
        train_alone(module, agent, "nesterov", torch.float64)
        torch.testing.assert_close(
            ensemble.weights["inner.weight"][agent], module.inner.weight.detach()
        )
    assert ensemble.module(0).tied.weight is not ensemble.module(0).inner.weight
    copied = ensemble.module(0)
    assert copied.tied.weight is copied.inner.weight


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_gradients_stay_where_they_are(way: Way) -> None:
    ensemble = Ensemble(perceptron, 2, seed=SEED, way=way, dtype=torch.float64)
    places = {name: slot.data_ptr() for name, slot in ensemble.gradients.items()}
    groups = ensemble.groups()
    for _ in range(2):
        for group in groups:
            for view in group["params"]:
                view.grad = None
        ensemble.backward(functional.cross_entropy, *batches(2))
        for agent, group in enumerate(groups):
            for view, slot in zip(group["params"], ensemble.gradients.values(), strict=True):
                assert view.grad.data_ptr() == slot[agent].data_ptr()
                assert view.grad.abs().sum() > 0
    assert places == {name: slot.data_ptr() for name, slot in ensemble.gradients.items()}


def test_slices_begin_with_a_cache_line() -> None:
    ensemble = Ensemble(convolutions, 3, seed=SEED)
    for stack in [*ensemble.weights.values(), *ensemble.gradients.values()]:
        assert all(part.data_ptr() % 64 == 0 and part.is_contiguous() for part in stack)
