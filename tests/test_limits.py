"""Memory and time are told before they are taken, and the limits can be raised."""

import time

import pytest

import sdeopt as so
from sdeopt import limits
from sdeopt.errors import InvalidArgumentError
from sdeopt.limits import Size, check_size
from sdeopt.simulation.engine import describe_run
from sdeopt.simulation.size import size_of

RUN = {
    "loss": so.losses.Quadratic(1.0), "algorithm": so.SGD(), "steps": 10, "step_size": 0.1,
    "start": so.start.Point(1.0),
}  # fmt: skip

TOO_LARGE = {
    "records": ({"steps": 10**9, "record": so.record.Every(1), "replicas": 1000}, "GB of memory"),
    "replicas": ({"replicas": 10**12}, "GB of memory"),
    "agents": ({"agents": 10**18}, "GB of memory"),
    "steps": ({"steps": 10**18}, "hours"),
    "bins": ({"statistics": [so.statistics.Histogram(0, 1, 10**12)]}, "GB of memory"),
    "the user's memory": ({"replicas": 10**6, "memory_limit": 1e-3}, "but the limit is 0.001;"),
    "the user's time": ({"steps": 10**9, "time_limit": 1e-3}, "but the limit is 0.001;"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_a_run_that_does_not_fit_is_refused_at_once(case):
    changes, words = TOO_LARGE[case]
    began = time.perf_counter()
    with pytest.raises(InvalidArgumentError, match=f"^this run needs at least .* {words}"):
        so.simulate(**RUN | changes)
    assert time.perf_counter() - began < 2.0


def test_limits_are_raised_by_argument_and_environment(monkeypatch):
    size = Size(memory=1e18, result=0.0, seconds=1e10)
    given = {"memory_limit": 2e9, "time_limit": 1e7}
    check_size(size, "this", "take less", given)
    monkeypatch.setenv("SDEOPT_MEMORY_LIMIT", "2e9")
    monkeypatch.setenv("SDEOPT_TIME_LIMIT", "1e7")
    check_size(size, "this", "take less")
    monkeypatch.setenv("SDEOPT_TIME_LIMIT", "1e5")
    with pytest.raises(
        InvalidArgumentError, match=r"hours, .* the environment variable SDEOPT_TIME"
    ):
        check_size(size, "this", "take less")
    monkeypatch.setenv("SDEOPT_TIME_LIMIT", "long")
    with pytest.raises(InvalidArgumentError, match="SDEOPT_TIME_LIMIT is 'long', but must be"):
        check_size(size, "this", "take less")


def test_sweeps_and_paths_have_limits():
    fixed = {name: value for name, value in RUN.items() if name != "steps"}
    with pytest.raises(InvalidArgumentError, match="a sweep of 10000000000 points needs at least"):
        so.sweep(**fixed | {"step_size": [0.1] * 10**5}, steps=[1] * 10**5)
    with pytest.raises(
        InvalidArgumentError, match=r"this sweep needs .* or raise the limit with mem"
    ):
        so.sweep(**fixed, steps=[10, 20], replicas=10**5, memory_limit=0.012)
    with pytest.raises(InvalidArgumentError, match="this path needs at least"):
        so.brownian(10**6, 10**6, 1, 1, 0.1)


def test_the_estimate_is_that_of_the_result():
    statistics = ["loss", "agent_mean", so.statistics.Histogram(-1, 1, 8)]
    changes = {
        "replicas": 200, "agents": 3, "record": so.record.Every(3), "statistics": statistics,
        "statistics_every": 1,
    }  # fmt: skip
    run = so.simulate(**RUN | changes)
    size = size_of(describe_run(**RUN | changes), 1)
    held = sum(run[name].nbytes for name in run.data_vars if name != "diverged_at")
    assert held <= size.result <= 1.1 * held
    assert size.memory >= 2 * held


@pytest.mark.parametrize("total", [1, 7, 8, 9, 16])
def test_records_are_counted_without_being_listed(total):
    for record in (so.record.End(), so.record.Every(4), so.record.Every(100), so.record.At([0, 1])):
        assert record.count(total) == len(record.steps(total))


@pytest.mark.parametrize(
    ("variables", "quota", "threads"),
    [
        ({}, None, 8),
        ({"OMP_NUM_THREADS": "3"}, None, 3),
        ({"OMP_NUM_THREADS": "5,2", "NUMBA_NUM_THREADS": "4"}, None, 4),
        ({"OMP_NUM_THREADS": "64"}, None, 8),
        ({"OMP_NUM_THREADS": "many"}, None, 8),
        ({}, "150000 100000\n", 2),
        ({}, "max 100000\n", 8),
        ({"OMP_NUM_THREADS": "1"}, "400000 100000\n", 1),
    ],
)
def test_threads_keep_to_what_is_allowed(monkeypatch, tmp_path, variables, quota, threads):
    file = tmp_path / "cpu.max"
    if quota is not None:
        file.write_text(quota)
    monkeypatch.setattr(limits, "QUOTA", file)
    monkeypatch.setattr(limits.os, "sched_getaffinity", lambda _: range(8), raising=False)
    for variable in limits.THREAD_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert limits.available_threads() == threads
    assert limits.available_threads(7) == 7
