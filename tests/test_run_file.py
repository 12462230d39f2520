from pathlib import Path

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.run_files.run_file import arguments_of, read_run_file

EXAMPLES = Path(__file__).parents[1] / "examples"

CONTENT = {
    "steps": 30,
    "step_size": 0.04,
    "agents": 3,
    "loss": {"name": "RuggedWell"},
    "algorithm": {"name": "QSGD", "coupling": 8.0},
    "noise": {"name": "Uniform", "half_width": 7.0},
    "start": {"name": "Uniform", "low": -3, "high": 3},
}


def changed(**changes):
    return {**CONTENT, **changes}


def test_a_file_gives_what_python_gives():
    from_file = so.simulate(**arguments_of(changed(seed=4, replicas=2)))
    by_hand = so.simulate(
        so.losses.RuggedWell(),
        so.QSGD(coupling=8.0),
        noise=so.noise.Uniform(7.0),
        start=so.start.Uniform(-3, 3),
        agents=3,
        replicas=2,
        steps=30,
        step_size=0.04,
        seed=4,
    )
    np.testing.assert_array_equal(from_file["agents"], by_hand["agents"])
    assert from_file.attrs["configuration"] == by_hand.attrs["configuration"]


def test_a_law_inside_a_law():
    inner = {"name": "Correlated", "law": {"name": "Gaussian", "standard_deviation": 2.0}}
    table = {"name": "Coloured", "law": inner | {"correlation": 0.3}, "time": 5.0}
    law = arguments_of(changed(noise=table))["noise"]
    assert law.shape.tolist() == [law.decay, 0.3]
    assert law.variance == 4.0


PASSAGE = {"name": "FirstPassage", "region": {"name": "Sublevel", "level": 0.1}, "ends": True}
BASINS = {
    "name": "Occupancy",
    "regions": [{"name": "Box", "low": -2.0, "high": 0.0}, {"name": "Box", "low": 0.0}],
}


def test_schedules_records_clocks_and_statistics():
    arguments = arguments_of(
        changed(
            step_size=[{"name": "Halving", "initial": 0.04, "every": 10}, 0.02, 0.01],
            algorithm={
                "name": "EASGD",
                "coupling": {"name": "Ramp", "start": 0, "end": 8, "over": 30},
            },
            record={"name": "Every", "interval": 10},
            clock={"name": "SDE", "dt": 0.01},
            statistics=["loss", {"name": "Histogram", "low": -3, "high": 3}, PASSAGE, BASINS],
        )
    )
    assert arguments["step_size"][0] == so.schedules.Halving(0.04, every=10)
    assert arguments["algorithm"] == so.EASGD(so.schedules.Ramp(0, 8, over=30))
    assert arguments["record"] == so.record.Every(10)
    assert arguments["clock"] == so.clock.SDE(0.01)
    text, histogram, passage, basins = arguments["statistics"]
    assert (text, histogram) == ("loss", so.statistics.Histogram(-3, 3))
    assert passage == so.statistics.FirstPassage(so.statistics.Sublevel(0.1), ends=True)
    assert [box.low for box in basins.regions] == [-2.0, 0.0]


def test_a_loss_may_be_written_out():
    loss = arguments_of(changed(loss={"expression": "x**2 + 2*y**2", "symbols": ["x", "y"]}))[
        "loss"
    ]
    assert loss.value([[1.0, 2.0]]) == 9.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stepz": 3}, "called 'stepz'; did you mean 'steps'"),
        ({"increments": [0.0]}, "called 'increments'"),
        ({"loss": {"name": "RugedWell"}}, "'RugedWell'; did you mean 'RuggedWell'"),
        ({"loss": "RuggedWell"}, r"'loss' of the run file must be a table"),
        ({"loss": {"quartic": 1.0}}, r"\[loss\] of the run file has no name"),
        ({"algorithm": {"name": "QSGD"}}, "QSGD needs coupling"),
        ({"algorithm": {"name": "Coupled", "coupling": 1}}, "called 'Coupled'"),
        ({"algorithm": {"name": "QSGD", "couplin": 1}}, "parameter of QSGD called 'couplin'"),
        ({"noise": {"name": "Uniform", "width": 7}}, "parameter of Uniform called 'width'"),
        ({"noise": {"name": "Uniform", "half_width": -1}}, "half_width"),
        ({"step_size": {"name": "Halv"}}, "'Halv'; did you mean 'Halving'"),
        ({"statistics": "loss"}, "give a list"),
        ({"loss": {"expression": "x", "symbol": ["x"]}}, "'symbol'; did you mean 'symbols'"),
        ({"loss": {"expression": "x", "symbols": "x"}}, "give a list of names"),
        ({"loss": {"expression": "x", "symbols": ["x", "x"]}}, "'x' twice"),
        ({"loss": {"expression": "x", "symbols": ["pi"]}}, "'pi' would hide"),
        ({"loss": {"expression": "x^2"}}, r"did you mean \*\*"),
        ({"loss": {"expression": 3}}, "give it as text"),
    ],
)
def test_mistakes_are_named(changes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        arguments_of(changed(**changes))


def test_what_is_missing_is_named():
    with pytest.raises(InvalidArgumentError, match="lacks algorithm, start, steps"):
        arguments_of({"loss": {"name": "RuggedWell"}, "step_size": 0.1})


def test_unreadable_files(tmp_path):
    with pytest.raises(OutputError, match=r"none\.toml cannot be read"):
        read_run_file(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidArgumentError, match="is not TOML"):
        read_run_file(tmp_path / "binary.toml")


def test_a_byte_order_mark_is_read_over(tmp_path):
    path = tmp_path / "marked.toml"
    text = 'steps = 5\nstep_size = 0.05\nalgorithm = {name = "SGD"}\nloss = {name = "RuggedWell"}\n'
    path.write_text(text + 'start = {name = "Point", x = 0.5}\n', encoding="utf-8-sig")
    assert read_run_file(path)["steps"] == 5


OTHERS = ("coupling_sweep.toml", "best_coupling.toml", "own_network.toml")
"""Of `sdeopt sweep`, `tune` and `train`, which have tests of their own."""


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(EXAMPLES.glob("*.toml")) if path.name not in OTHERS],
    ids=lambda path: path.name,
)
def test_the_examples_run(path):
    arguments = read_run_file(path) | {"steps": 1000, "replicas": 2}
    assert so.simulate(**arguments)["agents"].notnull().all()


def test_there_are_examples():
    assert (EXAMPLES / "rugged_well.toml").is_file()
