"""The benchmark of the optimizers: what it times and how it compares. Nothing here is timed."""

import itertools

import pytest

torch = pytest.importorskip("torch")

from nets.optimizers import overhead


@pytest.fixture
def batch():
    return torch.ones(4, 3), torch.zeros(4, dtype=torch.long)


def test_every_contender_has_one_to_be_compared_with(batch):
    costs = overhead.measure(torch.nn.Linear(3, 2), *batch, turns=3)
    names = {cost.name for cost in costs}
    assert {cost.against for cost in costs} == {"SGD", "SGD, Nesterov"} <= names
    assert all(0.0 < cost.outside < cost.iteration for cost in costs)
    assert all(0.0 < cost.lower <= cost.ratio <= cost.upper for cost in costs)


def test_ratios_are_those_of_the_same_turn(batch, monkeypatch):
    """A clock that ticks at every look, and ever faster: both take as many ticks in every turn."""
    ticks = itertools.accumulate(1.01**i for i in itertools.count())
    monkeypatch.setattr(overhead, "busy_clock", lambda: lambda: next(ticks))
    turned = overhead.CONTENDERS[:2]
    plain, easgd = overhead.measure(torch.nn.Linear(3, 2), *batch, turns=4, contenders=turned)
    assert plain.ratio == plain.lower == plain.upper == 1.0
    assert plain.share == 0.0
    # who goes first alternates, so the ratio is 1.01^4 or its inverse
    assert easgd.lower == pytest.approx(1.01**-4)
    assert easgd.upper == pytest.approx(1.01**4)


def test_the_command_prints_the_table(capsys, monkeypatch):
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    overhead.main(batch=2, turns=2, channels=(2, 2, 2))
    printed = capsys.readouterr().out
    for contender in overhead.CONTENDERS:
        assert contender.name in printed
    assert "batch 2, 2 turns" in printed
