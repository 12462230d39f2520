"""The benchmark of both ways runs, and judges a choice by what it loses."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

import typer
from typer.testing import CliRunner

from nets import data
from nets.benchmark import ensemble as benchmark
from nets.ensemble.memory import Memory

ROW = benchmark.Comparison("perceptron", 4, 10, 1.0, 0.5, "batched", Memory(4, 1, 1, 1))


def test_what_a_choice_loses() -> None:
    assert (ROW.gain, ROW.lost) == (2, 0)
    assert replace(ROW, chosen="loop").lost == pytest.approx(1)
    assert replace(ROW, batched=1.25, chosen="batched").lost == pytest.approx(0.25)


def test_a_small_comparison() -> None:
    row = benchmark.compare("perceptron", data.load("digits"), 2, 3, "cpu", seconds=0)
    assert row.chosen in benchmark.WAYS
    assert min(row.loop, row.batched) > 0
    assert row.memory.batched > row.memory.loop


@pytest.mark.parametrize(("chosen", "code"), [("batched", 0), ("loop", 1)])
def test_the_command_fails_if_too_much_is_lost(
    monkeypatch: pytest.MonkeyPatch, chosen: str, code: int
) -> None:
    monkeypatch.setattr(benchmark, "compare", lambda *_: replace(ROW, chosen=chosen))
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    app = typer.Typer()
    app.command()(benchmark.main)
    result = CliRunner().invoke(app, ["--network", "perceptron", "--agents", "4", "--batch", "10"])
    assert result.exit_code == code
    assert "the choices lost at most" in result.output
