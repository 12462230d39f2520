"""Graphs, delays and pauses: plain transcriptions, and the same bits however a run is computed."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled
from sdeopt.simulation import engine
from sdeopt.simulation.layout import Layout
from tests import reference
from tests.test_algorithms import AGENTS, ETA, LOSS, RAMP, REPLICAS, STEPS, draws, k, starts

SEED, LATE = 6, (0, 3, 1, 7, 2)
ROWS = np.random.default_rng(9).random((AGENTS, AGENTS)) + np.eye(AGENTS)
ROWS /= ROWS.sum(axis=1, keepdims=True)

CASES = {
    "graph": so.QSGD(RAMP, graph=so.graphs.Weights(ROWS)),
    "late": so.QSGD(RAMP, delay=4),
    "each as late as it is": so.QSGD(RAMP, delay=LATE),
    "late on a ring": so.QSGD(RAMP, graph=so.graphs.Ring(), delay=LATE),
    "now and then": so.QSGD(RAMP, participation=0.3),
    "pairs": so.QSGD(RAMP, graph=so.graphs.Matchings()),
    "every third step": so.QSGD(RAMP, graph=so.graphs.Ring(), period=3),
    "all with momentum": so.QSGDMomentum(
        RAMP, 0.8, graph=so.graphs.Star(), delay=2, participation=0.6
    ),
    "centre, late": so.EASGD(RAMP, delay=LATE),
    "centre, in turn": so.EASGD(RAMP, period=AGENTS, staggered=True),
    "centre, now and then": so.EASGDMomentum(RAMP, 0.8, participation=0.4, delay=3),
}


@compiled
def drift(x, gradient, signal, coupling):
    """Return the rate of a clipped gradient: a rule with a division is computed one lane at a time."""
    return coupling * (signal - x) - gradient / (1.0 + abs(gradient))


@dataclasses.dataclass(frozen=True)
class Clipped(so.QSGD):
    """QSGD with a clipped gradient."""

    rules: ClassVar = {"drift": (__name__, "drift")}


def clipped(x):
    return LOSS.gradient(x) / (1.0 + np.abs(LOSS.gradient(x)))


OWN_RULES = (
    Clipped(RAMP, graph=so.graphs.Ring(), delay=2, participation=0.7),
    Clipped(RAMP, delay=3),
    Clipped(RAMP, delay=LATE),
)


def transcribed(algorithm, x, zeta, replica):
    """Return the last state of one replica, with the draws of the run replayed."""
    drawn = so.rng.uniforms(SEED, so.rng.PARTICIPATION, np.array([replica]), AGENTS, STEPS)[0]
    everyone, who = np.ones(AGENTS, bool), np.arange(AGENTS)

    def receives(t, x):
        if isinstance(algorithm.graph, so.graphs.Matchings):
            found = algorithm.graph.partners(
                AGENTS, seed=SEED, replicas=np.array([replica]), step=t
            )
            return (x + x[found[0]]) / 2.0
        graph = algorithm.graph or so.graphs.Complete()
        return graph.weights(AGENTS).toarray() @ x

    def communicates(t):
        if algorithm.staggered:
            return (t + 1 - who) % algorithm.period == 0
        if (t + 1) % algorithm.period:
            return ~everyone
        return drawn[:, t] < algorithm.participation

    delta = 0.8 if isinstance(algorithm, so.QSGDMomentum) else 0.0
    gradient = clipped if isinstance(algorithm, Clipped) else LOSS.gradient
    return reference.communicating(
        x, gradient, zeta, ETA, STEPS, k, receives, communicates,
        np.broadcast_to(algorithm.delay, AGENTS), delta,
        isinstance(algorithm, so.EASGD | so.EASGDMomentum),
    )  # fmt: skip


def given(algorithm, zeta):
    return so.simulate(
        LOSS, algorithm, agents=AGENTS, replicas=REPLICAS, steps=STEPS, step_size=list(ETA),
        start=so.start.Point(starts()), noise=so.noise.Gaussian(1.0), increments=zeta, seed=SEED,
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_equals_its_transcription(name):
    zeta, algorithm = draws(), CASES[name]
    found = given(algorithm, zeta)
    for r in range(REPLICAS):
        x, quorum = transcribed(algorithm, starts()[r], zeta[:, r], r)
        np.testing.assert_allclose(found["agents"][r], x, rtol=0, atol=1e-11)
        np.testing.assert_allclose(found["quorum"][r], quorum, rtol=0, atol=1e-11)


@pytest.mark.parametrize("which", range(len(OWN_RULES)))
def test_a_rule_of_ones_own_takes_graphs_and_delays_too(which):
    # without increments of the noise's own: those of a draw enter beside the rule
    zeta, algorithm = np.zeros_like(draws()), OWN_RULES[which]
    found = given(algorithm, zeta)
    x, _ = transcribed(algorithm, starts()[1], zeta[:, 1], 1)
    np.testing.assert_allclose(found["agents"][1], x, rtol=0, atol=1e-11)


def test_another_transcription_is_told_apart():
    """Planted: one step more of delay, the transposed graph, other draws."""
    zeta = draws()
    for name, changes in (
        ("late", {"delay": 5}),
        ("graph", {"graph": so.graphs.Weights(ROWS[:, ::-1][:, ::-1][::-1])}),
        ("now and then", {"participation": 0.31}),
        ("centre, in turn", {"period": 4}),
    ):
        found = given(CASES[name], zeta)
        x, _ = transcribed(dataclasses.replace(CASES[name], **changes), starts()[0], zeta[:, 0], 0)
        assert np.abs(found["agents"][0] - x).max() > 1e-4, name


def run(algorithm, **changes):
    settings = {
        "agents": 5, "replicas": 19, "steps": 50, "step_size": 0.02, "seed": 3,
        "start": so.start.Uniform(-1, 1), "noise": so.noise.Gaussian(1.0), "threads": 1,
        "record": so.record.Every(20),
    }  # fmt: skip
    return so.simulate(LOSS, algorithm, **(settings | changes))


def same(a, b):
    return a.drop_attrs().identical(b.drop_attrs())


@pytest.mark.parametrize("name", CASES)
def test_threads_chunks_neighbours_layout_and_resumption_change_no_bit(name, tmp_path, monkeypatch):
    algorithm = CASES[name]
    one = run(algorithm)
    assert same(one, run(algorithm, threads=2, chunk=7))
    fewer = run(algorithm, replicas=11)
    for variable in ("agents", "mean", "quorum"):
        np.testing.assert_array_equal(fewer[variable], one[variable][:, :11])
    calls, original, path = [], engine.Execution.advance, tmp_path / "state"

    def stop_half_way(self, steps):
        original(self, steps)
        calls.append(steps)
        if len(calls) == 4:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.Execution, "advance", stop_half_way)
        with pytest.raises(KeyboardInterrupt):
            run(algorithm, checkpoint=path, checkpoint_seconds=0, chunk=7)
    # goes on in another layout
    monkeypatch.setattr(
        "sdeopt.simulation.execution.choose_layout",
        lambda replicas, agents, dim, threads, scattered: Layout(replicas, agents, dim, 2),
    )
    assert same(one, run(algorithm, checkpoint=path, chunk=50))


def test_the_complete_graph_without_delay_has_the_bits_of_none():
    plain = run(so.QSGD(2.0))
    for algorithm in (
        so.QSGD(2.0, graph=so.graphs.Complete()),
        so.QSGD(2.0, delay=[0] * 5),
        so.QSGD(2.0, participation=1.0, period=1),
    ):
        assert same(plain, run(algorithm))
    assert "graph" not in so.QSGD(2.0).configuration()
    written = so.QSGD(2.0, graph=so.graphs.Ring(), delay=2).configuration()
    assert written["graph"] == {"name": "Ring", "reach": 1}
    assert written["delay"] == 2


def test_the_euler_scheme_takes_graphs_and_delays_and_the_strong_one_does_not():
    late = so.QSGD(2.0, graph=so.graphs.Ring(), delay=3)
    clock = so.clock.SDE(0.02)
    slow = run(late, clock=clock, noise=None)
    np.testing.assert_allclose(slow["agents"], run(late, noise=None)["agents"], atol=1e-12)
    with pytest.raises(InvalidArgumentError, match="use scheme='euler_maruyama'"):
        run(late, clock=so.clock.SDE(0.02, "strong_order_1.5"))


BAD = {
    "class": (lambda: so.QSGD(1.0, graph=so.graphs.Ring), "one of sdeopt.graphs with parentheses"),
    "matrix": (lambda: so.QSGD(1.0, graph=np.eye(2)), r"give so.graphs.Weights\(matrix\)"),
    "centre": (
        lambda: so.EASGD(1.0, graph=so.graphs.Ring()),
        "EASGD takes no graph, as its centre",
    ),
    "momentum": (
        lambda: so.EASGDMomentum(1.0, graph=so.graphs.Ring()),
        "EASGDMomentum takes no gr",
    ),
    "negative": (lambda: so.QSGD(1.0, delay=-1), "delay of QSGD is -1"),
    "half": (lambda: so.QSGD(1.0, delay=[0, 0.5]), r"delay\[1\] of QSGD is 0.5"),
    "table": (lambda: so.QSGD(1.0, delay=[[1]]), "one number or one per agent"),
    "chance": (lambda: so.QSGD(1.0, participation=1.2), "at most 1"),
    "no chance": (lambda: so.QSGD(1.0, participation=-0.1), "at least 0"),
    "both": (lambda: so.QSGD(1.0, participation=0.5, period=2), "give one of them"),
    "period": (lambda: so.QSGD(1.0, period=0), "period of QSGD is 0"),
    "turns": (lambda: so.EASGD(1.0, staggered=True), "without a period; give period=agents"),
    "size": (lambda: run(so.QSGD(1.0, graph=so.graphs.Weights(np.eye(3)))), "of 3 agents, but"),
    "delays": (lambda: run(so.QSGD(1.0, delay=[1, 2])), "has 2 entries for 5 agents"),
    "torus": (lambda: run(so.QSGD(1.0, graph=so.graphs.Torus())), "5 agents do not fill a torus"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case):
    make, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_sweep_over_delays_and_graphs_has_their_names():
    settings = {
        "noise": so.noise.Gaussian(1.0), "agents": 5, "steps": 20, "step_size": 0.02, "seed": 3,
        "start": so.start.Uniform(-1, 1),
    }  # fmt: skip
    late = so.sweep(LOSS, [so.QSGD(2.0), so.QSGD(2.0, delay=3)], **settings)
    assert late["delay"].values.tolist() == [0, 3]
    kinds = [so.QSGD(2.0, graph=graph) for graph in (None, so.graphs.Ring(), so.graphs.Star())]
    graphs = so.sweep(LOSS, kinds, same_noise=True, **settings)
    assert graphs.sizes["graph"] == 3
    alone = so.simulate(LOSS, so.QSGD(2.0, graph=so.graphs.Ring()), **settings)
    np.testing.assert_array_equal(graphs["mean"].isel(graph=1), alone["mean"])


def test_a_run_file_names_a_graph():
    from sdeopt.run_files.run_file import arguments_of

    table = {"name": "QSGD", "coupling": 2.0, "graph": {"name": "Ring", "reach": 2}, "delay": 3}
    content = {
        "loss": {"name": "DoubleWell"}, "algorithm": table, "steps": 5, "step_size": 0.1,
        "start": {"name": "Uniform", "low": -1, "high": 1},
    }  # fmt: skip
    assert arguments_of(content)["algorithm"] == so.QSGD(2.0, graph=so.graphs.Ring(2), delay=3)
    with pytest.raises(InvalidArgumentError, match="did you mean 'Ring'"):
        arguments_of(content | {"algorithm": table | {"graph": {"name": "Rung"}}})
