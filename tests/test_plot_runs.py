"""Pictures of a user's own runs: what they show, and what they refuse in one sentence."""

import subprocess
import sys

import numpy as np
import pytest
import sympy
import xarray as xr
from matplotlib import pyplot
from matplotlib.figure import Figure
from scipy import stats

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.plot import canvas

LINE = so.losses.DoubleWell()
PLANE = so.losses.Quadratic(np.diag([1.0, 3.0]))
SPACE = so.losses.Quadratic(np.diag([1.0, 3.0, 2.0]))


def simulated(loss, every=10, couplings=(2.0,), **options):
    options = {"agents": 4, "replicas": 6, "steps": 40, "step_size": 0.05} | options
    noise, start = so.noise.Gaussian(0.5), so.start.Uniform(-1, 1)
    record = so.record.Every(every) if every else so.record.End()
    algorithms = [so.QSGD(coupling=k) for k in couplings]
    if len(algorithms) == 1:
        algorithms = algorithms[0]
    run = so.simulate if len(couplings) == 1 else so.sweep
    return run(loss, algorithms, noise=noise, start=start, record=record, seed=3, **options)


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


@pytest.mark.parametrize("loss", [LINE, PLANE, SPACE], ids=["1-D", "2-D", "3-D"])
@pytest.mark.parametrize("given", [False, True], ids=["new figure", "given axes"])
def test_every_picture_is_drawn_inside_its_figure(loss, given):
    run, smooth = simulated(loss), loss.convolved(so.noise.Gaussian(0.5), scale=0.05)
    box = (-1, 1) if loss.dim == 1 else ((-1, 1), (-2, 2))
    draw = {
        "density": lambda **how: so.plot.density(run, loss, smooth, **how),
        "trajectories": lambda **how: so.plot.trajectories(run, loss, **how),
        "synchronization": lambda **how: so.plot.synchronization(run, **how),
        "landscape": lambda **how: so.plot.landscape(loss, box, smooth, **how),
    }
    for one in draw.values():
        wanted = Figure(layout="constrained").subplots() if given else None
        axes = one(axes=wanted)
        assert wanted is None or axes is wanted
        assert axes.get_xlabel()
        figure = axes.figure
        figure.draw_without_rendering()
        inside = figure.bbox.padded(2)
        for each in [axes.xaxis.label, axes.yaxis.label, axes.get_legend()]:
            if each is not None and each.get_visible():
                box_of = each.get_window_extent()
                assert inside.x0 <= box_of.x0
                assert box_of.x1 <= inside.x1
                assert inside.y0 <= box_of.y0
                assert box_of.y1 <= inside.y1
        assert figure.number if not given else not hasattr(figure, "number")


def test_density_shows_the_states_at_the_end():
    run = simulated(PLANE)
    axes = so.plot.density(run, PLANE)
    drawn = {line.get_label(): line.get_xydata() for line in axes.lines}
    ends = run["agents"].isel(step=-1).values.reshape(-1, 2)
    np.testing.assert_array_equal(drawn["agents $x^i$, end"], ends)
    np.testing.assert_array_equal(drawn[r"mean $x^\bullet$, end"], run["mean"].isel(step=-1))


def test_replicas_that_diverged_are_left_out():
    run = simulated(PLANE)
    run["agents"][-1, 2] = np.nan
    run["mean"][-1, 2] = np.nan
    axes = so.plot.density(run, PLANE)
    drawn = {line.get_label(): line.get_xydata() for line in axes.lines}
    assert len(drawn["agents $x^i$, end"]) == 5 * 4
    assert np.isfinite(axes.dataLim.get_points()).all()
    run["agents"][:] = np.nan
    with pytest.raises(InvalidArgumentError, match="every replica of the run diverged"):
        so.plot.density(run, PLANE)


def test_a_sweep_has_a_panel_for_each_value():
    runs = simulated(PLANE, couplings=(0.0, 1.0, 4.0, 9.0))
    panels = so.plot.density(runs, PLANE)
    assert [axes.get_title("left") for axes in panels] == [
        f"({letter}) $k$ = {k}" for letter, k in zip("abcd", (0, 1, 4, 9), strict=True)
    ]
    # each shows its own agents
    for place, axes in enumerate(panels):
        first = next(line for line in axes.lines if "agents" in str(line.get_label()))
        ends = runs["agents"].isel(coupling=place, step=-1).values.reshape(-1, 2)
        np.testing.assert_array_equal(first.get_xydata(), ends)
    lines = so.plot.synchronization(runs).lines
    assert [line.get_label() for line in lines] == ["$k = 0$", "$k = 1$", "$k = 4$", "$k = 9$"]
    spread = runs["agents"] - runs["agents"].mean("agent")
    expected = (spread**2).sum(["agent", "dim"]).mean("replica")
    for place, line in enumerate(lines):
        np.testing.assert_allclose(line.get_ydata(), expected.isel(coupling=place))


ALGORITHMS = {"none": so.SGD(), "Q": so.QSGD(8.0), "E": so.EASGD(2.0)}
STEP_SIZES = [0.05, so.schedules.PowerDecay(0.05, 0.5)]


def test_panels_of_unlike_algorithms_say_which_and_print_nothing_over_it():
    ring = so.QSGD(coupling=2.0, graph=so.graphs.Ring(1))
    runs = so.sweep(
        LINE, [so.SGD(), so.QSGD(coupling=2.0), ring], noise=so.noise.Gaussian(0.5), agents=4,
        replicas=3, steps=20, step_size=0.05, start=so.start.Uniform(-1, 1), seed=1,
    )  # fmt: skip
    panels = so.plot.density(runs, LINE)
    titles = [axes.get_title("left").strip() for axes in panels]
    assert titles == ["(a) SGD", "(b) QSGD(graph=none)", "(c) QSGD(graph=Ring(reach=1))"]
    panels[0].figure.canvas.draw()
    for axes in panels:
        left, right = axes._left_title, axes._right_title
        assert right.get_text().startswith("peaks")
        title, peaks = left.get_window_extent(), right.get_window_extent()
        # of two lines the lower is empty
        bottom = title.y0 + (title.height / 2 if left.get_text().endswith("\n") else 0.0)
        assert title.x1 < peaks.x0 or bottom >= peaks.y1


@pytest.mark.parametrize(
    ("varied", "title", "labels"),
    [
        ({"algorithm": ALGORITHMS}, "algorithm", ["none", "Q", "E"]),
        ({"algorithm": [so.QSGD(1.0), so.EASGD(1.0)]}, "algorithm", ["QSGD", "EASGD"]),
        ({"step_size": STEP_SIZES}, "step size", ["0.05", "PowerDecay"]),
        ({"step_size": [0.05, 0.01]}, "", [r"$\eta = 0.01$", r"$\eta = 0.05$"]),
        (
            {"batch_size": [2, 1]},
            "",
            [r"$\mathrm{batch\ size} = 1$", r"$\mathrm{batch\ size} = 2$"],
        ),
    ],
)
def test_synchronization_has_a_line_for_each_of_any_labels(varied, title, labels):
    runs = so.sweep(
        **({"loss": LINE, "algorithm": so.QSGD(2.0), "step_size": 0.05} | varied),
        noise=so.noise.Gaussian(0.5),
        start=so.start.Uniform(-1, 1),
        record=so.record.Every(10),
        agents=4,
        replicas=6,
        steps=40,
    )
    axes = so.plot.synchronization(runs)
    legend = axes.get_legend()
    assert legend.get_title().get_text() == title
    assert [text.get_text() for text in legend.get_texts()] == labels
    spread = ((runs["agents"] - runs["agents"].mean("agent")) ** 2).sum(["agent", "dim"])
    rows = spread.mean("replica").values
    for line, row in zip(axes.lines, rows if title else rows[::-1], strict=True):
        np.testing.assert_allclose(line.get_ydata(), row)


def test_the_legend_of_a_family_hides_no_line():
    runs = simulated(LINE, couplings=(0.0, 0.5, 2.0, 8.0, 20.0))
    axes = so.plot.synchronization(runs)
    axes.figure.draw_without_rendering()
    assert axes.get_legend().get_window_extent().y1 < axes.get_window_extent().y0


@pytest.mark.parametrize("statistics", [(), ["synchronization"]])
def test_the_sde_clock_is_called_time(statistics):
    run = simulated(LINE, clock=so.clock.SDE(0.02), statistics=statistics)
    for axes in (so.plot.synchronization(run), so.plot.trajectories(run)):
        assert axes.get_xlabel() == "time"
        np.testing.assert_allclose(axes.lines[0].get_xdata(), [0, 0.2, 0.4, 0.6, 0.8])
    film = so.plot.animate(run, LINE)
    film._func(2)
    film._draw_was_started = True  # it is not played here
    assert film._fig.axes[0].get_title() == "time 0.4 of 0.8"


def test_points_with_time_steps_of_their_own_are_drawn_against_their_times():
    clocks = [so.clock.SDE(0.02), so.clock.SDE(0.01)]
    runs = so.sweep(
        LINE,
        so.QSGD(2.0),
        clock=clocks,
        steps=40,
        step_size=0.05,
        agents=3,
        replicas=4,
        start=so.start.Uniform(-1, 1),
        record=so.record.Every(20),
    )
    axes = so.plot.synchronization(runs)
    assert [list(line.get_xdata()) for line in axes.lines] == [[0, 0.2, 0.4], [0, 0.4, 0.8]]
    assert axes.get_xlim() == (0, 0.8)


@pytest.mark.parametrize("gone", [5, 6], ids=["one is left", "none is left"])
@pytest.mark.filterwarnings("error")
def test_pictures_of_diverged_replicas_do_not_warn(gone):
    run = simulated(LINE)
    run["agents"][-1, :gone] = np.nan
    run["agents"][-2, :gone, 1] = 1e200
    run["mean"][-1, :gone] = np.nan
    for axes in (so.plot.synchronization(run), so.plot.trajectories(run)):
        axes.figure.draw_without_rendering()


def test_synchronization_prefers_the_statistic_of_the_run():
    run = simulated(LINE, statistics=["synchronization"])
    (line,) = so.plot.synchronization(run).lines
    np.testing.assert_allclose(line.get_ydata(), run["synchronization"].mean("replica"))


def test_replicas_that_diverged_do_not_count_as_synchronized():
    run = simulated(LINE)
    whole = so.plot.synchronization(run.drop_sel(replica=2)).lines[0].get_ydata()
    run["agents"][:, 2] = np.nan
    np.testing.assert_allclose(so.plot.synchronization(run).lines[0].get_ydata(), whole)


def test_trajectories_are_those_of_the_replica():
    run = simulated(LINE)
    axes = so.plot.trajectories(run, replica=4)
    drawn = np.array([line.get_ydata() for line in axes.lines])
    np.testing.assert_array_equal(drawn[:4], run["agents"].isel(replica=4, dim=0).values.T)
    np.testing.assert_array_equal(drawn[4], run["mean"].isel(replica=4, dim=0))


def test_the_box_of_trajectories_is_what_is_shown():
    line, plane = simulated(LINE), simulated(PLANE)
    assert so.plot.trajectories(line, box=(-3, 2)).get_ylim() == (-3, 2)
    for loss in (None, PLANE):
        axes = so.plot.trajectories(plane, loss, box=[(-3, 2), (-1, 4)])
        assert (axes.get_xlim(), axes.get_ylim()) == ((-3, 2), (-1, 4))


@pytest.mark.parametrize("loss", [LINE, PLANE])
def test_an_animation_shows_every_recorded_step(loss, tmp_path):
    run = simulated(loss)
    film = so.plot.animate(run, loss, replica=1)
    marks = {line.get_label(): line for line in film._fig.axes[0].lines}
    for place in (0, 3, 4):
        film._func(place)
        x = marks["agents $x^i$"].get_xdata()
        np.testing.assert_array_equal(x, run["agents"].isel(step=place, replica=1, dim=0))
    film.save(tmp_path / "run.gif", "pillow", fps=15, dpi=40)
    assert (tmp_path / "run.gif").stat().st_size > 0


def test_the_mean_moves_on_the_smoothed_loss():
    x = sympy.Symbol("x")
    ripples = so.losses.from_sympy(x**2 - sympy.cos(20 * x), [x])
    smooth = so.losses.Quadratic(2.0)
    run = simulated(ripples)
    heights = []
    for convolved in (None, smooth):
        film = so.plot.animate(run, ripples, convolved)
        film._func(2)
        marks = {line.get_label(): line for line in film._fig.axes[0].lines}
        heights.append(marks[r"mean $x^\bullet$"].get_ydata()[0])
        film._draw_was_started = True  # it is not played here
    assert heights[0] != heights[1]


def test_phase_marks_the_best_coupling():
    runs = simulated(LINE, every=0, couplings=(0.0, 1.0, 4.0, 9.0), same_noise=True)
    ends = LINE.value(runs["mean"].values).mean(axis=1)
    axes = so.plot.phase(runs, LINE)
    best = axes.get_legend().get_texts()[-1].get_text()
    assert best == f"best, $k = {runs['coupling'].values[ends.argmin()]:g}$"
    both = simulated(LINE, every=0, couplings=(0.0, 1.0), step_size=[0.02, 0.05])
    axes = so.plot.phase(both, LINE)
    (mesh,) = axes.collections
    expected = LINE.value(both["mean"].transpose(..., "replica", "dim").values).mean(axis=-1).T
    np.testing.assert_allclose(mesh.get_array(), expected)


def test_each_coupling_has_the_interval_of_its_own_replicas():
    """A search gives few replicas to couplings that are clearly not the best."""
    values = np.random.default_rng(1).normal(size=(2, 1000))
    values[0, 4:] = np.nan
    runs = xr.Dataset(
        {"loss_of_mean": (("coupling", "replica"), values, {"units": "loss units"})},
        {"coupling": [0.0, 1.0]},
    )
    axes = so.plot.phase(runs)
    (bars,) = axes.containers[0][2]
    reach = [np.ptp(ends[:, 1]) / 2 for ends in bars.get_segments()]
    expected = [
        stats.t.ppf(0.975, n - 1) * row[:n].std(ddof=1) / np.sqrt(n)
        for n, row in zip((4, 1000), values, strict=True)
    ]
    np.testing.assert_allclose(reach, expected)


def test_a_map_over_couplings_keeps_labels_in_their_order():
    sizes = {"slow": 0.02, "fast": 0.05}
    both = simulated(LINE, every=0, couplings=(1.0, 0.0), step_size=sizes)
    axes = so.plot.phase(both, LINE)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["slow", "fast"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1"]


def test_couplings_that_are_no_numbers_or_all_diverged_are_refused():
    couplings = (1.0, so.schedules.PowerDecay(1.0, 0.5))
    runs = simulated(LINE, every=0, couplings=couplings)
    with pytest.raises(InvalidArgumentError, match="but must be numbers to be drawn"):
        so.plot.phase(runs, LINE)
    runs = simulated(LINE, every=0, couplings=(0.0, 1.0))
    runs["mean"][:] = np.nan
    with pytest.raises(InvalidArgumentError, match="every replica of the sweep diverged"):
        so.plot.phase(runs, LINE)


def test_one_pair_is_the_box_of_all_coordinates():
    one = so.plot.landscape(PLANE, (-2, 3))
    each = so.plot.landscape(PLANE, [(-2, 3), (-2, 3)])
    assert one.get_xlim() == one.get_ylim() == each.get_ylim() == (-2, 3)


RUN = simulated(LINE, every=0)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: so.plot.density("run", LINE), "dataset that so.simulate or so.sweep returned"),
        (lambda: so.plot.density(RUN, "loss"), "loss must be a loss of so.losses, got str"),
        (lambda: so.plot.density(RUN, PLANE), "the loss has 2 coordinates"),
        (lambda: so.plot.density(RUN, LINE, PLANE), "the loss has 1 coordinates"),
        (lambda: so.plot.density(RUN, LINE, box=(3, -3)), "with low < high"),
        (lambda: so.plot.landscape(PLANE, (1, 2, 3)), "for all 2 coordinates, or such a pair for"),
        (
            lambda: so.plot.density(RUN, LINE, dims=(1,)),
            "one or two different coordinates of 0 to 0",
        ),
        (lambda: so.plot.density(RUN, LINE, axes="here"), "axes must be axes of matplotlib"),
        (lambda: so.plot.density(RUN.drop_vars("agents"), LINE), "the run has no agents"),
        (lambda: so.plot.trajectories(RUN, LINE), "the run kept the last alone"),
        (lambda: so.plot.synchronization(RUN), "the run kept the last alone"),
        (lambda: so.plot.animate(RUN, LINE), "the run kept the last alone"),
        (lambda: so.plot.landscape(LINE, None), "box is missing"),
        (lambda: so.plot.phase(RUN, LINE), "a sweep over nothing"),
        (lambda: so.plot.phase(RUN), "the sweep has no loss_of_mean"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, words):
    with pytest.raises(InvalidArgumentError, match=words):
        draw()


def test_a_missing_replica_and_too_many_parameters_are_refused():
    run = simulated(LINE)
    with pytest.raises(InvalidArgumentError, match="replicas 0 to 5"):
        so.plot.trajectories(run, replica=6)
    with pytest.raises(InvalidArgumentError, match=r"box is \(1, -1\), but must be a pair"):
        so.plot.trajectories(run, box=(1, -1))
    runs = simulated(LINE, couplings=(0.0, 1.0), step_size=[0.02, 0.05])
    with pytest.raises(InvalidArgumentError, match="choose values of the others"):
        so.plot.density(runs, LINE)
    with pytest.raises(InvalidArgumentError, match=r"runs.isel\(coupling=0\)"):
        so.plot.trajectories(runs)


def test_a_missing_matplotlib_is_one_sentence(monkeypatch):
    monkeypatch.setattr(canvas, "find_spec", lambda name: None)
    with pytest.raises(InvalidArgumentError, match="drawing needs matplotlib"):
        so.plot.landscape(LINE, (-1, 1))


def test_naming_the_pictures_imports_no_matplotlib():
    code = "import sys, sdeopt as so; so.plot; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def diverging(couplings, **options):
    options = {"step_size": 0.25} | options
    return so.sweep(
        so.losses.DoubleWell(tilt=0.3), [so.QSGD(coupling=k) for k in couplings], agents=6,
        replicas=300, steps=60, start=so.start.Uniform(-2, 2), noise=so.noise.Uniform(6.0),
        seed=1, same_noise=True, on_divergence="mask", **options,
    )  # fmt: skip


def best_of(axes):
    return axes.get_legend().get_texts()[-1].get_text()


@pytest.mark.filterwarnings("error")
def test_a_coupling_that_diverged_is_not_the_best():
    loss, couplings = so.losses.DoubleWell(tilt=0.3), (0.0, 0.5, 1.0, 2.0, 3.0)
    runs = diverging(couplings, statistics=["loss_of_mean"])
    lost = (runs["diverged_at"] >= 0).any("replica")
    assert bool(lost.sel(coupling=2.0))
    ends = runs["mean"].isel(dim=0).copy(data=loss.value(runs["mean"].values))
    stable = ends.where(~lost, drop=True).mean("replica")
    assert stable.sizes["coupling"] > 1
    best = float(stable["coupling"][int(stable.values.argmin())])
    assert best_of(so.plot.phase(runs, loss)) == f"best, $k = {best:.3g}$"
    assert not bool(lost.sel(coupling=float(best_of(so.plot.phase(runs))[12:-1])))
    # the stable average that is drawn is of the replicas that are left
    far = runs.sel(coupling=[2.0, 3.0])
    words = "no best: each coupling has replicas that diverged"
    assert best_of(so.plot.phase(far, loss)) == words
    both = diverging((0.5, 2.0), step_size=[0.05, 0.25])
    (mesh,) = (axes := so.plot.phase(both, loss)).collections
    assert np.isfinite(mesh.get_array()).all()
    marks = [line for line in axes.lines if line.get_marker() == "D" and len(line.get_xdata())]
    assert [line.get_ydata()[0] for line in marks] == [0, 1]


@pytest.mark.filterwarnings("error")
def test_a_row_of_a_map_in_which_all_diverged_has_no_best():
    both = simulated(LINE, every=0, couplings=(0.0, 1.0), step_size=[0.02, 0.05])
    row = {"step_size": 1}
    both["mean"][row] = np.nan
    both["diverged_at"][row] = 3
    axes = so.plot.phase(both, LINE)
    marks = [line for line in axes.lines if line.get_marker() == "D" and len(line.get_xdata())]
    assert [line.get_ydata()[0] for line in marks] == [0]


def test_a_phase_curve_has_the_units_of_what_is_drawn():
    options = {"couplings": (0.0, 1.0), "statistics": ["synchronization", "loss_of_mean"]}
    runs = simulated(LINE, every=0, **options)
    label = so.plot.phase(runs, value="synchronization").get_ylabel()
    assert label == "time average of sum over agents of ||x^i - x.||^2 (parameter units^2)"
    assert so.plot.phase(runs).get_ylabel() == "time average of f(x.) (loss units)"
    assert so.plot.phase(runs, LINE).get_ylabel() == "loss of the mean, end (loss units)"
    with pytest.raises(InvalidArgumentError, match="value is 'diverged_at', which is no number"):
        so.plot.phase(runs, value="diverged_at")


@pytest.mark.parametrize("dims", [0, "0", True, (0.0,), [[0]], (True,), 1.5])
def test_dims_that_are_no_sequence_of_whole_numbers_are_refused(dims):
    run = simulated(PLANE)
    words = "but must name one or two different coordinates of 0 to 1, as in"
    draws = (
        lambda: so.plot.trajectories(run, PLANE, dims=dims),
        lambda: so.plot.density(run, PLANE, dims=dims),
        lambda: so.plot.landscape(PLANE, (-1, 1), dims=dims),
        lambda: so.plot.animate(run, PLANE, dims=dims),
    )
    for draw in draws:
        with pytest.raises(InvalidArgumentError, match=words):
            draw()
    so.plot.trajectories(run, PLANE, dims=np.array([1, 0]))


@pytest.mark.parametrize(
    ("low", "scale"), [(0.002, "log"), (-0.4, "symlog"), (-2e3, "linear"), (60.0, "linear")]
)
def test_values_far_above_the_others_do_not_hide_them(low, scale):
    runs = simulated(LINE, every=0, couplings=(0.0, 1.0, 2.0), statistics=["loss_of_mean"])
    runs["loss_of_mean"][:] = np.array([[2.0 * low], [low], [1e4]]) + np.arange(6) / 1e5
    assert so.plot.phase(runs).get_yscale() == scale
    both = xr.concat([runs, runs], xr.DataArray([0.02, 0.05], dims="step_size", name="step_size"))
    (mesh,) = so.plot.phase(both).collections
    assert type(mesh.norm).__name__ == {"log": "LogNorm", "symlog": "SymLogNorm"}.get(
        scale, "Normalize"
    )
