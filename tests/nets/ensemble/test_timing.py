"""Typical times, on a clock that the test moves."""

import pytest

torch = pytest.importorskip("torch")

from nets.ensemble import timing

CPU = torch.device("cpu")


def measured(
    monkeypatch: pytest.MonkeyPatch, costs: dict[str, list[float]], seconds: float
) -> tuple[dict[str, float], list[str]]:
    """Return the median times of runs that cost what is written, and the runs made."""
    now = [0.0]
    made: list[str] = []

    def run(name: str) -> None:
        now[0] += costs[name][sum(other == name for other in made)]
        made.append(name)

    for clock in ("perf_counter", "process_time"):
        monkeypatch.setattr(timing.time, clock, lambda: now[0])
    return timing.typical_times(run, costs, CPU, rounds=4, seconds=seconds), made


def test_turns_and_the_first_that_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {"a": [9, 4, 3, 5, 3], "b": [1, 3, 4, 4, 4]}
    median, made = measured(monkeypatch, costs, 1000)
    assert median == {"a": 3.5, "b": 4}
    assert made == ["a", "b"] * 5


def test_a_clear_answer_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    median, made = measured(monkeypatch, {"a": [2.0] * 5, "b": [1.0] * 5}, 1000)
    assert (median, len(made)) == ({"a": 2, "b": 1}, 8)


def test_long_runs_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    median, made = measured(monkeypatch, {"a": [20.0], "b": [21.0]}, 3)
    assert (median, made) == ({"a": 20, "b": 21}, ["a", "b"])
