"""Initial points come from the seed and the agent's number, and from nothing else."""

import pytest

torch = pytest.importorskip("torch")

from nets.ensemble.ensemble import Ensemble
from tests.nets.ensemble.small_networks import perceptron


def test_apart_together_and_reproducible() -> None:
    apart = Ensemble(perceptron, 3, seed=1).weights["1.weight"]
    together = Ensemble(perceptron, 3, seed=1, together=True).weights["1.weight"]
    assert not torch.equal(apart[0], apart[1])
    assert torch.equal(together, apart[:1].expand_as(together))
    torch.manual_seed(99)
    assert torch.equal(Ensemble(perceptron, 3, seed=1).weights["1.weight"], apart)
    assert not torch.equal(Ensemble(perceptron, 3, seed=2).weights["1.weight"], apart)


def test_a_part_of_the_agents_begins_where_the_whole_does() -> None:
    whole = Ensemble(perceptron, 4, seed=1).weights["1.weight"]
    assert torch.equal(
        Ensemble(perceptron, 2, seed=1, first_agent=2).weights["1.weight"], whole[2:]
    )
    together = Ensemble(perceptron, 2, seed=1, first_agent=2, together=True).weights["1.weight"]
    assert torch.equal(together[1], whole[0])


def test_building_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    Ensemble(perceptron, 2, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_mean_and_modules_are_copies() -> None:
    ensemble = Ensemble(perceptron, 3, seed=1)
    mean = ensemble.mean()
    torch.testing.assert_close(mean["1.weight"], ensemble.weights["1.weight"].sum(0) / 3)
    module = ensemble.module_of(mean)
    assert torch.equal(module.get_parameter("1.weight"), mean["1.weight"])
    own = ensemble.module(2)
    own.get_parameter("1.weight").data.zero_()
    assert ensemble.weights["1.weight"][2].abs().sum() > 0
    assert own.get_parameter("1.weight").untyped_storage().nbytes() == 64 * 9 * 4
    assert own.training
    assert own.get_parameter("1.weight").requires_grad
