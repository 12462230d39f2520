"""The choice of a way: by a trial that has no consequences, and remembered."""

import io

import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional

from nets.ensemble import choice
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.memory import Memory
from sdeopt.errors import CheckpointError, InvalidArgumentError
from tests.nets.ensemble.small_networks import batches, convolutions, perceptron

CPU = torch.device("cpu")
SMALL = Memory(agents=2, weights=1, gradients=1, activations=1)


def dropping() -> nn.Module:
    return convolutions(rate=0.5)


def steps(ensemble: Ensemble, count: int, first: int = 0) -> torch.Tensor:
    optimizer = torch.optim.SGD(ensemble.groups(), lr=0.1)
    losses = []
    for step in range(first, first + count):
        batch = batches(3, seed=step, dtype=torch.float32)
        losses.append(ensemble.backward(functional.cross_entropy, *batch))
        optimizer.step()
    return torch.stack(losses)


def test_the_trial_does_not_change_the_trajectory() -> None:
    tried = Ensemble(dropping, 3, seed=1)
    assert tried.way == "auto"
    losses = steps(tried, 3)
    assert tried.way in ("loop", "batched")
    named = Ensemble(dropping, 3, seed=1, way=tried.way)
    assert torch.equal(steps(named, 3), losses)


def test_the_faster_way_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for batched, expected in ((0.5, "batched"), (0.97, "loop"), (2.0, "loop")):
        seconds = {"loop": 1.0, "batched": batched}
        monkeypatch.setattr(choice, "typical_times", lambda *_, s=seconds, **__: s)
        found = choice.choose(lambda way: None, lambda: SMALL, CPU)
        assert found.way == expected
        assert found.seconds == seconds


def test_a_pass_that_is_too_large_is_not_tried() -> None:
    def run(way: str) -> None:
        assert way == "loop"

    found = choice.choose(run, lambda: Memory(2, 1, 1, 10**18), CPU)
    assert found.way == "loop"
    assert "MiB free" in found.reason


class Branching(nn.Module):
    """Looks at its own values, which no batched pass can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(64, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.layer(x.flatten(1))
        return out if out.sum() > 0 else 2 * out


def test_a_network_that_cannot_be_batched() -> None:
    batch = batches(3, dtype=torch.float32)
    tried = Ensemble(Branching, 3, seed=1)
    tried.backward(functional.cross_entropy, *batch)
    assert tried.way == "loop"
    assert tried.choice is not None
    assert "all agents at once failed" in tried.choice.reason
    with pytest.raises(InvalidArgumentError, match="way='loop' computes one agent after the other"):
        Ensemble(Branching, 3, seed=1, way="batched").backward(functional.cross_entropy, *batch)


def test_one_agent_needs_no_trial() -> None:
    assert Ensemble(perceptron, 1, seed=1).way == "loop"


@pytest.mark.parametrize("way", ["loop", "batched"])
def test_a_resumed_run_takes_the_way_that_was_taken(way: str) -> None:
    whole = steps(Ensemble(dropping, 3, seed=1, way=way), 5)
    first = Ensemble(dropping, 3, seed=1, way=way)
    steps(first, 2)
    file = io.BytesIO()
    torch.save(first.state_dict(), file)
    file.seek(0)
    second = Ensemble(dropping, 3, seed=99)
    second.load_state_dict(torch.load(file, weights_only=True))
    assert second.way == way
    assert torch.equal(steps(second, 3, first=2), whole[2:])
    told = Ensemble(dropping, 3, seed=1, way="loop")
    told.load_state_dict(first.state_dict())
    assert told.way == "loop"


def test_a_checkpoint_of_another_ensemble_is_refused() -> None:
    state = Ensemble(perceptron, 3, seed=1).state_dict()
    with pytest.raises(CheckpointError, match="holds 3 agents from number 0"):
        Ensemble(perceptron, 2, seed=1).load_state_dict(state)
    with pytest.raises(CheckpointError, match="checkpoint has"):
        Ensemble(convolutions, 3, seed=1).load_state_dict(state)
