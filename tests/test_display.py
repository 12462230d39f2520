"""Objects show themselves in a notebook, and functions have signatures that can be read."""

import html
import inspect
import pydoc
import re
import typing

import pytest

import sdeopt as so
import theory

FUNCTIONS = (
    so.simulate, so.sweep, so.best_coupling, so.losses.from_sympy, so.losses.from_functions,
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_signatures_are_short_and_lose_no_argument(function):
    shown = pydoc.plain(pydoc.render_doc(function)).splitlines()[2]
    assert not re.search(r"\w\.\w+\.", shown)
    assert not [part for part in ("typing", "collections", "numpy", "sdeopt.") if part in shown]
    assert len(shown) < 900
    plain = inspect.signature(
        function.__wrapped__ if hasattr(function, "__wrapped__") else function
    )
    assert [*plain.parameters] == [*function.__annotations__][:-1]
    assert typing.cast(dict, function.__annotations__)["return"] is not inspect.Parameter.empty


def test_a_short_signature_is_as_expected():
    shown = str(inspect.signature(so.losses.from_functions))
    assert shown.startswith(
        "(value: Callable[..., Any], gradient: Callable[..., Any], dim: int = 1"
    )
    assert shown.endswith(") -> FunctionsLoss")


def test_a_loss_shows_its_formula():
    loss = so.losses.Quadratic(2.0)
    assert loss._repr_latex_() == r"$\displaystyle f(x_{1}) = 1.0 x_{1}^{2}$"
    page = loss._repr_html_()
    assert "<strong>Quadratic</strong>" in page
    assert "f(x_{1}) = 1.0 x_{1}^{2}" in page
    own = so.losses.from_functions(lambda x: x * x, lambda x: 2 * x)
    assert own._repr_latex_() is None
    assert "$" not in own._repr_html_()


def test_an_algorithm_shows_its_equation_and_settings():
    page = so.QSGD(coupling=8.0)._repr_html_()
    assert "dx^i = (−∇f(x^i) + k(x• − x^i)) dt" in page
    assert ">coupling</th><td style='text-align:left'>8</td>" in page
    ramp = so.QSGD(coupling=so.schedules.Ramp(0, 1, over=100))._repr_html_()
    assert "Ramp(start=0, end=1, over=100)" in ramp
    assert "&lt;" not in page


def test_a_theorem_shows_what_it_assumes_and_states():
    theorem = theory.load("lemma_3_1")
    assert theorem._repr_latex_().startswith(r"$\displaystyle \begin{array}{l}")
    page = theorem._repr_html_()
    assert "Lemma 3.1, eq. (22): noise and synchronization" in page
    for assumption in theorem.assumptions:
        assert f"<li>{html.escape(assumption.words)}" in page
    assert page.count("<ul>") == page.count("</ul>") == 2


def test_the_best_coupling_shows_what_was_tried():
    found = so.best_coupling(
        so.losses.Quadratic(1.0), so.noise.Gaussian(0.5), agents=2, step_size=0.1, steps=20,
        replicas=4, most_replicas=4,
    )  # fmt: skip
    page = found._repr_html_()
    assert "best coupling" in page
    assert page.count("<tr>") == found.runs.sizes["coupling"]
