"""Losses from the user's own functions: found, copied, compiled, cached, or refused in a sentence."""

import math
import os
import subprocess
import sys
import textwrap

import numba
import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.user_functions.text import NotWritableError, Transcript, syntax_of
from tests.edited_source import function_of_an_edited_file

STIFFNESS = 3.0
MATRIX = np.array([[2.0, 1.0], [1.0, 4.0]])
OPTIONS = (1.0, (2, True))
TABLE = {"a": 1.0}


def square(x):
    return x * x


def helped_value(x):
    """Uses a global number and another function."""
    return STIFFNESS * square(x)


def helped_gradient(x: float) -> float:
    half = lambda y: 0.5 * y  # noqa: E731
    return 4.0 * STIFFNESS * half(x)


def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


def loss_of(value, gradient=lambda x: 1.0, **settings):
    return so.losses.from_functions(value, gradient, **settings)


def test_globals_and_other_functions_are_copied():
    loss = loss_of(helped_value, helped_gradient)
    assert loss.cached
    assert loss.value([2.0]) == 12.0
    assert loss.gradient([2.0]) == 12.0


def test_several_lambdas_on_one_line():
    one, two, three = (lambda x: x), (lambda x: 2.0 * x), (lambda x: 3.0 * x if x > 0 else 0.0)
    for factor, function in ((1.0, one), (2.0, two), (3.0, three)):
        loss = loss_of(function)
        assert loss.cached
        assert loss.value([1.0]) == factor


def test_a_lambda_inside_a_lambda():
    loss = loss_of(lambda x: (lambda y: y + 1.0)(x) * 2.0)
    assert loss.cached
    assert loss.value([1.0]) == 4.0


def test_lambdas_over_several_lines():
    loss = loss_of(
        lambda x: (
            x
            + 1.0
        ),
        lambda x: 1.0
        + 0.0 * x,
    )  # fmt: skip
    assert loss.cached
    assert loss.value([1.0]) == 2.0


def test_closures_keep_the_values_they_had():
    losses = [loss_of(lambda x, k=k: k * x) for k in (2.0, 5.0)]
    amount = 7.0
    losses.append(loss_of(lambda x: amount * x))
    assert [float(loss.value([1.0])) for loss in losses] == [2.0, 5.0, 7.0]
    assert all(loss.cached for loss in losses)
    assert len({loss.configuration()["functions"] for loss in losses}) == 3
    assert amount == 7.0


def test_arrays_and_tuples_are_copied():
    loss = loss_of(lambda x: 0.5 * x @ (MATRIX @ x), lambda x: MATRIX @ x, dim=2)
    assert loss.cached
    assert np.array_equal(loss.gradient([1.0, 1.0]), [3.0, 5.0])
    assert loss_of(lambda x: OPTIONS[0] * OPTIONS[1][0] * x).value([1.0]) == 2.0


def test_module_functions_by_any_name():
    from math import cos as cosine

    from sdeopt.math import sin

    loss = loss_of(lambda x: math.exp(x) + cosine(x) + sin(x) + np.tanh(x) + so.math.log(3.0))
    expected = math.exp(0.3) + math.cos(0.3) + math.sin(0.3) + math.tanh(0.3) + math.log(3.0)
    assert loss.cached
    assert float(loss.value([0.3])) == pytest.approx(expected, rel=1e-14)


def test_functions_compiled_already():
    loss = loss_of(numba.njit(helped_value), numba.njit(helped_gradient))
    assert loss.cached
    assert loss.configuration() == loss_of(helped_value, helped_gradient).configuration()


def test_recursion_is_left_to_memory():
    loss = loss_of(lambda x: factorial(3) * x)
    assert not loss.cached
    assert loss.value([2.0]) == 12.0


def test_one_function_may_serve_as_both():
    function = lambda x: so.math.exp(x)  # noqa: E731
    loss = so.losses.from_functions(function, function)
    assert loss.cached
    assert loss.gradient([0.0]) == 1.0


def test_infinities_are_copied():
    infinity, nothing = math.inf, math.nan
    loss = loss_of(lambda x: min(x, infinity) if x < 1.0 else nothing)
    assert loss.cached
    assert loss.value([0.5]) == 0.5


def test_what_cannot_be_written_down_is_left_to_memory():
    loss = loss_of(lambda x: x + 0.0 * sys.maxsize)
    assert not loss.cached
    assert loss.value([2.0]) == 2.0


def test_one_name_for_two_variables_is_left_to_memory():
    factor = 2.0

    def value(x):
        inner = lambda factor: factor + 1.0  # noqa: E731
        return factor * inner(x)

    loss = loss_of(value)
    assert not loss.cached
    assert loss.value([1.0]) == 4.0


def test_without_source_it_works_in_memory():
    scope = {}
    exec("k = 3.0\ndef h(x): return k * x\ndef f(x): return h(x)\ndef g(x): return k", scope)
    loss = so.losses.from_functions(scope["f"], scope["g"])
    assert not loss.cached
    assert loss.value([2.0]) == 6.0
    smooth = loss.convolved(so.noise.Uniform(1.0))
    assert float(smooth.value([2.0])) == pytest.approx(6.0)
    again = so.losses.from_functions(scope["f"], scope["g"])
    assert again.configuration() == loss.configuration()
    assert again.kernel_module() != loss.kernel_module()


@pytest.mark.slow
def test_without_source_it_can_be_simulated():
    scope = {}
    exec("def f(x): return x * x\ndef g(x): return 2.0 * x", scope)
    loss = so.losses.from_functions(scope["f"], scope["g"])
    run = so.simulate(loss, so.SGD(), steps=2, step_size=0.25, start=so.start.Point([4.0]))
    assert run["agents"].item() == 1.0


def test_a_source_edited_since_is_not_trusted(tmp_path):
    imported, edited = (f"def f(x):\n    return {factor} * x\n" for factor in (2.0, 9.0))
    loss = loss_of(function_of_an_edited_file(tmp_path, imported, edited))
    assert not loss.cached
    assert loss.value([1.0]) == 2.0


class Model:
    def method(self, x):
        return x


def raises(x):
    raise RuntimeError("no data")


def imports(x):
    import math

    return math.sin(x)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Model().method, "must be a function made by def or lambda"),
        (3.0, "must be a function"),
        (raises, r"value function raises raises RuntimeError \(no data\)"),
        (lambda: 1.0, "raises TypeError"),
        (lambda x: [x], r"list of shape \(1,\)"),
        (lambda x: np.array([x]), r"ndarray of shape \(1,\)"),
        (lambda x: str(x), "returns a str"),
        (lambda x: None, "returns a NoneType"),
        (lambda x: complex(x), "returns a complex"),
        (lambda x: x > 0, "returns a bool"),
        (lambda x: math.undefined(x), "AttributeError"),
        (lambda x: TABLE["a"] * x, "'TABLE': Cannot determine Numba type of <class 'dict'>"),
        (lambda x: x if x < 9.0 else undefined, "'undefined'"),  # noqa: F821
        (imports, "imports cannot be compiled: .*IMPORT_NAME"),
    ],
)
def test_bad_functions_are_refused_in_one_sentence(value, words):
    with pytest.raises(InvalidArgumentError, match=words) as caught:
        loss_of(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "gradient", "words"),
    [
        (lambda x: x, lambda x: x, r"value function .* returns a ndarray of shape \(2,\)"),
        (lambda x: x @ x, lambda x: 2.0 * x[0], r"must return real numbers of shape \(2,\)"),
        (lambda x: x @ x, lambda x: np.ones(3), r"ndarray of shape \(3,\)"),
        (lambda x: x @ x, lambda x: [1.0, [2.0]], "shape ragged"),
        (lambda x: x[2], lambda x: x, "IndexError"),
        (
            lambda x, y: x * y,
            lambda x, y: [y, x],
            "as dim is 2, it receives one array of 2 numbers",
        ),
    ],
)
def test_wrong_shapes_are_refused(value, gradient, words):
    with pytest.raises(InvalidArgumentError, match=words):
        so.losses.from_functions(value, gradient, dim=2)


@pytest.mark.parametrize(
    ("value", "gradient"),
    [
        (lambda x: so.math.log_cosh(x).sum(), lambda x: np.tanh(x)),
        (lambda x: x @ x, lambda x: so.math.tanh(x)),
        (lambda x: so.math.sin(x * x[0])[0], lambda x: x),
    ],
)
def test_functions_of_numbers_that_receive_arrays_are_refused_in_one_sentence(value, gradient):
    with pytest.raises(
        InvalidArgumentError, match="takes one real number: call it for each"
    ) as caught:
        so.losses.from_functions(value, gradient, dim=2)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_what_a_function_receives_is_said_where_it_takes_a_number_for_a_vector():
    with pytest.raises(InvalidArgumentError, match="as dim is 1, it receives one number"):
        loss_of(lambda x: x[0] ** 2 + x[1] ** 2)


def test_a_loss_of_functions_needs_a_gradient():
    with pytest.raises(InvalidArgumentError, match=r"gradient is None.*from_sympy derives"):
        so.losses.from_functions(lambda x: x * x, None)


def test_functions_that_do_not_depend_on_x_alone_are_refused():
    with pytest.raises(InvalidArgumentError, match="depend on x alone"):
        loss_of(lambda x: x + np.random.random())  # noqa: NPY002


def test_a_function_may_have_a_domain():
    loss = loss_of(lambda x: math.log(x), lambda x: 1.0 / x)
    assert loss.value([1.0]) == 0.0
    assert np.isnan(loss.value([-1.0]))


def test_the_dimension_must_be_a_whole_number():
    with pytest.raises(InvalidArgumentError, match="dim"):
        loss_of(lambda x: x, dim=1.5)


def test_a_gradient_may_return_what_it_was_given():
    loss = so.losses.from_functions(lambda x: 0.5 * x @ x, lambda x: x, dim=3)
    x = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(loss.gradient(x), x)


def test_builtins_have_no_source():
    scope = {}
    exec("f = lambda x: x", scope)
    with pytest.raises(NotWritableError):
        syntax_of(scope["f"])
    with pytest.raises(NotWritableError, match="variable number"):
        Transcript().add(lambda *x: x)


def test_a_second_process_loads_the_machine_code(tmp_path):
    script = tmp_path / "user.py"
    script.write_text(
        textwrap.dedent(
            """
            import sdeopt as so

            k = 2.0
            loss = so.losses.from_functions(
                lambda x: -k * so.math.cos(x), lambda x: k * so.math.sin(x)
            )
            stats = loss.entries().evaluate_gradient.stats
            print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
            """
        )
    )
    environment = os.environ | {"SDEOPT_CACHE_DIR": str(tmp_path / "cache")}
    counts = [
        subprocess.run(
            [sys.executable, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert counts == [["0", "1"], ["1", "0"]]


def test_a_loss_compiled_in_memory_says_so_elsewhere():
    scope = {}
    exec("def f(x): return x\ndef g(x): return 1.0", scope)
    loss = so.losses.from_functions(scope["f"], scope["g"])
    name = loss.kernel_module()
    module = sys.modules.pop(name)
    try:
        with pytest.raises(InvalidArgumentError, match="compiled in memory"):
            loss.kernel_module()
    finally:
        sys.modules[name] = module


@pytest.mark.parametrize("given", [{"smoothness": 1.0}, "a", 3, np.nan, math])
def test_constants_must_be_constants(given):
    x = sympy.Symbol("x")
    for make in (
        lambda: so.losses.from_functions(lambda x: x * x, lambda x: 2.0 * x, constants=given),
        lambda: so.losses.from_sympy(x**2, x, constants=given),
    ):
        with pytest.raises(
            InvalidArgumentError, match=r"constants is .* must be so\.losses\.LossConst"
        ):
            make()
