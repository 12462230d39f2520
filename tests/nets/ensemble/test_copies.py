"""A copied or unpickled ensemble trains as the one it was copied from would."""

import copy
import pickle

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble.ensemble import Ensemble
from sdeopt.errors import InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, convolutions, remembering


def network() -> nn.Module:
    return convolutions(rate=0.5)


def through_a_pickle(thing):
    return pickle.loads(pickle.dumps(thing))


def steps(ensemble, optimizer, numbers):
    losses = []
    for number in numbers:
        batch = batches(3, seed=number, dtype=torch.float32)
        losses.append(ensemble.backward(functional.cross_entropy, *batch))
        optimizer.step()
    return torch.stack(losses)


def begun(way, make=network, **options):
    ensemble = Ensemble(make, 3, seed=1, way=way, **options)
    return ensemble, torch.optim.SGD(ensemble.groups(), lr=0.1, momentum=0.9)


COPIES = {
    "copy": lambda pair: (copy.copy(pair[0]), None),
    "deepcopy": lambda pair: (copy.deepcopy(pair[0]), None),
    "pickle": lambda pair: (through_a_pickle(pair[0]), None),
    "deepcopy with the optimizer": copy.deepcopy,
    "deepcopy behind the optimizer": lambda pair: copy.deepcopy(pair[::-1])[::-1],
    "pickle with the optimizer": through_a_pickle,
    "pickle behind the optimizer": lambda pair: through_a_pickle(pair[::-1])[::-1],
}


@pytest.mark.parametrize("way", ["loop", "batched"])
@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
def test_a_copy_learns_what_the_original_does(copied, way) -> None:
    ensemble, optimizer = begun(way)
    steps(ensemble, optimizer, range(2))
    twin, its_optimizer = copied((ensemble, optimizer))
    if its_optimizer is None:
        its_optimizer = torch.optim.SGD(twin.groups(), lr=0.1, momentum=0.9)
        its_optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    before = {name: stack.clone() for name, stack in twin.weights.items()}
    expected = steps(ensemble, optimizer, range(2, 6))
    for name, stack in twin.weights.items():
        assert torch.equal(stack, before[name]), "the original writes into its copy"
    assert torch.equal(steps(twin, its_optimizer, range(2, 6)), expected)
    for name, stack in ensemble.weights.items():
        assert torch.equal(twin.weights[name], stack)
        for agent in range(3):
            module = twin.module(agent)
            assert torch.equal(module.get_parameter(name), stack[agent])


@pytest.mark.parametrize("copied", [copy.deepcopy, through_a_pickle])
def test_gradients_that_no_step_has_used_are_copied(copied) -> None:
    ensemble, optimizer = begun("loop")
    ensemble.backward(functional.cross_entropy, *batches(3, dtype=torch.float32))
    twin, its_optimizer = copied((ensemble, optimizer))
    optimizer.step()
    its_optimizer.step()
    for name, stack in ensemble.weights.items():
        assert torch.equal(twin.weights[name], stack)


def test_running_statistics_are_the_copys_own() -> None:
    ensemble, optimizer = begun("loop", remembering, running_statistics="keep")
    steps(ensemble, optimizer, range(2))
    twin = copy.deepcopy(ensemble)
    before = {name: stack.clone() for name, stack in twin.buffers.items()}
    steps(ensemble, optimizer, range(2))
    assert not torch.equal(ensemble.buffers["2.running_mean"], before["2.running_mean"])
    assert all(torch.equal(stack, before[name]) for name, stack in twin.buffers.items())


def made_here() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))


def test_a_pickle_says_what_made_the_network() -> None:
    ensemble = Ensemble(lambda: made_here(), 3, seed=1)
    twin = through_a_pickle(ensemble)
    assert twin.identity == ensemble.identity
    assert through_a_pickle(twin).identity == ensemble.identity


def test_what_torch_cannot_pickle_is_refused() -> None:
    def normed() -> nn.Module:
        dense = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(64, 3))
        return nn.Sequential(nn.Flatten(), dense)

    ensemble, optimizer = begun("loop", normed)
    with pytest.raises(InvalidArgumentError, match=r"parametrized layers, .*deepcopy"):
        pickle.dumps(ensemble)
    twin, its_optimizer = copy.deepcopy((ensemble, optimizer))
    expected = steps(ensemble, optimizer, range(3))
    assert torch.equal(steps(twin, its_optimizer, range(3)), expected)
