"""What agents receive: the weights of the graph, the pairs that Python replays, delays, and chances."""

import networkx
import numpy as np
import pytest
from scipy import stats

from sdeopt import graphs, rng
from sdeopt.kernels import received, reception
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.philox import MATCHING, PARTICIPATION, UNKNOWN
from sdeopt.kernels.vectors import NARROW

RNG = np.random.default_rng(4)
SIZES = [(9, 1), (9, 3), (12, 8), (9, 11), (12, 16)]
"""Agents and replicas of a block."""


def lanes_of(x):
    """Return (dim, agents, replicas) as rows of lanes, padded with a number of their own."""
    rows = x.reshape(len(x), -1)
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % NARROW)), constant_values=5.0)


def who(agents, replicas):
    lanes = lanes_of(np.zeros((1, agents, replicas))).shape[1]
    at = np.arange(lanes, dtype=np.uint64)
    return at // np.uint64(replicas), at % np.uint64(replicas)


def stream_of(lanes):
    words, cached = (np.empty((2, lanes), np.uint64) for _ in range(2))
    return received.Stream(words, cached, np.full(2, UNKNOWN))


@compiled
def through_graph(x, strips, agents, replicas, out):
    reception.receive_graph(x, strips, agents, replicas, out)


GRAPHS = {
    "Ring": graphs.Ring(2),
    "Torus": graphs.Torus(),
    "Star": graphs.Star(),
    "RandomRegular": graphs.RandomRegular(4, seed=2),
}


@pytest.mark.parametrize(("agents", "replicas"), SIZES)
@pytest.mark.parametrize("name", GRAPHS)
def test_agents_receive_what_the_graph_says(name, agents, replicas):
    weights = GRAPHS[name].weights(agents)
    x = RNG.normal(size=(2, agents, replicas))
    rows = lanes_of(x)
    out = np.full_like(rows, np.nan)
    through_graph(rows, received.strips_of(weights), agents, replicas, out)
    found = out[:, : agents * replicas].reshape(x.shape)
    expected = np.einsum("ij,djr->dir", weights.toarray(), x)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15 * 16)
    np.testing.assert_array_equal(out[:, agents * replicas :], rows[:, agents * replicas :])
    # a replica alone has the same bits
    lane = lanes_of(x[:, :, -1:])
    alone = np.empty_like(lane)
    through_graph(lane, received.strips_of(weights), agents, 1, alone)
    np.testing.assert_array_equal(alone[:, :agents], found[:, :, -1])


def test_a_regular_graph_has_few_strips():
    assert len(received.strips_of(graphs.Ring().weights(100)).places) == 3
    assert len(received.strips_of(graphs.Torus().weights(400)).places) <= 3 * 20
    known = graphs.FromNetworkx(networkx.complete_graph(6)).weights(6)
    assert received.strips_of(known).weights.size == 36


@compiled
def in_pairs(x, seed, t, agent_of, replica_of, agents, replicas, stream, order, out):
    row = reception.step_words(seed, MATCHING, t, agent_of, replica_of, stream)
    reception.shuffle(stream.words, row, agents, replicas, order)
    reception.receive_partner(x, order, agents, replicas, out)


@pytest.mark.parametrize(("agents", "replicas"), SIZES)
def test_pairs_are_those_that_python_replays(agents, replicas):
    x = RNG.normal(size=(2, agents, replicas))
    rows, (agent_of, replica_of) = lanes_of(x), who(agents, replicas)
    stream, order = stream_of(rows.shape[1]), np.empty(rows.shape[1], np.int64)
    for step in (4, 5, 8):
        out = np.empty_like(rows)
        in_pairs(rows, np.uint64(3), step, agent_of, replica_of, agents, replicas, stream,
                 order, out)  # fmt: skip
        found = out[:, : agents * replicas].reshape(x.shape)
        with_whom = graphs.Matchings().partners(
            agents, seed=3, replicas=np.arange(replicas), step=step
        )
        expected = 0.5 * (x + np.take_along_axis(x, with_whom.T[None], axis=1))
        alone = np.arange(agents)[:, None] == with_whom.T
        np.testing.assert_array_equal(found[:, ~alone], expected[:, ~alone])
        np.testing.assert_array_equal(found[:, alone], x[:, alone])


@compiled
def at_random(seed, t, agent_of, replica_of, chance, stream, communicates):
    row = reception.step_words(seed, PARTICIPATION, t, agent_of, replica_of, stream)
    reception.draw_participants(stream.words, row, chance, communicates)


def test_agents_communicate_with_their_probability():
    """Null: as many as a binomial law says, independently from step to step; 4.5 standard errors."""
    agents, replicas, chance = 10, 80, 0.3
    agent_of, replica_of = who(agents, replicas)
    lanes = len(agent_of)
    stream, seen = stream_of(lanes), np.empty((40, lanes))
    for t in range(40):
        at_random(np.uint64(9), t, agent_of, replica_of, chance, stream, seen[t])
    drawn = rng.uniforms(9, PARTICIPATION, np.arange(replicas), agents, 40)
    np.testing.assert_array_equal(
        seen.T.reshape(agents, replicas, 40), drawn.swapaxes(0, 1) < chance
    )
    for sample in (seen, seen[1:] * seen[:-1]):
        expected = chance if sample is seen else chance**2
        error = np.sqrt(expected * (1 - expected) / sample.size)
        assert abs(sample.mean() - expected) < 4.5 * error * (1.0 if sample is seen else 1.5)
    assert stats.binomtest(int(seen.sum()), seen.size, 0.32).pvalue < 1e-6  # planted


@compiled
def late(history, t, signal, delays, replicas, out):
    reception.remember(history, t, signal)
    reception.recall(history, t, delays, replicas, out)


@pytest.mark.parametrize("delays", [[3], [0, 2, 3, 1, 0]])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("replicas", [1, 3, 8, 9])
def test_a_late_signal_is_that_of_its_step(delays, shared, replicas):
    agents, steps = 5, 11
    columns = replicas if shared else lanes_of(np.zeros((1, agents, replicas))).shape[1]
    one = shared and len(delays) == 1
    lanes = replicas if one else lanes_of(np.zeros((1, agents, replicas))).shape[1]
    signals = RNG.normal(size=(steps, 2, columns))
    history = np.full((max(delays) + 1, 2, columns), np.nan)
    for t in range(steps):
        out = np.empty((2, lanes))
        late(history, t, signals[t], np.array(delays), replicas, out)
        for lane in range(min(lanes, agents * replicas)):
            agent = lane // replicas
            ago = delays[0] if len(delays) == 1 else delays[agent]
            column = lane % replicas if shared else lane
            np.testing.assert_array_equal(out[:, lane], signals[max(t - ago, 0)][:, column])


@compiled
def turns(t, period, replicas, agents, communicates):
    reception.take_turns(t, period, replicas, agents, communicates)


def test_agents_take_turns():
    agents, replicas = 4, 3
    seen = np.empty((8, 16))
    for t in range(8):
        turns(t, 4, replicas, agents, seen[t])
    found = seen[:, :12].reshape(8, agents, replicas)[:, :, 0]
    assert [np.flatnonzero(row).tolist() for row in found] == [[1], [2], [3], [0]] * 2
