"""Graphs of agents: the weights of networkx's graphs, refusals, and laws of what is drawn."""

import networkx
import numpy as np
import pytest
import scipy.sparse
from scipy import stats

from sdeopt import graphs
from sdeopt.errors import InvalidArgumentError


def uniform(graph):
    """W written down plainly: the mean over an agent and its neighbours."""
    links = networkx.to_numpy_array(graph, nodelist=sorted(graph)) + np.eye(len(graph))
    return links / links.sum(axis=1, keepdims=True)


KNOWN = {
    "Complete": (graphs.Complete(), networkx.complete_graph(7)),
    "Ring": (graphs.Ring(), networkx.cycle_graph(7)),
    "Ring 3": (graphs.Ring(3), networkx.circulant_graph(9, [1, 2, 3])),
    "Torus": (graphs.Torus(), networkx.grid_2d_graph(3, 5, periodic=True)),
    "Torus of 4 rows": (graphs.Torus(4), networkx.grid_2d_graph(4, 3, periodic=True)),
    "Star": (graphs.Star(), networkx.star_graph(5)),
    "FromNetworkx": (graphs.FromNetworkx(networkx.petersen_graph()), networkx.petersen_graph()),
}


@pytest.mark.parametrize("name", KNOWN)
def test_weights_are_those_of_networkx(name):
    graph, known = KNOWN[name]
    found = graph.weights(len(known))
    np.testing.assert_allclose(found.toarray(), uniform(known), rtol=1e-15)
    assert found.nnz == np.count_nonzero(uniform(known))
    assert found.has_sorted_indices


def test_metropolis_weights_are_symmetric():
    known = networkx.star_graph(4)
    known.add_edge(1, 2)
    found = graphs.FromNetworkx(known, "metropolis").weights(5).toarray()
    degree = dict(known.degree)
    for i, j in known.edges:
        assert found[i, j] == found[j, i] == 1.0 / (1.0 + max(degree[i], degree[j]))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-15)
    assert np.count_nonzero(found) == 2 * known.number_of_edges() + np.count_nonzero(
        found.diagonal()
    )


def test_a_matrix_is_kept_as_it_is():
    dense = np.array([[0.2, 0.8, 0.0], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]])
    for given in (dense, scipy.sparse.coo_array(dense), scipy.sparse.csc_matrix(dense)):
        np.testing.assert_array_equal(graphs.Weights(given).weights(3).toarray(), dense)
    dense[0, 0] = 5.0  # the graph has a copy
    assert graphs.Weights(scipy.sparse.eye_array(3)).weights(3).nnz == 3


BAD = {
    "negative": (lambda: graphs.Weights([[1.5, -0.5], [0, 1]]), "has the entry -0.5, but none may"),
    "row": (lambda: graphs.Weights([[1, 0], [0.5, 0.4]]), "row 1 of graphs.Weights sums to 0.9"),
    "oblong": (lambda: graphs.Weights([[1, 0, 0], [0, 1, 0]]), "must be square"),
    "oblong sparse": (lambda: graphs.Weights(scipy.sparse.eye_array(2, 3)), "must be square"),
    "nan": (lambda: graphs.Weights(scipy.sparse.csr_array([[np.nan]])), "must be finite"),
    "text": (lambda: graphs.Weights("ring"), "must be a number or a rectangular array"),
    "other size": (lambda: graphs.Weights(np.eye(3)).weights(4), "of 3 agents, but the run has 4"),
    "directed": (lambda: graphs.FromNetworkx(networkx.DiGraph([(0, 1)])), "undirected"),
    "no graph": (lambda: graphs.FromNetworkx(np.eye(2)), "takes a networkx.Graph"),
    "weighting": (lambda: graphs.Star("metropolitan"), "did you mean 'metropolis'"),
    "array of weightings": (lambda: graphs.Star(np.zeros(2)), "no weighting called array"),
    "reach": (lambda: graphs.Ring(0), "reach of graphs.Ring is 0"),
    "short ring": (lambda: graphs.Ring(2).weights(4), "at least 5 agents, but the run has 4"),
    "prime torus": (lambda: graphs.Torus().weights(13), "13 agents do not fill a torus"),
    "narrow torus": (lambda: graphs.Torus(4).weights(8), "a torus of 4 rows with at least 3"),
    "odd half edges": (lambda: graphs.RandomRegular(3).weights(5), "cannot all have 3 neighbours"),
    "too many": (lambda: graphs.RandomRegular(4).weights(4), "below the number of agents"),
    "alone": (lambda: graphs.Matchings().check(1), "at least 2 agents"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case):
    make, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("degree", "agents"), [(1, 2), (2, 7), (3, 8), (5, 6), (6, 40)])
def test_a_random_regular_graph_is_simple_and_regular(degree, agents):
    for seed in range(5):
        weights = graphs.RandomRegular(degree, seed).weights(agents).toarray()
        links = weights > 0
        assert (links == links.T).all()
        assert (links.sum(axis=1) == degree + 1).all()
        np.testing.assert_allclose(weights[links], 1.0 / (degree + 1), rtol=1e-15)


def test_all_edges_of_random_regular_graphs_are_as_likely():
    """Null: each of the 21 edges is there with probability 4/6, whatever the labels.

    The counts of 400 graphs vary less than binomial ones would, as all have 14 edges; 4.5 binomial
    standard errors leave a true null less than 2 chances in 10 000.
    """
    seen = sum(graphs.RandomRegular(4, seed).weights(7).toarray() > 0 for seed in range(400))
    counts, share = seen[np.triu_indices(7, 1)], 4 / 6
    assert np.abs(counts - 400 * share).max() < 4.5 * np.sqrt(400 * share * (1 - share))


def codes(partners):
    """One number for every pairing."""
    agents = partners.shape[1]
    return (partners * agents ** np.arange(agents)).sum(axis=1)


@pytest.mark.parametrize(("agents", "pairings"), [(4, 3), (5, 15), (6, 15)])
def test_all_pairings_are_as_likely(agents, pairings):
    """Null: equal chances; a chi-square test at a level of 1 in 10 000, over replicas and steps."""
    drawn = np.concatenate(
        [
            graphs.Matchings().partners(agents, seed=5, replicas=np.arange(1500), step=step)
            for step in (0, 3)
        ]
    )
    assert (np.take_along_axis(drawn, drawn, axis=1) == np.arange(agents)).all()
    assert ((drawn == np.arange(agents)).sum(axis=1) == agents % 2).all()
    _, counts = np.unique(codes(drawn), return_counts=True)
    assert len(counts) == pairings
    assert stats.chisquare(counts).pvalue > 1e-4


def test_that_test_sees_a_biased_shuffle():
    """Planted: each agent takes the next one that is free, at one side only."""
    drawn = graphs.Matchings().partners(4, seed=5, replicas=np.arange(3000), step=0)
    biased = np.where(drawn[:, :1] == 1, drawn, drawn[:1])
    _, counts = np.unique(codes(biased), return_counts=True)
    assert stats.chisquare(np.pad(counts, (0, 3 - len(counts)))).pvalue < 1e-6


def test_pairs_change_with_step_seed_and_replica_and_not_with_company():
    def drawn(seed=1, first=0, count=40, step=2):
        replicas = np.arange(first, first + count)
        return graphs.Matchings().partners(10, seed=seed, replicas=replicas, step=step)

    np.testing.assert_array_equal(drawn()[30:], drawn(first=30, count=10))
    assert len(np.unique(codes(drawn()))) > 30  # of 945 pairings
    for other in (drawn(seed=2), drawn(step=3)):
        assert (other != drawn()).any(axis=1).mean() > 0.9


def test_graphs_describe_themselves():
    assert graphs.Ring(2).configuration() == {"name": "Ring", "reach": 2}
    small = graphs.Weights(np.eye(2)).configuration()
    assert small["values"] == [1.0, 1.0]
    other = graphs.Weights(np.eye(100)).configuration()
    assert other["values"]["sha256"] != graphs.Weights(np.eye(101)).configuration()["values"]
