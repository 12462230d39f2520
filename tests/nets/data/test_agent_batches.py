"""What each agent sees, and in which order."""

import json
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from nets.data import AgentBatches, DataSet
from nets.ensemble.computing import Computing
from sdeopt.errors import InvalidArgumentError

N = 20
DATA = DataSet("numbers", torch.arange(30.0), torch.arange(30), (N, 6, 4), 30, "made up")


def _epoch(batches: AgentBatches) -> torch.Tensor:
    """Return the targets of the rest of an epoch, of shape (agents, examples)."""
    return torch.cat([targets for _, targets in batches], dim=1)


@given(
    agents=st.integers(1, 5),
    batch=st.integers(1, N),
    drop_last=st.booleans(),
    seed=st.integers(0, 2**70),
)
def test_an_epoch_shows_every_agent_each_training_example_once(
    agents: int, batch: int, drop_last: bool, seed: int
) -> None:
    batches = AgentBatches(DATA, agents, batch, seed, drop_last=drop_last)
    steps = list(batches)
    assert len(steps) == len(batches)
    seen = torch.cat([targets for _, targets in steps], dim=1)
    whole = N - N % batch if drop_last else N
    assert seen.shape == (agents, whole)
    for row in seen.tolist():
        assert len(set(row)) == whole
        assert set(row) <= set(range(N))
    for inputs, targets in steps:
        assert torch.equal(inputs, targets.float())
        assert inputs.shape[1] == batch or not drop_last


@given(
    first=st.integers(0, 4),
    local=st.integers(1, 3),
    share=st.none() | st.integers(1, 2),
    epoch=st.integers(0, 3),
)
def test_an_agent_sees_the_same_whoever_serves_it(
    first: int, local: int, share: int | None, epoch: int
) -> None:
    everyone = AgentBatches(DATA, 7, 1, seed=3, share=share)
    some = AgentBatches(DATA, local, 1, 3, first, share=share)
    for position in range(len(some)):
        expected = everyone.at(epoch, position)[1][first : first + local]
        assert torch.equal(some.at(epoch, position)[1], expected)


def test_orders_differ_between_agents_epochs_and_seeds() -> None:
    batches = AgentBatches(DATA, agents=3, batch=N, seed=1)
    orders = [batches.at(epoch, 0)[1][agent] for epoch in range(3) for agent in range(3)]
    orders.append(AgentBatches(DATA, agents=1, batch=N, seed=2).at(0, 0)[1][0])
    assert len({tuple(order.tolist()) for order in orders}) == 10


@pytest.mark.statistical
def test_every_example_comes_first_equally_often() -> None:
    """Null: uniform over 20 examples; χ² of 19 degrees exceeds 50 with probability 1e-4."""
    agents = 4_000
    first = AgentBatches(DATA, agents, batch=1, seed=5).at(0, 0)[1].flatten()
    counts = first.bincount(minlength=N)
    chi_squared = float(((counts - agents / N) ** 2 / (agents / N)).sum())
    assert chi_squared < 50


def test_shares_are_apart_and_stay_an_agents_own() -> None:
    batches = AgentBatches(DATA, agents=4, batch=5, seed=1, share=5)
    assert len(batches) == 1
    shares = [sorted(row) for row in _epoch(batches).tolist()]
    assert sorted(example for share in shares for example in share) == list(range(N))
    again = _epoch(batches)
    assert [sorted(row) for row in again.tolist()] == shares
    assert batches.epoch == 2


@given(stop=st.integers(0, 9), batch=st.integers(2, 7))
def test_a_resumed_run_sees_what_the_uninterrupted_one_does(stop: int, batch: int) -> None:
    def steps(batches: AgentBatches, epochs: int) -> list[tuple[int, list[list[int]]]]:
        found = []
        while batches.epoch < epochs:
            epoch = batches.epoch
            found += [(epoch, targets.tolist()) for _, targets in batches]
        return found

    whole = steps(AgentBatches(DATA, 2, batch, seed=1), epochs=6)
    first = AgentBatches(DATA, 2, batch, seed=1)
    seen = []
    state = first.state_dict()
    while len(seen) < stop:
        epoch = first.epoch
        for _, targets in first:
            seen.append((epoch, targets.tolist()))
            state = json.loads(json.dumps(first.state_dict()))
            if len(seen) == stop:
                break
    second = AgentBatches(DATA, 2, batch, seed=1)
    second.load_state_dict(state)
    assert seen + steps(second, epochs=6) == whole


def test_a_state_saved_at_the_last_batch_comes_back_before_the_next_epoch() -> None:
    batches = AgentBatches(DATA, 1, 10, seed=1)
    states = [batches.state_dict() for _ in batches]
    assert states == [{"epoch": 0, "position": 1}, {"epoch": 0, "position": 2}]
    batches.load_state_dict(states[-1])
    assert list(batches) == []
    assert batches.state_dict() == {"epoch": 1, "position": 0}


def test_batches_are_made_where_the_data_are() -> None:
    there = DATA.to("meta")
    inputs, targets = AgentBatches(there, 2, 5, seed=1).at(0, 0)
    assert inputs.device.type == targets.device.type == "meta"
    assert inputs.shape == (2, 5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: AgentBatches(DATA, 2, 21, 1), "batch is 21, but an agent has only 20 training"),
        (lambda: AgentBatches(DATA, 2, 6, 1, share=5), "batch is 6, but an agent has only 5"),
        (lambda: AgentBatches(DATA, 2, 5, 1, 3, share=5), "5 agents .* need 25 .* part has 20"),
        (lambda: AgentBatches(DATA, 2, 0, 1), "batch is 0"),
        (lambda: AgentBatches(DATA, 0, 5, 1), "agents is 0"),
        (lambda: AgentBatches(DATA, 2, 5, -1), "seed is -1"),
        (lambda: AgentBatches(DATA, 2, 5, 1, share=0), "share is 0"),
        (
            lambda: AgentBatches(DATA, 2, 5, 1, drop_last="no"),  # type: ignore[arg-type]
            "drop_last is 'no'",
        ),
        (
            lambda: AgentBatches(DATA, 2, 5, 1).load_state_dict({"epoch": 0, "position": 5}),
            "position is 5, but an epoch has 4",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()


@pytest.mark.parametrize("kind", ["TensorDataset", "DataLoader", "tuple"])
def test_data_of_torch_are_for_other_batches(kind: str) -> None:
    given: Any = DATA.inputs, DATA.targets
    if kind != "tuple":
        given = TensorDataset(*given)
    if kind == "DataLoader":
        given = DataLoader(given, 5, shuffle=True)
    with pytest.raises(
        InvalidArgumentError, match=f"data is a {kind}, but must be .*LoaderBatches"
    ):
        AgentBatches(given, 2, 5, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_images_that_lie_pixel_by_pixel_come_so(channels: int) -> None:
    images = torch.arange(30.0 * channels * 20).reshape(30, channels, 4, 5)
    plain = DataSet("images", images, torch.arange(30), (N, 6, 4), 30, "made up")
    ordered = plain.channels_last()
    assert torch.equal(plain.inputs, ordered.inputs)
    expected = AgentBatches(plain, 2, 6, 1).at(0, 1)[0]
    found = AgentBatches(ordered, 2, 6, 1).at(0, 1)[0]
    assert torch.equal(found, expected)
    assert found.stride()[2:] == (1, 5 * channels, channels)
    assert expected.stride()[2:] == (20, 5, 1)
    # no pass copies them again
    own = found[0]
    assert Computing(channels_last=True).ordered(own) is own
    assert Computing(channels_last=True).ordered(expected[0]).stride() == own.stride()
    with pytest.raises(InvalidArgumentError, match="channels_last is for images"):
        DATA.channels_last()
