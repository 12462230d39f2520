"""First passages, occupancies, histograms of two coordinates and quantiles, against recorded states.

That no thread, chunk, layout, neighbour or resume changes a bit of them is in test_engine.py; here it is
tested for replicas that end.
"""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.simulation import execution
from sdeopt.simulation.layout import Layout
from tests.test_algorithms import CASES

S = so.statistics
LOSS = so.losses.CoupledWells(dim=3)
RIGHT = S.Where(lambda x: x[0] + x[1] > 0.2)
COUNTED = [
    S.FirstPassage(S.Box(low=[0.3, -np.inf, -2.0])),
    S.FirstPassage(RIGHT, of="agents"),
    S.FirstPassage(S.Sublevel(-0.05), when="leaves", name="left"),
    S.Occupancy([S.Box(high=0.0), RIGHT, S.Sublevel(-0.1)]),
    S.Occupancy(S.Labels(lambda x: int(np.floor(2.0 * x[0])), 2), of="mean"),
    S.Histogram2D((-1.0, -0.5), (1.0, 1.5), bins=(4, 3), coordinates=(2, 0)),
    S.Histogram2D((-1.0, -0.5), (1.0, 1.5), of="mean"),
    S.Quantiles([0.0, 0.1, 0.5, 0.9, 1.0]),
    S.Quantiles(0.5, of="mean", accuracy=0.2, smallest=0.3, largest=0.8),
]


def run(algorithm=None, **changes):
    settings = {
        "agents": 5, "replicas": 19, "steps": 50, "step_size": 0.02, "seed": 3,
        "start": so.start.Uniform(-1, 1), "noise": so.noise.Gaussian(2.0), "statistics": COUNTED,
        "record": so.record.Every(1),
    }  # fmt: skip
    return so.simulate(LOSS, algorithm or so.QSGD(2.0), **(settings | changes))


@pytest.fixture(scope="module")
def series():
    return run()


@pytest.fixture(scope="module")
def whole():
    return run(record=so.record.End())


def first(there):
    """Return the first step of a series of truths, −1 where there is none."""
    return np.where(there.any(axis=0), there.argmax(axis=0), -1)


def test_first_passages_are_those_of_the_recorded_states(series, whole):
    x, mean = series["agents"].values, series["mean"].values
    wanted = {
        "mean_first_passage": first((mean[..., 0] >= 0.3) & (mean[..., 2] >= -2.0)),
        "agents_first_passage": first(x[..., 0] + x[..., 1] > 0.2),
        "left": first(LOSS.value(mean) > -0.05),
    }
    for name, steps in wanted.items():
        assert set(steps.flat) >= {-1, 0}  # some never do, some have at the start
        assert (steps > 0).any()
        for found in (series, whole):
            np.testing.assert_array_equal(found[name], steps)
    assert series["agents_first_passage"].dims == ("replica", "agent")


def test_occupancies_are_those_of_the_recorded_states(series, whole):
    x, mean = series["agents"].values, series["mean"].values
    boxed, right = (x <= 0.0).all(-1), x[..., 0] + x[..., 1] > 0.2
    labels = np.select([boxed, right, LOSS.value(x) <= -0.1], [0, 1, 2], 3)
    shares = (labels[..., None] == np.arange(4)).mean(axis=2)
    np.testing.assert_allclose(series["agents_occupancy"], shares, rtol=1e-12)
    np.testing.assert_allclose(whole["agents_occupancy"], shares[1:].mean(axis=0), rtol=1e-12)
    assert (shares.mean(axis=(0, 1)) > 0).all()
    halves = np.floor(2.0 * mean[..., 0])
    numbers = np.where((halves < 0) | (halves > 1), -1, halves)
    shares = (numbers[..., None] == np.array([0, 1, -1])).mean(axis=0)
    found = (50 * whole["mean_occupancy"] + (numbers[0][..., None] == [0, 1, -1])) / 51
    np.testing.assert_allclose(found, shares, rtol=1e-12)
    assert whole["mean_occupancy"]["mean_occupancy_set"].values.tolist() == [0, 1, -1]


def test_histograms_of_two_coordinates(series, whole):
    x, mean = series["agents"].values[1:], series["mean"].values[1:]
    wide = [np.array([-np.inf, *np.linspace(low, low + 2.0, 1 + n), np.inf]) for low, n in
            [(-1.0, 4), (-0.5, 3)]]  # fmt: skip
    counts, _, _ = np.histogram2d(x[..., 2].ravel(), x[..., 0].ravel(), wide)
    np.testing.assert_array_equal(whole["agents_histogram2d"], counts)
    assert (counts[1:-1, 1:-1] > 0).all()
    assert whole["mean_histogram2d"].sum() == mean[..., 0].size
    np.testing.assert_array_equal(
        series["agents_histogram2d"].isel(step=slice(1, None)).sum("step"), counts
    )
    np.testing.assert_allclose(whole["agents_histogram2d_bin"], wide[0][:-1])


def nearest_rank(values, q):
    """Return the number of rank ⌊1 + q(n − 1)⌋ of every coordinate."""
    ranked = np.sort(values.reshape(-1, values.shape[-1]), axis=0)
    return ranked[int(np.floor(q * (len(ranked) - 1)))]


def test_quantiles_keep_their_bound(series, whole):
    x, mean = series["agents"].values[1:], series["mean"].values[1:]
    for q in (0.0, 0.1, 0.5, 0.9, 1.0):
        exact = nearest_rank(x, q)
        found = whole["agents_quantiles"].sel(agents_quantiles_probability=q)
        assert (np.abs(found - exact) <= 0.01 * np.abs(exact) * (1 + 1e-9)).all()
    exact, found = nearest_rank(mean, 0.5), whole["mean_quantiles"].values[:, 0]
    assert (np.abs(found - exact) <= np.maximum(0.2 * np.abs(exact) * (1 + 1e-9), 0.3)).all()


@pytest.mark.parametrize("accuracy", [0.3, 0.05, 0.004])
def test_quantiles_of_wide_laws_keep_their_bound(accuracy):
    """Over eleven decades, both signs, zeros, and beyond both ends."""
    rng = np.random.default_rng(5)
    given = np.concatenate(
        [[0.0] * 30, 10.0 ** rng.uniform(-8, 7.5, 4000) * rng.choice([-1, 1], 4000)]
    )
    chosen = np.array([0.0, 0.001, 0.2, 0.45, 0.5, 0.55, 0.8, 0.999, 1.0])
    flat, points = so.losses.Quadratic(1e-300), given.reshape(-1, 1, 1)
    statistic = S.Quantiles(chosen, accuracy=accuracy)
    found = so.simulate(
        flat, so.SGD(), steps=1, step_size=1.0, replicas=len(given), start=so.start.Point(points),
        statistics=[statistic],
    )["agents_quantiles"].values[0]  # fmt: skip
    exact = np.array([nearest_rank(given[:, None], q)[0] for q in chosen])
    size = np.abs(exact)
    inner = (size >= 1e-6) & (size <= 1e6)
    assert inner.any()
    error = np.abs(found - exact)
    assert (error <= accuracy * size * (1 + 1e-9))[inner].all()
    assert (found == 0.0)[size < 1e-6].all()
    assert (found == np.copysign(np.inf, exact))[size > 1.1e6].all()
    # as large as is stated, but for a small part: the bound is not idle
    assert (error / np.maximum(size, 1e-300))[inner].max() > 0.2 * accuracy


ENDING = [
    S.FirstPassage(S.Box(low=[0.3, -np.inf, -np.inf]), ends=True),
    S.FirstPassage(RIGHT, of="agents", ends=True, name="last"),
    "loss",
    S.Occupancy([S.Box(high=0.0)]),
    S.Quantiles([0.5]),
]

ALGORITHMS = {
    **{name: CASES[name][0] for name in ("QSGD", "SDQSGD", "EASGDMomentum", "StateDependentQSGD")},
    "averaging": so.PeriodicAveraging(7),
    "late": so.EASGD(2.0, delay=3, participation=0.5),
}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_replica_that_has_ended_keeps_its_state(name):
    algorithm = ALGORITHMS[name]
    free = run(algorithm, statistics=[dataclasses.replace(each, ends=False) for each in ENDING[:2]])
    stopped = run(algorithm, statistics=ENDING)
    mean, agents = free["mean_first_passage"].values, free["last"].values
    last = np.where((agents < 0).any(axis=1), -1, agents.max(axis=1))
    ends = np.where(mean < 0, last, np.where(last < 0, mean, np.minimum(mean, last)))
    assert (ends > 0).any()
    assert (ends < 0).any() or name != "QSGD"
    for variable in ("agents", "mean"):
        for replica, end in enumerate(ends):
            path = free[variable][:, replica].values.copy()
            path[end + 1 if end >= 0 else 51 :] = path[end]
            np.testing.assert_array_equal(stopped[variable][:, replica], path)
    # a passage after the end is none
    later = (mean > ends) & (ends >= 0)
    np.testing.assert_array_equal(stopped["mean_first_passage"], np.where(later, -1, mean))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_ends_change_no_bit_with_threads_chunks_layouts_or_a_resume(name, monkeypatch, tmp_path):
    algorithm = ALGORITHMS[name]
    settings = {"statistics": ENDING, "steps": 120, "record": so.record.At([30, 120])}
    wanted = run(algorithm, threads=1, **settings).drop_attrs()
    assert wanted.identical(run(algorithm, threads=2, chunk=7, **settings).drop_attrs())
    fewer = run(algorithm, replicas=6, **settings)
    for variable in ("agents", "quorum", "agents_occupancy", "loss", "last"):
        kept = wanted[variable].isel(replica=slice(6))
        np.testing.assert_array_equal(fewer[variable], kept)
    advance = execution.Execution.advance

    def stop_half_way(self, steps):
        advance(self, steps)
        if self.step >= 60:
            raise KeyboardInterrupt

    path = tmp_path / "state"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution.Execution, "advance", stop_half_way)
        with pytest.raises(KeyboardInterrupt):
            run(algorithm, checkpoint=path, checkpoint_seconds=0, chunk=10, **settings)
    assert wanted.identical(run(algorithm, checkpoint=path, threads=2, **settings).drop_attrs())
    monkeypatch.setattr(
        execution, "choose_layout",
        lambda replicas, agents, dim, threads, scattered=False: Layout(replicas, agents, dim, 2),
    )  # fmt: skip
    assert wanted.identical(run(algorithm, threads=1, **settings).drop_attrs())


def test_ends_on_the_clock_of_the_differential_equation():
    for scheme in ("euler_maruyama", "strong_order_1.5"):
        settings = {"clock": so.clock.SDE(0.02, scheme), "statistics": ENDING[:1],
                    "noise": so.noise.Gaussian(20.0)}  # fmt: skip
        found = run(**settings)
        ends = found["mean_first_passage"].values
        assert (ends > 0).any()
        for replica in np.flatnonzero(ends >= 0):
            path = found["mean"][:, replica, 0].values
            assert (path[: ends[replica]] < 0.3).all()
            assert (path[ends[replica] :] == path[ends[replica]]).all()
        assert found.drop_attrs().identical(run(chunk=3, threads=2, **settings).drop_attrs())


def test_what_is_not_finite_passes_nowhere():
    """After the first step the state is infinite, then not a number."""
    everywhere = S.Box()
    found = so.simulate(
        so.losses.Quadratic(1.0), so.SGD(), steps=4, step_size=1e200, start=so.start.Point(0.5),
        on_divergence="mask",
        statistics=[S.FirstPassage(everywhere, when="leaves"), S.Occupancy([everywhere])],
    )  # fmt: skip
    assert found["mean_first_passage"].item() == -1
    assert found["agents_occupancy"].values.tolist() == [[0.25, 0.0]]


BOX = S.Box(0.0, 1.0)
BAD = {
    "empty box": (lambda: S.Box(1.0, 0.0), "low must not be above high"),
    "corner": (lambda: run(statistics=[S.FirstPassage(S.Box([0.0, 0.0]))]), r"give shape \(3,\)"),
    "not a set": (lambda: S.FirstPassage("left"), "give a statistics.Box"),
    "labels": (lambda: S.FirstPassage(S.Labels(lambda x: 0, 1)), "give a statistics.Box"),
    "direction": (lambda: S.FirstPassage(BOX, when="enter"), "did you mean 'enters'"),
    "whose": (lambda: S.FirstPassage(BOX, of="agent"), "did you mean 'agents'"),
    "no sets": (lambda: S.Occupancy([]), "give a list of statistics.Box"),
    "twice": (lambda: run(statistics=[S.FirstPassage(BOX)] * 2), "give one of them another name"),
    "taken": (lambda: run(statistics=[S.FirstPassage(BOX, name="mean")]), "called 'mean'"),
    "name 0": (lambda: S.FirstPassage(BOX, name=0), "name of FirstPassage is 0; give a word"),
    "name []": (lambda: S.Occupancy([BOX], name=[]), r"name of Occupancy is \[\]; give a word"),
    "name {}": (lambda: S.Quantiles([0.5], name={}), "name of Quantiles is {}; give a word"),
    "name False": (lambda: S.Histogram2D((0, 0), (1, 1), name=False), "is False; give a word"),
    "whose, many": (
        lambda: S.Quantiles([0.5], of=np.array(["mean", "x"])),
        "variable of Quantiles",
    ),
    "directions": (lambda: S.FirstPassage(BOX, when=np.array(["enters"] * 2)), "kind of passage"),
    "name": (lambda: S.FirstPassage(BOX, name="a b"), "letters, digits and underscores"),
    "number": (lambda: run(statistics=[S.FirstPassage(S.Where(lambda x: x[0]))]), "True or False"),
    "coordinates": (
        lambda: run(statistics=[S.Histogram2D((0, 0), (1, 1), coordinates=(0, 3))]),
        "choose from 0 to 2",
    ),
    "pair": (lambda: S.Histogram2D(0, (1, 1)), "give two numbers"),
    "high": (lambda: S.Histogram2D((0, 0), (1, 0)), "above 0"),
    "probability": (lambda: S.Quantiles([1.5]), "from 0 to 1"),
    "accuracy": (lambda: S.Quantiles([0.5], accuracy=1.0), "below 1"),
    "whose, not text": (
        lambda: S.FirstPassage(BOX, of=[]),
        r"variable of FirstPassage called \[\]",
    ),
    "array of whose": (lambda: S.Occupancy([BOX], of=np.zeros(2)), "variable of Occupancy called"),
    "array of directions": (
        lambda: S.FirstPassage(BOX, when=np.zeros(2)),
        "kind of passage called",
    ),
    "array of names": (
        lambda: S.Quantiles([0.5], name=np.zeros(2)),
        "letters, digits and underscores",
    ),
    "fine": (
        lambda: S.Quantiles([0.5], accuracy=1e-320),
        "accuracy of Quantiles is 1e-320, .* 2.22045e-16",
    ),
    "list": (lambda: S.Quantiles([0.5], smallest=[[1.0], [2.0]]), "smallest of Quantiles is"),
    "magnitudes": (lambda: S.Quantiles([0.5], smallest=2.0, largest=1.0), "largest of Quantiles"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_statistics_are_refused_in_one_sentence(case):
    make, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_checkpoint_knows_the_function_of_a_set(tmp_path):
    path = tmp_path / "state"
    run(statistics=[S.FirstPassage(S.Where(lambda x: x[0] > 0.1))], checkpoint=path)
    with pytest.raises(so.errors.CheckpointError, match="another configuration"):
        run(statistics=[S.FirstPassage(S.Where(lambda x: x[0] > 0.3))], checkpoint=path)
