"""What needs no second process: sums in a fixed order, and refusals before anyone meets."""

import os
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import sdeopt as so
from nets.communication import Local, ProcessGroup, connect
from nets.communication.communication import mean_over_agents
from nets.communication.processes import NEEDED, Guard, device_of_process, equal_share
from sdeopt.errors import ClusterError, InvalidArgumentError


@pytest.mark.parametrize("agents", range(1, 18))
def test_the_mean_has_the_bits_of_the_engine(agents):
    points = np.random.default_rng(agents).normal(size=(agents, 3))
    run = so.simulate(
        so.losses.Quadratic(np.eye(3)), so.SGD(), agents=agents, steps=1, step_size=0.5,
        start=so.start.Point(points[None]),
    )  # fmt: skip
    stacked = {"x": torch.tensor(run["agents"].values[0])}
    np.testing.assert_array_equal(Local(agents).mean(stacked)["x"].numpy(), run["mean"].values[0])


@pytest.mark.parametrize("agents", range(1, 10))
def test_the_mean_does_not_depend_on_how_weights_are_cut(agents):
    """The very thing that torch.mean does not promise."""
    stack = torch.randn(agents, 1001, generator=torch.Generator().manual_seed(agents))
    gains = torch.linspace(0, 2, agents, dtype=torch.float64)
    for weights in (None, gains):
        (whole,) = mean_over_agents([stack], weights)
        pieces = mean_over_agents(list(stack.split([1, 500, 7, 493], dim=1)), weights)
        assert torch.equal(torch.cat(pieces), whole)
    exact = stack.double().mean(0)
    torch.testing.assert_close(mean_over_agents([stack])[0].double(), exact, rtol=0, atol=1e-6)


def test_a_weighted_mean():
    stack = torch.randn(5, 2, 3, dtype=torch.float64)
    gains = torch.tensor([0.0, 1.0, 2.0, 0.5, 0.0], dtype=torch.float64)
    exact = (gains[:, None, None] * stack).sum(0) / gains.sum()
    torch.testing.assert_close(Local(5).mean({"x": stack}, gains)["x"], exact)
    plain = Local(5).mean({"x": stack})["x"]
    assert torch.equal(Local(5).mean({"x": stack}, torch.zeros(5))["x"], plain)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_the_mean_of_one_agent_is_the_agent(kind):
    """Not that times its gain over its gain, whose last bit a training makes large."""
    stack = torch.randn(1, 1000, dtype=kind, generator=torch.Generator().manual_seed(1))
    for gain in (0.1, 1 / 3, 7.7):
        gains = torch.tensor([gain], dtype=torch.float64)
        assert torch.equal(Local(1).mean({"x": stack}, gains)["x"], stack[0])


def test_a_stack_is_not_changed():
    stack = torch.randn(5, 3)
    before = stack.clone()
    Local(5).mean({"x": stack}, torch.rand(5))
    assert torch.equal(stack, before)


def in_torchrun(monkeypatch, rank=0, processes=3):
    values = (rank, processes, "localhost", 1)
    for name, value in zip(NEEDED, values, strict=True):
        monkeypatch.setenv(name, str(value))


def test_agents_that_cannot_be_dealt_equally_are_refused(monkeypatch):
    in_torchrun(monkeypatch)
    with pytest.raises(InvalidArgumentError, match=r"8 agents .* 3 processes; start 1, 2, 4 or 8"):
        ProcessGroup(8)
    with pytest.raises(InvalidArgumentError, match="start 1 processes, or take a multiple of 2"):
        equal_share(1, 2)


def test_without_torchrun(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    assert isinstance(connect(4), Local)
    with pytest.raises(InvalidArgumentError, match="start the script with torchrun"):
        ProcessGroup(4)


def test_a_rendezvous_that_nobody_comes_to(monkeypatch):
    in_torchrun(monkeypatch, rank=1, processes=2)
    with pytest.raises(ClusterError, match="process 1 of 2 did not meet the others within 1 s"):
        ProcessGroup(2, timeout_seconds=1)


@pytest.mark.parametrize("wrong", [0, -1.0, "soon"])
def test_a_timeout_is_a_time(monkeypatch, wrong):
    in_torchrun(monkeypatch)
    with pytest.raises(InvalidArgumentError, match="timeout_seconds"):
        ProcessGroup(3, timeout_seconds=wrong)


def test_the_device_of_a_process():
    assert device_of_process("meta").type == "meta"
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert device_of_process(None).type == expected


def test_the_signal_that_ends_a_process_is_explained():
    before = signal.getsignal(signal.SIGTERM)
    guard = Guard(1, 2, 60.0)
    try:
        guard.begin()
        with pytest.raises(
            ClusterError, match=r"process 1 of 2 was ended by SIGTERM.* last checkpoint"
        ):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)  # a second one must not cut the sentence off
        guard.begin()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_signals_are_left_alone_after_a_run_that_went_well():
    guard = Guard(0, 2, 60.0)
    guard.begin()
    guard.end()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
