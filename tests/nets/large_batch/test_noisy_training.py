"""Trainings on large batches: accumulated in parts, with noise of the right law, searched apart."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.data.data_set import Part
from nets.large_batch.configuration import LargeBatchTask, NoisyJob, NoisyPlan
from nets.large_batch.gradient_covariance import SMALL, ImitatedBatch, noise_trace
from nets.large_batch.images import epoch_steps
from nets.large_batch.noisy_training import batch_of, obtained, trained, trainer_of
from nets.large_batch.run_curves import after_first_descent, largest_drop, oscillation
from nets.large_batch.search import best
from nets.large_batch.trainings import SEARCHING
from sdeopt.experiments.context import RunContext, running

TASK = LargeBatchTask(
    runs=5, epochs=2, data="digits", held_out=0.02, train=20, network="two_convolutions",
    widths=(1, 2, 4), part=20,
)  # fmt: skip
NOISY = NoisyPlan(batch=20, rate=0.05, noise=0.3)


def weights_after(task, plan, epochs=2):
    trainer = trainer_of(NoisyJob(task, plan, 0))
    trainer.run(epochs)
    return torch.cat([stack.flatten() for stack in trainer.ensemble.weights.values()])


def test_parts_are_the_whole_batch_to_rounding():
    """A batch of 20 in parts of 7: 7, 7 and 6; noise is added once, to the sum."""
    whole = weights_after(TASK, NOISY)
    parts = weights_after(dataclasses.replace(TASK, part=7), NOISY)
    torch.testing.assert_close(parts, whole, rtol=1e-5, atol=1e-6)
    assert not torch.equal(weights_after(TASK, dataclasses.replace(NOISY, noise=0.0)), whole)


def test_noise_is_inside_the_gradient():
    """A step of rate ε moves the weights by ε (g + α σ): twice the rate, twice the noise."""
    still = dataclasses.replace(TASK, epochs=1)
    moved = {}
    for rate in (0.01, 0.02):
        with_noise = weights_after(still, NoisyPlan(batch=20, rate=rate, noise=0.3), epochs=1)
        without = weights_after(still, NoisyPlan(batch=20, rate=rate), epochs=1)
        moved[rate] = (with_noise - without).double()
    torch.testing.assert_close(2 * moved[0.01], moved[0.02], rtol=1e-3, atol=1e-6)
    count = len(moved[0.01])
    expected = 0.01 * 0.3
    # a standard deviation of n numbers has the error σ/√(2n)
    assert abs(float(moved[0.01].std()) - expected) < 5 * expected / np.sqrt(2 * count)


def test_updates_of_an_epoch():
    assert epoch_steps(60_000, 45_000, whole=False) == 2
    assert epoch_steps(10_000, 7_500, whole=False) == 2
    assert epoch_steps(50_000, 1_024, whole=True) == 48
    trainer = trainer_of(NoisyJob(TASK, NoisyPlan(batch=15, rate=0.1), 0))
    assert [len(targets[0]) for _, targets in trainer.batches] == [15, 5]


def test_the_search_has_examples_of_its_own():
    searching = trainer_of(NoisyJob(TASK, NoisyPlan(batch=15, rate=0.1, held_back=True), SEARCHING))
    assert searching.data.sizes[:2] == (16, 4)
    assert searching.batches.batch == 12  # N/B is the same
    assert searching.measurement.agent_parts == ("validation",)
    assert searching.measurement.centre_parts == ()
    final = trainer_of(NoisyJob(TASK, NoisyPlan(batch=15, rate=0.1), 0))
    assert final.data.sizes[:2] == (20, 0)
    assert final.measurement.agent_parts == ("test",)
    held = searching.data.validation.inputs.flatten(1)
    distances = torch.cdist(held, searching.data.train.inputs.flatten(1))
    assert distances.min() > 0.0


def test_batches_of_the_search_stay_whole_parts():
    task = dataclasses.replace(TASK, part=8, whole_batches=True)
    sizes = [batch_of(task, NoisyPlan(batch=b, rate=0.1, held_back=True)) for b in (8, 16, 32, 80)]
    assert sizes == [8, 16, 24, 64]


def test_the_best_is_chosen_with_noise_and_without():
    import xarray as xr

    scores = xr.DataArray(
        [[[0.5, 0.6, 0.2], [0.7, 0.1, 0.9]]],
        dims=("batch", "search_rate", "search_noise"),
        coords={"batch": [64], "search_rate": [0.1, 0.2], "search_noise": [0.0, 0.01, 0.3]},
    )
    assert best(scores, 64, with_noise=False) == (0.2, 0.0)
    assert best(scores, 64, with_noise=True) == (0.2, 0.3)


@pytest.mark.statistical
def test_conditioned_noise_has_the_covariance_of_a_small_batch():
    """H₀: its variance along each weight is that of batches of b, Σ_aa/b; 5 errors of a variance."""
    random = torch.Generator().manual_seed(3)
    inputs = torch.randn(12, 3, generator=random, dtype=torch.float64)
    targets = torch.randint(0, 2, (12,), generator=random)
    weight = torch.zeros(3, 2, dtype=torch.float64, requires_grad=True)

    def gradient(criterion, rows=slice(None)):
        loss = criterion(inputs[rows] @ weight, targets[rows])
        return torch.autograd.grad(loss, weight)[0].flatten()

    plain = torch.nn.functional.cross_entropy
    each = torch.stack([gradient(plain, slice(i, i + 1)) for i in range(12)])
    expected = each.var(0, correction=0) / 4
    torch.manual_seed(5)
    count = 2_000
    noisy = torch.stack([gradient(ImitatedBatch(4, 12)) for _ in range(count)])
    off = noisy.var(0) / expected - 1
    assert float(off.abs().max()) < 5 * np.sqrt(2 / count)
    mean_off = (noisy.mean(0) - gradient(plain)).abs() / (expected / count).sqrt()
    assert float(mean_off.max()) < 5
    with torch.no_grad():
        exact = plain(inputs @ weight, targets)
        assert ImitatedBatch(4, 12)(inputs @ weight, targets) == exact


@pytest.mark.statistical
def test_the_trace_is_that_of_single_examples():
    """H₀: its mean over random orders is tr Σ (with N − 1); 5 standard errors."""
    trainer = trainer_of(NoisyJob(dataclasses.replace(TASK, train=10 * SMALL), NOISY, 0))
    part, ensemble = trainer.data.train, trainer.ensemble
    module = ensemble.module_of({name: stack[0] for name, stack in ensemble.weights.items()})
    weights = list(module.parameters())
    each = []
    for row in range(len(part)):
        outputs = module(part.inputs[row : row + 1])
        loss = torch.nn.functional.cross_entropy(outputs, part.targets[row : row + 1])
        each.append(torch.cat([g.flatten() for g in torch.autograd.grad(loss, weights)]))
    exact = float(torch.stack(each).double().var(0).sum())
    random = torch.Generator().manual_seed(1)
    found = []
    for _ in range(20):
        order = torch.randperm(len(part), generator=random)
        found.append(noise_trace(ensemble, Part(part.inputs[order], part.targets[order])))
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - exact) < 5 * error
    assert error < 0.1 * exact


def test_killed_it_goes_on_to_the_same_bits(tmp_path):
    """Conditioned noise comes from the stream that a checkpoint keeps."""

    class KilledError(Exception):
        pass

    def kill(epoch):
        if epoch == 2:
            raise KilledError

    task = dataclasses.replace(TASK, kept=True, epochs=3)
    job = NoisyJob(task, NoisyPlan(batch=20, rate=0.5, imitated=4, noise=0.1), 0)
    with running(RunContext(tmp_path)):
        with pytest.raises(KilledError):
            obtained(job, kill)
        seen = []
        resumed = obtained(job, seen.append)
    # an epoch is kept once it was told
    assert seen == [2, 3]
    whole = trained(dataclasses.replace(TASK, epochs=3), job.plan, 0)
    np.testing.assert_allclose(resumed["loss"], whole["loss"], rtol=2.0**-16)
    other = trained(
        dataclasses.replace(TASK, epochs=3), dataclasses.replace(job.plan, imitated=0), 0
    )
    assert not np.allclose(whole["loss"], other["loss"], rtol=1e-3)


def test_a_divergence_counts_as_chance():
    lost = trained(TASK, NoisyPlan(batch=5, rate=1e30), 0)
    assert bool(lost["diverged"])
    assert lost["accuracy"].isel(epoch=-1) == 0.1


def test_oscillation_is_what_a_rising_curve_has_none_of():
    rising = np.array([0.1, 0.3, 0.5, 0.5, 0.9])
    assert oscillation(rising) == 0.0
    assert largest_drop(rising) == 0.0
    # a fall at the start is none, what follows the first peak counts; tests that were not made do not
    swinging = np.array([0.2, 0.1, np.nan, 0.8, 0.4, 0.8])
    np.testing.assert_array_equal(after_first_descent(swinging), [0.8, 0.4, 0.8])
    assert largest_drop(swinging) == pytest.approx(0.4)
    # the best rising fit is 0.6, 0.6, 0.8
    assert oscillation(swinging) == pytest.approx((0.04 + 0.04) / 3)
