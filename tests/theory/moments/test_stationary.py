"""The moments of the split systems are those of all agents together, and of a simulation."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from sdeopt.errors import InvalidArgumentError
from theory.moments import (
    Method,
    easgd,
    momentum,
    nesterov,
    qsgd,
    stationary_covariance,
    stationary_moments,
)

P, N, K, ETA, DELTA, MU, K2, DT = 3, 2, 0.7, 0.1, 0.6, 1.3, 0.4, 0.05
RNG = np.random.default_rng(3)
HALF = RNG.normal(size=(N, N))
HESSIAN = HALF @ HALF.T + np.eye(N)
NOISE = np.array([[1.0, 0.5], [0.5, 0.8]])

State = dict[str, Any]


def gradient(x: Any) -> Any:
    return x @ HESSIAN


def flow_qsgd(s: State) -> State:
    return {"x": -gradient(s["x"]) + K * (s["x"].mean(0) - s["x"])}


def flow_easgd(s: State) -> State:
    pull = K * (s["z"] - s["x"])
    return {"x": -gradient(s["x"]) + pull, "z": K * P * (s["x"].mean(0) - s["z"])}


def flow_momentum(s: State) -> State:
    x, v = s["x"], s["v"]
    force = -gradient(x) - MU * v + K2 * (v.mean(0) - v)
    return {"x": v + K * (x.mean(0) - x), "v": force}


def flow_momentum_filter(s: State) -> State:
    moved = flow_momentum({**s, "x": s["x"]})
    moved["x"] = s["v"] + K * (s["z"] - s["x"])
    return {**moved, "z": K * P * (s["x"].mean(0) - s["z"])}


def step_nesterov(s: State) -> State:
    x, v = s["x"], s["v"]
    new_v = DELTA * v - ETA * gradient(x + DELTA * v)
    return {"x": x + new_v + ETA * K * (x.mean(0) - x), "v": new_v}


def step_nesterov_filter(s: State) -> State:
    x, z = s["x"], s["z"]
    new_v = step_nesterov(s)["v"]
    moved = x + new_v + ETA * K * (z - x)
    return {"x": moved, "v": new_v, "z": z + ETA * K * P * (x.mean(0) - z)}


def euler(flow: Callable[[State], State]) -> Callable[[State], State]:
    return lambda s: {name: s[name] + DT * rate for name, rate in flow(s).items()}


SHAPES = {"x": (P, N), "v": (P, N), "z": (N,)}


def whole(move: Callable[[State], State], noisy: str, names: str, discrete: bool) -> Any:
    """Return the covariance of all agents at once: A column by column, the equation by brute force."""
    sizes = [int(np.prod(SHAPES[name])) for name in names]
    cuts = np.cumsum(sizes)[:-1]

    def flat(state: Any) -> Any:
        parts = np.split(state, cuts)
        given = {name: part.reshape(SHAPES[name]) for name, part in zip(names, parts, strict=True)}
        moved = move(given)
        return np.concatenate([moved[name].ravel() for name in names])

    total = sum(sizes)
    matrix = np.column_stack([flat(column) for column in np.eye(total)])
    enters = np.concatenate(
        [
            np.tile(np.eye(N), (P, 1)).reshape(P, N, N) * float(name in noisy)
            if name != "z"
            else np.zeros((1, N, N))
            for name in names
        ]
    )
    # Each agent has a source of its own, N numbers, which enters its parts marked as noisy.
    source = np.zeros((total, P * N))
    row = 0
    for name in names:
        for agent in range(P if name != "z" else 1):
            source[row : row + N, agent * N : (agent + 1) * N] = enters[row // N]
            row += N
    covariance = source @ np.kron(np.eye(P), NOISE) @ source.T
    identity = np.eye(total)
    operator = (
        np.eye(total**2) - np.kron(matrix, matrix)
        if discrete
        else -np.kron(matrix, identity) - np.kron(identity, matrix)
    )
    return np.linalg.solve(operator, covariance.ravel()).reshape(total, total)


def squares(covariance: Any, names: str) -> dict[str, float]:
    """Return the moments by name, read off the covariance of all agents."""
    found, start = {}, 0
    for name in names:
        size = int(np.prod(SHAPES[name]))
        block = covariance[start : start + size, start : start + size]
        start += size
        if name == "z":
            found["quorum"] = np.trace(block)
            continue
        average = np.kron(np.ones((1, P)) / P, np.eye(N))
        mean = average @ block @ average.T
        away = np.eye(size) - np.tile(average, (P, 1))
        kind = {"x": ("mean", "spread"), "v": ("mean_velocity", "velocity_spread")}[name]
        found[kind[0]] = np.trace(mean)
        found[kind[1]] = np.trace(away @ block @ away.T)
    return {name: float(value) for name, value in found.items()}


RATED = {"agents": P, "coupling": K}
MOMENTUM = {**RATED, "damping": MU, "velocity_coupling": K2}
NESTEROV = {**RATED, "momentum": DELTA, "step_size": ETA}
CASES = {
    "QSGD": (qsgd(**RATED), flow_qsgd, "x", "x", False),
    "EASGD": (easgd(**RATED), flow_easgd, "x", "xz", False),
    "momentum": (momentum(**MOMENTUM), flow_momentum, "v", "xv", False),
    "momentum, x~": (
        momentum(**MOMENTUM, quorum="filter"),
        flow_momentum_filter,
        "v",
        "xvz",
        False,
    ),
    "Nesterov": (nesterov(**NESTEROV), step_nesterov, "xv", "xv", True),
    "Nesterov, x~": (
        nesterov(**NESTEROV, quorum="filter"),
        step_nesterov_filter,
        "xv",
        "xvz",
        True,
    ),
}


@pytest.mark.parametrize(
    ("method", "move", "noisy", "names", "discrete"), CASES.values(), ids=CASES
)
def test_all_agents_at_once_have_the_same_moments(
    method: Method, move: Any, noisy: str, names: str, discrete: bool
) -> None:
    expected = squares(whole(move, noisy, names, discrete), names)
    found = stationary_covariance(method, HESSIAN, NOISE)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["QSGD", "EASGD", "momentum", "momentum, x~"])
def test_euler_maruyama_of_all_agents_at_once(name: str) -> None:
    method, move, noisy, names, _ = CASES[name]
    covariance = whole(euler(move), noisy, names, True) * DT
    found = stationary_covariance(method.discretized(DT), HESSIAN, NOISE)
    expected = squares(covariance, names)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("method", [case[0] for case in CASES.values()], ids=CASES)
def test_modes_add_up_to_the_whole(method: Method) -> None:
    curvature = np.array([0.5, 2.0])
    noise = np.array([1.0, 3.0])
    modes = stationary_moments(method, curvature, noise)
    full = stationary_covariance(method, np.diag(curvature), np.diag(noise))
    for part in ("mean", "spread", "agent", "quorum"):
        assert getattr(modes, part).sum() == pytest.approx(float(getattr(full, part)), rel=1e-10)


def test_parameters_broadcast() -> None:
    p, k = np.array([1, 10, 1000])[:, None], np.array([0.5, 2.0])
    for method in (easgd(agents=p, coupling=k), qsgd(agents=p, coupling=k).discretized(0.1)):
        found = stationary_moments(method, 1.0, 1.0)
        assert found.mean.shape == found.spread.shape == (3, 2)
    one = stationary_moments(easgd(agents=10, coupling=2.0), 1.0, 1.0)
    many = stationary_moments(easgd(agents=p, coupling=k), 1.0, 1.0)
    assert many.mean[1, 1] == pytest.approx(float(one.mean), rel=1e-14)


def test_one_agent_has_no_spread_and_coupling_leaves_qsgd_s_mean() -> None:
    found = stationary_moments(qsgd(agents=1, coupling=[0.0, 5.0]), 2.0, 1.0)
    assert found.spread == pytest.approx(0.0)
    assert found.mean == pytest.approx(0.25)


def test_a_preconditioner_shared_by_all_agents() -> None:
    """Lemma 5.5: the stationary covariance of x• solves (PH) V + V (PH)ᵀ = P BBᵀ Pᵀ / p."""
    shared = np.array([[1.0, 0.3], [-0.2, 0.5]])
    system, noise = shared @ HESSIAN, shared @ NOISE @ shared.T
    found = stationary_covariance(qsgd(agents=P, coupling=K), system, noise).together
    assert system @ found + found @ system.T == pytest.approx(noise / P)


@pytest.mark.parametrize(
    ("method", "curvature", "message"),
    [
        (qsgd(agents=2, coupling=1.0), -0.1, "QSGD is not stable here.*real part 0.1"),
        (qsgd(agents=2, coupling=1.0).discretized(1.0), 1.5, "modulus 1.5"),
        (momentum(agents=2, coupling=1.0, damping=0.0), 1.0, "with momentum is not stable"),
    ],
)
def test_an_unstable_method_has_no_moments(method: Method, curvature: float, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        stationary_moments(method, curvature, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qsgd(agents=1.5, coupling=1.0), "positive integer"),
        (lambda: qsgd(agents=2, coupling=np.nan), "coupling must be finite"),
        (lambda: nesterov(**NESTEROV, quorum="median"), "no kind of quorum called 'median'"),
        (lambda: nesterov(**NESTEROV).discretized(0.1), "is an iteration already"),
        (
            lambda: qsgd(**RATED).discretized(0.0),
            "time step is 0.0, but must",
        ),
        (lambda: stationary_moments(qsgd(**RATED), 1.0, -1.0), "cannot be negative"),
        (lambda: stationary_moments(qsgd(**RATED), 1.0, 1.0).mean_velocity, "has no velocity"),
        (
            lambda: stationary_covariance(qsgd(agents=[2, 3], coupling=1.0), HESSIAN, NOISE),
            "must be numbers",
        ),
        (lambda: stationary_covariance(qsgd(**RATED), HESSIAN, np.eye(3)), "square and alike"),
    ],
)
def test_bad_input_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        call()


def test_the_residual_of_large_systems_is_small() -> None:
    """The equation itself, with 12 coordinates and a stiff Hessian."""
    rng = np.random.default_rng(8)
    basis = scipy.linalg.qr(rng.normal(size=(12, 12)))[0]
    hessian = basis @ np.diag(np.geomspace(0.1, 10.0, 12)) @ basis.T
    half = rng.normal(size=(12, 12))
    method = easgd(agents=50, coupling=2.0)
    found = stationary_covariance(method, hessian, half @ half.T).together
    system = method.together.full(hessian)
    source = np.zeros((24, 24))
    source[:12, :12] = half @ half.T / 50
    rest = system @ found + found @ system.T + source
    assert np.abs(rest).max() < 1e-9 * np.abs(source).max()


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"agents": True}, id="a boolean"),
        pytest.param({"coupling": "1"}, id="text"),
        pytest.param({"coupling": np.datetime64("2020-01-01")}, id="a date"),
        pytest.param({"coupling": np.ma.masked_array([1.0, 2.0], [0, 1])}, id="a mask"),
    ],
)
def test_parameters_are_not_cast_in_silence(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match="must be a number"):
        qsgd(**{"agents": 2, "coupling": 1.0} | given)


@pytest.mark.parametrize("wrong", [{"noise": "2"}, {"curvature": True}, {"noise": 1j}])
def test_moments_are_of_numbers(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match="must be a number"):
        stationary_moments(qsgd(agents=2, coupling=1.0), **{"curvature": 1.0, "noise": 2.0} | wrong)
