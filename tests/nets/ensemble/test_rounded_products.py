"""bfloat16 without instructions for it: products of rounded numbers in float32, rounded once."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.func import functional_call, grad, vmap

from nets.ensemble.rounded_products import RoundedProducts, bfloat16_products

CPU = torch.device("cpu")
CASES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "linear": (lambda: nn.Linear(12, 7), (9, 12)),
    "linear of sequences": (lambda: nn.Linear(12, 7, bias=False), (4, 9, 12)),
    "convolution": (lambda: nn.Conv2d(3, 5, 3, padding=1), (4, 3, 8, 8)),
    "convolution in groups": (lambda: nn.Conv2d(4, 8, 3, stride=2, groups=2), (4, 4, 8, 8)),
    "transposed convolution": (lambda: nn.ConvTranspose2d(3, 5, 3), (4, 3, 6, 6)),
    "convolution of sequences": (lambda: nn.Conv1d(3, 5, 4), (4, 3, 11)),
}


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.bfloat16().float()


def computed(layer: nn.Module, inputs: torch.Tensor, seen: torch.Tensor) -> list[torch.Tensor]:
    """Return outputs, and gradients of their product with `seen`, in bfloat16."""
    layer.zero_grad()
    with RoundedProducts():
        with torch.autocast("cpu", torch.bfloat16):
            outputs = layer(inputs)
        slopes = torch.autograd.grad(outputs, [inputs, *layer.parameters()], seen.bfloat16())
    assert outputs.dtype == torch.bfloat16
    return [outputs.detach().float(), *slopes]


@pytest.mark.parametrize("name", CASES)
def test_a_product_is_that_of_rounded_numbers_in_float32(name: str) -> None:
    """Exactly: the same sums of the same numbers, rounded at the end."""
    make, shape = CASES[name]
    torch.manual_seed(0)
    layer, inputs = make(), torch.randn(shape, requires_grad=True)
    exact = make()
    exact.load_state_dict({key: rounded(value) for key, value in layer.state_dict().items()})
    given = rounded(inputs.detach()).requires_grad_()
    outputs = exact(given)
    seen = torch.randn(outputs.shape)
    slopes = torch.autograd.grad(outputs, [given, *exact.parameters()], rounded(seen))
    for found, wanted in zip(computed(layer, inputs, seen), [outputs, *slopes], strict=True):
        assert torch.equal(found, rounded(wanted))
        assert not torch.equal(found, wanted)


@pytest.mark.parametrize("name", CASES)
def test_it_is_what_the_processor_does_up_to_the_order_of_sums(name: str) -> None:
    """Sums in another order are rounded to a neighbour at most, where they are not small differences."""
    make, shape = CASES[name]
    torch.manual_seed(0)
    layer, inputs = make(), torch.randn(shape, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = layer(inputs)
    seen = torch.randn(outputs.shape)
    slopes = torch.autograd.grad(outputs, [inputs, *layer.parameters()], seen.bfloat16())
    native = [outputs.detach().float(), *slopes]
    for found, wanted in zip(computed(layer, inputs, seen), native, strict=True):
        # two neighbours of bfloat16 are at most 2⁻⁷ of the greater one apart
        assert float((found - wanted).abs().max()) <= 2.0**-7 * float(wanted.abs().max())
        assert float((found - wanted).norm()) <= 2.0**-7 * float(wanted.norm())


def test_products_under_vmap_are_the_same() -> None:
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 5, 3) for _ in range(3)]
    stacked = {
        name: torch.stack([dict(each.named_parameters())[name].detach() for each in layers])
        for name in ("weight", "bias")
    }
    inputs = torch.randn(3, 4, 3, 8, 8)

    def total(weights: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
            return functional_call(layers[0], weights, (x,)).float().square().sum()

    with RoundedProducts():
        together = vmap(grad(total))(stacked, inputs)
    for agent in range(3):
        own = {name: stack[agent] for name, stack in stacked.items()}
        with RoundedProducts():
            alone = grad(total)(own, inputs[agent])
        for name, slope in alone.items():
            found = together[name][agent]
            assert torch.equal(found, rounded(found))
            assert float((found - slope).norm()) < 2.0**-7 * float(slope.norm())


def test_recurrent_layers_that_torch_may_refuse_in_bfloat16() -> None:
    torch.manual_seed(0)
    layer, inputs = nn.LSTM(6, 8, batch_first=True), torch.randn(5, 7, 6)
    results = []
    for computing in (nullcontext(), RoundedProducts()):
        reduced = isinstance(computing, RoundedProducts)
        with computing:
            with torch.autocast("cpu", torch.bfloat16, enabled=reduced):
                outputs, _ = layer(inputs)
            loss = outputs.float().square().sum()
            results.append(
                [outputs.detach().float(), *torch.autograd.grad(loss, list(layer.parameters()))]
            )
    for exact, found in zip(*results, strict=True):
        assert not torch.equal(exact, found)
        assert float((exact - found).norm()) < 0.05 * float(exact.norm())


def test_other_types_are_left_alone() -> None:
    torch.manual_seed(0)
    layer, inputs = nn.Linear(12, 7).double(), torch.randn(9, 12).double()
    with RoundedProducts():
        assert torch.equal(layer(inputs), inputs @ layer.weight.T + layer.bias)


def test_it_is_for_processors_without_instructions_for_bfloat16() -> None:
    supported = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    assert isinstance(bfloat16_products(CPU), nullcontext if supported else RoundedProducts)
    assert isinstance(bfloat16_products(torch.device("cuda")), nullcontext)
