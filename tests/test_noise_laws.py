"""What every noise law keeps: one that `sdeopt.noise` exports joins by itself.

Its moments, its characteristic function, its quadrature and its draws are four accounts of one law.
"""

import inspect
import json
import math
import pickle

import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise import NoiseLaw
from tests.kernels.test_variates import DIM, Z, consumed, correlation_z


def bent(u):
    return (2.0 * u - 1.0) * (1.0 + u * u)


OWN = {
    "Coloured": so.noise.Coloured(so.noise.Gaussian(1.3), time=2.0),
    "Correlated": so.noise.Correlated(so.noise.Gaussian(1.3), correlation=0.4),
    "FromQuantile": so.noise.FromQuantile(bent),
    "Gaussian": so.noise.Gaussian(1.3),
    "Minibatch": so.noise.Minibatch(3),
    "Stable": so.noise.Stable(1.5, 0.4),
    "StateDependent": so.noise.StateDependent(lambda x: 1.0 + x * x),
    "StudentT": so.noise.StudentT(9.0, 0.7),
}
"""Laws that are not made of numbers above 0 alone, or need others than 1.3."""

ON_OTHERS = ("Coloured", "Correlated", "Minibatch", "StateDependent")
"""Laws whose draws depend on each other, on the loss or on the position: they have their own tests."""


def instance(name: str) -> NoiseLaw:
    """Return a law, with 1.3 for every parameter that must be given."""
    if name in OWN:
        return OWN[name]
    kind = getattr(so.noise, name)
    parameters = inspect.signature(kind).parameters.values()
    return kind(*[1.3 for each in parameters if each.default is each.empty])


LAWS = {
    name: instance(name)
    for name, kind in vars(so.noise).items()
    if isinstance(kind, type) and issubclass(kind, NoiseLaw) and kind is not NoiseLaw
}
each_law = pytest.mark.parametrize("name", LAWS)


def known(part, *given):
    """Return what a law says of itself; what it refuses to say is not asked."""
    try:
        return part(*given)
    except InvalidArgumentError as refused:
        pytest.skip(str(refused))


def expected_wave(law, a):
    """Return E cos(aζ): the characteristic function, or the quadrature where there is none."""
    symbol = sympy.Symbol("a", real=True)
    try:
        return float(law.characteristic(symbol).subs(symbol, a))
    except InvalidArgumentError:
        nodes, weights = known(law.quadrature, 400)
        return float(weights @ np.cos(a * nodes))


@each_law
def test_the_quadrature_has_its_moments_and_its_characteristic_function(name):
    law = LAWS[name]
    nodes, weights = known(law.quadrature, 120)
    assert weights.sum() == pytest.approx(1.0)
    for order in range(5):
        assert weights @ nodes**order == pytest.approx(law.raw_moment(order), rel=1e-5, abs=1e-9)
    assert weights @ np.cos(0.9 * nodes) == pytest.approx(expected_wave(law, 0.9), abs=1e-6)
    mean = weights @ nodes
    assert weights @ (nodes - mean) ** 2 == pytest.approx(law.variance, rel=1e-5)


@pytest.mark.statistical
@pytest.mark.parametrize("name", [name for name in LAWS if name not in ON_OTHERS])
def test_draws_follow_the_law_and_are_independent(name):
    """Null: E cos(aζ) of the law, no correlation. 150,000 draws; two-sided level 1e-5.

    Planted: draws that are 5% too large, and coordinates that are the same.
    """
    values, passed = consumed(LAWS[name]), []
    for factor in (1.0, 1.05):
        gaps = []
        for a in (0.5, 1.5):
            waves = np.cos(a * factor * values.ravel())
            gap = abs(waves.mean() - expected_wave(LAWS[name], a))
            gaps.append(gap / (waves.std() / math.sqrt(waves.size) + 1e-12))
        passed.append(max(gaps) < Z)
    assert passed == [True, False]
    signs = np.sign(values)  # which have all moments
    for one, other in [(0, 1), (1, 2), (2, 0)]:
        assert abs(correlation_z(signs[..., one], signs[..., other])) < Z
        assert abs(correlation_z(signs[1:, ..., one], signs[:-1, ..., other])) < Z
    assert abs(correlation_z(signs[..., 0], signs[..., 0])) > Z
    assert values.shape[-1] == DIM


@each_law
def test_it_is_what_its_configuration_says(name):
    law = LAWS[name]
    configuration = law.configuration()
    assert json.loads(json.dumps(configuration)) == configuration
    assert configuration["name"] == name
    assert {"level", "enters"} <= configuration.keys()


@each_law
def test_a_copy_sent_to_another_process_is_the_same(name):
    if name == "StateDependent":
        pytest.skip("it holds a function without a name")
    copy = pickle.loads(pickle.dumps(LAWS[name]))
    assert copy.configuration() == LAWS[name].configuration()


@each_law
def test_numbers_that_are_none_are_refused_by_name(name):
    kind = getattr(so.noise, name)
    for parameter in inspect.signature(kind).parameters.values():
        given = getattr(LAWS[name], parameter.name)
        if isinstance(given, float | int) and not isinstance(given, bool):
            fields = {
                each: getattr(LAWS[name], each) for each in inspect.signature(kind).parameters
            }
            with pytest.raises(InvalidArgumentError, match=f"{parameter.name} of noise.{name}"):
                kind(**{**fields, parameter.name: math.nan})
