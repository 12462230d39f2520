"""Passes in bfloat16, and over images that lie pixel by pixel: the same results up to rounding."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.computing import PLAIN, Computing
from nets.ensemble.ensemble import Ensemble, Way
from nets.ensemble.evaluation import accuracy
from sdeopt.errors import InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, convolutions, perceptron, remembering

REDUCED = Computing(autocast=torch.bfloat16)
PIXELS = Computing(channels_last=True)
BOTH = Computing(autocast=torch.bfloat16, channels_last=True)
ROUNDING = 2.0**-8
"""Of bfloat16, relative."""


def layer_norm() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 6), nn.LayerNorm(6), nn.Linear(6, 3))


def passed(ensemble: Ensemble, computing: Computing) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the losses of one pass, and all gradients."""
    batch = batches(3, batch=12, dtype=next(iter(ensemble.weights.values())).dtype)
    losses = ensemble.backward(functional.cross_entropy, *batch, computing=computing)
    return losses, torch.cat([each.flatten(1) for each in ensemble.gradients.values()], 1)


@pytest.mark.parametrize("network", [perceptron, remembering, layer_norm])
@pytest.mark.parametrize("way", ["loop", "batched"])
def test_gradients_in_fewer_bits_are_those_in_all(network, way: Way) -> None:
    exact, reduced = (
        passed(Ensemble(network, 3, seed=1, way=way, running_statistics="keep"), each)
        for each in (PLAIN, REDUCED)
    )
    for more, fewer in zip(exact, reduced, strict=True):
        assert fewer.dtype == torch.float32
        assert not torch.equal(more, fewer)
        assert float((more - fewer).norm()) < 5 * ROUNDING * float(more.norm())


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_both_ways_drop_the_same_units_in_fewer_bits(way: Way) -> None:
    """Losses with other masks differ by a tenth, see the last line."""
    losses, _ = passed(Ensemble(lambda: convolutions(0.5), 3, seed=1, way="loop"), PLAIN)
    found, _ = passed(Ensemble(lambda: convolutions(0.5), 3, seed=1, way=way), REDUCED)
    assert torch.allclose(found, losses, rtol=2 * ROUNDING, atol=0)
    others, _ = passed(Ensemble(lambda: convolutions(0.0), 3, seed=1, way=way), REDUCED)
    assert not torch.allclose(others, losses, rtol=4 * ROUNDING, atol=0)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_layers_compute_in_bfloat16_and_the_criterion_in_float32(way: Way) -> None:
    seen, received = [], []

    def watched() -> nn.Module:
        network = perceptron()
        network[1].register_forward_hook(lambda layer, given, out: seen.append(out.dtype))
        return network

    def criterion(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        received.append(outputs.dtype)
        return functional.cross_entropy(outputs, targets)

    ensemble = Ensemble(watched, 3, seed=1, way=way)
    inputs, targets = batches(3, dtype=torch.float32)
    # the first pass of the batched way looks for unused parameters, as plainly as possible
    ensemble.backward(criterion, inputs, targets)
    for computing, expected in ((REDUCED, torch.bfloat16), (PLAIN, torch.float32)):
        seen.clear()
        received.clear()
        ensemble.backward(criterion, inputs, targets, computing=computing)
        ensemble.evaluate(criterion, inputs[0], targets[0], computing=computing)
        assert set(seen) == {expected}
        assert set(received) == {torch.float32}


def test_images_pixel_by_pixel_have_the_same_gradients() -> None:
    seen = []

    def watched() -> nn.Module:
        network = convolutions()
        network[4].register_forward_hook(
            lambda layer, given, out: seen.append(
                given[0].is_contiguous(memory_format=torch.channels_last)
            )
        )
        return network

    losses = {}
    for computing in (PLAIN, PIXELS):
        ensemble = Ensemble(watched, 3, seed=1, dtype=torch.float64)
        losses[computing] = passed(ensemble, computing)
    assert seen == [False] * 3 + [True] * 3
    for plain, pixels in zip(*losses.values(), strict=True):
        assert torch.allclose(plain, pixels, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("computing", [REDUCED, BOTH])
def test_tests_in_fewer_bits_agree_with_all(computing) -> None:
    ensemble = Ensemble(convolutions, 3, seed=1)
    inputs, targets = (each.flatten(0, 1) for each in batches(3, 200, dtype=torch.float32))
    found = [
        ensemble.evaluate(
            functional.cross_entropy, inputs, targets, measure=accuracy, computing=each
        )
        for each in (PLAIN, computing)
    ]
    assert not torch.equal(found[0][0], found[1][0])
    # rounding of 600 examples that is not in common averages out
    assert torch.allclose(found[0][0], found[1][0], rtol=ROUNDING, atol=0)
    assert torch.allclose(found[0][1], found[1][1], atol=0.02)


def test_running_statistics_of_a_mean_are_computed_alike() -> None:
    ensemble = Ensemble(remembering, 3, seed=1, running_statistics="keep")
    inputs, _ = batches(1, 100, dtype=torch.float32)
    mean = {name: stack[None] for name, stack in ensemble.mean().items()}
    exact, reduced = (
        ensemble.buffers_at(mean, inputs[0], computing=each) for each in (PLAIN, REDUCED)
    )
    for name in ("2.running_mean", "2.running_var"):
        assert not torch.equal(exact[name], reduced[name])
        assert torch.allclose(exact[name], reduced[name], rtol=0.02, atol=0.01)


def test_outputs_of_several_parts_become_single_too() -> None:
    half = torch.ones(2, dtype=torch.bfloat16)
    first, (second, words) = REDUCED.single((half, [half, "words"]))
    assert first.dtype == second.dtype == torch.float32
    assert words == "words"
    assert PLAIN.single(half) is half


@pytest.mark.parametrize("way", ["loop", "batched"])
@pytest.mark.parametrize("micro_batch", [1, 5, 12, 100])
def test_a_batch_in_parts_has_the_gradients_of_the_whole(way: Way, micro_batch: int) -> None:
    sizes = []

    def watched() -> nn.Module:
        network = perceptron()
        network[1].register_forward_hook(lambda layer, given, out: sizes.append(given[0].shape[-2]))
        return network

    ensembles = [Ensemble(watched, 3, seed=1, way=way, dtype=torch.float64) for _ in range(2)]
    whole = passed(ensembles[0], PLAIN)
    sizes.clear()
    parts = passed(ensembles[1], Computing(micro_batch=micro_batch))
    assert max(sizes) == min(micro_batch, 12)
    for one, sum_of_parts in zip(whole, parts, strict=True):
        assert torch.allclose(one, sum_of_parts, rtol=1e-13, atol=1e-15)


class TwoHeads(nn.Module):
    """Uses one head for a batch that begins with positive numbers, and both for others."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.never = nn.Linear(64, 3), nn.Linear(64, 3), nn.Linear(2, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        rows = images.flatten(1)
        return self.first(rows) if rows[0, 0] > 0 else self.first(rows) + self.second(rows)


def test_what_a_part_does_not_use_has_the_gradient_of_the_others() -> None:
    inputs, targets = batches(1, batch=4)
    inputs[:, :2, 0, 0, 0], inputs[:, 2:, 0, 0, 0] = 1.0, -1.0
    found = Ensemble(TwoHeads, 1, seed=1, dtype=torch.float64)
    parts = Computing(micro_batch=2)
    found.backward(functional.cross_entropy, inputs, targets, computing=parts)
    by_hand = found.module(0)
    halves = [
        functional.cross_entropy(by_hand(inputs[0, rows]), targets[0, rows]) / 2
        for rows in (slice(0, 2), slice(2, 4))
    ]
    sum(halves).backward()
    for name, weight in by_hand.named_parameters():
        own = dict(found._modules[0].named_parameters())[name]
        assert (weight.grad is None) == name.startswith("never")
        if weight.grad is not None:
            assert torch.allclose(found.gradients[name][0], weight.grad, rtol=1e-13)
        assert own.shape == weight.shape
    (group,) = found.groups()
    without = [
        name for name, view in zip(found.weights, group["params"], strict=True) if view.grad is None
    ]
    assert without == ["never.weight", "never.bias"]


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_batch_normalization_of_parts_is_that_of_batches_of_their_size(way: Way) -> None:
    """The gradient is the mean of those of two batches, and parts of unlike sizes are refused."""
    inputs, targets = batches(3, batch=12)
    found = Ensemble(convolutions, 3, seed=1, way=way, dtype=torch.float64)
    found.backward(functional.cross_entropy, inputs, targets, computing=Computing(micro_batch=6))
    other, halves = Ensemble(convolutions, 3, seed=1, way=way, dtype=torch.float64), []
    for rows in (slice(0, 6), slice(6, 12)):
        other.backward(functional.cross_entropy, inputs[:, rows], targets[:, rows])
        halves.append({name: each.clone() for name, each in other.gradients.items()})
    for name, each in found.gradients.items():
        assert torch.allclose(each, (halves[0][name] + halves[1][name]) / 2, rtol=1e-10, atol=1e-14)
    with pytest.raises(InvalidArgumentError, match="leaves a part of 2 examples of a batch of 12"):
        found.backward(
            functional.cross_entropy, inputs, targets, computing=Computing(micro_batch=5)
        )


def test_both_ways_drop_the_same_units_part_by_part() -> None:
    parts = Computing(micro_batch=4)
    (loop, _), (batched, _) = (
        passed(Ensemble(lambda: convolutions(0.5), 3, seed=1, way=way, dtype=torch.float64), parts)
        for way in ("loop", "batched")
    )
    assert torch.allclose(loop, batched, rtol=1e-10)


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_each_agent_is_clipped_by_its_own_norm(way: Way) -> None:
    ensemble = Ensemble(perceptron, 3, seed=1, way=way, dtype=torch.float64)
    _, gradients = passed(ensemble, PLAIN)
    norms = gradients.norm(dim=1)
    assert norms.unique().numel() == 3
    middle = float(norms.median())
    torch.testing.assert_close(ensemble.clip(middle), norms)
    clipped = torch.cat([each.flatten(1) for each in ensemble.gradients.values()], 1)
    # torch divides by the norm and a millionth
    torch.testing.assert_close(clipped.norm(dim=1), norms.clamp(max=middle), rtol=1e-5, atol=0)
    for before, after in zip(gradients, clipped, strict=True):
        assert float(functional.cosine_similarity(before, after, dim=0)) == pytest.approx(1.0)
    assert torch.equal(clipped[norms < middle], gradients[norms < middle])


@pytest.mark.parametrize("norm", [-1.0, 0.0, float("nan"), "1", True])
def test_a_norm_is_a_number_above_zero(norm: Any) -> None:
    ensemble = Ensemble(perceptron, 2, seed=1)
    ensemble.backward(functional.cross_entropy, *batches(2, dtype=torch.float32))
    with pytest.raises(InvalidArgumentError, match=r"norm is .* must be a finite number above 0"):
        ensemble.clip(norm)


def test_refusals() -> None:
    batch = batches(2, dtype=torch.float32)
    with pytest.raises(InvalidArgumentError, match=r"autocast is torch.float16, but must be"):
        Computing(autocast=torch.float16)
    with pytest.raises(InvalidArgumentError, match="channels_last is 'no', but must be True or"):
        Computing(channels_last="no")  # type: ignore[arg-type]
    for given, options, words in (
        (REDUCED, {"dtype": torch.float64}, "the weights are torch.float64, but autocast"),
        (PIXELS, {"way": "batched"}, "make the ensemble with way='loop'"),
    ):
        ensemble = Ensemble(convolutions, 2, seed=1, **options)
        with pytest.raises(InvalidArgumentError, match=words):
            ensemble.backward(functional.cross_entropy, *batch, computing=given)
    flat = batch[0].flatten(2), batch[1]
    with pytest.raises(
        InvalidArgumentError, match=r"an input has shape \(64,\); leave channels_last"
    ):
        Ensemble(perceptron, 2, seed=1).backward(functional.cross_entropy, *flat, computing=PIXELS)
