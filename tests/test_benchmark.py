"""The benchmark runs, and what it compares computes the same thing. Nothing here is timed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sdeopt import benchmark, losses
from sdeopt import start as starts
from sdeopt.benchmark import array_rivals, limit_program
from sdeopt.benchmark.engine_runs import ENGINE, Compilation, measure_compilation
from sdeopt.benchmark.library_rivals import DIFFRAX, TORCHSDE
from sdeopt.benchmark.limit_program import LIMIT
from sdeopt.benchmark.outcome import Verdict, judge
from sdeopt.benchmark.pairs import Pair, Program, compare, regression
from sdeopt.benchmark.rivals import NUMBA, NUMPY
from sdeopt.benchmark.timing import Array, Contender, Speed, UnavailableError, measure, timed
from sdeopt.benchmark.workloads import WORKLOADS, Workload
from sdeopt.errors import InvalidArgumentError, OutputError

SLOW_TO_COMPILE = [
    pytest.param(name, marks=() if name == "W1" else pytest.mark.slow) for name in WORKLOADS
]


def small(name: str, replicas: int, agents: int) -> Workload:
    return replace(WORKLOADS[name], replicas=replicas, agents=agents)


@pytest.mark.parametrize("name", SLOW_TO_COMPILE)
@pytest.mark.parametrize("steps", [1, 3])
def test_cpp_follows_the_engine_path_by_path(name: str, steps: int) -> None:
    # 13 replicas do not fill the last vector; an odd number of steps leaves half a block unused.
    workload = small(name, replicas=13, agents=10)
    try:
        library = limit_program.build()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    states = workload.states()
    by_hand = limit_program.run(workload, states, steps, library)
    by_engine = workload.simulate(steps, start=starts.Point(states))
    # f'' is below 200, so rounding grows at most ninefold a step (step size 0.04)
    np.testing.assert_allclose(by_hand, by_engine, rtol=0, atol=1e-14 * 9**steps)


@pytest.mark.parametrize("narrow", ["-mno-avx512f", "-march=x86-64"])
def test_cpp_does_the_same_with_narrow_vectors(
    narrow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        native = limit_program.build()
        monkeypatch.setattr(limit_program, "FLAGS", (*limit_program.FLAGS, narrow))
        library = limit_program.build()
    except UnavailableError as reason:
        pytest.skip(str(reason))
    for name in WORKLOADS:
        workload = small(name, replicas=13, agents=10)
        states = workload.states()
        wide = limit_program.run(workload, states, 3, native)
        by_narrow = limit_program.run(workload, states, 3, library)
        np.testing.assert_allclose(by_narrow, wide, rtol=0, atol=1e-14 * 9**3)


def final_states(workload: Workload, contender: Contender, steps: int) -> Array:
    try:
        return contender.prepare(workload)(steps)[1]
    except UnavailableError as reason:
        pytest.skip(str(reason))


def largest_deviation(a: Array, b: Array) -> float:
    """Compare mean and spread, replica by replica, in standard errors of their difference."""
    deviations = []
    for p, q in ((a.mean((1, 2)), b.mean((1, 2))), (a.var(axis=1).mean(1), b.var(axis=1).mean(1))):
        error = np.sqrt(p.var(ddof=1) / p.size + q.var(ddof=1) / q.size)
        deviations.append(abs(p.mean() - q.mean()) / error)
    return float(max(deviations))


# Null: the program's last states have the law of numpy's. Replicas are independent, so the means
# over replicas are normal; 4.5 standard errors, two statistics: false alarm in 1e-5 of all seeds.
# Planted: a coupling 10% too strong in one program fails on every workload.
@pytest.mark.statistical
@pytest.mark.parametrize("contender", [LIMIT, NUMBA, DIFFRAX, TORCHSDE], ids=lambda c: c.name)
@pytest.mark.parametrize("name", WORKLOADS)
def test_rivals_agree_with_numpy_in_law(name: str, contender: Contender) -> None:
    workload = small(name, replicas=1000 if name != "W2" else 100, agents=20)
    rival = final_states(workload, contender, 60)
    assert rival.shape == workload.states().shape
    assert largest_deviation(rival, final_states(workload, NUMPY, 60)) < 4.5


@pytest.mark.statistical
@pytest.mark.parametrize("name", SLOW_TO_COMPILE)
def test_engine_agrees_with_numpy_in_law(name: str) -> None:
    workload = small(name, replicas=1000 if name != "W2" else 100, agents=20)
    engine = final_states(workload, ENGINE, 60)
    assert largest_deviation(engine, final_states(workload, NUMPY, 60)) < 4.5


def test_numpy_gradient_is_the_loss_gradient() -> None:
    from sdeopt.benchmark.rivals import GRADIENTS

    for name in ("W1", "W3"):
        workload = WORKLOADS[name]
        x = np.linspace(-2.0, 2.0, 21)[:, None]
        written = GRADIENTS[workload.shape](x, workload.slopes().tolist())
        np.testing.assert_allclose(written, workload.loss().gradient(x), atol=1e-12)


def test_a_missing_compiler_is_a_reason_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    [speed] = measure([(small("W1", 2, 2), LIMIT)], repeats=1)
    assert speed.rate is None
    assert speed.reason == "no-such-compiler is not installed"


def test_a_failing_compiler_is_a_reason_not_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'cannot do that' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    with pytest.raises(UnavailableError, match="cannot do that"):
        limit_program.build()


def test_libraries_sit_out_what_they_cannot_integrate() -> None:
    for contender in (DIFFRAX, TORCHSDE):
        with pytest.raises(UnavailableError, match="Brownian"):
            contender.prepare(WORKLOADS["W1"])


def test_contenders_take_turns_and_the_best_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdeopt.benchmark.timing.ROUND", 0.0)
    workload = replace(WORKLOADS["W1"], replicas=1, agents=1, steps=10)
    turns: list[str] = []

    def contender(name: str, seconds: list[float], share: float) -> Contender:
        def run(steps: int) -> tuple[float, Array]:
            turns.append(f"{name}{steps}")
            return seconds.pop(0), np.zeros(1)

        return Contender(name, lambda _: run, share)

    a, b = contender("a", [9.0, 4.0, 2.0], 1.0), contender("b", [9.0, 1.0, 5.0], 0.5)
    speeds = measure([(workload, a), (workload, b)], repeats=2)
    assert turns == ["a10", "b5", "a10", "b5", "a10", "b5"]
    assert [speed.rate for speed in speeds] == [10 / 2.0 / 1e6, 5 / 1.0 / 1e6]


def test_short_runs_fill_their_turn() -> None:
    calls: list[int] = []

    def run(steps: int) -> tuple[float, Array]:
        calls.append(steps)
        return 0.1, np.zeros(1)

    measure([(WORKLOADS["W1"], Contender("quick", lambda _: run))], repeats=1)
    assert len(calls) == 1 + 3


def test_targets_compare_only_what_was_measured() -> None:
    speeds = [
        Speed("W1", "engine", 90.0),
        Speed("W1", "numpy", 10.0),
        Speed("W1", LIMIT.name, None),
    ]
    verdicts = {verdict.what: verdict for verdict in judge(speeds, threads=2)}
    assert verdicts["W1: engine / numpy"].met is False
    assert verdicts[f"W1: engine / {LIMIT.name}"].met is None
    assert verdicts["W1: 2 threads / 1 thread"].target == pytest.approx(1.6)


def test_few_agents_keep_the_amount_of_work() -> None:
    few = WORKLOADS["W1"].few_agents(4)
    assert (few.replicas, few.agents, few.work(10)) == (5000, 4, WORKLOADS["W1"].work(10))


@pytest.fixture
def tiny_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdeopt.benchmark.timing.ROUND", 0.0)
    monkeypatch.setattr(
        benchmark, "measure_compilation", lambda name: Compilation(name, 0.5, 7.0, 0.25)
    )
    for name, workload in WORKLOADS.items():
        monkeypatch.setitem(WORKLOADS, name, replace(workload, replicas=4, agents=20, steps=4))
    monkeypatch.setitem(WORKLOADS, "tiny", replace(WORKLOADS["W1"], name="tiny"))
    monkeypatch.setattr(benchmark, "PAIRS", {"few": [Pair("one / other", 0.5, two_counters)]})
    monkeypatch.setattr(benchmark, "measure_formulas", lambda: [Verdict("formulas", 2.0, 1.0)])


def two_counters() -> tuple[Program, Program]:
    return lambda: sum(range(100_000)), lambda: sum(range(400_000))


def test_a_pair_is_judged_by_the_speed_of_its_first_program() -> None:
    verdict = compare(Pair("one / other", 0.5, two_counters), repeats=3)
    assert verdict.what == "one / other"
    assert verdict.value is not None
    assert verdict.value > 1.0


def test_the_ratios_of_pairs_and_formulas_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "PAIRS", {"few": [Pair("one / other", 0.5, two_counters)]})
    monkeypatch.setattr(benchmark, "measure_formulas", lambda: [Verdict("formulas", 2.0, 1.0)])
    report = benchmark.main(["few", "formula"], repeats=1)
    assert [verdict.what for verdict in report.verdicts] == ["one / other", "formulas"]
    assert not report.speeds


@pytest.mark.parametrize("kind", ["least squares", "logistic"])
def test_the_arrays_of_numpy_have_the_gradient_of_the_engine(kind: str) -> None:
    loss = regression(kind, 3, 50)
    x = np.random.default_rng(2).normal(size=(2, 4, 3))
    exact = loss.gradient(x)
    np.testing.assert_allclose(array_rivals.whole_sum(loss, 0.0)(x), exact, rtol=1e-12)
    gradient = array_rivals.minibatch(loss, 8)
    draws = np.array([gradient(x) for _ in range(4000)])
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert np.abs((draws.mean(axis=0) - exact) / error).max() < 5.0


def test_the_dense_quadratic_of_numpy_has_the_gradient_of_the_engine() -> None:
    loss = losses.Quadratic([[2.0, 0.5], [0.5, 1.0]])
    x = np.random.default_rng(2).normal(size=(3, 4, 2))
    np.testing.assert_allclose(array_rivals.quadratic(loss, 0.0)(x), loss.gradient(x), rtol=1e-13)
    run = array_rivals.descend(lambda y: y - x, x.shape, 400, 0.1, 0.0)
    np.testing.assert_allclose(run, x, rtol=1e-12)


@pytest.mark.usefixtures("tiny_run")
def test_main_prints_tables_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = benchmark.main(["tiny"], threads=1, repeats=1, out=tmp_path / "bench.json")
    printed = capsys.readouterr().out
    assert "tiny" in printed
    assert "first call compiles for 7.0 s" in printed
    written = json.loads((tmp_path / "bench.json").read_text())
    assert [speed["contender"] for speed in written["speeds"]] == [
        speed.contender for speed in report.speeds
    ]
    assert all(speed["rate"] is not None or speed["reason"] for speed in written["speeds"])
    assert written["compilation"][0]["loading"] == 0.25


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_run")
def test_main_measures_every_target(capsys: pytest.CaptureFixture[str]) -> None:
    report = benchmark.main(repeats=1)
    unmeasured = [verdict.what for verdict in report.verdicts if verdict.met is None]
    assert all(LIMIT.name in what or "threads" in what for what in unmeasured)
    assert "ratios and targets" in capsys.readouterr().out


def test_an_unknown_workload_is_refused_by_name() -> None:
    with pytest.raises(InvalidArgumentError, match="no workload 'W4'"):
        benchmark.main(["W4"])


@pytest.mark.parametrize(("threads", "repeats"), [(0, 1), (1, 0)])
def test_numbers_below_one_are_refused(threads: int, repeats: int) -> None:
    with pytest.raises(InvalidArgumentError, match="at least 1"):
        benchmark.main(["W1"], threads=threads, repeats=repeats)


def test_timed_returns_seconds_and_states() -> None:
    seconds, states = timed(lambda steps: np.full(2, float(steps)))(3)
    assert seconds >= 0.0
    assert states.tolist() == [3.0, 3.0]


@pytest.mark.slow
def test_a_second_process_loads_what_the_first_compiled() -> None:
    cost = measure_compilation("W1")
    assert cost.loading < cost.compiling


def test_a_place_that_cannot_be_written_is_refused_before_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "measure", lambda *_: pytest.fail("it measured"))
    with pytest.raises(OutputError, match=r"absent/bench\.json cannot be written: No such file"):
        benchmark.main(["W1"], out=tmp_path / "absent" / "bench.json")
