"""The benchmark of trainings: what it times and how it compares. Nothing here is timed."""

import itertools

import pytest

torch = pytest.importorskip("torch")

from nets.ensemble.computing import Computing
from nets.networks.three_convolutions import ThreeConvolutions
from nets.training import step_cost
from nets.training.step_cost import PROGRAMS, Size

FAST = Computing(autocast=torch.bfloat16, channels_last=True)
TINY = {"agents": 2, "image": 8, "channels": (2, 2, 2), "batch": 5, "steps": 3}


@pytest.mark.parametrize("computing", [Computing(), FAST])
def test_all_do_the_work_of_the_plain_loop(computing, monkeypatch):
    """An epoch of 15 images: as many passes, over as many images of the same order, as in torch."""
    seen = []
    forward = ThreeConvolutions.forward

    def watched(self, images):
        pixels = images.is_contiguous(memory_format=torch.channels_last)
        seen.append((self.training, len(images), pixels, torch.is_autocast_enabled("cpu")))
        return forward(self, images)

    monkeypatch.setattr(ThreeConvolutions, "forward", watched)
    size = Size(**TINY, computing=computing)
    data = size.data()
    expected = {}
    for program in PROGRAMS:
        epoch = program.prepare(size, data)
        epoch()  # the first one measures the start too
        seen.clear()
        epoch()
        fast = computing is FAST
        assert {(pixels, reduced) for _, _, pixels, reduced in seen} == {(fast, fast)}
        found = sorted(seen)
        assert len(found) == 2 * 3 + 2 * program.tests
        assert found == expected.setdefault(program.tests, found)


def test_ratios_are_those_of_the_same_round(monkeypatch):
    """A clock that ticks at every look, and ever faster: who goes first alternates."""
    ticks = itertools.accumulate(1.01**i for i in itertools.count())
    monkeypatch.setattr(step_cost, "busy_clock", lambda: lambda: next(ticks))
    plain, coupled = step_cost.measure(Size(**TINY, computing=FAST), 4, PROGRAMS[:2])
    assert plain.ratio == plain.lower == plain.upper == 1.0
    # two looks an epoch
    assert coupled.lower == pytest.approx(1.01**-2)
    assert coupled.upper == pytest.approx(1.01**2)
    assert plain.rate > 0


def test_the_command_prints_the_tables(capsys, monkeypatch):
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    step_cost.main([1, 2], image=8, channels=(2, 2, 2), batch=10, steps=1, rounds=2)
    printed = capsys.readouterr().out
    for program in PROGRAMS:
        assert printed.count(f"│ {program.name} ") == 4
    assert "p = 2, 8×8 images, bfloat16" in printed
