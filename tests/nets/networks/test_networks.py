"""Every network: its size counted by hand, and many copies evaluated and differentiated at once."""

import pickle
from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap

from nets import networks
from nets.data import DataSet
from nets.networks.lstm import LanguageModel, LongShortTermMemory
from nets.networks.perceptron import Perceptron
from nets.networks.resnet18 import ResNet18
from nets.networks.three_convolutions import ThreeConvolutions
from nets.networks.two_convolutions import TwoConvolutions
from sdeopt.errors import InvalidArgumentError

IMAGES = DataSet("images", torch.zeros(4, 1, 28, 28), torch.arange(4), (4, 0, 0), 10, "made up")
TABLE = DataSet("table", torch.zeros(4, 18), torch.arange(4) % 2, (4, 0, 0), 2, "made up")
TEXT = DataSet("text", torch.zeros(4, 6).long(), torch.zeros(4, 6).long(), (4, 0, 0), 30, "made up")

SMALL: dict[str, tuple[DataSet, dict[str, object]]] = {
    "three_convolutions": (IMAGES, {"channels": (2, 3, 4), "dropout": 0.0}),
    "two_convolutions": (IMAGES, {"channels": (2, 3), "hidden": 8}),
    "resnet18": (IMAGES, {"width": 2}),
    "perceptron": (IMAGES, {"widths": (8, 8), "dropout": 0.0}),
    "susy_linear": (TABLE.with_signs(), {}),
    "susy_sigmoid": (TABLE, {}),
    "lstm": (TEXT, {"width": 5, "dropout": 0.0}),
}
"""A data set that suits each network, and options that make it small and deterministic."""


def _size(network: nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())


def _make(name: str) -> Callable[[], nn.Module]:
    data, options = SMALL[name]
    return networks.load(name, data, **options)


def _inputs(name: str, agents: int, batch: int) -> torch.Tensor:
    data = SMALL[name][0]
    shape = (agents, batch, *data.shape)
    if data.inputs.is_floating_point():
        return torch.randn(shape, dtype=torch.float64)
    return torch.randint(data.classes, shape)


def test_every_network_is_tested() -> None:
    assert networks.names() == sorted(SMALL)


@pytest.mark.parametrize(
    ("network", "count"),
    [
        # Convolutions k²·in·out + out, normalizations 2·out, dense in·out + out. Poolings: 32 → 16
        # → 8 → 4 with zeros around, 32 → 12 → 4 → 1 without, 28 → 14 → 7 → 3.
        (
            ThreeConvolutions(),
            (81 * 3 * 64 + 64 + 128)
            + (25 * 64 * 128 + 128 + 256)
            + (9 * 128 * 256 + 256 + 512)
            + (256 * 4 * 4 * 10 + 10),
        ),
        (
            ThreeConvolutions(padding="valid"),
            (81 * 3 * 64 + 64 + 128)
            + (25 * 64 * 128 + 128 + 256)
            + (9 * 128 * 256 + 256 + 512)
            + (256 * 10 + 10),
        ),
        (
            ThreeConvolutions((1, 28, 28), channels=(8, 16, 32)),
            (81 * 8 + 8 + 16)
            + (25 * 8 * 16 + 16 + 32)
            + (9 * 16 * 32 + 32 + 64)
            + (32 * 3 * 3 * 10 + 10),
        ),
        # 28 → 12 → 4
        (
            TwoConvolutions(),
            (25 * 20 + 20) + (25 * 20 * 50 + 50) + (50 * 4 * 4 * 500 + 500) + 5010,
        ),
        # The first convolution; four stages; where a stage begins narrower, one 1×1 convolution
        # more. Convolutions have no bias, and each has a normalization.
        (
            ResNet18(),
            (9 * 3 * 64 + 2 * 64)
            + (4 * 9 * 64 * 64 + 4 * 2 * 64)
            + (9 * 64 * 128 + 3 * 9 * 128 * 128 + 64 * 128 + 5 * 2 * 128)
            + (9 * 128 * 256 + 3 * 9 * 256 * 256 + 128 * 256 + 5 * 2 * 256)
            + (9 * 256 * 512 + 3 * 9 * 512 * 512 + 256 * 512 + 5 * 2 * 512)
            + (512 * 10 + 10),
        ),
        (Perceptron(784, 10), 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10),
        # Vectors; per layer four gates from inputs (with bias) and from memory; the outputs.
        (
            LanguageModel(1000, width=20),
            1000 * 20 + 2 * (4 * (20 * 20 + 20) + 4 * 20 * 20) + 20 * 1000 + 1000,
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_size_is_as_counted_by_hand(network: nn.Module, count: int) -> None:
    assert _size(network) == count


def test_resnet_has_the_size_that_is_known_for_cifar() -> None:
    assert _size(ResNet18()) == 11_173_962


def test_susy_networks_have_layers_of_32_64_and_1_or_2_neurons() -> None:
    assert _size(_make("susy_linear")()) == 18 * 32 + 32 + 32 * 64 + 64 + 64 + 1
    assert _size(_make("susy_sigmoid")()) == 18 * 32 + 32 + 32 * 64 + 64 + 64 * 2 + 2


@pytest.mark.parametrize("name", sorted(SMALL))
def test_many_copies_in_one_pass_equal_the_copies_one_by_one(name: str) -> None:
    torch.manual_seed(1)
    make = _make(name)
    copies = [make().double() for _ in range(3)]
    inputs = _inputs(name, agents=3, batch=8)
    weights, buffers = stack_module_state(copies)
    assert not buffers

    def output(weights: dict[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = functional_call(copies[0], weights, (inputs,))
        return result

    def loss(weights: dict[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        return output(weights, inputs).square().mean()

    together, slopes = vmap(output)(weights, inputs), vmap(grad(loss))(weights, inputs)
    for number, copy in enumerate(copies):
        torch.testing.assert_close(together[number], copy(inputs[number]))
        copy(inputs[number]).square().mean().backward()
        for key, parameter in copy.named_parameters():
            torch.testing.assert_close(slopes[key][number], parameter.grad)


@pytest.mark.parametrize("name", ["three_convolutions", "perceptron", "lstm"])
def test_dropout_draws_apart_for_each_copy_in_one_pass(name: str) -> None:
    torch.manual_seed(2)
    data, options = SMALL[name]
    network = networks.load(name, data, **{**options, "dropout": 0.5})().double()
    weights = dict(network.named_parameters())
    inputs = _inputs(name, agents=1, batch=4).expand(3, 4, *data.shape)

    def output(inputs: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = functional_call(network, weights, (inputs,))
        return result

    together = vmap(output, randomness="different")(inputs)
    assert not torch.equal(together[0], together[1])
    network.eval()
    together = vmap(output)(inputs)
    torch.testing.assert_close(together[0], together[1])


@pytest.mark.parametrize("name", ["three_convolutions", "resnet18"])
def test_normalization_takes_the_batch_in_evaluation_too(name: str) -> None:
    network = _make(name)().double()
    images = _inputs(name, agents=1, batch=6)[0]
    trained = network(images)
    torch.testing.assert_close(network.eval()(images), trained)
    assert not torch.allclose(network(images[:3]), trained[:3])


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_network_can_be_made_in_another_process(name: str) -> None:
    make = _make(name)
    torch.manual_seed(3)
    here = make().state_dict()
    torch.manual_seed(3)
    there = pickle.loads(pickle.dumps(make))().state_dict()
    assert all(torch.equal(here[key], there[key]) for key in here)


@pytest.mark.statistical
@torch.no_grad()
def test_weights_begin_as_the_paper_says() -> None:
    """Null: He's law, of standard deviation √(2/n) for n inputs; a sample of N errs by 1/√(2N)."""
    torch.manual_seed(4)
    network = ThreeConvolutions()
    convolutions = [layer for layer in network.convolutions if isinstance(layer, nn.Conv2d)]
    for layer in convolutions:
        inputs = layer.weight[0].numel()
        ratio = float(layer.weight.std()) / (2 / inputs) ** 0.5
        assert abs(ratio - 1) < 5 / (2 * layer.weight.numel()) ** 0.5
        assert not layer.bias.any()
    bound = network.dense.in_features**-0.5
    for values in (network.dense.weight, network.dense.bias):
        assert bool((values.abs() <= bound).all())
    # Of N uniform numbers all are below the fraction f of the bound with probability f^N.
    assert float(network.dense.weight.abs().max()) > 0.99 * bound
    assert float(network.dense.bias.abs().max()) > 0.3 * bound


def test_the_perceptron_is_linear_without_activations() -> None:
    network = _make("susy_linear")().double()
    first, second = torch.randn(2, 5, 18, dtype=torch.float64)
    zero = network(torch.zeros_like(first))
    torch.testing.assert_close(
        network(first + second) - zero, network(first) + network(second) - 2 * zero
    )


def test_memory_computes_what_the_memory_of_torch_does() -> None:
    torch.manual_seed(5)
    own, theirs = LongShortTermMemory(4, 6).double(), nn.LSTM(4, 6, batch_first=True).double()
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(own.from_inputs.weight)
        theirs.bias_ih_l0.copy_(own.from_inputs.bias)
        theirs.weight_hh_l0.copy_(own.from_memory.weight)
        theirs.bias_hh_l0.zero_()
    inputs = torch.randn(3, 7, 4, dtype=torch.float64)
    torch.testing.assert_close(own(inputs), theirs(inputs)[0])


def test_language_model_does_not_look_ahead() -> None:
    network = _make("lstm")().double()
    words = torch.randint(30, (2, 6))
    later = words.clone()
    later[:, 4:] = (later[:, 4:] + 1) % 30
    before, after = network(words), network(later)
    torch.testing.assert_close(before[..., :4], after[..., :4])
    assert not torch.allclose(before[..., 4:], after[..., 4:])


def test_language_model_suits_the_cross_entropy() -> None:
    loss = nn.functional.cross_entropy(_make("lstm")()(TEXT.inputs), TEXT.targets)
    assert abs(float(loss.detach()) - torch.tensor(30.0).log().item()) < 0.1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: networks.load("tree_convolutions", IMAGES), "did you mean 'three_convolutions'"),
        (lambda: networks.load("resnet18", IMAGES, widht=3), "did you mean 'width'"),
        (lambda: networks.load("resnet18", TABLE), "needs images of shape"),
        (lambda: networks.load("perceptron", TEXT), "needs inputs of real numbers"),
        (lambda: networks.load("lstm", IMAGES), "needs rows of word numbers"),
        (lambda: networks.load("susy_linear", TABLE), r"give it data\.with_signs\(\)"),
        (lambda: ThreeConvolutions((1, 28, 28), padding="valid"), "too small for padding 'valid'"),
        (lambda: ThreeConvolutions((1, 7, 28)), "at least 8×8"),
        (lambda: TwoConvolutions((1, 15, 15)), "at least 16×16"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()


@pytest.mark.parametrize(
    ("network", "image"),
    [
        (ThreeConvolutions((1, 8, 8), channels=(2, 2, 2)), (1, 8, 8)),
        (ThreeConvolutions((1, 32, 32), channels=(2, 2, 2), padding="valid"), (1, 32, 32)),
        (TwoConvolutions((1, 16, 16)), (1, 16, 16)),
    ],
)
def test_the_smallest_images_that_are_allowed_pass(
    network: nn.Module, image: tuple[int, ...]
) -> None:
    assert network(torch.randn(4, *image)).shape == (4, 10)
