"""Runs side by side are runs alone; what is measured of them balances, and bugs are noticed."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.against_theory import coupled_runs
from nets.against_theory.coupled_runs import SideBySide
from nets.against_theory.landscape import Draws, subject_of
from nets.communication import Local
from nets.couplings import QSGD, coupled_step
from sdeopt.errors import InvalidArgumentError
from tests.nets.against_theory.small_setting import SMALL

SETTING = coupled_runs.Setting(agents=4, coupling=2.0)
BUSY = dataclasses.replace(SMALL, runs=16, snapshots=tuple(range(0, 221, 20)), trials=4)


@pytest.fixture(scope="module")
def subject():
    return subject_of(SMALL)


def trained(subject, together, batches, rows):
    """Return where a few steps of coupled training lead, for the rows of the batches."""
    agents = subject.ensemble(rows.stop - rows.start)
    for name, weight in agents.weights.items():
        weight.grad = agents.gradients[name]
    optimizer = torch.optim.SGD(agents.weights.values(), lr=0.1)
    for inputs, targets in batches:
        agents.backward(torch.nn.functional.cross_entropy, inputs[rows], targets[rows])
        coupled_step(QSGD(2.0), together, optimizer, agents.weights, 0)
    return subject.landscape().points(agents.weights)


def test_runs_side_by_side_are_runs_alone(subject):
    draws = Draws(subject.data.train, np.random.default_rng(1))
    batches = [draws.batches(agents=6, batch=8) for _ in range(5)]
    both = trained(subject, SideBySide(runs=2, agents=3), batches, slice(0, 6))
    first = trained(subject, Local(3), batches, slice(0, 3))
    second = trained(subject, Local(3), batches, slice(3, 6))
    torch.testing.assert_close(both, torch.cat([first, second]))


def test_runs_side_by_side_refuse_weighted_means():
    with pytest.raises(InvalidArgumentError, match="no weighted means"):
        SideBySide(2, 2).mean({"bias": torch.zeros(4, 1)}, torch.ones(4))


def test_it_begins_together_and_measures_without_moving(subject):
    """Snapshots take trial steps and undo them: with no batch noise to draw, nothing changes."""
    seen = []
    once = dataclasses.replace(SMALL, snapshots=(0, 1), trials=1, runs=3)
    found = coupled_runs.coupled_runs(subject, SETTING, once, seen.append)
    assert float(abs(found["spread"].sel(snapshot=0)).max()) < 1e-20
    start = subject.landscape().points(subject.ensemble(1).weights)[0]
    torch.testing.assert_close(seen[0], start)
    assert not torch.equal(seen[1], start)
    again = coupled_runs.coupled_runs(subject, SETTING, once)
    assert again.equals(found)


def balance(found, p):
    """Return taken / added in each run, see `nets.against_theory.synchronization.Spread`."""
    late = found.sel(snapshot=slice(60, None)).mean("snapshot")
    added = (p - 1) * SMALL.learning_rate**2 * late["agent_noise"].mean()
    return ((late["spread"] - late["kept"]) / added).values


def off(values, expected):
    return abs(values.mean() - expected) / (values.std(ddof=1) / np.sqrt(len(values)))


@pytest.mark.statistical
def test_contraction_and_noise_balance(subject):
    """Null: taken / added is 1 and the mean has 1/p of the noise. 5 errors of 16 runs."""
    found = coupled_runs.coupled_runs(subject, SETTING, BUSY)
    late = found.sel(snapshot=slice(60, None)).mean("snapshot")
    assert off(balance(found, 4), 1.0) < 5
    assert off(balance(found, 5), 1.0) > 5  # "averaging takes none of the noise away"
    assert off((4 * late["mean_noise"] / late["agent_noise"].mean()).values, 1.0) < 5


@pytest.mark.statistical
def test_a_coupling_that_is_too_strong_is_found(subject, monkeypatch):
    """Nulls as above, with a rule that pulls half as hard again as it says."""
    monkeypatch.setattr(coupled_runs, "QSGD", lambda coupling: QSGD(1.5 * coupling))
    assert off(balance(coupled_runs.coupled_runs(subject, SETTING, BUSY), 4), 1.0) > 5


@pytest.mark.statistical
def test_agents_with_the_same_batches_are_found(subject, monkeypatch):
    """Nulls as above; then nothing is averaged away, and agents do not part."""
    alone = Draws.batches

    def same(draws, agents, batch):
        inputs, targets = alone(draws, agents // 4, batch)
        return inputs.repeat_interleave(4, 0), targets.repeat_interleave(4, 0)

    monkeypatch.setattr(Draws, "batches", same)
    late = coupled_runs.coupled_runs(subject, SETTING, SMALL).sel(snapshot=slice(60, None))
    late = late.mean("snapshot")
    assert off((4 * late["mean_noise"] / late["agent_noise"].mean()).values, 1.0) > 5
    assert float(late["spread"].max()) < 1e-20
