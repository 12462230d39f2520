"""The loop trains what it says, measures what it says, and refuses what cannot work."""

import io
import sys
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.couplings import EASGD, QSGD, Uncoupled, positions
from nets.data import AgentBatches
from nets.ensemble.ensemble import Ensemble
from nets.training import (
    Measurement,
    StallDrops,
    Trainer,
    TrainingDivergedError,
)
from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from tests.nets.training.training_runs import (
    AGENTS,
    BATCH,
    CRITERION,
    made_up_data,
    network,
    trainer,
)


def test_an_agent_alone_is_an_ordinary_loop():
    """Agent 1 of an uncoupled ensemble: torch's own optimizer on an ordinary module."""
    training = trainer(Uncoupled(), momentum=0.9, seed=5)
    module = training.ensemble.module(1)
    training.run(2)

    ensemble = Ensemble(network, AGENTS, seed=5, way="loop")
    alone = ensemble.module(1).train()
    optimizer = torch.optim.SGD(alone.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    batches = AgentBatches(made_up_data(), 1, BATCH, 5, first_agent=1)
    stream = ensemble._streams[1]
    for _ in range(2):
        for inputs, targets in batches:
            optimizer.zero_grad()
            with stream.drawing():
                loss = CRITERION(alone(inputs[0]), targets[0])
            loss.backward()
            optimizer.step()
    for name, weight in alone.named_parameters():
        assert torch.equal(weight, training.ensemble.weights[name][1]), name
        assert not torch.equal(weight, dict(module.named_parameters())[name])


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_in_bfloat16_an_agent_alone_is_an_ordinary_loop_under_autocast(way):
    training = trainer(Uncoupled(), way=way, autocast=torch.bfloat16, seed=5)
    alone = training.ensemble.module(1).train()
    found = training.run(2)
    optimizer = torch.optim.SGD(alone.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    batches = AgentBatches(made_up_data(), 1, BATCH, 5, first_agent=1)
    stream = Ensemble(network, AGENTS, seed=5)._streams[1]
    for _ in range(2):
        for inputs, targets in batches:
            optimizer.zero_grad()
            with stream.drawing(), torch.autocast("cpu", torch.bfloat16):
                outputs = alone(inputs[0])
            CRITERION(outputs.float(), targets[0]).backward()
            optimizer.step()
    for name, weight in alone.named_parameters():
        # one pass of all agents rounds otherwise, to 8 bits
        torch.testing.assert_close(
            training.ensemble.weights[name][1],
            weight.detach(),
            rtol=0,
            atol=0 if way == "loop" else 0.02,
        )
    # float32 is another training, to 8 bits the same
    exact = trainer(Uncoupled(), way=way, seed=5).run(2)
    for name in ("agent_loss", "mean_loss", "distortion"):
        assert not np.array_equal(found[name], exact[name])
        assert found[name].values == pytest.approx(exact[name].values, rel=0.05)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_parts_and_clipping_are_those_of_an_ordinary_loop(way):
    """Agent 1 again; the norms are clipped in some steps and not in others."""
    training = trainer(Uncoupled(), way=way, micro_batch=3, clip=0.6, seed=5)
    alone = training.ensemble.module(1).train()
    training.run(2)
    optimizer = torch.optim.SGD(alone.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    batches = AgentBatches(made_up_data(), 1, BATCH, 5, first_agent=1)
    stream, norms = Ensemble(network, AGENTS, seed=5)._streams[1], []
    for _ in range(2):
        for inputs, targets in batches:
            optimizer.zero_grad()
            for part in (slice(0, 3), slice(3, 6), slice(6, 8)):
                with stream.drawing():
                    loss = CRITERION(alone(inputs[0, part]), targets[0, part])
                (loss * (len(targets[0, part]) / BATCH)).backward()
            norms.append(float(torch.nn.utils.clip_grad_norm_(alone.parameters(), 0.6)))
            optimizer.step()
    assert min(norms) < 0.6 < max(norms)
    for name, weight in alone.named_parameters():
        found = training.ensemble.weights[name][1]
        torch.testing.assert_close(found, weight.detach(), rtol=1e-4, atol=1e-6)


def test_measurements_are_what_they_say():
    training = trainer("EASGD")
    result = training.run(1)
    points = positions(training.ensemble.weights, training.optimizer)
    data, last = training.data, result.isel(epoch=-1)
    mean = {name: stack.mean(0) for name, stack in points.items()}
    spread = sum(float((stack - mean[name]).square().sum()) for name, stack in points.items())
    assert last["synchronization"] == pytest.approx(spread, rel=1e-5)
    quorum = training.rule.quorum
    away = sum(float((stack - quorum[name]).square().sum()) for name, stack in points.items())
    assert last["quorum_distance"] == pytest.approx(away, rel=1e-5)
    assert away > 1.01 * spread
    for part, examples in (("train", data.train), ("test", data.test)):
        for who, weights in (("mean", mean), ("quorum", training.rule.quorum)):
            outputs = training.ensemble.module_of(weights).eval()(examples.inputs)
            loss = CRITERION(outputs, examples.targets).item()
            assert last[f"{who}_loss"].sel(part=part) == pytest.approx(loss, rel=1e-5)
            right = float((outputs.argmax(1) == examples.targets).float().mean())
            assert last[f"{who}_accuracy"].sel(part=part) == pytest.approx(right)
    agent = {name: stack[2] for name, stack in points.items()}
    outputs = training.ensemble.module_of(agent).eval()(data.validation.inputs)
    expected = CRITERION(outputs, data.validation.targets).item()
    assert last["agent_loss"].sel(part="validation", agent=2) == pytest.approx(expected, rel=1e-5)
    assert not np.isclose(expected, last["quorum_loss"].sel(part="validation"))


def test_distortion_of_agents_at_one_point_is_nothing():
    training = trainer("QSGD")
    for stack in training.ensemble.weights.values():
        stack.copy_(stack[:1].clone().expand_as(stack))
    start = training.run(1).isel(epoch=0)
    assert start["distortion"] == pytest.approx(0.0, abs=1e-6)
    assert start["synchronization"] == pytest.approx(0.0, abs=1e-12)


def test_distortion_of_a_curved_loss_is_the_difference_of_gradients():
    training = trainer("QSGD")
    points = training.points()
    start = training.run(0)

    def gradient(weights):
        module = training.ensemble.module_of(weights).eval()
        loss = CRITERION(module(training.data.train.inputs), training.data.train.targets)
        return torch.cat([g.flatten() for g in torch.autograd.grad(loss, [*module.parameters()])])

    own = [gradient({n: s[agent] for n, s in points.agents.items()}) for agent in range(AGENTS)]
    expected = float((gradient(points.mean) - torch.stack(own).mean(0)).norm())
    assert expected > 1e-3
    assert start["distortion"][0] == pytest.approx(expected, rel=1e-4)


def test_coupling_brings_agents_together():
    apart, coupled = (trainer(rule).run(3)["synchronization"][-1] for rule in (Uncoupled(), "QSGD"))
    assert coupled < 0.3 * apart


def test_record_has_names_units_and_a_file(tmp_path):
    result = trainer("SD-QSGD").run(2)
    assert dict(result.sizes) == {"epoch": 3, "part": 3, "agent": AGENTS}
    assert all(result[name].attrs["units"] for name in result.data_vars)
    results.save(result, tmp_path / "run.nc")
    assert results.load(tmp_path / "run.nc").equals(result)


def test_what_is_not_asked_for_is_not_measured():
    less = Measurement(agent_parts=("validation",), centre_parts=("test",))
    result = trainer("QSGD", measurement=less).run(1)
    assert np.isnan(result["agent_loss"].sel(part=["train", "test"])).all()
    assert np.isnan(result["distortion"]).all()
    assert np.isfinite(result["mean_loss"].sel(part="test")).all()


def test_learning_rates_fall_for_each_agent():
    training = trainer(Uncoupled(), rate=0.2)
    result = training.run(12)
    rates = result["learning_rate"].values
    assert (np.diff(rates, axis=0) <= 0).all()
    assert (training.drops.drops >= 1).all()
    # by the definition, from the losses that were measured
    losses = result["agent_loss"].sel(part="validation").values
    optimizer = torch.optim.SGD([{"params": [torch.zeros(1)]} for _ in range(AGENTS)], lr=0.2)
    drops = StallDrops(optimizer, threshold=0.2, patience=2)
    for epoch in range(1, 13):
        drops.step(torch.from_numpy(losses[epoch]))
        assert rates[epoch].tolist() == [group["lr"] for group in optimizer.param_groups]


def test_tested_points_can_be_others():
    tested = []
    training = trainer("QSGD")
    zero = {name: torch.zeros_like(stack) for name, stack in training.ensemble.weights.items()}
    training._tested = lambda: tested.append(1) or zero
    result = training.run(1)
    assert len(tested) == 2
    assert result["agent_loss"].values == pytest.approx(np.log(3))


def test_listeners_receive_every_record():
    received = []
    trainer("QSGD", listeners=[lambda epoch, record: received.append(epoch)]).run(2)
    assert received == [0, 1, 2]


class TestRefusals:
    def test_a_loss_that_is_not_finite_names_agent_epoch_and_rate(self):
        passes = iter(range(1_000))

        def criterion(outputs, targets):
            # counted from 0, pass 32 is that of agent 2 at step 10, in the second epoch
            poisoned = outputs.requires_grad and next(passes) == 32
            return CRITERION(outputs, targets) * (torch.nan if poisoned else 1.0)

        training = trainer("QSGD", criterion=criterion, measurement=Measurement())
        with pytest.raises(TrainingDivergedError, match="lower its learning rate") as caught:
            training.run(5)
        problem = caught.value
        assert (problem.agent, problem.step, problem.epoch) == (2, 10, 2)
        assert "agent 2" in str(problem)
        assert "epoch 2" in str(problem)
        assert "0.1" in str(problem)

    def test_too_much_coupling(self):
        for rule in (QSGD(20.0), EASGD(25.0)):
            with pytest.raises(InvalidArgumentError, match="lower the coupling"):
                trainer(rule).run(1)

    def test_parts_of_a_run_that_do_not_belong_together(self):
        data = made_up_data()
        ensemble = Ensemble(network, 3, seed=1)
        optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
        batches = AgentBatches(data, 2, BATCH, 1)
        with pytest.raises(InvalidArgumentError, match="2 from agent 0 in batches"):
            Trainer(ensemble, optimizer, QSGD(1.0), batches, CRITERION, data)

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"ensemble": "perceptron"}, "ensemble is a str, but must be a nets.Ensemble"),
            ({"rule": 3}, "rule is 3, but must be one of nets.couplings"),
            ({"criterion": "mse"}, "criterion is 'mse', but must be a function"),
            ({"criterion": None}, "criterion is None, but must be a function"),
            ({"checkpoint": 3}, "checkpoint is 3, but must be a path"),
            ({"progress": "no"}, "progress is 'no', but must be True or False"),
            ({"channels_last": "no"}, "channels_last is 'no', but must be True or False"),
        ],
    )
    def test_parts_of_other_kinds(self, changed, words):
        ensemble = Ensemble(network, 3, seed=1)
        given = {
            "ensemble": ensemble,
            "optimizer": torch.optim.SGD(ensemble.groups(), lr=0.1),
            "rule": QSGD(1.0),
            "batches": AgentBatches(made_up_data(), 3, BATCH, 1),
            "criterion": CRITERION,
            "data": made_up_data(),
        }
        with pytest.raises(InvalidArgumentError, match=words):
            Trainer(**given | changed)

    def test_a_coupling_that_repels(self):
        with pytest.raises(
            InvalidArgumentError, match=r"coupling is -1\.0, but must be .* at least 0"
        ):
            QSGD(-1.0)
        with pytest.raises(InvalidArgumentError, match=r"coupling at step 0 is .*at least 0"):
            trainer(QSGD(lambda step: -1.0)).run(1)

    def test_drops_without_a_validation_loss(self):
        ensemble = Ensemble(network, 3, seed=1)
        optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
        data = made_up_data()
        with pytest.raises(InvalidArgumentError, match="validation"):
            Trainer(
                ensemble,
                optimizer,
                QSGD(1.0),
                AgentBatches(data, 3, BATCH, 1),
                CRITERION,
                data,
                drops=StallDrops(optimizer),
                measurement=Measurement(agent_parts=("train",)),
            )

    def test_what_needs_training_examples_where_there_are_none(self):
        given = made_up_data()
        data = replace(given, sizes=(0, 0, sum(given.sizes)))

        def tested(network, measurement=None):
            ensemble = Ensemble(network, 3, seed=1, running_statistics="keep")
            return Trainer(
                ensemble, torch.optim.SGD(ensemble.groups(), lr=0.1), QSGD(1.0),
                AgentBatches(given, 3, BATCH, 1), CRITERION, data, progress=False,
                measurement=measurement,
            )  # fmt: skip

        def normalized():
            return torch.nn.Sequential(torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 3))

        with pytest.raises(
            InvalidArgumentError, match="training part, which has no examples; give"
        ):
            tested(network, Measurement(distortion=True))
        with pytest.raises(
            InvalidArgumentError, match=r"no statistics can be computed .* give train"
        ):
            tested(normalized).run(1)
        assert tested(network).run(1)["quorum_loss"].sel(part="test").notnull().all()

    def test_a_word_is_not_taken_for_true(self):
        with pytest.raises(InvalidArgumentError, match="distortion is 'no', but must be True"):
            Measurement(distortion="no")

    def test_parts_that_batch_normalization_would_see_as_unlike_batches(self):
        data = made_up_data()
        normal = torch.nn.BatchNorm1d
        ensemble = Ensemble(
            lambda: torch.nn.Sequential(
                torch.nn.Linear(4, 3), normal(3, track_running_stats=False)
            ),
            3,
            seed=1,
        )
        optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
        # 48 examples are two batches of 20, and one of 8
        for batch, part, left in ((8, 3, "part of 2 .* of 8"), (20, 5, "part of 3 .* of 8")):
            batches = AgentBatches(data, 3, batch, 1, drop_last=False)
            with pytest.raises(InvalidArgumentError, match=left):
                Trainer(ensemble, optimizer, QSGD(1.0), batches, CRITERION, data, micro_batch=part)

    @pytest.mark.parametrize(
        ("given", "words"), [({"clip": 0}, "above 0"), ({"micro_batch": 0}, "1")]
    )
    def test_sizes_that_are_none(self, given, words):
        with pytest.raises(InvalidArgumentError, match=words):
            trainer("QSGD", **given)

    def test_images_pixel_by_pixel_of_data_that_are_none(self):
        with pytest.raises(InvalidArgumentError, match=r"an input has shape \(4,\)"):
            trainer("QSGD", channels_last=True)

    def test_a_part_that_does_not_exist(self):
        with pytest.raises(InvalidArgumentError, match="did you mean 'test'"):
            Measurement(agent_parts=("tests",))


def test_nothing_is_shown_in_a_pipe_and_a_bar_on_a_terminal(monkeypatch):
    for terminal in (False, True):
        stream = io.StringIO()
        stream.isatty = lambda terminal=terminal: terminal
        monkeypatch.setattr(sys, "stderr", stream)
        training = trainer("QSGD", title="digits")
        training._progress = None
        training.run(1)
        assert ("digits" in stream.getvalue()) is terminal


def test_tensorboard_gets_every_number(tmp_path):
    board = pytest.importorskip("torch.utils.tensorboard")
    assert board
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from nets.training.tensorboard import TensorBoard

    with TensorBoard(tmp_path) as listener:
        result = trainer("QSGD", listeners=[listener]).run(2)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    shown = [event.value for event in events.Scalars("agent_loss/test/1")]
    expected = result["agent_loss"].sel(part="test", agent=1).values
    assert shown == pytest.approx(expected, rel=1e-6)
    assert "learning_rate/2" in events.Tags()["scalars"]
    assert "synchronization" in events.Tags()["scalars"]
