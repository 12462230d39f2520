import json

import numpy as np
import pytest

import sdeopt as so
import sdeopt.statistics as st
from sdeopt.errors import DivergenceError, InvalidArgumentError

LOSS = so.losses.RuggedWell()
RUN = {
    "noise": so.noise.Uniform(7.0),
    "agents": 4,
    "replicas": 3,
    "steps": 40,
    "step_size": 0.04,
    "start": so.start.Uniform(-3, 3),
    "seed": 7,
}


def swept(algorithm=None, **changes):
    return so.sweep(LOSS, algorithm or so.QSGD(3.0), **{**RUN, **changes})


def simulated(algorithm=None, **changes):
    return so.simulate(LOSS, algorithm or so.QSGD(3.0), **{**RUN, **changes})


def assert_point(point, run):
    for name in run.data_vars:
        np.testing.assert_array_equal(point[name], run[name])


def test_every_point_is_what_simulate_gives():
    algorithms = [so.QSGD(coupling=k) for k in (0.0, 3.0)]
    runs = swept(algorithms, step_size=[0.02, 0.04, 0.06], same_noise=True, statistics=["loss"])
    assert runs["agents"].dims == ("coupling", "step_size", "replica", "agent", "dim")
    assert runs["loss"].dims == ("coupling", "step_size", "replica")
    for algorithm in algorithms:
        for step_size in (0.02, 0.04, 0.06):
            run = simulated(algorithm, step_size=step_size, statistics=["loss"])
            coupling = algorithm.coupling.value
            assert_point(runs.sel(coupling=coupling, step_size=step_size), run)
    assert runs["mean"].attrs == run["mean"].attrs


def test_points_are_independent_unless_the_noise_is_shared():
    values = [1, 2, 3]
    own = swept(batch_size=values, noise=so.noise.Uniform(0.0))
    starts = own["agents"].isel(batch_size=0)
    assert (own["agents"].isel(batch_size=1) != starts).all()
    shared = swept(batch_size=values, noise=so.noise.Uniform(0.0), same_noise=True)
    assert (shared["agents"] == shared["agents"].isel(batch_size=0)).all()
    assert "point_seed" in own.coords
    assert "point_seed" not in shared.coords


def test_numpys_true_is_true():
    runs = swept(batch_size=[1, 2], same_noise=np.True_)
    assert "point_seed" not in runs.coords


def test_the_seed_of_a_point_repeats_it_and_does_not_depend_on_the_others():
    small = swept(step_size=[0.04, 0.02])
    large = swept(step_size=[0.01, 0.02, 0.03], replicas=5)
    seed = int(small["point_seed"].sel(step_size=0.02))
    assert seed == int(large["point_seed"].sel(step_size=0.02))
    assert len(np.unique(large["point_seed"])) == 3
    assert_point(small.sel(step_size=0.02), simulated(step_size=0.02, seed=seed))
    first = large.sel(step_size=0.02, replica=slice(0, 2))
    np.testing.assert_array_equal(first["agents"], small["agents"].sel(step_size=0.02))


def test_a_swept_seed_is_taken_as_it_is():
    runs = swept(seed=[1, 2])
    assert_point(runs.sel(seed=2), simulated(seed=2))
    both = swept(seed=[1, 2], step_size=[0.02, 0.04], same_noise=True)
    assert_point(both.sel(seed=2, step_size=0.02), simulated(seed=2, step_size=0.02))
    assert runs.attrs["seed"] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "sizes"),
    [
        ({"algorithm": [so.SGD(), so.QSGD(1.0), so.QSGD(8.0)]}, {"algorithm": 3}),
        ({"noise": [so.noise.Uniform(w) for w in (3, 7)]}, {"half_width": 2}),
        ({"noise": [None, so.noise.Uniform(7.0)]}, {"noise": 2}),
        ({"start": [so.start.Point(0.0), so.start.Uniform(-3, 3)]}, {"start": 2}),
        ({"start": [so.start.Point(x) for x in (0.0, 1.0)]}, {"x": 2}),
        ({"clock": [so.clock.Iteration(), None]}, None),
        ({"batch_size": range(1, 4)}, {"batch_size": 3}),
        ({"step_size": np.linspace(0.01, 0.05, 3)}, {"step_size": 3}),
        ({"step_size": [0.04, (0.01, 0.02, 0.03, 0.04)]}, {"step_size": 2}),
        ({"steps": [20, 40], "replicas": (n for n in (2, 3))}, {"steps": 2, "replicas": 2}),
        ({"statistics_every": [1, 7], "statistics": ["loss"]}, {"statistics_every": 2}),
        ({"algorithm": {"off": so.QSGD(0.0), "on": so.QSGD(3.0)}}, {"algorithm": 2}),
        (
            {"algorithm": so.grid(so.QSGD, coupling=[0, 3]), "agents": [2, 3]},
            {"coupling": 2, "agent_count": 2},
        ),
    ],
)
def test_any_argument_may_vary(changes, sizes):
    if sizes is None:  # two ways to write one value
        with pytest.raises(InvalidArgumentError, match="holds one run twice"):
            swept(**changes)
        return
    runs = swept(**changes)
    found = {name: size for name, size in runs["mean"].sizes.items() if name in sizes}
    assert found == sizes
    assert runs["mean"].notnull().any()


def test_increments_vary_as_paths():
    paths = [so.brownian(40, 3, 4, 1, dt=0.04, seed=s) for s in (1, 2)]
    noise = so.noise.Gaussian(1.0)
    runs = swept(increments=paths, noise=noise, same_noise=True)
    assert runs["mean"].sizes["increments"] == 2
    assert_point(runs.isel(increments=1), simulated(increments=paths[1], noise=noise))
    one = swept(increments=paths[0].values.tolist(), noise=noise, batch_size=[1, 2])
    assert "increments" not in one.dims


def test_losses_vary_and_the_shorter_are_padded():
    losses = [so.losses.Quadratic(np.eye(dim)) for dim in (1, 3)]
    runs = so.sweep(losses, so.SGD(), **{**RUN, "noise": None}, same_noise=True)
    assert runs["mean"].dims == ("loss", "replica", "dim")
    assert runs["mean"].isel(loss=0, dim=1).isnull().all()
    assert runs["mean"].isel(loss=1).notnull().all()


def test_agents_of_different_number_share_one_dataset():
    runs = swept(agents=[2, 4], record=so.record.Every(20), statistics=["loss"], same_noise=True)
    assert runs["agents"].dims == ("agent_count", "step", "replica", "agent", "dim")
    short = runs.sel(agent_count=2)
    assert short["agents"].isel(agent=slice(2, None)).isnull().all()
    run = simulated(agents=2, record=so.record.Every(20))
    np.testing.assert_array_equal(short["agents"].isel(agent=slice(0, 2)), run["agents"])
    assert "shorter in agent" in runs["agents"].attrs["padding"]
    assert "padding" not in runs["mean"].attrs
    assert runs["diverged_at"].dtype == np.int64


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: (name for name in ["loss"]), "loss"),
        (lambda: iter([so.statistics.Quantiles([0.5])]), "agents_quantiles"),
        (lambda: so.statistics.Quantiles([0.5]), "agents_quantiles"),
        (lambda: "loss", "loss"),
    ],
)
def test_statistics_are_taken_in_every_form_that_simulate_takes(make, name):
    algorithms = [so.QSGD(0.0), so.QSGD(3.0)]
    runs = swept(algorithms, same_noise=True, statistics=make())
    for algorithm in algorithms:
        run = simulated(algorithm, statistics=make())
        assert name in run
        assert_point(runs.sel(coupling=algorithm.coupling.value), run)


LEFT, RIGHT, FAR = st.Box(high=0.0), st.Box(low=0.0, high=1.0), st.Box(low=1.0)

EVERY = {
    "Histogram": [st.Histogram(-3, 3, 5)],
    "Histogram2D": [st.Histogram2D((-3, -3), (3, 3), 4)],
    "Occupancy": [st.Occupancy([LEFT, RIGHT, FAR]), st.Occupancy([FAR, LEFT], name="two")],
    "Quantiles": [
        st.Quantiles([0.5, 0.1, 0.9]),
        st.Quantiles([0.9, 0.5, 0.1], name="falling"),
        st.Quantiles([0.1, 0.9], of="mean"),
    ],
    "FirstPassage": [st.FirstPassage(FAR)],
}


def test_there_is_a_case_for_every_statistic():
    kinds = [each for each in map(vars(st).get, st.__all__) if isinstance(each, type)]
    others = (st.Region, st.Selection)
    assert {kind.__name__ for kind in kinds if not issubclass(kind, others)} == EVERY.keys()


@pytest.mark.parametrize("kind", EVERY)
def test_every_statistic_is_what_simulate_gives_whatever_the_order_of_its_labels(kind):
    algorithms = [so.QSGD(0.0), so.QSGD(3.0)]
    for given in EVERY[kind]:
        loss = so.losses.Quadratic(np.eye(2)) if kind == "Histogram2D" else LOSS
        asked = RUN | {"statistics": [given]}
        runs = so.sweep(loss, algorithms, same_noise=True, **asked | {"agents": [4, 3]})
        for algorithm in algorithms:
            run = so.simulate(loss, algorithm, **asked)
            point = runs.sel(coupling=algorithm.coupling.value, agent_count=4)
            assert_point(point.reindex_like(run), run)


def test_statistics_that_vary_may_be_iterators_and_keep_their_names():
    quantiles = so.statistics.Quantiles([0.5], name="coupling")
    runs = swept(
        [so.QSGD(0.0), so.QSGD(3.0)],
        statistics={"loss": iter(["loss"]), "quantiles": iter([quantiles])},
    )
    assert runs["loss"].notnull().sum("statistics").values.tolist() == [[1] * 3] * 2
    assert runs["coupling"].dims[:2] == ("algorithm_coupling", "statistics")


def test_series_of_different_length_are_put_where_their_steps_are():
    runs = swept(steps=[20, 40], record=so.record.Every(15), same_noise=True)
    assert runs["step"].values.tolist() == [0, 15, 20, 30, 40]
    assert runs["mean"].sel(steps=20).notnull().any("replica").values[:, 0].tolist() == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert runs["time"].dims == ("step",)
    assert runs["iteration"].dims == ("step",)
    assert runs["iteration"].values.tolist() == [0, 15, 20, 30, 40]
    np.testing.assert_allclose(runs["time"], RUN["step_size"] * runs["step"])


def test_time_is_that_of_each_step_size():
    runs = swept(step_size=[0.1, 0.2], record=so.record.Every(20), steps=40)
    assert runs["iteration"].dims == ("step",)
    assert runs["time"].sel(step_size=0.2).values.tolist() == [0.0, 4.0, 8.0]


def test_time_depends_on_the_clock_where_the_clock_varies():
    runs = swept(
        clock=[so.clock.SDE(dt) for dt in (0.01, 0.02)],
        noise=so.noise.Gaussian(1.0),
        record=so.record.Every(20),
    )
    assert runs["time"].dims == ("dt", "step")
    assert runs["time"].sel(dt=0.02, step=40) == pytest.approx(0.8)


def test_variables_that_some_points_lack():
    runs = swept([so.QSGD(1.0), so.QSGDMomentum(1.0, momentum=0.9)])
    velocities = runs["velocities"]
    assert velocities.sel(algorithm="QSGD").isnull().all()
    assert velocities.sel(algorithm="QSGDMomentum").notnull().all()
    assert "without this variable" in velocities.attrs["padding"]


def test_names_that_the_result_has_already():
    runs = so.sweep(
        so.grid(so.losses.CoupledWells, dim=[2, 3]),
        so.SGD(),
        **{**RUN, "start": [so.start.Gaussian(m, 0.1) for m in (0.0, 1.0)]},
    )
    assert {"loss_dim", "start_mean", "dim"} <= set(runs["mean"].dims)


def test_provenance_says_what_was_swept():
    runs = swept([so.QSGD(0.0), so.QSGD(3.0)], step_size=[0.02, 0.04])
    configuration = json.loads(runs.attrs["configuration"])
    assert configuration["sweep"]["step_size"] == [0.02, 0.04]
    assert configuration["sweep"]["algorithm"][1] == so.QSGD(3.0).configuration()
    assert (configuration["agents"], configuration["seed"], runs.attrs["seed"]) == (4, 7, 7)
    assert "step_size" not in configuration


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_a_sweep_is_saved_and_read_back(tmp_path, suffix):
    runs = swept([so.SGD(), so.QSGD(1.0)], agents=[2, 4])
    so.results.save(runs, tmp_path / f"runs{suffix}")
    assert so.results.load(tmp_path / f"runs{suffix}").identical(runs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "no argument of the sweep varies"),
        ({"step_size": []}, "step_size is empty"),
        ({"step_sizes": [0.1]}, "called 'step_sizes'; did you mean 'step_size'"),
        ({"step_size": [0.1, -1.0]}, r"at step_size = -1.0: step_size is -1 at t = 0"),
        ({"agents": [2, 0]}, "at agent_count = 0: agents is 0"),
        ({"step_size": [0.1, 0.1]}, "one run twice, at step_size = 0.1 and at step_size = 0.1"),
        ({"threads": [1, 2]}, "threads is a list, but says how"),
        ({"checkpoint": "x", "agents": [1, 2]}, "give it a folder instead"),
        ({"record": [None, so.record.Every(10)]}, "record varies between"),
        ({"noise": [so.noise.Uniform(1.0), 3]}, "at noise = 3: noise is 3"),
        ({"statistics": ["los"], "agents": [1, 2]}, "'los'; did you mean 'loss'"),
        ({"statistics": None, "agents": [1, 2]}, "statistics is None, but must be a list of names"),
        *(
            ({"same_noise": given, "agents": [1, 2]}, "same_noise is .*, but must be True or False")
            for given in (
                "no",
                np.nan,
                -1,
                1,
                None,
                np.float32(1),
                object(),
                np.array([True, False]),
            )
        ),
        ({"client": 3, "agents": [1, 2]}, "client is 3, but must be a dask.distributed.Client"),
    ],
)
def test_mistakes_are_named_before_anything_runs(changes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        swept(**changes)


def test_missing_arguments_are_named():
    with pytest.raises(InvalidArgumentError, match="lacks steps, start"):
        so.sweep(LOSS, [so.QSGD(1.0), so.QSGD(2.0)], step_size=0.1)


def test_a_gradient_is_compared_once_before_the_first_run():
    wrong = so.losses.from_functions(lambda x: x * x, lambda x: 3.0 * x)
    with pytest.raises(InvalidArgumentError, match="gradient"):
        so.sweep(
            [so.losses.Quadratic(1.0), wrong],
            so.SGD(),
            steps=2,
            step_size=0.1,
            start=so.start.Point(1.0),
            check_gradient=True,
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: so.grid(so.QSGD, coupling=3.0), "varies nothing"),
        (lambda: so.grid(so.QSGD, coupling=[]), "coupling of so.grid.*is empty"),
        (lambda: so.grid(so.QSGD, couplin=[1]), "cannot call QSGD"),
        (lambda: so.grid(so.noise.Uniform, half_width=[1, -1]), "at half_width = -1"),
    ],
)
def test_mistakes_in_a_grid_are_named(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_divergence_names_the_point_or_is_masked():
    run = {"steps": 2000, "start": so.start.Point(1.0), "step_size": [0.1, 5.0]}
    with pytest.raises(DivergenceError, match=r"at step_size = 5\.0: replica 0 diverged") as caught:
        so.sweep(so.losses.Quadratic(1.0), so.SGD(), **run)
    assert caught.value.replica == 0
    runs = so.sweep(so.losses.Quadratic(1.0), so.SGD(), **run, on_divergence="mask")
    assert runs["mean"].isnull().squeeze().values.tolist() == [False, True]
    assert (runs["diverged_at"] >= 0).squeeze().values.tolist() == [False, True]


def test_progress_is_shown_on_request_only(capsys):
    swept(agents=[1, 2], progress=True)
    assert "2 of 2 points" in capsys.readouterr().err
    swept(agents=[1, 2])
    assert capsys.readouterr().err == ""
