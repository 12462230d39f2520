"""Schedules against their formulas, and the table the kernel reads."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import (
    Constant,
    Grid,
    Halving,
    InverseRound,
    PowerDecay,
    Ramp,
    Relaxation,
    Schedule,
    as_agent_schedules,
    as_schedule,
    table,
)

EVERY_KIND = [
    Constant(0.3),
    Halving(0.4, every=10, times=3),
    Halving(0.4, every=10),
    PowerDecay(0.4, exponent=0.55),
    InverseRound(0.5, period=4),
    Ramp(0.1, 2, over=30),
    Relaxation(2, 0.5, time=7),
    Grid([0, 5, 80], [1, 0.5, 3]),
]


@pytest.mark.parametrize(
    ("schedule", "formula"),
    [
        (EVERY_KIND[0], lambda t: 0.3),
        (EVERY_KIND[1], lambda t: 0.4 / 2 ** min(3, t // 10)),
        (EVERY_KIND[2], lambda t: 0.4 / 2 ** (t // 10)),
        (EVERY_KIND[3], lambda t: 0.4 / (1 + t) ** 0.55),
        (EVERY_KIND[4], lambda t: 0.5 / (1 + t // 4)),
        (EVERY_KIND[5], lambda t: 0.1 + 1.9 * min(t, 30) / 30),
        (EVERY_KIND[6], lambda t: 0.5 + 1.5 * np.e ** (-t / 7)),
        (EVERY_KIND[7], lambda t: 1 - 0.1 * t if t < 5 else min(0.5 + 2.5 * (t - 5) / 75, 3)),
    ],
    ids=lambda value: repr(value) if isinstance(value, Schedule) else "",
)
def test_values_follow_the_formula(schedule, formula):
    times = np.arange(100.0)
    expected = [formula(t) for t in times]
    np.testing.assert_allclose(schedule(times), expected, rtol=1e-13)


@given(dt=st.sampled_from([0.1, 0.3, 0.01, 1 / 3, 0.07]), period=st.integers(1, 50))
def test_a_jump_at_a_multiple_of_dt_is_not_moved_by_rounding(dt, period):
    steps = np.arange(2000)
    values = Halving(1.0, every=period * dt, times=20)(steps * dt)
    np.testing.assert_array_equal(values, 0.5 ** np.minimum(steps // period, 20))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(np.nan), "value of schedules.Constant is nan"),
        (lambda: Constant("fast"), "value of schedules.Constant is 'fast'"),
        (lambda: Halving(1, every=0), "every of schedules.Halving is 0"),
        (lambda: Halving(1, every=5, times=1.5), "times of schedules.Halving is 1.5"),
        (lambda: InverseRound(1, period=-1), "period .* above 0"),
        (lambda: Ramp(0, np.inf, over=3), "end of schedules.Ramp is inf"),
        (lambda: Ramp(0, 1, over=0), "over .* above 0"),
        (lambda: Relaxation(0, 1, time=0), "time .* above 0"),
        (lambda: Grid([0, 1], [1]), "same length"),
        (lambda: Grid([], []), "at least one entry"),
        (lambda: Grid([0, 0], [1, 2]), "do not increase"),
        (lambda: Grid.sample(3.0, range(5)), "was given 3.0, but needs a function of the times"),
        (
            lambda: Grid.sample(math.sqrt, range(5)),
            "fails on the array of times .* write it for arrays",
        ),
        (lambda: Grid([0, 1], [1, np.nan]), "values of schedules.Grid holds nan"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_a_number_becomes_a_constant_and_a_schedule_stays():
    ramp = Ramp(0, 1, over=2)
    assert as_schedule(ramp, "coupling") is ramp
    assert as_schedule(np.float64(0.5), "coupling") == Constant(0.5)


@pytest.mark.parametrize("value", [[0.1, 0.2], "fast", None, np.nan])
def test_what_is_not_one_number_is_no_schedule(value):
    with pytest.raises(InvalidArgumentError, match="coupling is"):
        as_schedule(value, "coupling")


@pytest.mark.parametrize("value", [0.1, np.float32(0.5), np.array(2.0), 3, PowerDecay(1, 0.5)])
def test_one_value_is_shared_by_all_agents(value):
    assert len(as_agent_schedules(value, 4, "step_size")) == 1


@pytest.mark.parametrize(
    "value",
    [[0.1, 0.2, 0.3], (0.1, 0.2, 0.3), np.array([0.1, 0.2, 0.3]), [0.1, Constant(0.2), 0.3]],
)
def test_a_list_gives_one_schedule_per_agent(value):
    assert as_agent_schedules(value, 3, "step_size") == [
        Constant(0.1),
        Constant(0.2),
        Constant(0.3),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([0.1, 0.2], r"shape \(2,\) for 3 agents; .* list of 3"),
        (np.ones((3, 1)), r"shape \(3, 1\) for 3 agents"),
        ([0.1, [0.2], 0.3], r"step_size\[1\] is \[0.2\]"),
        ([0.1, "b", 0.3], r"step_size\[1\] is 'b'"),
        ([], r"shape \(0,\)"),
        ("fast", "step_size is 'fast'"),
        (None, "step_size is None"),
    ],
)
def test_another_shape_is_refused(value, message):
    with pytest.raises(InvalidArgumentError, match=message):
        as_agent_schedules(value, 3, "step_size")


def test_the_table_has_a_row_per_time_and_a_column_per_schedule():
    values = table([Constant(1), Ramp(0, 2, over=2)], np.arange(3.0), "coupling")
    np.testing.assert_array_equal(values, [[1, 0], [1, 1], [1, 2]])
    assert values.flags.c_contiguous


def test_the_first_offending_time_and_agent_are_named():
    schedules = [Ramp(3, -3, over=6), Constant(1), Ramp(2, -4, over=6)]
    with pytest.raises(InvalidArgumentError, match="step_size is -1 at t = 3 for agent 2"):
        table(schedules, np.arange(6.0), "step_size")
    table(schedules, np.arange(6.0), "coupling", minimum=-np.inf)


def test_a_step_size_may_vanish_later_but_not_at_the_start():
    times = np.arange(3.0)
    table([Ramp(1, 0, over=2)], times, "step_size", positive_start=True)
    with pytest.raises(InvalidArgumentError, match="starts at 0"):
        table([Constant(0)], times, "step_size", positive_start=True)


def test_a_users_own_schedule_that_breaks_is_named():
    @dataclass(frozen=True)
    class Pole(Schedule):
        at: float

        def __call__(self, times):
            return 1.0 / (self.at - times)

    with pytest.raises(InvalidArgumentError, match="noise level is inf at t = 2"):
        table([Pole(2.0)], np.arange(5.0), "noise level")
    assert Pole(2.0).configuration() == {"name": "Pole", "at": 2.0}


def test_a_function_sampled_on_the_iterations_is_kept_exactly():
    times = np.arange(50.0)
    np.testing.assert_array_equal(Grid.sample(np.cos, range(50))(times), np.cos(times))
