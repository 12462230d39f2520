"""What has no moments is refused in one sentence, and what has some gets the right ones."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from theory.moments import (
    after,
    characteristic_polynomial,
    coupling_border,
    flat_border,
    long_run,
    mode_variance,
    momentum,
    nesterov,
    network,
    qsgd,
    stationary_covariance,
    stationary_moments,
)

GRAPH: dict[str, Any] = {"coupling": 1.0, "step_size": 0.1, "weights": np.eye(2)}
NET: dict[str, Any] = {"coupling": 1.0, "step_size": 0.1, "agents": 3}
MODE: dict[str, Any] = {"eigenvalue": 1.0, "pull": 0.2, "relative_step": 0.1}
BORDER: dict[str, Any] = {"eigenvalues": [1.0, 0.0], "relative_step": 0.1}
START: dict[str, Any] = {"steps": 1, "curvature": 1.0, "noise": 0.1}
RUN: dict[str, Any] = {"curvature": 1.0, "noise": 0.1}
FLAT: dict[str, Any] = {"step_size": 0.1, "agents": 3}
PULL: dict[str, Any] = {"agents": 2, "coupling": 1.0}
ALONG: dict[str, Any] = {"curvature": 1.0, "noise": 1.0}
ONE = np.eye(2)
WHOLE: dict[str, Any] = {"hessian": ONE, "noise": ONE}
METHOD: dict[str, Any] = {"method": qsgd(**PULL)}
ITERATION: dict[str, Any] = {"network": network(**NET)}
NAN, INF = float("nan"), float("inf")


def ahead(**given: Any) -> Any:
    return after(network(**NET), **given)


def at_last(**given: Any) -> Any:
    return long_run(network(**NET), **given)


def along(**given: Any) -> Any:
    return stationary_moments(qsgd(**PULL), **given)


def whole(noise: Any, hessian: Any = ONE) -> Any:
    return stationary_covariance(qsgd(**PULL), hessian, noise)


def scheme(time_step: Any) -> Any:
    return qsgd(**PULL).discretized(time_step)


Case = tuple[Callable[..., Any], dict[str, Any], dict[str, Any], str]

WRONG: list[Case] = [
    (network, NET, {"coupling": 1j}, "coupling is 1j"),
    (network, NET, {"coupling": NAN}, "coupling is nan"),
    (network, NET, {"coupling": "a"}, "coupling is 'a'"),
    (network, NET, {"coupling": 1e308, "step_size": 1e9}, "coupling is .* too large"),
    (network, NET, {"momentum": INF}, "momentum is inf"),
    (network, NET, {"step_size": NAN}, "step_size must be finite"),
    (network, NET, {"step_size": -0.1}, "step_size is -0.1, but must be at least 0"),
    (network, NET, {"step_size": [0.1, 0.2]}, "or one per agent"),
    (network, NET, {"agents": True}, "agents is True"),
    (network, NET, {"agents": 2.5}, "agents is 2.5"),
    (network, NET, {"agents": 10**18}, "at most 10000"),
    (network, NET, {"delay": 2 + 5j}, "delay is .2.5j"),
    (network, NET, {"delay": INF}, "delay is inf"),
    (network, NET, {"delay": [[1], [1, 2]]}, "delay is .*rectangular"),
    (network, NET, {"delay": 10_000}, "at most 10000; take fewer agents or a shorter delay"),
    (network, NET, {"period": NAN}, "period is nan"),
    (network, NET, {"period": 10**9}, "at most 1000000"),
    (network, NET, {"participation": "a"}, "participation is 'a'"),
    (network, NET, {"staggered": "no", "period": 3}, "staggered is 'no', but must be True or"),
    (network, NET, {"pairs": 1}, "pairs is 1, but must be True or False"),
    (network, NET, {"pairs": True, "delay": [[1], [1, 2]]}, "delay is .*rectangular"),
    (network, NET, {"quorum": ["mean"]}, "quorum is"),
    (network, GRAPH, {"weights": "a"}, "weights is 'a'"),
    (network, GRAPH, {"weights": [[1j]]}, "a complex number"),
    (network, GRAPH, {"weights": [[]]}, "square matrix"),
    (ahead, START, {"start_variance": -5.0}, "start_variance is -5.0, but must be at least 0"),
    (ahead, START, {"start": NAN}, "start must be finite"),
    (ahead, START, {"start": [1.0, 2.0]}, "start has shape .2,., but must be one number"),
    (ahead, START, {"steps": -5}, "steps is -5, but must be a whole number"),
    (ahead, START, {"steps": "a"}, "steps is 'a'"),
    (ahead, START, {"curvature": None}, "curvature is None"),
    (ahead, START, {"noise": [1.0, 2.0]}, "noise has shape"),
    (ahead, START, {"steps": 900, "curvature": -10.0}, "too large for floats"),
    (at_last, RUN, {"curvature": "a"}, "curvature is 'a'"),
    (at_last, RUN, {"curvature": 1e308}, "not stable here"),
    (at_last, RUN, {"phase": 0.5}, "phase is 0.5"),
    (at_last, RUN, {"noise": -1.0}, "noise is -1.0, but must be at least 0"),
    (flat_border, FLAT, {"step_size": -0.1}, "step_size is -0.1"),
    (flat_border, FLAT, {"step_size": 0.0}, "at least one must be above 0"),
    (flat_border, FLAT, {"step_size": NAN}, "step_size must be finite"),
    (flat_border, FLAT, {"step_size": 1e-320}, "border is too large for floats"),
    (mode_variance, MODE, {"eigenvalue": 0.3 + 0.4j}, "eigenvalue is .0.3.0.4j"),
    (mode_variance, MODE, {"delay": 1.7}, "delay is 1.7, but must be a whole number"),
    (mode_variance, MODE, {"delay": -1}, "delay is -1, but must be a whole number"),
    (mode_variance, MODE, {"pull": NAN}, "pull is nan"),
    (mode_variance, MODE, {"momentum": "a"}, "momentum is 'a'"),
    (characteristic_polynomial, MODE, {"delay": -1}, "delay is -1"),
    (characteristic_polynomial, MODE, {"eigenvalue": NAN}, "eigenvalue must be finite"),
    (characteristic_polynomial, MODE, {"eigenvalue": [1.0, 2.0]}, "must be a single number"),
    (coupling_border, BORDER, {"eigenvalues": []}, "eigenvalues is empty"),
    (coupling_border, BORDER, {"eigenvalues": [NAN]}, "eigenvalues must be finite"),
    (coupling_border, BORDER, {"eigenvalues": [NAN * 1j]}, "eigenvalues holds nan"),
    (coupling_border, BORDER, {"eigenvalues": "a"}, "eigenvalues is 'a'"),
    (coupling_border, BORDER, {"delay": None}, "delay is None"),
    (stationary_moments, METHOD | ALONG, {"method": None}, "method is None, but must be what"),
    (stationary_moments, METHOD | ALONG, {"method": qsgd}, "method is <function qsgd"),
    (stationary_moments, METHOD | ALONG, {"method": network(**NET)}, "method is Network"),
    (stationary_covariance, METHOD | WHOLE, {"method": None}, "the method is None"),
    (after, ITERATION | START, {"network": None}, "network is None, but must be what"),
    (after, ITERATION | START, {"network": qsgd(**PULL)}, "the network is Method"),
    (long_run, ITERATION | RUN, {"network": "a"}, "the network is 'a'"),
    (along, ALONG, {"curvature": NAN}, "curvature must be finite"),
    (along, ALONG, {"curvature": []}, "curvature is empty"),
    (along, ALONG, {"curvature": [[1], [1, 2]]}, "curvature is .*rectangular"),
    (along, ALONG, {"noise": []}, "noise is empty"),
    (along, ALONG, {"noise": [[1], [1, 2]]}, "noise is .*rectangular"),
    (along, ALONG, {"curvature": 1e-320}, "too large for floats"),
    (along, ALONG, {"curvature": [1.0, 2.0], "noise": [1.0] * 3}, "arrays must broadcast"),
    (qsgd, PULL, {"coupling": []}, "coupling is empty"),
    (qsgd, PULL, {"agents": [1, 2], "coupling": [1.0] * 3}, "arrays must broadcast"),
    (nesterov, PULL | {"momentum": 0.5, "step_size": 0.1}, {"step_size": []}, "step_size is empty"),
    (momentum, PULL | {"damping": 1.0}, {"quorum": np.array(["mean"] * 2)}, "no kind of quorum"),
    (momentum, PULL | {"damping": 1.0}, {"quorum": 1}, "no kind of quorum called 1"),
    (whole, {"noise": ONE}, {"noise": -ONE}, "cannot have the negative eigenvalue -1"),
    (whole, {"noise": ONE}, {"noise": [[1, 5], [5, 1]]}, "cannot have the negative eigenvalue -4"),
    (whole, {"noise": ONE}, {"noise": [[1, 5], [0, 1]]}, "must be symmetric"),
    (whole, {"noise": ONE}, {"noise": [[NAN, 0], [0, 1]]}, "the noise holds nan"),
    (whole, {"noise": ONE}, {"hessian": [[INF, 0], [0, 1]]}, "the Hessian holds inf"),
    (scheme, {"time_step": 0.1}, {"time_step": "a"}, "time step is 'a'"),
    (scheme, {"time_step": 0.1}, {"time_step": None}, "time step is None"),
    (scheme, {"time_step": 0.1}, {"time_step": [1.0, 2.0]}, "time step is"),
]


@pytest.mark.parametrize(("call", "right", "wrong", "message"), WRONG)
def test_refused_in_one_sentence(
    call: Callable[..., Any], right: dict[str, Any], wrong: dict[str, Any], message: str
) -> None:
    call(**right)
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        call(**right | wrong)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_number_of_agents_may_be_a_whole_float() -> None:
    assert network(coupling=1.0, step_size=0.1, agents=3.0).agents == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("agents", [1000, 5000, 20_000])
def test_rings_of_any_length_have_a_border(agents: int) -> None:
    """The slowest difference feels 1 − λ of the coupling, however little that is."""
    slow = (1.0 + 2.0 * np.cos(2.0 * np.pi / agents)) / 3.0
    assert coupling_border([slow], 0.1) == pytest.approx(1.9 / (1.0 - slow), rel=1e-9)
    assert coupling_border([slow, 0.0], 0.1) == pytest.approx(1.9, rel=1e-9)
    # an eigenvalue above 1: the mode grows where a (λ − 1) makes up for q
    assert coupling_border([2.0 - slow], 0.1) == pytest.approx(0.1 / (1.0 - slow), rel=1e-9)


@pytest.mark.parametrize("late", [0, 1, 4])
def test_tiny_eigenvalues_and_momenta_are_like_none(late: int) -> None:
    none = coupling_border([0.0], 0.1, late)
    assert coupling_border([1e-320], 0.1, late) == pytest.approx(none, rel=1e-9)
    assert coupling_border([0.0], 0.1, late, 1e-320) == pytest.approx(none, rel=1e-9)


def test_long_delays_have_a_variance() -> None:
    """Above 50 steps another solver is used; between them the variance changes little."""
    before, after_ = (mode_variance(**MODE, delay=delay) for delay in (48, 52))
    assert before == pytest.approx(after_, rel=0.02)
    many = 2000
    response, past = np.zeros(many + 1), 52
    response[0] = 1.0
    for t in range(many):
        response[t + 1] = 0.7 * response[t] + 0.2 * (response[t - past] if t >= past else 0.0)
    assert after_ == pytest.approx(float(np.sum(response**2)), rel=1e-9)


def test_what_floats_cannot_tell_from_one_is_refused() -> None:
    """1 − 1e-13 has three digits of the 1e-13."""
    slow = network(coupling=0.0, step_size=0.1, agents=1)
    assert long_run(slow, 1e-6, 0.2).mean == pytest.approx(1e6, rel=1e-6)
    with pytest.raises(InvalidArgumentError, match="settle too slowly"):
        long_run(slow, 1e-12, 0.2)
    with pytest.raises(InvalidArgumentError, match="settles too slowly"):
        mode_variance(1.0, 0.0, 1e-13)
