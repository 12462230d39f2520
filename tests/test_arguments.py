"""Checks of single arguments."""

import datetime

import numpy as np
import pytest
import xarray as xr

import sdeopt as so
from sdeopt.arguments import finite_array, finite_number, flag, whole_number
from sdeopt.errors import InvalidArgumentError


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array([0.5]), np.array(0.5)])
def test_one_number_in_any_wrapping_is_a_float(value):
    assert finite_number(value, "x") == 0.5


@pytest.mark.parametrize("value", ["a", None, [1, 2], float("nan"), float("inf"), [], 10**400])
def test_what_is_not_a_finite_number_is_refused(value):
    with pytest.raises(InvalidArgumentError, match=r"x is .* must be a finite number"):
        finite_number(value, "x")


def test_an_open_end_excludes_the_minimum():
    assert finite_number(0, "x", minimum=0) == 0
    with pytest.raises(InvalidArgumentError, match="above 0"):
        finite_number(0, "x", minimum=0, open_end=True)


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3), np.float64(3)])
def test_whole_numbers_in_any_wrapping(value):
    result = whole_number(value, "steps")
    assert result == 3
    assert type(result) is int


@pytest.mark.parametrize("value", [2.5, "3", None, True, -1, float("inf")])
def test_what_is_not_a_whole_number_is_refused(value):
    with pytest.raises(InvalidArgumentError, match="whole number of at least 0"):
        whole_number(value, "steps")


def test_a_finite_array_is_a_copy():
    source = np.zeros(2)
    finite_array(source, "x")[0] = 1
    assert source[0] == 0


@pytest.mark.parametrize("value", ["a", [[1], [1, 2]], {"a": 1}])
def test_what_is_not_an_array_is_refused(value):
    with pytest.raises(InvalidArgumentError, match="rectangular array of numbers"):
        finite_array(value, "x")


def test_the_entry_that_is_not_finite_is_named():
    with pytest.raises(InvalidArgumentError, match=r"inf at index \(1, 0\)"):
        finite_array([[1, 2], [np.inf, 3]], "x")


NO_NUMBERS = [
    True, np.True_, 1 + 0j, np.complex128(1), np.array(True), np.array([1j]), np.ma.masked,
    np.ma.array([1.0], mask=[False]), b"1", bytearray(b"1"), "1", np.str_("1"), np.bytes_(b"1"),
    np.datetime64(1, "s"), np.timedelta64(1, "s"), datetime.date(2020, 1, 1), datetime.timedelta(1),
    [True], [[1.0, 2.0], [3.0, False]], (1.0, 1j), [np.datetime64(1, "s")], [1.0, np.ma.masked],
    np.array([1.0, True], dtype=object), xr.DataArray([True]), ["1"], [1.0, None],
]  # fmt: skip


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_nothing_is_cast_in_silence(value):
    with pytest.raises(InvalidArgumentError, match=r"^x is [^\n]*, but must be a finite number"):
        finite_number(value, "x")
    with pytest.raises(InvalidArgumentError, match=r"^x is [^\n]*, but must be a whole number"):
        whole_number(value, "x")
    with pytest.raises(InvalidArgumentError, match=r"^x is [^\n]*, but must be a number or a rect"):
        finite_array(value, "x")


@pytest.mark.parametrize("value", [0, 1, "yes", None, np.array(True)])
def test_a_flag_is_true_or_false(value):
    with pytest.raises(InvalidArgumentError, match="must be True or False"):
        flag(value, "together")


class Complex(so.schedules.Schedule):
    """A schedule that leaves the real numbers."""

    def configuration(self):
        """Return the name."""
        return {"name": "Complex"}

    def __call__(self, times):
        """Return complex numbers."""
        return 0.1 + 0j * times


LOSS = so.losses.Quadratic(1.0)
TAKEN = {
    "start": lambda: so.start.Point(np.array([1 + 2j])),
    "points of a loss": lambda: LOSS.value([[True]]),
    "points of a gradient": lambda: LOSS.gradient(np.ma.array([[1.0]], mask=[[True]])),
    "constants": lambda: so.losses.LossConstants(smoothness=True),
    "a schedule": lambda: so.schedules.table([Complex()], np.arange(3.0), "step_size"),
    "a matrix": lambda: so.losses.Quadratic([[True]]),
    "a noise law": lambda: so.noise.Uniform(1j),
    "a coupling": lambda: so.QSGD(True),
    "increments": lambda: so.Increments(np.ones((1, 1, 1, 1), bool)),
    "step sizes": lambda: so.schedules.as_agent_schedules(
        np.ma.array([0.1, 0.2], mask=[0, 1]), 2, "step_size"
    ),
    "a seed": lambda: so.rng.as_seed(True),
    "a record": lambda: so.record.At([True]),
    "a histogram": lambda: so.statistics.Histogram(np.datetime64(0, "s"), 1.0, 3),
    "a swept array": lambda: so.sweep(
        LOSS, so.SGD(), steps=1, start=so.start.Point(1.0), step_size=np.ma.array([0.1, 0.2])
    ),
    "together": lambda: so.start.Uniform(0, 1, together="no"),
}


@pytest.mark.parametrize("where", TAKEN)
def test_numbers_are_checked_wherever_they_are_taken(where):
    with pytest.raises(InvalidArgumentError):
        TAKEN[where]()


@pytest.mark.parametrize(
    "make", [so.QSGD, so.EASGD, lambda k: so.QSGDMomentum(k, momentum=0.5), so.SDQSGD]
)
def test_a_coupling_does_not_repel(make):
    with pytest.raises(InvalidArgumentError, match=r"coupling is -1\.0, but must be .* at least 0"):
        make(-1.0)


def test_a_schedule_of_couplings_does_not_repel():
    with pytest.raises(InvalidArgumentError, match=r"coupling is -0\.25 at t = 5"):
        so.simulate(
            LOSS, so.QSGD(so.schedules.Ramp(1.0, -1.0, over=8)), steps=8, step_size=0.1, agents=2,
            start=so.start.Point(1.0),
        )  # fmt: skip


def simulated(**given):
    settings = {"steps": 2, "step_size": 0.1, "start": so.start.Point(1.0), "agents": 2}
    return so.simulate(so.losses.Quadratic(1.0), so.QSGD(1.0), **settings | given)


FURTHER = {
    "more steps than a word holds": (
        lambda: simulated(steps=10**400),
        "steps is a whole number of",
    ),
    "so many agents": (lambda: simulated(agents=2**63), "at most 9223372036854775807"),
    "so many replicas": (lambda: simulated(replicas=10**400), "at most 9223372036854775807"),
    "so many threads": (lambda: simulated(threads=10**400), "at most 9223372036854775807"),
    "a seed": (lambda: simulated(seed=2**64), "at most 18446744073709551615"),
    "a word for a flag": (lambda: simulated(progress="no"), "progress is 'no', but must be True"),
    "a number for a flag": (lambda: simulated(check_gradient=0.0), "check_gradient is 0.0"),
    "statistics": (lambda: simulated(statistics=3), "statistics is 3, but must be a list of names"),
    "one statistic": (lambda: simulated(statistics=[np.zeros(1, "f8,f8")]), "no statistic"),
    "bytes for steps": (lambda: so.record.At(b"1"), "record.At was given b'1'"),
    "a ragged coupling": (lambda: so.QSGD([1, [2]]), r"coupling is \[1, \[2\]\]"),
    "a ragged delay": (lambda: so.QSGD(1.0, delay=[1, [2]]), r"delay of QSGD is \[1, \[2\]\]"),
    "ragged levels": (
        lambda: so.statistics.Quantiles([0.1, [0.2]]),
        "probabilities of Quantiles is",
    ),
    "a huge point": (lambda: so.losses.Quadratic(1.0).value([10**400]), "points of Quadratic is"),
    "a constant": (lambda: so.losses.LossConstants(smoothness=[1, 2]), "smoothness is"),
    "a negative constant": (lambda: so.losses.LossConstants(smoothness=-1), "of at least 0"),
    "a flag for points": (
        lambda: so.losses.gradient_check(so.losses.Quadratic(1.0), True),
        "points",
    ),
    "no path": (lambda: so.results.load(3), "path is 3, but must be a path"),
    "no checkpoint": (lambda: simulated(checkpoint=True), "checkpoint is True, but must be a path"),
    "no scheme": (lambda: so.clock.SDE(0.1, np.zeros(1, "f8,f8")), "no scheme"),
}


@pytest.mark.parametrize("case", FURTHER)
def test_further_arguments_are_refused_in_one_sentence(case):
    call, words = FURTHER[case]
    with pytest.raises(InvalidArgumentError, match=words) as caught:
        call()
    assert len(str(caught.value)) < 300


def test_a_sentence_has_one_line_also_where_it_shows_an_array():
    with pytest.raises(InvalidArgumentError, match="record is masked_array") as caught:
        simulated(record=np.ma.masked_array([1.0, 2.0], [True, False]))
    assert "\n" not in str(caught.value)
