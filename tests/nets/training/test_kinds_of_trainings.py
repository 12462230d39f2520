"""What users of torch bring along: it trains, or one sentence says how it would."""

import copy
import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

import nets
import sdeopt as so
from nets.couplings import EASGD, QSGD, PeriodicAveraging, Uncoupled, coupled_step
from nets.data import AgentBatches, DataSet
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.evaluation import accuracy
from nets.optimizers import GradientNoise, WeightNoise
from nets.training import Measurement, Trainer
from sdeopt.errors import InvalidArgumentError
from tests.nets.training.training_runs import made_up_data

DATA = made_up_data()
MEASURED = Measurement(distortion=True)


def plain():
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))


def training(
    network=plain,
    rule=None,
    data=DATA,
    criterion=functional.cross_entropy,
    agents=2,
    wrap=None,
    **options,
):
    settings = {
        key: options.pop(key) for key in ("dtype", "running_statistics", "way") if key in options
    }
    ensemble = Ensemble(network, agents, seed=5, **settings)
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.05)
    optimizer = optimizer if wrap is None else wrap(optimizer)
    return Trainer(
        ensemble, optimizer, rule or QSGD(2.0), AgentBatches(data, agents, 8, 5), criterion, data,
        progress=False, **{"measurement": MEASURED} | options,
    )  # fmt: skip


def learned(trainer, epochs=8):
    losses = trainer.run(epochs)["mean_loss"].sel(part="train").values
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    return trainer


class TestTargets:
    def test_real_numbers_have_no_accuracy(self):
        targets = DATA.inputs.sum(1, keepdim=True)
        data = dataclasses.replace(DATA, targets=targets, classes=1)
        result = learned(
            training(lambda: nn.Linear(4, 1), data=data, criterion=functional.mse_loss)
        )
        history = result.history.dataset()
        assert np.isnan(history["mean_accuracy"]).all()
        assert np.isnan(history["agent_accuracy"]).all()

    def test_sequences_have_one_for_each_element(self):
        """Classes come behind the examples, as torch's cross_entropy has them."""

        class Tagger(nn.Module):
            def __init__(self):
                super().__init__()
                self.dense = nn.Linear(1, 3)

            def forward(self, inputs):
                return self.dense(inputs.unsqueeze(-1)).transpose(1, 2)

        data = DataSet("tags", DATA.inputs, (DATA.inputs > 0).long(), DATA.sizes, 3, "made up")
        trainer = learned(training(Tagger, data=data))
        outputs = trainer.ensemble.module_of(trainer.points().mean).eval()(data.test.inputs)
        right = float((outputs.argmax(1) == data.test.targets).float().mean())
        last = trainer.history.dataset()["mean_accuracy"].sel(part="test")[-1]
        assert last == pytest.approx(right)

    def test_where_the_classes_are(self):
        targets = torch.randint(4, (5, 7))
        right = functional.one_hot(targets, 4).float()
        for outputs in (right, right.transpose(1, 2)):
            assert accuracy(outputs, targets) == 1
            assert accuracy(outputs.roll(1, 0), targets.roll(1, 0)) == 1
        square = torch.randint(4, (5, 4))  # as many classes as elements: torch's order counts
        assert accuracy(functional.one_hot(square, 4).transpose(1, 2), square) == 1
        assert accuracy(torch.tensor([[-1.0], [2.0]]), torch.tensor([0, 1])) == 1
        with pytest.raises(InvalidArgumentError, match="no dimension of classes"):
            accuracy(torch.zeros(5, 3), torch.zeros(4, dtype=torch.int64))


class TestNetworks:
    @pytest.mark.parametrize("way", ["loop", "batched"])
    def test_frozen_random_layers_are_the_same_in_all_agents(self, way):
        def features():
            return nn.Sequential(nn.Linear(4, 9).requires_grad_(False), nn.Tanh(), nn.Linear(9, 3))

        trainer = learned(training(features, agents=3, way=way))
        frozen = trainer.ensemble.buffers["0.weight"]
        assert torch.equal(frozen, frozen[:1].expand_as(frozen))
        weights = trainer.ensemble.weights["2.weight"]
        assert not torch.equal(weights[0], weights[1])
        # those of agent 0, in whichever process
        other = Ensemble(features, 1, seed=5, first_agent=2)
        assert torch.equal(other.buffers["0.weight"][0], frozen[0])
        assert not torch.equal(Ensemble(features, 1, seed=6).buffers["0.weight"][0], frozen[0])

    def test_random_constants_that_are_no_parameters_are_refused(self):
        class Features(nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("directions", torch.randn(9, 4))
                self.dense = nn.Linear(9, 3)

            def forward(self, inputs):
                return self.dense(torch.cos(inputs @ self.directions.T))

        with pytest.raises(
            InvalidArgumentError, match="'directions', which passes over data leave"
        ):
            training(Features).run(1)

    @pytest.mark.parametrize(
        "norm", [torch.nn.utils.parametrizations.spectral_norm, torch.nn.utils.spectral_norm]
    )
    def test_spectral_norm(self, norm):
        def normed():
            return nn.Sequential(
                norm(nn.Linear(4, 6), n_power_iterations=5), nn.ReLU(), nn.Linear(6, 3)
            )

        trainer = learned(training(normed))
        ensemble, points = trainer.ensemble, trainer.points()
        stacked = {name: value[None] for name, value in points.mean.items()}
        buffers = ensemble.buffers_at(stacked, DATA.train.inputs, chunk=10)
        first = {name: stack[0] for name, stack in buffers.items()}
        module = ensemble.module_of({**points.mean, **first}).eval()
        module(DATA.test.inputs)
        norm = torch.linalg.matrix_norm(module[0].weight, ord=2).item()
        assert norm == pytest.approx(1.0, abs=1e-3)

    def test_lazy_ones_have_no_shape_in_time(self):
        with pytest.raises(InvalidArgumentError, match=r"'0\.weight' of the network has no shape"):
            training(lambda: nn.Sequential(nn.LazyLinear(3)))

        def ready():
            network = nn.Sequential(nn.LazyLinear(3))
            network(DATA.inputs[:2])
            return network

        learned(training(ready))

    @pytest.mark.parametrize("way", ["loop", "batched"])
    def test_sparse_gradients_are_refused(self, way):
        def words(sparse):
            return lambda: nn.Sequential(
                nn.Embedding(5, 3, sparse=sparse), nn.Flatten(), nn.Linear(12, 3)
            )

        inputs = torch.randint(5, DATA.inputs.shape)
        data = dataclasses.replace(DATA, inputs=inputs)
        with pytest.raises(InvalidArgumentError, match=r"sparse, but .* with sparse=False"):
            training(words(True), data=data, way=way).run(1)
        learned(training(words(False), data=data, way=way))

    @pytest.mark.parametrize("way", ["loop", "batched"])
    def test_types_that_torch_does_not_mix(self, way):
        double = dataclasses.replace(DATA, inputs=DATA.inputs.double())
        with pytest.raises(
            InvalidArgumentError, match=r"inputs are float64 and .* weights float32"
        ):
            training(data=double, way=way).run(1)
        with pytest.raises(InvalidArgumentError, match=r"dtype=torch\.float32"):
            training(dtype=torch.float64, way=way).run(1)
        learned(training(data=double, dtype=torch.float64, way=way))
        ensemble = Ensemble(lambda: nn.Linear(4, 1), 2, seed=1, way=way)
        targets = torch.zeros(2, 5, 1, dtype=torch.float64)
        inputs = torch.ones(2, 5, 4)
        with pytest.raises(InvalidArgumentError, match=r"targets are float64|pass of all agents"):
            ensemble.backward(
                lambda o, y: functional.binary_cross_entropy(o.sigmoid(), y), inputs, targets
            )
        with pytest.raises(InvalidArgumentError, match="inputs are int64"):
            ensemble.backward(functional.mse_loss, inputs.long(), targets.float())

    def test_half_precision_is_measured_at_its_quorum(self):
        half = dataclasses.replace(DATA, inputs=DATA.inputs.bfloat16())
        trainer = learned(training(data=half, dtype=torch.bfloat16, rule=EASGD(2.0)))
        assert {value.dtype for value in trainer.rule.quorum.values()} == {torch.float32}
        assert trainer.ensemble.module_of(trainer.points().mean)[0].weight.dtype is torch.bfloat16


def normalized():
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3))


class TestRunningStatistics:
    @pytest.mark.parametrize("way", ["loop", "batched"])
    def test_of_mean_and_quorum_are_recomputed(self, way):
        measured = Measurement(distortion=True, chunk=12)
        trainer = training(
            normalized, EASGD(2.0), running_statistics="keep", way=way, measurement=measured
        )
        last = learned(trainer).history.dataset().isel(epoch=-1).sel(part="test")
        for who, weights in (("mean", trainer.points().mean), ("quorum", trainer.rule.quorum)):
            network = normalized()
            network.load_state_dict({**network.state_dict(), **weights})
            torch.optim.swa_utils.update_bn(DATA.train.inputs.tensor_split(4), network)
            outputs = network.eval()(DATA.test.inputs)
            loss = functional.cross_entropy(outputs, DATA.test.targets).item()
            assert float(last[f"{who}_loss"]) == pytest.approx(loss, rel=1e-5)
        agent = trainer.ensemble.module(1).eval()
        loss = functional.cross_entropy(agent(DATA.test.inputs), DATA.test.targets).item()
        assert float(last["agent_loss"].sel(agent=1)) == pytest.approx(loss, rel=1e-5)

    def test_the_loss_at_the_quorum_is_the_one_computed_by_hand(self):
        """By formulas in float64, from the quorum's weights and the training data alone."""
        measured = Measurement(distortion=True, chunk=12)
        trainer = training(normalized, EASGD(2.0), running_statistics="keep", measurement=measured)
        last = learned(trainer).history.dataset().isel(epoch=-1)
        quorum = {name: value.double().numpy() for name, value in trainer.rule.quorum.items()}

        def hidden(inputs):
            return inputs.double().numpy() @ quorum["0.weight"].T + quorum["0.bias"]

        batches = [hidden(inputs) for inputs in DATA.train.inputs.tensor_split(4)]
        centre = np.mean([batch.mean(axis=0) for batch in batches], axis=0)
        spread = np.mean([batch.var(axis=0, ddof=1) for batch in batches], axis=0)
        for name, part in (("train", DATA.train), ("test", DATA.test)):
            normal = (hidden(part.inputs) - centre) / np.sqrt(spread + 1e-5)
            active = np.maximum(normal * quorum["1.weight"] + quorum["1.bias"], 0.0)
            outputs = active @ quorum["3.weight"].T + quorum["3.bias"]
            chosen = outputs[np.arange(len(outputs)), part.targets.numpy()]
            loss = (np.log(np.exp(outputs).sum(axis=1)) - chosen).mean()
            assert float(last["quorum_loss"].sel(part=name)) == pytest.approx(loss, rel=2e-6)

    def test_of_an_agent_alone_are_not_those_of_its_quorum_variable(self):
        trainer = training(normalized, QSGD(0.0, memory=0.9), agents=1, running_statistics="keep")
        learned(trainer)
        ensemble = trainer.ensemble
        own = ensemble.module_of(trainer.rule.quorum).eval()
        its_own = functional.cross_entropy(own(DATA.test.inputs), DATA.test.targets).item()
        last = trainer.history.dataset().isel(epoch=-1).sel(part="test")
        assert float(last["quorum_loss"]) != pytest.approx(its_own, rel=1e-4)

    def test_of_a_mean_are_not_those_of_an_agent(self):
        trainer = training(normalized, running_statistics="keep")
        trainer.run(1)
        mean = trainer.points().mean
        with pytest.raises(
            InvalidArgumentError, match="compute the buffers of points with buffers_at"
        ):
            trainer.ensemble.module_of(mean)

    def test_measuring_changes_no_training(self):
        often, rarely = (
            training(
                lambda: nn.Sequential(normalized(), nn.Dropout(0.5)),
                running_statistics="keep",
                measurement=Measurement(every=every),
            )
            for every in (1, 3)
        )
        drawn = torch.get_rng_state()
        often.run(3)
        rarely.run(3)
        assert torch.equal(torch.get_rng_state(), drawn)
        for part in ("weights", "buffers"):
            for name, stack in getattr(often.ensemble, part).items():
                assert torch.equal(getattr(rarely.ensemble, part)[name], stack)


class TestNoise:
    @pytest.mark.parametrize(
        ("when", "period", "expected"),
        [
            ("step", None, [0, 1, 2, 3, 4, 5]),
            ("initialization", None, [0]),
            ("synchronization", 3, [0, 3]),
        ],
    )
    def test_on_weights_comes_before_the_passes_it_is_due_for(self, when, period, expected):
        law = so.noise.Uniform(0.05, enters="weights")

        def wrap(optimizer):
            return WeightNoise(optimizer, law, when=when, period=period, seed=3)

        found = training(rule=PeriodicAveraging(3), wrap=wrap)
        by_hand = training(rule=PeriodicAveraging(3), wrap=wrap)
        found.run(1)
        noisy = []
        for step, (inputs, targets) in enumerate(by_hand.batches):
            before = by_hand.ensemble.weights["0.weight"].clone()
            by_hand.optimizer.inject()
            if not torch.equal(by_hand.ensemble.weights["0.weight"], before):
                noisy.append(step)
            by_hand.ensemble.backward(functional.cross_entropy, inputs, targets)
            coupled_step(
                by_hand.rule,
                by_hand.communication,
                by_hand.optimizer,
                by_hand.ensemble.weights,
                step,
            )
        assert noisy == expected
        for name, stack in by_hand.ensemble.weights.items():
            assert torch.equal(found.ensemble.weights[name], stack)

    def test_inside_other_noise(self):
        law = so.noise.Uniform(0.05, enters="weights")
        learned(
            training(wrap=lambda sgd: GradientNoise(WeightNoise(sgd, law), so.noise.Gaussian(0.01)))
        )


class TestWhoseOptimizer:
    def given(self, make, rule=None):
        ensemble = Ensemble(plain, 2, seed=5)
        return Trainer(
            ensemble, make(ensemble), rule or Uncoupled(), AgentBatches(DATA, 2, 8, 5),
            functional.cross_entropy, DATA, progress=False,
        )  # fmt: skip

    def test_all_weights_of_all_agents_are_trained(self):
        sgd = torch.optim.SGD
        for make, sentence in (
            (lambda e: sgd(e.groups()[:1], lr=0.1), r"'0\.weight' of agent 1, and 4 of 8"),
            (
                lambda e: sgd([p for g in e.groups() for p in g["params"][1:]], lr=0.1),
                "of agent 0, and 2",
            ),
            (lambda e: sgd(Ensemble(plain, 2, seed=5).groups(), lr=0.1), "8 of 8"),
            (lambda e: sgd(e.weights.values(), lr=0.1), "8 of 8"),
            (lambda e: sgd(e.module(0).parameters(), lr=0.1), "8 of 8"),
            (
                lambda e: sgd([*e.groups(), {"params": [torch.zeros(1)]}], lr=0.1),
                "1 parameters that are no",
            ),
            (lambda e: e.groups(), "must be a torch.optim.Optimizer"),
        ):
            with pytest.raises(InvalidArgumentError, match=sentence):
                self.given(make)

    def test_a_group_is_that_of_one_agent(self):
        """Layers are not taken for agents where there are as many, nor one agent for another."""

        def by_layers(ensemble):
            views = [group["params"] for group in ensemble.groups()]
            layers = [[p for own in views for p in own[part]] for part in (slice(2), slice(2, 4))]
            return [{"params": layers[0], "lr": 0.0}, {"params": layers[1], "lr": 0.1}]

        def renumbered(*numbers):
            return lambda ensemble: [
                group | {"agent": number}
                for group, number in zip(ensemble.groups(), numbers, strict=True)
            ]

        def exchanged(ensemble):
            return [{"params": group["params"]} for group in ensemble.groups()[::-1]]

        for make, sentence in (
            (by_layers, "parameters of agents 0 and 1, but where there are several"),
            (renumbered(1, 0), "stands for agent 0, but its parameters are those of agent 1"),
            (renumbered(3, 4), "stands for agent 3, but its parameters are those of agent 0"),
            (exchanged, "stands for agent 0, but its parameters are those of agent 1"),
        ):
            with pytest.raises(InvalidArgumentError, match=sentence):
                self.given(lambda e, make=make: torch.optim.SGD(make(e), lr=0.1))
        for make in (
            lambda e: [{"params": group["params"]} for group in e.groups()],
            lambda e: [p for group in e.groups() for p in group["params"]],
            lambda e: e.groups()[::-1],
        ):
            assert self.given(lambda e, make=make: torch.optim.SGD(make(e), lr=0.1)).run(0)

    def test_whole_stacks_may_be_trained_with_their_gradients(self):
        def whole(ensemble):
            for name, stack in ensemble.weights.items():
                stack.grad = ensemble.gradients[name]
            return torch.optim.SGD(ensemble.weights.values(), lr=0.05)

        found = self.given(whole, QSGD(1.0))
        other = self.given(lambda e: torch.optim.SGD(e.groups(), lr=0.05), QSGD(1.0))
        assert found.run(2).equals(other.run(2))

    @pytest.mark.parametrize("nesterov", [True, False])
    def test_several_groups_of_an_agent(self, nesterov):
        """Decay on weights alone, as if one had written it into the loss."""

        def split(ensemble):
            groups = []
            for group in ensemble.groups():
                weights = [p for p in group["params"] if p.ndim > 1]
                biases = [p for p in group["params"] if p.ndim == 1]
                groups.append({"params": weights, "agent": group["agent"], "weight_decay": 0.1})
                groups.append({"params": biases, "agent": group["agent"]})
            return torch.optim.SGD(groups, lr=0.05, momentum=0.9, nesterov=nesterov)

        found = self.given(split, EASGD(1.0))
        result = found.run(3)
        assert result["learning_rate"][-1].values.tolist() == [0.05, 0.05]

        def decayed(ensemble):
            sgd = torch.optim.SGD(ensemble.groups(), lr=0.05, momentum=0.9, nesterov=nesterov)

            def decay(*_):
                for group in sgd.param_groups:
                    for parameter in group["params"]:
                        if parameter.ndim > 1:
                            parameter.grad.add_(parameter, alpha=0.1)

            sgd.register_step_pre_hook(decay)
            return sgd

        other = self.given(decayed, EASGD(1.0))
        other.run(3)
        for name, stack in other.ensemble.weights.items():
            torch.testing.assert_close(found.ensemble.weights[name], stack)

    def test_single_agent_easgd_is_coupled_in_its_positions(self):
        found = self.given(lambda e: nets.EASGD(e.groups(), 0.05, 1.0, 0.9), QSGD(1.0))
        found.run(2)
        positions = found.points().agents
        flat = found.optimizer.position()
        for place, name in enumerate(found.ensemble.weights):
            stacked = torch.stack([flat[place], flat[place + 4]])
            torch.testing.assert_close(positions[name], stacked)


def test_a_copied_training_goes_on_as_the_original_does():
    original = training(rule=EASGD(2.0))
    original.run(1)
    twin = copy.deepcopy(original)
    expected = original.run(3)
    assert twin.run(3).identical(expected)
