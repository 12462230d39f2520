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
    "agents": 4, "batch_size": 2, "coupling": 5.0, "negative_curvature": 1.0, "noise_bound": 1.0,
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
        pytest.param({"coupling": [5.0, 6.0], "negative_curvature": [1.0] * 3}, id="shapes"),
    ],
)
def test_nothing_is_cast_in_silence(changed: dict[str, Any]) -> None:
    bound = theory.load("lemma_3_1").bound
    assert bound(**NUMBERS) > 0
    with pytest.raises(AssumptionError, match=r"Lemma 3\.1"):
        bound(**NUMBERS | changed)


@pytest.mark.parametrize("odd", [[], {}, None, 3, np.zeros(2)])
def test_a_statement_is_named_by_text(odd: Any) -> None:
    lemma = theory.load("lemma_3_1")
    for read in (lemma.evaluate, lemma.stated_system):
        with pytest.raises(InvalidArgumentError, match=r"no statement of Lemma 3\.1.* called"):
            read(odd)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"without": "noise bound"}, "without is 'noise bound', but must be a tuple of names"),
        ({"without": ("curvature bond",)}, "did you mean 'curvature bound'"),
        ({"without": ([],)}, r"no assumption of .* called \[\]"),
        ({"without": 3}, "without is 3, but must be a tuple"),
        ({"statements": ["spread"]}, r"statements is \['spread'\], but must be a mapping"),
        ({"statements": {"sprad": None}}, "did you mean 'spread'"),
        ({"statements": {"spread": 2}}, '"spread" is 2, but must be a Relation'),
        ({"setting": 1}, "setting is 1, but must be a mapping"),
        ({"setting": {"lambda": 1}}, "no part of the setting of .* called 'lambda'"),
    ],
)
def test_what_cannot_be_changed_is_said(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        theory.load("lemma_3_1").derive(**change)
