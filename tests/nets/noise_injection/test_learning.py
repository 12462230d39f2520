"""Trainings with noise: who is tested, what is kept, what a run that diverges counts as."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import cross_entropy

from nets.figures.store import digest_of_job, identity
from nets.noise_injection import collecting, learning
from nets.noise_injection.adilova43 import QUICK
from nets.noise_injection.configuration import ALONE, AVERAGED, SERIAL, UNIFORM, Injection
from nets.noise_injection.learning import InjectionJob, data_of, learned, make_trainer
from nets.training import TrainingDivergedError
from sdeopt.experiments.context import RunContext, running

SMALL = dataclasses.replace(QUICK, examples=80, passes=1, period=4, runs=5).learning()


def job(kind, task=SMALL, **plan):
    return InjectionJob(task, Injection(kind=kind, agents=3, **plan), 0)


def _tested(trainer, weights):
    part = trainer.data.test
    stacked = {name: value.unsqueeze(0) for name, value in weights.items()}
    _, right = trainer.ensemble.evaluate(
        cross_entropy, *part, weights=stacked, measure=learning.accuracy
    )
    return float(right[0])


def test_the_last_averaged_model_is_tested_without_the_noise_to_come():
    here = job(AVERAGED, law=UNIFORM, level=1.0)
    trainer = make_trainer(here)
    trainer.run(1)
    for stack in trainer.ensemble.weights.values():
        torch.testing.assert_close(stack, stack[:1].expand_as(stack))
    tested = _tested(trainer, trainer.ensemble.mean())
    # parts of the test set are added up
    assert float(learned(here)["accuracy"]) == pytest.approx(tested, 1e-6)


def test_one_random_local_model_is_tested():
    trainer = make_trainer(job(ALONE))
    trainer.run(1)
    each = [
        _tested(trainer, {name: stack[place] for name, stack in trainer.ensemble.weights.items()})
        for place in range(3)
    ]
    assert min(abs(np.array(each) - float(learned(job(ALONE))["accuracy"]))) < 1e-6
    places = {
        int(np.random.default_rng((seed, learning.PICK)).integers(3))
        for seed in range(1_000, 1_020)
    }
    assert places == {0, 1, 2}


def test_the_serial_model_sees_the_examples_of_all_learners():
    serial, local = make_trainer(job(SERIAL)).batches, make_trainer(job(AVERAGED)).batches
    assert len(serial) == 3 * len(local)
    rows = [
        torch.cat([batches.at(0, step)[0].flatten(0, 1) for step in range(len(batches))])
        for batches in (serial, local)
    ]
    assert torch.equal(*(each.sum(1).sort().values for each in rows))


def test_learners_begin_at_one_point_with_noise_of_their_own():
    trainer = make_trainer(job(AVERAGED, law=UNIFORM, level=2.0, when="initialization"))
    before = {name: stack.clone() for name, stack in trainer.ensemble.weights.items()}
    trainer.optimizer.inject()
    for name, stack in trainer.ensemble.weights.items():
        shift = stack - before[name]
        assert torch.equal(before[name], before[name][:1].expand_as(stack))
        assert not torch.equal(shift[0], shift[1])
        assert 0.8 < float(shift.abs().max()) <= 1.0 + 1e-6


def test_the_loss_that_is_seen_is_that_of_every_example_once():
    """The cumulative loss of a model that does not move is its training loss."""
    still = dataclasses.replace(SMALL, serial_rate=1e-12)
    trainer = make_trainer(job(SERIAL, still))
    batches = [trainer.batches.at(0, step) for step in range(len(trainer.batches))]
    inputs, targets = (torch.cat(each, 1).flatten(0, 1) for each in zip(*batches, strict=True))
    losses, _ = trainer.ensemble.evaluate(cross_entropy, inputs, targets)
    assert float(learned(job(SERIAL, still))["seen_loss"]) == pytest.approx(float(losses[0]), 1e-5)


def test_a_run_that_diverges_counts_as_chance_and_is_marked():
    wild = dataclasses.replace(SMALL, network="susy_linear", squared=True, serial_rate=1.0)
    found = learned(job(SERIAL, wild))
    assert bool(found["diverged"])
    assert float(found["accuracy"]) == 0.5
    assert np.isnan(found["seen_loss"])


def test_a_learner_that_diverges_does_not_end_the_one_that_is_tested():
    wild = dataclasses.replace(SMALL, network="susy_linear", squared=True, serial_rate=0.06)
    here = job(ALONE, wild)._replace(run=1)
    with pytest.raises(TrainingDivergedError, match="agent 0"):
        make_trainer(here).run(1)
    place = int(np.random.default_rng((here.seed, learning.PICK)).integers(3))
    assert place == 1
    trainer = make_trainer(here)
    own, batches = trainer.ensemble.module(place), trainer.batches
    optimizer = torch.optim.SGD(own.parameters(), lr=0.06)
    for step in range(len(batches)):
        inputs, targets = (each[place] for each in batches.at(0, step))
        optimizer.zero_grad()
        learning.loss_of(wild)(own(inputs), targets).backward()
        optimizer.step()
    found, test = learned(here), trainer.data.test
    right = float(learning.same_sign(own(test.inputs), test.targets))
    assert not found["diverged"]
    assert float(found["accuracy"]) == pytest.approx(right, abs=2e-3)
    assert np.isfinite(found["test_loss"])
    # of all learners together, one of which is lost
    assert np.isnan(found["seen_loss"])
    assert np.isnan(found["once_loss"])


def test_pixels_are_scaled():
    digits = data_of("digits", False, True)
    low, high = digits.train.inputs.aminmax()
    assert (float(low), float(high)) == (0.0, 1.0)


def test_what_is_kept_is_not_trained_again(tmp_path, monkeypatch):
    kept = dataclasses.replace(SMALL, kept=True)
    plans = [Injection(kind=kind, agents=3) for kind in (SERIAL, AVERAGED)]
    with running(RunContext(tmp_path)):
        first = collecting.trainings(kept, plans)
        monkeypatch.setattr(collecting, "learned", None)
        again = collecting.trainings(kept, plans)
    assert first.identical(again)
    assert len(list((tmp_path / "trainings").iterdir())) == 2 * SMALL.runs


def test_a_name_tells_trainings_apart_and_no_more():
    one = job(AVERAGED, law=UNIFORM, level=1.0)
    names = {
        digest_of_job(each, "data")
        for each in (
            one,
            job(AVERAGED, law=UNIFORM, level=2.0),
            job(AVERAGED, law=UNIFORM, level=1.0, decayed=False),
            InjectionJob(dataclasses.replace(SMALL, learner_rate=0.3), one.plan, 0),
            one._replace(run=1),
        )
    }
    assert len(names) == 5
    same = InjectionJob(
        dataclasses.replace(QUICK, examples=80, passes=1, period=4, runs=9).learning(), one.plan, 0
    )
    assert identity(same, "data") == identity(one, "data")
