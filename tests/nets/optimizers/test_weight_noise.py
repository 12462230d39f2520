"""Weight noise: Algorithm 1 of Adilova et al. (2018), its law, its times, and its ways in."""

import math

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

import sdeopt as so
from nets.optimizers import WeightNoise
from sdeopt.errors import InvalidArgumentError


def law(kind=so.noise.Uniform, size=0.5, level=1.0):
    return kind(size, level=level, enters="weights")


def wrapped(weights, noise=None, rate=0.1, **settings):
    sgd = torch.optim.SGD(weights, lr=rate)
    return WeightNoise(sgd, law() if noise is None else noise, **settings)


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("kind", "known"),
    [(so.noise.Uniform, stats.uniform(-0.5, 1.0)), (so.noise.Gaussian, stats.norm(scale=0.5))],
)
def test_the_law_and_its_decay_by_round(kind, known):
    """Null: before step t the weights gain ε/(1 + ⌊t/3⌋) times the law. K-S, p > 0.001.

    Planted: no decay.
    """
    weight = torch.nn.Parameter(torch.zeros(20_000, dtype=torch.float64))
    level = so.schedules.InverseRound(2.0, period=3)
    optimizer = wrapped([weight], law(kind, level=level), seed=3)
    for step in range(7):
        before = weight.detach().clone()
        optimizer.inject()
        drawn = (weight.detach() - before).numpy()
        assert stats.kstest(drawn / (2.0 / (1 + step // 3)), known.cdf).pvalue > 1e-3
        if step >= 3:
            assert stats.kstest(drawn / 2.0, known.cdf).pvalue < 1e-6
        weight.grad = torch.zeros_like(weight)
        optimizer.step()


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({}, [0, 1, 2, 3, 4, 5, 6]),
        ({"when": "initialization"}, [0]),
        ({"when": "synchronization", "period": 3}, [0, 3, 6]),
    ],
)
def test_noise_comes_when_it_is_due_and_once(settings, steps):
    weight = torch.nn.Parameter(torch.zeros(4))
    optimizer = wrapped([weight], **settings)
    came = []
    for step in range(7):
        before = weight.detach().clone()
        optimizer.inject()
        if not torch.equal(weight, before):
            came.append(step)
        there = weight.detach().clone()
        optimizer.inject()
        assert torch.equal(weight, there)
        weight.grad = torch.zeros(4)
        optimizer.step()
    assert came == steps


def test_a_step_is_the_engines():
    """The noise torch drew, replayed in the engine, takes the same path."""
    noise = law(so.noise.Gaussian, 1.0, level=so.schedules.InverseRound(1.0, period=2))
    loss = so.losses.Quadratic(np.array([[2.0, 0.6], [0.6, 1.0]]))
    weight = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimizer = wrapped([weight], noise, rate=0.3, seed=9)
    drawn, path = [], [weight.detach().clone()]
    for step in range(6):
        optimizer.inject()
        drawn.append((weight.detach() - path[-1]) * (1 + step // 2))
        weight.grad = torch.as_tensor(loss.gradient(weight.detach().numpy()))
        optimizer.step()
        path.append(weight.detach().clone())
    run = so.simulate(
        loss, so.SGD(), noise=noise, steps=6, step_size=0.3, start=so.start.Point([1.0, -2.0]),
        increments=so.Increments(torch.stack(drawn).numpy()[:, None, None]), record=so.record.Every(1),
    )  # fmt: skip
    theirs = run.agents.isel(replica=0, agent=0).transpose("step", "dim").values
    np.testing.assert_allclose(torch.stack(path).numpy(), theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.statistical
def test_averages_over_agents_see_weights_without_the_noise_to_come():
    """Null: averaging m agents after each step leaves variance ε²/m per step; 4.4 standard errors.

    With zero gradients x• is a random walk of steps of variance ε²/12m. Planted: noise that the
    agents share, or that they do not average.
    """
    agents, steps, size = 4, 3, 30_000
    weights = [torch.zeros(size, dtype=torch.float64) for _ in range(agents)]
    groups = [{"params": [weight], "agent": agent} for agent, weight in enumerate(weights)]
    optimizer = wrapped(groups)
    for _ in range(steps):
        optimizer.inject()
        assert not torch.equal(weights[0], weights[1])
        for weight in weights:
            weight.grad = torch.zeros_like(weight)
        optimizer.step()
        mean = torch.stack(weights).mean(0)
        for weight in weights:
            weight.copy_(mean)
    sample, exact = weights[0].numpy(), steps / agents / 12.0
    assert abs(sample.var() / exact - 1.0) < 4.4 * math.sqrt(2.0 / size)
    assert abs(sample.var() / (steps / 12.0) - 1.0) > 4.4 * math.sqrt(2.0 / size)


def test_an_attached_network_brings_the_noise_in_its_training_passes_alone():
    network = torch.nn.Linear(3, 1)
    optimizer = wrapped(network.parameters(), seed=5)
    handle = optimizer.attach(network)
    start, inputs = network.weight.detach().clone(), torch.ones(2, 3)
    with torch.no_grad():
        network(inputs)
    network.eval()
    network(inputs)
    assert torch.equal(network.weight, start)
    network.train()
    network(inputs).sum().backward()
    noisy = network.weight.detach().clone()
    network(inputs).sum().backward()  # a second pass for the same step
    assert not torch.equal(noisy, start)
    assert torch.equal(network.weight, noisy)
    optimizer.step()
    torch.testing.assert_close(network.weight.detach(), noisy - 0.1 * network.weight.grad)
    handle.remove()
    network(inputs)
    with pytest.raises(
        InvalidArgumentError, match=r"step\(\) came before this step's noise was added"
    ):
        optimizer.step()


def test_a_lazy_network_gets_noise_once_it_has_shapes():
    network = torch.nn.LazyLinear(1)
    optimizer = wrapped(network.parameters())
    with pytest.raises(
        InvalidArgumentError, match="no shape yet, so it can get no noise; run a batch"
    ):
        optimizer.inject()
    network(torch.ones(2, 3))
    before = network.weight.detach().clone()
    optimizer.inject()
    assert not torch.equal(network.weight, before)


def test_wrong_input_gets_one_sentence():
    weight = [torch.nn.Parameter(torch.ones(2))]
    with pytest.raises(
        InvalidArgumentError, match='enters at the gradient; write enters="weights"'
    ):
        wrapped(weight, so.noise.Uniform(0.5))
    with pytest.raises(InvalidArgumentError, match='period is None with when="synchronization"'):
        wrapped(weight, when="synchronization")
    with pytest.raises(InvalidArgumentError, match='period is 3 with when="step"; noise at every'):
        wrapped(weight, period=3)
    with pytest.raises(InvalidArgumentError, match="period is 0, but must be a whole number"):
        wrapped(weight, when="synchronization", period=0)
    with pytest.raises(InvalidArgumentError, match="did you mean 'step'"):
        wrapped(weight, when="steps")
