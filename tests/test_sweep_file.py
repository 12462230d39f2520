from pathlib import Path

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.run_files.run_file import arguments_of
from sdeopt.run_files.sweep_file import read_sweep_file, sweep_arguments_of
from sdeopt.sweeps.planning import plan

EXAMPLES = Path(__file__).parents[1] / "examples"

CONTENT = {
    "steps": 30,
    "step_size": 0.04,
    "agents": 3,
    "loss": {"name": "RuggedWell"},
    "algorithm": {"name": "QSGD"},
    "noise": {"name": "Uniform", "half_width": 7.0},
    "start": {"name": "Uniform", "low": -3, "high": 3},
}


def content(sweep, **changes):
    return {**CONTENT, **changes, "sweep": sweep}


def sizes_of(sweep, **changes):
    """Return the dimensions of a sweep, planned and checked but not run."""
    arguments = sweep_arguments_of(content(sweep, **changes))
    planned = plan(arguments, arguments.pop("same_noise"))
    return {axis.name: len(axis.labels) for axis in planned.axes}


def test_a_file_gives_what_python_gives():
    sweep = {"algorithm": {"coupling": [0, 3]}, "step_size": [0.02, 0.04]}
    from_file = so.sweep(**sweep_arguments_of(content(sweep, seed=4, same_noise=True)))
    by_hand = so.sweep(
        so.losses.RuggedWell(),
        [so.QSGD(coupling=0), so.QSGD(coupling=3)],
        noise=so.noise.Uniform(7.0),
        start=so.start.Uniform(-3, 3),
        agents=3,
        steps=30,
        step_size=[0.02, 0.04],
        seed=4,
        same_noise=True,
    )
    assert from_file.equals(by_hand)
    assert from_file.attrs["configuration"] == by_hand.attrs["configuration"]


@pytest.mark.parametrize(
    ("sweep", "sizes"),
    [
        ({"algorithm.coupling": [0, 3, 8]}, {"coupling": 3}),
        (
            {"algorithm": {"coupling": [0, 3], "name": ["QSGD", "EASGD"]}},
            {"coupling": 2, "name": 2},
        ),
        ({"algorithm": [{"name": "SGD"}, {"name": "QSGD", "coupling": 3}]}, {"algorithm": 2}),
        (
            {"algorithm.coupling": [3, {"name": "Ramp", "start": 0, "end": 3, "over": 9}]},
            {"coupling": 2},
        ),
        ({"noise": {"half_width": [3, 7]}, "algorithm.coupling": [1]}, {"half_width": 2}),
        ({"seed": [1, 2], "algorithm.coupling": [1]}, {"seed": 2}),
        ({"step_size": [0.1, [0.1, 0.2, 0.3]], "algorithm.coupling": [1]}, {"step_size": 2}),
    ],
)
def test_what_may_vary(sweep, sizes):
    found = sizes_of(sweep)
    assert {name: found[name] for name in sizes} == sizes


def test_parameters_of_schedules_and_formulas_vary():
    found = sizes_of(
        {"step_size.every": [10, 20], "loss.expression": ["x**2", "x**4 / 4"]},
        step_size={"name": "Halving", "initial": 0.04},
        loss={"expression": "x**2"},
        algorithm={"name": "SGD"},
    )
    assert found == {"expression": 2, "every": 2}


def test_a_list_outside_the_sweep_is_one_value():
    found = sizes_of({"algorithm.coupling": [0, 3]}, step_size=[0.1, 0.2, 0.3], statistics=["loss"])
    assert found == {"coupling": 2}


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ({}, r"no table \[sweep\] with lists"),
        ({"steps": 3}, r"'steps' of \[sweep\] is 3; give a list"),
        ({"steps": []}, r"'steps' of \[sweep\] is \[\]"),
        ({"stepz": [3]}, "called 'stepz'; did you mean 'steps'"),
        ({"algorithm.couplin": [3]}, "parameter of QSGD called 'couplin'"),
        ({"step_size.every": [3]}, "'step_size.every' of the run file cannot be set"),
        ({"clock.dt": [0.1]}, r"\[clock\] of the run file has no name"),
        ({"algorithm": [{"name": "SGD"}], "algorithm.coupling": [3]}, "one inside the other"),
        ({"noise.half_width": [1, -1]}, "half_width of noise.Uniform is -1"),
    ],
)
def test_mistakes_are_named(sweep, message):
    with pytest.raises(InvalidArgumentError, match=message):
        sweep_arguments_of(content(sweep, algorithm={"name": "QSGD", "coupling": 1}))


def test_same_noise_is_true_or_false():
    with pytest.raises(InvalidArgumentError, match="same_noise is 1"):
        sweep_arguments_of(content({"algorithm.coupling": [1, 2]}, same_noise=1))


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("replicas=5", "replicas", 5),
        ("on_divergence = mask", "on_divergence", "mask"),
        ("noise.half_width=3", "noise", so.noise.Uniform(3.0)),
        ("clock={name='SDE', dt=0.1}", "clock", so.clock.SDE(0.1)),
    ],
)
def test_settings_take_the_place_of_entries(setting, key, value):
    path = EXAMPLES / "coupling_sweep.toml"
    assert read_sweep_file(path, [setting])[key] == value


def test_settings_may_change_what_is_swept():
    path = EXAMPLES / "coupling_sweep.toml"
    arguments = read_sweep_file(path, ["sweep.step_size=[0.1]", "sweep.seed=[1, 2]"])
    assert arguments["step_size"].axes[0].labels == (0.1,)
    assert arguments["seed"].axes[0].labels == (1, 2)


@pytest.mark.parametrize("setting", ["replicas", "=3", "a b=3", "step_size=0.1"])
def test_bad_settings_are_named(setting):
    with pytest.raises(InvalidArgumentError, match=r"--set was given|is swept by the file"):
        read_sweep_file(EXAMPLES / "coupling_sweep.toml", [setting])


def test_a_sweep_is_not_taken_for_a_run():
    with pytest.raises(InvalidArgumentError, match="run it with `sdeopt sweep`"):
        arguments_of(content({"algorithm.coupling": [1, 2]}))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*sweep*.toml")), ids=lambda path: path.name)
def test_the_examples_run(path):
    arguments = read_sweep_file(path, ["replicas=2", "steps=100"])
    assert np.isfinite(so.sweep(**arguments)["mean"]).all()


def test_there_are_examples():
    assert (EXAMPLES / "coupling_sweep.toml").is_file()
