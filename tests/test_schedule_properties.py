"""Schedules of any parameters: where they begin, between what they stay, what they do not depend on.

What every schedule owes is tested of each that `sdeopt.schedules` exports: a new one joins by itself.
"""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import sdeopt as so
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
    table,
)

value = st.floats(-5.0, 5.0)
length = st.floats(0.5, 40.0)
limits = st.one_of(st.none(), st.integers(0, 6))


@st.composite
def grids(draw):
    gaps = draw(st.lists(st.floats(0.1, 20.0), min_size=1, max_size=6))
    count = len(gaps)
    return Grid(np.cumsum(gaps) - gaps[0], draw(st.lists(value, min_size=count, max_size=count)))


KNOWN = {
    "Constant": st.builds(Constant, value),
    "Halving": st.builds(Halving, value, every=length, times=limits),
    "PowerDecay": st.builds(PowerDecay, value, exponent=st.floats(0.0, 2.0)),
    "InverseRound": st.builds(InverseRound, value, period=length),
    "Ramp": st.builds(Ramp, value, value, over=length),
    "Relaxation": st.builds(Relaxation, value, value, time=length),
    "Grid": grids(),
}
"""Those whose ends are known here."""
EXPORTED = {
    name: kind
    for name, kind in vars(so.schedules).items()
    if isinstance(kind, type) and issubclass(kind, Schedule) and kind is not Schedule
}
SCHEDULES = {
    name: st.builds(kind, **{field.name: length for field in fields(kind)})
    for name, kind in EXPORTED.items()
} | KNOWN
each_kind = pytest.mark.parametrize("kind", SCHEDULES)
each_known = pytest.mark.parametrize("kind", KNOWN)
TIMES = np.arange(0.0, 200.0, 0.5)
LATE = np.array([1e9])
JUMPING = ("Halving", "InverseRound")


@each_kind
@given(data=st.data())
def test_numbers_that_are_none_are_refused_by_name(kind, data):
    schedule = data.draw(SCHEDULES[kind])
    for field in fields(schedule):
        if isinstance(getattr(schedule, field.name), float | int):
            with pytest.raises(InvalidArgumentError, match=f"{field.name} of schedules.{kind} is"):
                replace(schedule, **{field.name: np.nan})


def ends(schedule):
    """Return the value at the start and the limit, from the parameters."""
    match schedule:
        case Constant(value):
            return value, value
        case Halving(initial, times=times):
            return initial, 0.0 if times is None else initial / 2**times
        case PowerDecay(initial, exponent):
            return initial, initial * (1 + LATE[0]) ** -exponent
        case InverseRound(initial, period):
            return initial, initial / (1 + np.floor(LATE[0] / period + 1e-9))
        case Ramp(start, end) | Relaxation(start, end):
            return start, end
        case Grid(values=values):
            return values[0], values[-1]


@each_known
@given(data=st.data())
def test_it_goes_from_its_start_to_its_end(kind, data):
    schedule = data.draw(SCHEDULES[kind])
    start, end = ends(schedule)
    assert schedule(np.zeros(1))[0] == pytest.approx(start, rel=1e-15)
    assert schedule(LATE)[0] == pytest.approx(end, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if kind != "Grid"])
@given(data=st.data())
def test_it_never_turns_round(kind, data):
    """So it stays between its ends."""
    schedule = data.draw(SCHEDULES[kind])
    start, end = ends(schedule)
    towards = np.sign(end - start)
    # the two products of a line are rounded
    assert (towards * np.diff(schedule(TIMES)) >= -4e-15 * (abs(start) + abs(end))).all()


@given(grids())
def test_a_grid_has_its_points_and_stays_between_neighbours(schedule):
    at, heights = np.array(schedule.times), np.array(schedule.values)
    np.testing.assert_array_equal(schedule(at), heights)
    inside = schedule((at[1:] + at[:-1]) / 2)
    np.testing.assert_allclose(inside, (heights[1:] + heights[:-1]) / 2, rtol=0, atol=1e-12)


@each_kind
@given(data=st.data())
def test_values_do_not_depend_on_the_times_beside_them(kind, data):
    schedule = data.draw(SCHEDULES[kind])
    times = np.array(data.draw(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=20)))
    alone = np.concatenate([schedule(times[n : n + 1]) for n in range(len(times))])
    np.testing.assert_array_equal(schedule(times), alone)
    assert alone.dtype == np.float64
    assert np.isfinite(alone).all()
    rows = table([schedule, Constant(1.0)], times, "value", minimum=-np.inf)
    np.testing.assert_array_equal(rows, np.stack([alone, np.ones(len(times))], axis=1))


@each_kind
@given(data=st.data())
def test_it_is_what_its_configuration_says(kind, data):
    schedule = data.draw(SCHEDULES[kind])
    given = dict(schedule.configuration())
    assert given.pop("name") == kind
    assert EXPORTED[kind](**given) == schedule


@each_known
@given(data=st.data(), factor=st.sampled_from([-2.0, 0.25, 8.0]))
def test_a_multiple_of_the_values_is_a_multiple_of_the_schedule(kind, data, factor):
    """Times and exponents stay; powers of two are exact."""
    schedule = data.draw(SCHEDULES[kind])
    scaled = {"value", "initial", "start", "end", "final", "values"}
    given = {
        name: (np.array(number) * factor).tolist() if name in scaled else number
        for name, number in schedule.configuration().items()
        if name != "name"
    }
    found, wanted = type(schedule)(**given)(TIMES), factor * schedule(TIMES)
    # only numbers near the smallest ones are rounded
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-300)


@pytest.mark.parametrize("kind", JUMPING)
@given(data=st.data(), rounds=st.integers(0, 30))
def test_it_is_constant_within_a_round(kind, data, rounds):
    schedule = data.draw(SCHEDULES[kind])
    period = schedule.every if kind == "Halving" else schedule.period
    inside = schedule((rounds + np.array([0.0, 0.3, 0.99])) * period)
    assert (inside == inside[0]).all()


def test_a_schedule_that_turns_round_is_found():
    """Planted: a grid of any heights is not monotone."""

    def turns(schedule):
        change = np.diff(schedule(TIMES))
        return change.min() < -1e-6 and change.max() > 1e-6

    sought = settings(max_examples=100, phases=[Phase.generate], derandomize=True)
    find(grids(), turns, settings=sought)
