"""What the engine promises whatever is simulated: bits, records, shapes."""

import numpy as np
import pytest
import xarray as xr

import sdeopt as so
from tests.test_algorithms import CASES
from tests.test_statistics import COUNTED

LOSS = so.losses.CoupledWells(dim=3)
EVERYTHING = [
    "synchronization", "loss", "loss_of_mean", "loss_of_quorum", "distortion", "agent_mean",
    "agent_covariance", so.statistics.Histogram(-3, 3, 20), so.statistics.Histogram(-3, 3, 20, "mean"),
    *COUNTED,
]  # fmt: skip


PER_REPLICA = [
    each
    for each in COUNTED
    if isinstance(each, so.statistics.Occupancy | so.statistics.FirstPassage)
]


def run(algorithm=None, noise=None, **changes):
    settings = {
        "agents": 5, "replicas": 19, "steps": 50, "step_size": 0.02, "seed": 3,
        "start": so.start.Uniform(-1, 1), "noise": noise or so.noise.Gaussian(1.0),
        "statistics": EVERYTHING, "record": so.record.Every(20),
    }  # fmt: skip
    return so.simulate(LOSS, algorithm or so.QSGD(2.0), **(settings | changes))


def same(a: xr.Dataset, b: xr.Dataset) -> bool:
    return a.drop_attrs().identical(b.drop_attrs())


WITH_STATISTICS = ("QSGD", "SDQSGD", "EASGDMomentum")
"""Statistics are functions of the recorded states, and more than double a kernel's compilation: for
the other algorithms the states stand for them."""


def what_is_observed(name):
    return {"statistics": EVERYTHING if name in WITH_STATISTICS else ()}


@pytest.mark.parametrize("name", CASES)
def test_threads_chunks_and_neighbours_change_no_bit(name):
    algorithm, settings = CASES[name][0], what_is_observed(name)
    one = run(algorithm, threads=1, **settings)
    assert same(one, run(algorithm, threads=2, chunk=7, **settings))
    fewer = run(algorithm, threads=1, replicas=11, **settings)
    own = ("synchronization", "agent_covariance", *(each.name for each in PER_REPLICA))
    statistics = own if settings["statistics"] else ()
    for variable in ("agents", "mean", "quorum", *statistics):
        kept = one[variable].isel(replica=slice(11))
        np.testing.assert_array_equal(fewer[variable], kept)


STRONG_IN_THE_GATE = ("QSGD", "ContinuousMomentum filter")
"""A kernel of the strong scheme takes long to compile; the others are for ``-m slow``."""


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        pytest.param(name, scheme, marks=[pytest.mark.slow] if slow else [])
        for name in CASES
        if "SDE" in CASES[name][0].clocks
        for scheme in ("euler_maruyama", "strong_order_1.5")
        for slow in [scheme != "euler_maruyama" and name not in STRONG_IN_THE_GATE]
    ],
)
def test_the_same_on_the_sde_clock(name, scheme):
    algorithm = CASES[name][0]
    settings = {"clock": so.clock.SDE(0.01, scheme), **what_is_observed(name)}
    one = run(algorithm, threads=1, **settings)
    assert same(one, run(algorithm, threads=2, chunk=9, **settings))
    fewer = run(algorithm, replicas=6, **settings)
    np.testing.assert_array_equal(fewer["agents"], one["agents"][:, :6])


def test_a_thousand_of_two_thousand_replicas():
    settings = {"agents": 3, "steps": 20, "record": so.record.End(), "statistics": ()}
    small, large = run(replicas=1000, **settings), run(replicas=2000, **settings)
    np.testing.assert_array_equal(small["agents"], large["agents"][:1000])


@pytest.mark.parametrize("agents", [1, 2, 7, 8, 9, 33, 100])
def test_every_layout_gives_the_same_bits(agents, monkeypatch):
    """R is a matter of speed: force several and compare."""
    from sdeopt.simulation import execution
    from sdeopt.simulation.layout import Layout

    results = []
    for width in (1, 2, 8, 32):
        monkeypatch.setattr(
            execution,
            "choose_layout",
            lambda replicas, agents, dim, threads, scattered=False, width=width: Layout(
                replicas, agents, dim, width
            ),
        )
        results.append(run(agents=agents, replicas=10, steps=20))
    for other in results[1:]:
        assert same(results[0], other)


@pytest.mark.parametrize("loss", [so.losses.RuggedWell(), so.losses.CoupledWells(dim=3)])
@pytest.mark.parametrize("law", [so.noise.Uniform(1.0), so.noise.Gaussian(1.0)])
def test_noise_drawn_for_many_steps_at_once_is_that_of_each_step(loss, law):
    """A lone agent draws many steps at once, but only to the end of a chunk; many replicas do not."""

    def paths(replicas, **settings):
        return so.simulate(
            loss, so.QSGD(2.0), noise=law, agents=1, replicas=replicas, steps=150, step_size=0.02,
            seed=3, start=so.start.Uniform(-1, 1), threads=1, record=so.record.Every(30), **settings,
        )["agents"].values[:, :1]  # fmt: skip

    alone = paths(1)
    for one in (*(paths(1, chunk=chunk) for chunk in (1, 7, 64)), paths(600)):
        np.testing.assert_array_equal(one, alone)


def test_agents_of_different_number_share_their_noise():
    """An agent's stream does not depend on how many agents there are."""
    free = so.SGD()
    few, many = run(free, agents=2), run(free, agents=9)
    np.testing.assert_array_equal(few["agents"], many["agents"][:, :, :2])


def test_seeds_replicas_agents_steps_and_coordinates_differ():
    noise_only = {"step_size": 1e-3, "start": so.start.Point(0.0), "steps": 6,
                  "record": so.record.Every(1)}  # fmt: skip
    x = run(so.SGD(), **noise_only)["agents"].diff("step").values
    assert np.unique(x).size == x.size
    other = run(so.SGD(), seed=4, **noise_only)["agents"].diff("step").values
    assert not np.isin(x, other).any()


def test_recorded_statistics_equal_those_of_recorded_states():
    full = run(record=so.record.Every(1))
    x = full["agents"].values
    mean = x.mean(axis=2)
    spread = ((x - mean[:, :, None]) ** 2).sum(axis=(2, 3))
    np.testing.assert_allclose(full["synchronization"], spread, rtol=1e-12)
    np.testing.assert_allclose(full["loss"], LOSS.value(x).mean(axis=2), rtol=1e-12)
    np.testing.assert_allclose(full["loss_of_mean"], LOSS.value(mean), rtol=1e-12, atol=1e-14)
    quorum_loss = LOSS.value(full["quorum"].values)
    np.testing.assert_allclose(full["loss_of_quorum"], quorum_loss, rtol=1e-12, atol=1e-14)
    distortion = LOSS.gradient(mean) - LOSS.gradient(x).mean(axis=2)
    np.testing.assert_allclose(
        full["distortion"], np.linalg.norm(distortion, axis=-1), rtol=1e-9, atol=1e-14
    )
    away = x - mean[:, :, None]
    covariance = np.einsum("srad,srae->srde", away, away) / x.shape[2]
    np.testing.assert_allclose(full["agent_covariance"], covariance, rtol=1e-9, atol=1e-14)
    edges = np.linspace(-3, 3, 21)
    for s in (0, 7, 50):
        counts = np.histogram(x[s, ..., 1], edges)[0]
        np.testing.assert_array_equal(full["agents_histogram"][s, 1, 1:-1], counts)


def test_a_window_averages_the_steps_since_the_last_record():
    full, windows = run(record=so.record.Every(1)), run(record=so.record.At([20, 50]))
    for name in ("synchronization", "loss", "agent_mean"):
        np.testing.assert_allclose(windows[name][0], full[name][1:21].mean("step"), rtol=1e-10)
        np.testing.assert_allclose(windows[name][1], full[name][21:].mean("step"), rtol=1e-10)
    sparse = run(record=so.record.At([20, 50]), statistics_every=10)
    np.testing.assert_allclose(sparse["loss"][0], full["loss"][[10, 20]].mean("step"), rtol=1e-10)
    whole = run(record=so.record.End())
    np.testing.assert_allclose(whole["loss"], full["loss"][1:].mean("step"), rtol=1e-10)


def test_dimensions_and_coordinates():
    series = run()
    assert series["agents"].dims == ("step", "replica", "agent", "dim")
    assert list(series["step"].values) == [0, 20, 40, 50]
    end = run(record=so.record.End(), statistics=["loss"])
    assert end["agents"].dims == ("replica", "agent", "dim")
    assert end["loss"].dims == ("replica",)
    only = run(record=so.record.Every(20, variables="mean"), statistics=())
    assert set(only.data_vars) == {"mean", "diverged_at"}


def test_memory_does_not_grow_with_the_steps():
    """Statistics are streamed: four times the steps keep no more numbers."""
    sizes = [run(steps=n, record=so.record.End()).nbytes for n in (50, 200)]
    assert sizes[0] == sizes[1]


def test_a_run_can_be_resumed_on_other_threads(tmp_path):
    path = tmp_path / "state"
    whole = run(so.EASGD(0.3))
    from sdeopt.simulation import engine

    calls = []
    original = engine.Execution.advance

    def stop_half_way(self, steps):
        original(self, steps)
        calls.append(steps)
        if len(calls) == 4:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.Execution, "advance", stop_half_way)
        with pytest.raises(KeyboardInterrupt):
            run(so.EASGD(0.3), checkpoint=path, checkpoint_seconds=0, chunk=6, threads=2)
    assert path.exists()
    assert same(whole, run(so.EASGD(0.3), checkpoint=path, threads=1, chunk=50))
    with pytest.raises(so.errors.CheckpointError, match="seed"):
        run(so.EASGD(0.3), checkpoint=path, seed=4)
