"""Which states are kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.record import VARIABLES, At, End, Every


@given(interval=st.integers(1, 60), total=st.integers(0, 200))
def test_every_n_holds_the_start_the_multiples_and_the_end_once(interval, total):
    steps = Every(interval).steps(total)
    assert steps.dtype == np.int64
    assert set(steps) == set(range(0, total + 1, interval)) | {total}
    assert np.all(np.diff(steps) > 0)


def test_the_end_is_one_step_and_no_series():
    assert End().steps(12).tolist() == [12]
    assert not End().is_series
    assert Every(1).is_series
    assert At([1]).is_series


def test_chosen_steps_are_sorted_and_not_repeated():
    assert At(np.array([5, 0, 5, 3])).steps(5).tolist() == [0, 3, 5]
    assert At(range(3)).steps(2).tolist() == [0, 1, 2]


@pytest.mark.parametrize("record", [End, lambda v: Every(2, v), lambda v: At([1], v)])
def test_variables_are_chosen_by_name(record):
    assert record(("quorum", "mean")).variables == ("mean", "quorum")
    assert record("mean").variables == ("mean",)
    assert record(("filters", "mean")).variables == ("mean", "filters")
    with pytest.raises(InvalidArgumentError, match="a variable to record is 3"):
        record((3,))
    with pytest.raises(InvalidArgumentError, match="no variables"):
        record(())


def test_all_variables_are_kept_by_default():
    assert Every(1).variables == At([0]).variables == End().variables == VARIABLES


def simulate(algorithm, variables, **arguments):
    return so.simulate(
        so.losses.Quadratic([[1.0, 0.0], [0.0, 3.0]]),
        algorithm,
        noise=so.noise.Gaussian(1.0),
        agents=3,
        replicas=2,
        steps=6,
        step_size=0.1,
        start=so.start.Uniform(-1, 1),
        record=Every(2, variables),
        **arguments,
    )


def test_velocities_and_filters_are_recorded_where_there_are_any(tmp_path):
    """A recorded one is that of a run that ends there; the start has none, and filters at the agents."""
    algorithm = so.SingleAgentEASGDMomentum(coupling=2.0, momentum=0.9)
    run = simulate(algorithm, ("agents", "velocities", "filters"), checkpoint=tmp_path / "run")
    assert run["velocities"].dims == run["filters"].dims == ("step", "replica", "agent", "dim")
    assert (run["velocities"].sel(step=0) == 0).all()
    assert (run["filters"].sel(step=0) == run["agents"].sel(step=0)).all()
    short = so.simulate(
        so.losses.Quadratic([[1.0, 0.0], [0.0, 3.0]]), algorithm, noise=so.noise.Gaussian(1.0),
        agents=3, replicas=2, steps=4, step_size=0.1, start=so.start.Uniform(-1, 1),
    )  # fmt: skip
    for name in ("velocities", "filters"):
        assert short[name].dims == ("replica", "agent", "dim")
        np.testing.assert_array_equal(run[name].sel(step=4), short[name])


def test_what_an_algorithm_does_not_have_is_not_recorded():
    with pytest.raises(InvalidArgumentError, match="no variable of QSGD called 'velocities'"):
        simulate(so.QSGD(coupling=1.0), ("agents", "velocities"))
    with pytest.raises(
        InvalidArgumentError, match="no variable of ContinuousMomentum called 'filters'"
    ):
        simulate(so.ContinuousMomentum(coupling=1.0, damping=1.0), "filters")
    with pytest.raises(InvalidArgumentError, match="QSGD called 'means'; did you mean 'mean'"):
        simulate(so.QSGD(coupling=1.0), "means")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Every(0), "interval of record.Every is 0"),
        (lambda: Every(2.5), "interval of record.Every is 2.5"),
        (lambda: At([]), "no steps"),
        (lambda: Every(10, None), "variables of a record is None, but must be a name or a list"),
        (lambda: At([2], 5), "variables of a record is 5, but must be a name or a list"),
        (lambda: End(True), "variables of a record is True, but must be a name or a list"),
        (lambda: At([-1]), "a step of record.At is -1"),
        (lambda: At([1.5]), "a step of record.At is 1.5"),
        (lambda: At(5), "give a list of steps"),
        (lambda: At("12"), "give a list of steps"),
        (lambda: At([3, 7]).steps(6), "step 7 of a run of 6 steps; choose steps from 0 to 6"),
    ],
)
def test_a_wrong_record_is_refused(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_configurations():
    assert Every(5, "mean").configuration() == {
        "name": "Every",
        "interval": 5,
        "variables": ["mean"],
    }
    assert At([2, 1]).configuration()["at"] == [1, 2]
