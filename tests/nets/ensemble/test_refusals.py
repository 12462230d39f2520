"""What a user can get wrong, and the sentence that says so."""

import itertools
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.data import DataSet
from nets.ensemble.computing import PLAIN
from nets.ensemble.ensemble import Ensemble
from nets.training.measurement import gradient
from nets.trees import Separate
from sdeopt.errors import CheckpointError, DivergenceError, InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, perceptron


def test_networks_that_are_not_alike() -> None:
    widths = itertools.count(3)
    with pytest.raises(
        InvalidArgumentError, match=r"'weight' \(3, 2\).* and \(4, 2\).* for agent 1"
    ):
        Ensemble(lambda: nn.Linear(2, next(widths)), 2, seed=1)
    biases = itertools.cycle([True, False])
    with pytest.raises(InvalidArgumentError, match=r"'bias' \(2,\).* and missing for agent 1"):
        Ensemble(lambda: nn.Linear(2, 2, bias=next(biases)), 2, seed=1)


def test_networks_that_are_not_new() -> None:
    network = nn.Linear(2, 2)
    with pytest.raises(InvalidArgumentError, match="agents 0 and 1 share parameters"):
        Ensemble(lambda: network, 2, seed=1)
    with pytest.raises(InvalidArgumentError, match="factory returned type"):
        Ensemble(lambda: nn.Linear, 2, seed=1)  # type: ignore[arg-type, return-value]
    for empty in (nn.ReLU, lambda: nn.Linear(2, 2).requires_grad_(False)):
        with pytest.raises(InvalidArgumentError, match="nothing to train"):
            Ensemble(empty, 2, seed=1)


class Replacing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 3)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls = self.calls + 1
        return self.layer(x.flatten(1))


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_a_buffer_that_is_replaced(way: str) -> None:
    ensemble = Ensemble(Replacing, 2, seed=1, way=way)
    with pytest.raises(InvalidArgumentError, match="replaces its buffer 'calls'"):
        ensemble.backward(functional.cross_entropy, *batches(2, dtype=torch.float32))


def test_arguments() -> None:
    for arguments, message in (
        ({"agents": 0}, "agents is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"together": "false"}, "together is 'false'"),
        ({"way": "batch"}, "did you mean 'batched'"),
        ({"running_statistics": "kept"}, "did you mean 'keep'"),
        ({"first_agent": 0.5}, "first_agent is 0.5"),
        ({"dtype": "float64"}, r"dtype is 'float64', but must be .* such as torch\.float64\."),
        ({"dtype": torch.int32}, r"dtype is torch\.int32, but must be a floating-point type"),
        ({"device": "gpu"}, "device is 'gpu', but torch cannot compute there .*; give 'cpu'"),
        ({"device": "cuda:99"}, "device is 'cuda:99', but torch cannot compute there"),
        ({"device": 1.5}, r"device is 1\.5, but torch cannot compute there"),
    ):
        with pytest.raises(InvalidArgumentError, match=message):
            Ensemble(perceptron, **{"agents": 2, "seed": 1, **arguments})


def test_data() -> None:
    ensemble = Ensemble(perceptron, 2, seed=1)
    inputs, targets = batches(3, dtype=torch.float32)
    with pytest.raises(
        InvalidArgumentError, match=r"inputs has shape .* first dimension must be 2"
    ):
        ensemble.backward(functional.cross_entropy, inputs, targets)
    with pytest.raises(InvalidArgumentError, match="targets lies on meta, but the ensemble on cpu"):
        ensemble.backward(functional.cross_entropy, inputs[:2], targets[:2].to("meta"))
    with pytest.raises(InvalidArgumentError, match=r"is a ndarray, .* torch\.as_tensor"):
        ensemble.backward(functional.cross_entropy, inputs[:2].numpy(), targets[:2])
    with pytest.raises(InvalidArgumentError, match="6 inputs and 5 targets"):
        ensemble.evaluate(functional.cross_entropy, inputs[0], targets[0, :5])
    with pytest.raises(InvalidArgumentError, match="the mean over the batch"):
        ensemble.backward(nn.CrossEntropyLoss(reduction="none"), inputs[:2], targets[:2])


def test_hooks_on_parameters() -> None:
    def hooked(method: str, **options: Any) -> Ensemble:
        def network() -> nn.Module:
            layer = nn.Linear(4, 3)
            getattr(layer.weight, method)(lambda *given: None)
            return layer

        return Ensemble(network, 2, seed=1, **options)

    hooked("register_hook", way="loop")
    with pytest.raises(
        InvalidArgumentError, match=r"'weight' .* hook on its gradient, which a pass"
    ):
        hooked("register_hook", way="batched")
    for way in ("loop", "batched"):
        with pytest.raises(
            InvalidArgumentError, match=r"'weight' .* which an ensemble never calls"
        ):
            hooked("register_post_accumulate_grad_hook", way=way)


class Writing(nn.Module):
    """A network that normalizes its input in place."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x.sub_(1.0))


def written(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return a loss, having written into the targets."""
    return functional.mse_loss(outputs, targets.neg_())


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("way", ["loop", "batched"])
def test_a_pass_that_writes_into_its_data(way: Any, separate: bool) -> None:
    data = torch.ones(2, 16, 4), torch.ones(2, 16, 3)
    inputs, targets = (Separate(each) for each in data) if separate else data
    ensemble = Ensemble(Writing, 2, seed=1, way=way)
    with pytest.raises(InvalidArgumentError, match="changed the inputs in place, so that the next"):
        ensemble.backward(functional.mse_loss, inputs, targets)
    ensemble = Ensemble(lambda: nn.Linear(4, 3), 2, seed=1, way=way)
    with pytest.raises(InvalidArgumentError, match="changed the targets in place"):
        ensemble.backward(written, inputs, targets)


def test_a_test_that_writes_into_its_data() -> None:
    data = DataSet("toy", torch.ones(20, 4), torch.ones(20, 3), (10, 5, 5), 3, "made up")
    ensemble = Ensemble(Writing, 2, seed=1)
    for pass_over in (
        lambda: ensemble.evaluate(functional.mse_loss, *data.test),
        lambda: ensemble.buffers_at(ensemble.weights, data.train.inputs),
        lambda: gradient(ensemble.module(0), functional.mse_loss, data.train, 500, PLAIN),
    ):
        with pytest.raises(InvalidArgumentError, match="changed the inputs in place"):
            pass_over()
    ensemble = Ensemble(lambda: nn.Linear(4, 3), 2, seed=1)
    with pytest.raises(InvalidArgumentError, match="changed the targets in place"):
        ensemble.evaluate(written, *data.test)
    with torch.inference_mode():
        uncounted = torch.ones(5, 4)
    assert ensemble.evaluate(functional.mse_loss, uncounted, data.test.targets)[0].isfinite().all()


def test_a_network_on_two_devices() -> None:
    def split() -> nn.Module:
        return nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, device="meta"))

    with pytest.raises(InvalidArgumentError, match="lies on cpu and meta"):
        Ensemble(split, 2, seed=1)


def test_points() -> None:
    ensemble = Ensemble(perceptron, 2, seed=1)
    inputs, targets = (part[0] for part in batches(1, dtype=torch.float32))
    mean = ensemble.mean()
    with pytest.raises(InvalidArgumentError, match=r"unsqueeze\(0\) makes one point"):
        ensemble.evaluate(functional.cross_entropy, inputs, targets, mean)
    mean.pop("1.bias")
    with pytest.raises(InvalidArgumentError, match=r"differ in having '1\.bias'"):
        ensemble.evaluate(functional.cross_entropy, inputs, targets, mean)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_a_loss_that_is_not_finite_names_the_agent(way: str) -> None:
    ensemble = Ensemble(perceptron, 3, seed=1, way=way, first_agent=4)
    inputs, targets = batches(3, dtype=torch.float32)
    ensemble.backward(functional.cross_entropy, inputs, targets)
    before = {name: slot.clone() for name, slot in ensemble.gradients.items()}
    inputs[1, 0, 0, 0, 0] = torch.nan
    with pytest.raises(DivergenceError, match="the loss of agent 5 is nan at step 1") as caught:
        ensemble.backward(functional.cross_entropy, inputs, targets)
    assert (caught.value.replica, caught.value.step) == (5, 1)
    for name, slot in ensemble.gradients.items():
        assert torch.isfinite(slot[[0, 2]]).all(), "an agent's loss spoils no other"
        torch.testing.assert_close(slot[[0, 2]], before[name][[0, 2]])


def test_weights_of_a_module() -> None:
    ensemble = Ensemble(perceptron, 2, seed=1)
    with pytest.raises(InvalidArgumentError, match="without a dimension for agents"):
        ensemble.module_of(ensemble.weights)
    with pytest.raises(InvalidArgumentError, match="not in the network"):
        ensemble.module_of({"bias": torch.zeros(3)})


@pytest.mark.parametrize("way", ["loop", "batched"])
@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (
            lambda outputs, targets: 1.0,
            r"the criterion returned 1\.0, but must return a real torch",
        ),
        (lambda outputs, targets: outputs.mean() * 1j, "must return a real torch"),
        (lambda outputs, targets: outputs.mean().detach(), "does not depend on the weights"),
        (lambda outputs, targets: torch.tensor(1.0), "does not depend on the weights"),
    ],
)
def test_a_loss_without_a_gradient(way: Any, criterion: Any, words: str) -> None:
    ensemble = Ensemble(lambda: nn.Linear(2, 1), 2, seed=1, way=way)
    with pytest.raises(InvalidArgumentError, match=words):
        ensemble.backward(criterion, torch.ones(2, 3, 2), torch.ones(2, 3, 1))


NOT_FITTING = {
    "a size": (lambda outputs, targets: outputs @ targets, "size mismatch"),
    "its arguments": (lambda outputs: outputs.mean(), "takes 1 positional argument"),
    "a place": (lambda outputs, targets: outputs[3].mean(), "out of bounds"),
}


@pytest.mark.parametrize("way", ["loop", "batched"])
@pytest.mark.parametrize(("criterion", "reason"), NOT_FITTING.values(), ids=NOT_FITTING)
def test_a_criterion_that_does_not_fit(way: Any, criterion: Any, reason: str) -> None:
    ensemble = Ensemble(lambda: nn.Linear(2, 1), 2, seed=1, way=way)
    words = rf"the network or the criterion failed \(.*({reason}).*\) on inputs of shape "
    with pytest.raises(
        InvalidArgumentError, match=words + r"\(2, 3, 2\) in float32 and targets of"
    ):
        ensemble.backward(criterion, torch.ones(2, 3, 2), torch.ones(2, 3))
    with pytest.raises(InvalidArgumentError, match=words + r"\(3, 2\) in float32 and targets of"):
        ensemble.evaluate(criterion, torch.ones(3, 2), torch.ones(3))


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_a_network_that_does_not_fit(way: Any) -> None:
    ensemble = Ensemble(lambda: nn.Linear(2, 1), 2, seed=1, way=way)
    words = r"failed \(.*cannot be multiplied.*\) on inputs of shape \(2, 3, 5\) in float32"
    with pytest.raises(InvalidArgumentError, match=words):
        ensemble.backward(functional.mse_loss, torch.ones(2, 3, 5), torch.ones(2, 3, 1))


def test_a_loader_that_fails_is_not_the_networks_fault() -> None:
    def batches_of_a_loader() -> Any:
        yield torch.ones(3, 2), torch.ones(3, 1)
        raise RuntimeError("a worker exited")

    ensemble = Ensemble(lambda: nn.Linear(2, 1), 2, seed=1)
    with pytest.raises(RuntimeError, match=r"^a worker exited$"):
        ensemble.evaluate_on(functional.mse_loss, batches_of_a_loader())


@pytest.mark.parametrize("network", [nn.Linear(2, 1), "perceptron", None])
def test_what_is_no_factory(network: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="must be a function that makes a new"):
        Ensemble(network, 2, seed=1)


@pytest.mark.parametrize("state", [{"agents": 2}, {}, None])
def test_what_is_no_state(state: Any) -> None:
    ensemble = Ensemble(lambda: nn.Linear(2, 1), 2, seed=1)
    with pytest.raises(CheckpointError, match="no state of an ensemble, as it has no"):
        ensemble.load_state_dict(state)
