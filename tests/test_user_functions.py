"""A user's function in a kernel: the one that was given, compiled once to see that it is."""

import sys

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from sdeopt.user_functions.function import UserFunction
from sdeopt.user_functions.memory import compiled_in_memory, first_reason
from tests.edited_source import function_of_an_edited_file


def compiled(function):
    """Return what kernels of the function call."""
    return vars(sys.modules[function.module])["user"]


def test_a_source_edited_since_is_not_trusted(tmp_path):
    imported, edited = (f"def gain(x):\n    return {factor} * x[0]\n" for factor in (2.0, 9.0))
    gain = function_of_an_edited_file(tmp_path, imported, edited)
    function = UserFunction(gain, "an example", "")
    function.check([np.ones(1)], ())
    assert compiled(function)(np.ones(1)) == 2.0
    function.check([np.ones(1)], ())
    assert compiled(function)(np.ones(1)) == 2.0


def test_it_is_compiled_once_to_be_checked():
    functions = [UserFunction(lambda x: 3.0 * x[0], "an example", "") for _ in range(2)]
    for function in functions:
        function.check([np.ones(1)], ())
    first, second = (compiled(function) for function in functions)
    assert first is second
    assert len(first.signatures) == 1


def test_one_that_gives_other_numbers_when_compiled_is_refused():
    def wraps(x):  # Python's whole numbers grow without end, compiled ones have 64 bits
        n = 1
        for _ in range(50):
            n *= 3
        return float(n % 1000) + 0.0 * x[0]

    with pytest.raises(InvalidArgumentError, match="a gain wraps gives other numbers when it is"):
        UserFunction(wraps, "a gain", "").check([np.ones(1)], ())


def test_a_function_in_memory_calls_compiled_ones():
    half = lambda x: 0.5 * x  # noqa: E731
    assert compiled_in_memory(lambda x: half(x) + 1.0)(4.0) == 3.0


def test_the_reason_of_a_failed_compilation_is_one_line():
    problem = TypeError("Failed in nopython mode pipeline\nUntyped global name 'erf'")
    assert first_reason(problem) == "Untyped global name 'erf'"
