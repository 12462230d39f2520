"""What a result refuses to evaluate."""

import pytest

import theory
from sdeopt.errors import InvalidArgumentError


def test_a_law_is_no_number():
    with pytest.raises(InvalidArgumentError, match="not a number that parameters give"):
        theory.load("lemma_5_5_preconditioned").bound()


def test_an_unknown_statement_is_named_with_the_nearest():
    with pytest.raises(InvalidArgumentError, match="called 'sprad'; did you mean 'spread'"):
        theory.load("lemma_3_1").evaluate("sprad")
