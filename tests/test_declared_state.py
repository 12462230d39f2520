"""An algorithm with state of its own is one class: everything else follows from what it declares."""

import dataclasses
import importlib
import inspect
import itertools
import tokenize
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import sdeopt as so
from sdeopt import algorithms
from sdeopt.algorithms import Algorithm, Communicating, StateVector
from sdeopt.simulation import engine

LOSS = so.losses.Quadratic([[2.0, 0.5], [0.5, 1.0]])
AGENTS, REPLICAS, STEPS, STEP_SIZE, K, LATE = 5, 3, 24, 0.05, 0.8, 2
OWN = ("rates", "paths", "ages", "centres", "paces")


def move(
    x, rate, path, age, gradient, increment, signal, mean, mean_path, pace, step_size, coupling
):
    """Move along a running mean of noisy gradients, pulled to a late centre and to two means."""
    new_rate = 0.7 * rate + 0.3 * (gradient - increment / step_size)
    pull = coupling * (signal - x) + 0.1 * (mean - x) + 0.2 * (mean_path - path)
    new_x = x + step_size * (pull - new_rate + 0.3 * pace) / (1.0 + 0.1 * age)
    return new_x, new_rate, path + 0.5 * (x - path), age + 1.0


def follow(centre, pace, mean, time, agents, step_size, coupling):
    """Move the centre with a pace that the mean accelerates."""
    new_pace = 0.9 * pace + step_size * coupling * (mean - centre) / (1.0 + 0.01 * time)
    return centre + new_pace / agents, new_pace


@dataclasses.dataclass(frozen=True)
class FiveVectors(Communicating):
    """Three vectors of every agent, two of every replica, and with a delay a history."""

    agent_vectors: ClassVar = {
        "rate": StateVector("rates", "running means of gradients", units="loss / parameter units"),
        "path": StateVector("paths", "slow positions", "position"),
        "age": StateVector("ages", "numbers of steps"),
    }
    replica_vectors: ClassVar = {
        "centre": StateVector("centres", "centres with a pace", "position"),
        "pace": StateVector("paces", "their paces"),
    }
    signal = "centre"
    rules: ClassVar = {"step": (__name__, "move"), "replica_step": (__name__, "follow")}
    clocks = ("Iteration",)


ALGORITHM = FiveVectors(K, delay=LATE)
RECORD = so.record.Every(4, ("agents", "mean", "quorum", *OWN))


def simulated(algorithm=ALGORITHM, **others):
    arguments = {
        "noise": so.noise.Gaussian(1.0), "agents": AGENTS, "replicas": REPLICAS, "steps": STEPS,
        "step_size": STEP_SIZE, "start": so.start.Uniform(-2, 2), "seed": 4, "record": RECORD,
    }  # fmt: skip
    return so.simulate(LOSS, algorithm, **(arguments | others))


def test_the_numbers_are_those_of_numpy():
    start = np.random.default_rng(5).uniform(-2.0, 2.0, (AGENTS, 2))
    zeta = np.random.default_rng(6).normal(size=(STEPS, 1, AGENTS, 2))
    run = simulated(start=so.start.Point(start), increments=zeta, replicas=1, record=None)
    x, rate, path, age = start, np.zeros((AGENTS, 2)), start, np.zeros((AGENTS, 2))
    centre, pace = start.mean(axis=0), np.zeros(2)
    past = [centre] * LATE
    for t in range(STEPS):
        past.append(centre)
        mean, centre_then = x.mean(axis=0), past[-1 - LATE]
        old, pull = x, K * (centre_then - x) + 0.1 * (mean - x)
        pull = pull + 0.2 * (path.mean(axis=0) - path)
        rate = 0.7 * rate + 0.3 * (LOSS.gradient(x) + zeta[t, 0])
        x = x + STEP_SIZE * (pull - rate + 0.3 * pace) / (1.0 + 0.1 * age)
        path, age = path + 0.5 * (old - path), age + 1.0
        pace = 0.9 * pace + STEP_SIZE * K * (mean - centre) / (1.0 + 0.01 * t)
        centre = centre + pace / AGENTS
    for name, expected in {
        "agents": x, "mean": x.mean(axis=0), "quorum": centre,
        **dict(zip(OWN, (rate, path, age, centre, pace), strict=True)),
    }.items():  # fmt: skip
        np.testing.assert_allclose(run[name].values[0], expected, atol=1e-12, err_msg=name)


def test_variables_are_described_and_recorded():
    run = simulated()
    for name in OWN[:3]:
        assert run[name].dims == ("step", "replica", "agent", "dim")
    for name in OWN[3:]:
        assert run[name].dims == ("step", "replica", "dim")
    assert run["paths"].attrs == {"long_name": "slow positions", "units": "parameter units"}
    assert run["rates"].attrs["units"] == "loss / parameter units"
    first = run.sel(step=0)
    assert (first["rates"] == 0).all()
    assert (first["paces"] == 0).all()
    np.testing.assert_array_equal(first["paths"], first["agents"])
    np.testing.assert_array_equal(first["centres"], first["mean"])
    np.testing.assert_array_equal(run["centres"], run["quorum"])
    short = simulated(steps=8, record=None)
    for name in OWN:
        np.testing.assert_array_equal(short[name], run[name].sel(step=8))


STATISTICS = ("loss", "loss_of_quorum", "agent_covariance")


@pytest.mark.parametrize("late", [0, LATE])
def test_layout_threads_and_chunks_change_no_bit(late):
    algorithm = FiveVectors(K, delay=late)
    whole = simulated(algorithm, replicas=20, statistics=STATISTICS)
    parts = simulated(algorithm, replicas=20, statistics=STATISTICS, threads=2, chunk=5)
    few = simulated(algorithm, replicas=REPLICAS, statistics=STATISTICS)
    for name in whole.data_vars:
        np.testing.assert_array_equal(whole[name], parts[name])
        np.testing.assert_array_equal(whole[name].isel(replica=slice(REPLICAS)), few[name])


def test_a_run_continues_from_a_checkpoint(tmp_path, monkeypatch):
    path, saved = tmp_path / "run", engine.save_checkpoint

    def saves_and_stops(*given):
        saved(*given)
        raise KeyboardInterrupt

    arguments = {
        "checkpoint": path,
        "checkpoint_seconds": 0.0,
        "chunk": 7,
        "statistics": STATISTICS,
    }
    with monkeypatch.context() as patched:
        patched.setattr(engine, "save_checkpoint", saves_and_stops)
        with pytest.raises(KeyboardInterrupt):
            simulated(**arguments)
    resumed, whole = simulated(**arguments, threads=2), simulated(statistics=STATISTICS)
    for name in whole.data_vars:
        np.testing.assert_array_equal(resumed[name], whole[name], err_msg=name)


def test_a_replica_that_has_passed_keeps_all_of_its_vectors():
    box = so.statistics.Box([-0.6, -0.6], [0.6, 0.6])
    passage = so.statistics.FirstPassage(box, ends=True, name="passed")
    run = simulated(replicas=20, statistics=[passage], chunk=5, record=so.record.Every(1, OWN))
    steps = run["passed"].values
    assert len(set(steps)) > 2
    for r, step in enumerate(steps):
        if step >= 0:
            for name in OWN:
                after = run[name].isel(replica=r).sel(step=slice(int(step), None)).values
                np.testing.assert_array_equal(after, np.broadcast_to(after[0], after.shape))
            assert run["ages"].isel(replica=r, step=-1).values.max() == step


def drift(x, far, gradient, signal, near, coupling):
    return coupling * (signal - x) - gradient + 0.1 * (near - x), 0.5 * (x - far)


def replica_drift(near, mean, coupling):
    return 2.0 * coupling * (mean - near)


@dataclasses.dataclass(frozen=True)
class Flow(so.QSGD):
    """A differential equation with a vector of each kind."""

    agent_vectors: ClassVar = {"far": StateVector("fars", "what follows an agent", "position")}
    replica_vectors: ClassVar = {"near": StateVector("nears", "what follows the mean")}
    rules: ClassVar = {"drift": (__name__, "drift"), "replica_drift": (__name__, "replica_drift")}


def test_the_schemes_for_differential_equations_agree():
    """Both converge to the same path: without noise the strong scheme to second order."""

    def end(dt, scheme):
        run = so.simulate(
            LOSS, Flow(K), agents=AGENTS, steps=round(1.0 / dt), step_size=0.1,
            start=so.start.Uniform(-2, 2), seed=4, clock=so.clock.SDE(dt=dt, scheme=scheme),
        )  # fmt: skip
        return np.concatenate([run[n].values.ravel() for n in ("agents", "fars", "nears", "mean")])

    exact = end(1.0 / 512, "strong_order_1.5")
    errors = [np.abs(end(dt, "strong_order_1.5") - exact).max() for dt in (1 / 16, 1 / 32)]
    assert 3.4 < errors[0] / errors[1] < 4.6
    errors = [np.abs(end(dt, "euler_maruyama") - exact).max() for dt in (1 / 64, 1 / 128)]
    assert 1.8 < errors[0] / errors[1] < 2.2


def unknown(x, speed, gradient):
    return x - speed * gradient


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (
            {"rules": {"step": (__name__, "unknown")}},
            "the rule step, line .* takes speed, which there",
        ),
        ({"agent_vectors": {"mean": StateVector("m", "")}}, "a vector called 'mean'"),
        ({"agent_vectors": {"coupling": StateVector("m", "")}}, "a vector called 'coupling'"),
        ({"replica_vectors": {"a b": StateVector("m", "")}}, "a vector called 'a b'"),
        ({"signal": "centre"}, "vector of Wrong called 'centre'"),
        ({"noisy": "v"}, "vector of Wrong called 'v'"),
        ({"agent_vectors": {"v": StateVector("agents", "")}}, "variable is called 'agents'"),
        ({"replica_vectors": {"v": StateVector("quorum", "")}}, "variable is called 'quorum'"),
        (
            {"replica_vectors": {"a": StateVector("own", ""), "b": StateVector("own", "")}},
            "variable is called 'own'",
        ),
        ({"rules": so.SDQSGD.rules}, "a rule called weights, whose mean needs a place"),
    ],
)
def test_a_wrong_declaration_is_refused(declared, words):
    wrong = dataclasses.dataclass(frozen=True)(type("Wrong", (so.QSGD,), declared))
    with pytest.raises(so.errors.InvalidArgumentError, match=words):
        simulated(wrong(K), record=None)


def test_names_of_the_result_are_not_taken_twice():
    box = so.statistics.Box([-0.6, -0.6], [0.6, 0.6])
    passage = so.statistics.FirstPassage(box, name="paths")
    with pytest.raises(so.errors.InvalidArgumentError, match="would be called 'paths'"):
        simulated(statistics=[passage])
    with pytest.raises(
        so.errors.InvalidArgumentError, match="start of a StateVector called 'here'"
    ):
        StateVector("paths", "", "here")


ENGINE = ("kernels", "simulation", "sweeps", "statistics")


def test_no_part_of_the_engine_names_a_vector_of_an_algorithm():
    """None of the built-in algorithms is special: their vectors are named in their own files only."""
    brought = [getattr(algorithms, name) for name in algorithms.__all__]
    named = set()
    for each in brought:
        if inspect.isclass(each) and issubclass(each, Algorithm):
            vectors = {**each.agent_vectors, **each.replica_vectors}
            named |= {vector.name for vector in vectors.values()}
            # shorter names are letters of formulas too
            named |= {name for name in vectors if len(name) > 2}
    assert named == {"velocities", "filters", "quorum"}
    # what all results have besides the mean: what agents are pulled towards
    allowed = {
        ("output", "quorum"),
        ("preparation", "quorum"),
        ("size", "quorum"),
        ("selection", "quorum"),
        ("planning", "quorum"),
    }
    folder = Path(inspect.getfile(so)).parent
    found = set()
    for path in itertools.chain.from_iterable((folder / each).rglob("*.py") for each in ENGINE):
        with path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                text = token.string.strip("\"'")
                if token.type in (tokenize.NAME, tokenize.STRING) and text in named:
                    found.add((path.stem, text))
    assert found <= allowed


def test_built_in_algorithms_take_the_same_way():
    """A class that declares what EASGD does, under other names, has the same bits."""

    @dataclasses.dataclass(frozen=True)
    class Renamed(so.QSGD):
        replica_vectors: ClassVar = {"pole": StateVector("poles", "centres", "position")}
        signal = "pole"
        rules: ClassVar = {
            "drift": so.EASGD.rules["drift"], "replica_drift": (__name__, "pole_drift"),
        }  # fmt: skip

    assert importlib.import_module(__name__).pole_drift is pole_drift
    mine, theirs = simulated(Renamed(K), record=None), simulated(so.EASGD(K), record=None)
    for name in theirs.data_vars:
        np.testing.assert_array_equal(mine[name], theirs[name])
    np.testing.assert_array_equal(mine["poles"], theirs["quorum"])


def pole_drift(pole, mean, agents, coupling):
    return coupling * agents * (mean - pole)
