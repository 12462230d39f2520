"""What a result refuses to evaluate."""

from typing import Any

import numpy as np
import pytest

import theory
from sdeopt.errors import InvalidArgumentError
from theory.proofs.relation import AssumptionError


def test_a_law_is_no_number():
    with pytest.raises(InvalidArgumentError, match="not a number that parameters give"):
        theory.load("lemma_5_5_preconditioned").bound()


def test_an_unknown_statement_is_named_with_the_nearest():
    with pytest.raises(InvalidArgumentError, match="called 'sprad'; did you mean 'spread'"):
        theory.load("lemma_3_1").evaluate("sprad")


NUMBERS = {
    "agents": 4, "batch_size": 2, "coupling": 5.0, "curvature": 1.0, "noise_bound": 1.0,
    "step_size": 0.1,
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"agents": True}, id="a boolean"),
        pytest.param({"agents": "4"}, id="text"),
        pytest.param({"coupling": b"5"}, id="bytes"),
        pytest.param({"coupling": 5j}, id="a complex number"),
        pytest.param({"coupling": np.datetime64("2020-01-01")}, id="a date"),
        pytest.param({"coupling": np.ma.masked_array([5.0, 2.0], [0, 1])}, id="a mask"),
        pytest.param({"coupling": None}, id="nothing"),
        pytest.param({"coupling": [5.0, 6.0], "curvature": [1.0] * 3}, id="shapes"),
    ],
)
def test_nothing_is_cast_in_silence(changed: dict[str, Any]) -> None:
    bound = theory.load("lemma_3_1").bound
    assert bound(**NUMBERS) > 0
    with pytest.raises(AssumptionError, match=r"Lemma 3\.1"):
        bound(**NUMBERS | changed)
