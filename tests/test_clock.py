"""The two clocks."""

import numpy as np
import pytest

from sdeopt.clock import SCHEMES, SDE, Iteration
from sdeopt.errors import InvalidArgumentError


@pytest.mark.parametrize("dt", [0, -0.1, np.nan, np.inf, "small", None])
def test_a_wrong_dt_is_refused(dt):
    with pytest.raises(InvalidArgumentError, match=r"dt of clock.SDE is .* above 0"):
        SDE(dt=dt)


def test_an_unknown_scheme_is_answered_with_the_nearest():
    with pytest.raises(InvalidArgumentError, match=r"did you mean 'strong_order_1.5'"):
        SDE(dt=0.1, scheme="strong_1.5")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_configuration(scheme):
    assert SDE(dt=1, scheme=scheme).configuration() == {"name": "SDE", "dt": 1.0, "scheme": scheme}
    assert Iteration().configuration() == {"name": "Iteration"}


def test_times_are_multiples_not_sums():
    steps = np.array([0, 3, 10**7])
    np.testing.assert_array_equal(SDE(dt=0.1).times(steps), 0.1 * steps)
    np.testing.assert_array_equal(Iteration().times(steps), steps)
