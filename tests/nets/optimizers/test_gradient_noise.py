"""Gradient noise: its law and decay, both places where it enters, and what restores a small batch."""

import math

import numpy as np
import pytest
from scipy import stats

torch = pytest.importorskip("torch")

import sdeopt as so
import theory
from nets.optimizers import GradientNoise, restored_batch
from sdeopt.errors import InvalidArgumentError

N = 40_000
DECAYING = so.schedules.PowerDecay(0.3, exponent=0.55)


def noises(law, steps, rate=0.5, momentum=0.0, seed=4, size=N):
    """What the noise alone adds to the weights at each step; the gradient itself is 2."""
    weight = torch.nn.Parameter(torch.zeros(size, dtype=torch.float64))
    sgd = torch.optim.SGD([weight], lr=rate, momentum=momentum)
    optimizer = GradientNoise(sgd, law, seed=seed)
    moves = []
    for _ in range(steps):
        before = weight.detach().clone()
        weight.grad = torch.full_like(weight, 2.0)
        optimizer.step()
        moves.append((weight.detach() - before + rate * 2.0).numpy())
    return moves


LAWS = {
    "gaussian": (so.noise.Gaussian(2.0, level=DECAYING), stats.norm(scale=2.0)),
    "uniform": (so.noise.Uniform(2.0, level=DECAYING), stats.uniform(-2.0, 4.0)),
}


@pytest.mark.statistical
@pytest.mark.parametrize("law", LAWS)
def test_the_law_and_its_decay(law):
    """Null: step t adds −η·0.3/(1 + t)^0.55 times the law. Kolmogorov-Smirnov, p > 0.001.

    Planted: the level of the step before, or the law of the other name.
    """
    given, known = LAWS[law]
    other = LAWS["uniform" if law == "gaussian" else "gaussian"][1]
    for step, drawn in enumerate(noises(given, 6)):
        standard = drawn / (-0.5 * 0.3 / (1 + step) ** 0.55)
        assert stats.kstest(standard, known.cdf).pvalue > 1e-3
        assert stats.kstest(standard, other.cdf).pvalue < 1e-6
        if step:
            assert stats.kstest(standard * (step / (1 + step)) ** 0.55, known.cdf).pvalue < 1e-6


@pytest.mark.statistical
def test_steps_seeds_agents_and_coordinates_are_independent():
    """Null: correlation 0 with standard error 1/√N; 4.4 of them. Planted: the same seed again."""
    law = so.noise.Gaussian(1.0)
    first, second = noises(law, 2)
    (other,) = noises(law, 1, seed=5)
    weights = [torch.nn.Parameter(torch.zeros(N)) for _ in range(2)]
    groups = [{"params": [weight], "agent": agent} for agent, weight in enumerate(weights)]
    optimizer = GradientNoise(torch.optim.SGD(groups, lr=1.0), law, seed=4)
    for weight in weights:
        weight.grad = torch.zeros(N)
    optimizer.step()
    agents = [weight.detach().numpy() for weight in weights]
    pairs = [(first, second), (first, other), (first[1:], first[:-1]), tuple(agents)]
    for one, two in pairs:
        assert abs(np.corrcoef(one, two)[0, 1]) < 4.4 / math.sqrt(len(one))
    assert np.corrcoef(first, noises(law, 1)[0])[0, 1] > 0.99


@pytest.mark.statistical
def test_both_readings_of_the_paper_have_their_diffusion():
    """Null: per unit of time the weights gain the variance ηα² or α²/η; 4.4 standard errors.

    The number of coordinates is N, so a variance has the relative standard error √(2/N).
    """
    rate, alpha, error = 0.05, 0.7, math.sqrt(2.0 / N)
    exact = {"gradient": rate * alpha**2, "update": alpha**2 / rate}
    for enters, diffusion in exact.items():
        (move,) = noises(so.noise.Gaussian(alpha, enters=enters), 1, rate=rate)
        assert abs(move.var() / rate / diffusion - 1.0) < 4.4 * error
        other = exact["update" if enters == "gradient" else "gradient"]
        assert abs(move.var() / rate / other - 1.0) > 4.4 * error


def test_momentum_adds_up_gradient_noise_and_leaves_update_noise():
    """At momentum 0.5 noise on the first gradient moves the second step by half as much again."""
    once = so.schedules.Halving(1.0, every=1e-9)  # level 1 at t = 0, and 0 from then on
    for enters, share in (("gradient", 0.5), ("update", 0.0)):
        law = so.noise.Gaussian(1.0, level=once, enters=enters)
        first, second = noises(law, 2, momentum=0.5, size=100)
        np.testing.assert_allclose(second + 0.5 * 2.0 * 0.5, share * first, atol=1e-12)


def test_the_gradient_a_user_reads_afterwards_is_the_noisy_one():
    weight = torch.nn.Parameter(torch.zeros(5))
    optimizer = GradientNoise(torch.optim.SGD([weight], lr=0.1), so.noise.Gaussian(1.0))
    weight.grad = torch.zeros(5)
    optimizer.step()
    torch.testing.assert_close(weight.detach(), -0.1 * weight.grad)


def test_an_optimizer_that_asks_twice_gets_fresh_noise_each_time():
    weight = torch.nn.Parameter(torch.ones(3))
    inner = torch.optim.LBFGS([weight], max_iter=3)
    optimizer = GradientNoise(inner, so.noise.Gaussian(0.1), seed=1)
    seen = []

    def closure():
        optimizer.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        seen.append(weight.detach().clone())
        return loss

    optimizer.step(closure)
    assert len(seen) > 1
    assert optimizer.steps == 1


@pytest.mark.statistical
def test_restored_noise_has_the_trace_of_the_small_batch():
    """Null: trace of batches of b plus the noise is that of batches of b₀; 4.4 standard errors.

    Least squares on 200 examples. Planted: no noise, and the theorem's formula with n left out.
    """
    generator = torch.Generator().manual_seed(6)
    inputs = torch.randn(200, 4, generator=generator, dtype=torch.float64)
    targets = torch.randn(200, generator=generator, dtype=torch.float64)
    examples = inputs * (inputs @ torch.full((4,), 0.3, dtype=torch.float64) - targets)[:, None]
    trace = examples.var(dim=0, correction=0).sum().item()
    law = restored_batch(trace, 4, batch_size=50, wanted_batch_size=5)
    assert law.standard_deviation**2 == pytest.approx(
        theory.load("large_batch_restored_noise")
        .bound(noise_trace=trace, dimension=4, batch_size=50, wanted_batch_size=5)
        .item()
    )
    weight = torch.nn.Parameter(torch.zeros(4, dtype=torch.float64))
    optimizer = GradientNoise(torch.optim.SGD([weight], lr=1.0), law, seed=2)
    squares, plain = [], []
    for _ in range(3000):
        batch = examples[torch.randint(200, (50,), generator=generator)].mean(0)
        weight.grad = batch.clone()
        optimizer.step()
        squares.append((weight.grad - examples.mean(0)).square().sum().item())
        plain.append((batch - examples.mean(0)).square().sum().item())
    error = np.std(squares) / math.sqrt(len(squares))
    assert abs(np.mean(squares) - trace / 5) < 4.4 * error
    assert abs(np.mean(plain) - trace / 5) > 4.4 * error
    assert abs(np.mean(plain) + 16 * law.standard_deviation**2 - trace / 5) > 4.4 * error


def test_wrong_input_gets_one_sentence():
    weight = torch.nn.Parameter(torch.ones(2))
    sgd = torch.optim.SGD([weight], lr=0.1)
    with pytest.raises(InvalidArgumentError, match="enters at the weights; give WeightNoise"):
        GradientNoise(sgd, so.noise.Gaussian(1.0, enters="weights"))
    with pytest.raises(InvalidArgumentError, match=r"here it must be noise\.Uniform, or"):
        GradientNoise(sgd, so.noise.StudentT(5.0, 1.0))
    with pytest.raises(InvalidArgumentError, match=r"here it must be noise\.Uniform, or"):
        GradientNoise(sgd, so.noise.Gaussian([1.0, 2.0]))
    with pytest.raises(InvalidArgumentError, match="seed is -1, but must be a whole number"):
        GradientNoise(sgd, so.noise.Gaussian(1.0), seed=-1)
    with pytest.raises(InvalidArgumentError, match="wanted_batch_size is 9, but noise can only"):
        restored_batch(1.0, 4, batch_size=8, wanted_batch_size=9)
    table = torch.nn.Embedding(5, 2, sparse=True)
    table(torch.tensor([1])).sum().backward()
    noisy = GradientNoise(torch.optim.SGD(table.parameters(), lr=0.1), so.noise.Gaussian(1.0))
    with pytest.raises(InvalidArgumentError, match="is sparse, but this optimizer"):
        noisy.step()
    falling = so.noise.Gaussian(1.0, level=so.schedules.Ramp(1.0, -1.0, over=1))
    weight.grad = torch.ones(2)
    optimizer = GradientNoise(sgd, falling)
    optimizer.step()
    with pytest.raises(InvalidArgumentError, match="the level of the noise at step 1 is"):
        optimizer.step()
