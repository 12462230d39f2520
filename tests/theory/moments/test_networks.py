"""Networks: the moments of a plain simulation of all agents, and of every draw enumerated."""

import itertools
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
    stationary_moments,
)

RNG = np.random.default_rng(8)
W = RNG.random((4, 4))
W /= W.sum(axis=1, keepdims=True)
ETA, K, H, NOISE = 0.2, 2.0, 1.3, 0.02
LATE = [0, 2, 1, 3]

CASES: dict[str, dict[str, Any]] = {
    "graph": {"weights": W},
    "late": {"weights": W, "delay": LATE},
    "now and then": {"weights": W, "participation": 0.3, "delay": 1},
    "all of these": {
        "weights": W,
        "participation": 0.6,
        "delay": LATE,
        "momentum": 0.5,
        "step_size": [0.2, 0.1, 0.15, 0.2],
    },
    "every third step": {"weights": W, "period": 3},
    "in turn": {"agents": 4, "period": 4, "staggered": True},
    "asynchronous centre": {
        "agents": 4, "period": 4, "staggered": True, "quorum": "filter", "delay": 1,
    },
    "centre now and then": {
        "agents": 4, "participation": 0.4, "quorum": "filter", "delay": LATE, "momentum": 0.3,
        "step_size": [0.2, 0.1, 0.15, 0.2],
    },
    "pairs": {"agents": 4, "pairs": True},
    "five in pairs": {"agents": 5, "pairs": True, "delay": 2, "participation": 0.7},
}  # fmt: skip

Draw = dict[str, Any]


def pairing(order: Any) -> Any:
    """Return the matrix of a pairing, for every row of an order of agents."""
    runs, agents = order.shape
    found = np.zeros((runs, agents, agents))
    who = np.arange(runs)
    for place in range(0, agents - 1, 2):
        one, other = order[:, place], order[:, place + 1]
        for a, b in ((one, other), (other, one)):
            found[who, a, b] = found[who, a, a] = 0.5
    if agents % 2:
        found[who, order[:, -1], order[:, -1]] = 1.0
    return found


def transcribed(
    steps: int, runs: int, start: float, spread: float, seed: int, **given: Any
) -> dict[str, Any]:
    """Return the last states of many runs of the iteration, written down once more without matrices."""
    rng = np.random.default_rng(seed)
    p = given.get("agents") or len(given["weights"])
    weights = given.get("weights", np.full((p, p), 1.0 / p))
    eta = np.broadcast_to(given.get("step_size", ETA), p)
    late = np.broadcast_to(given.get("delay", 0), p)
    delta, period = given.get("momentum", 0.0), given.get("period", 1)
    centred = given.get("quorum") == "filter"
    x = start + spread * rng.normal(size=(runs, p))
    v, centre = np.zeros_like(x), x.mean(axis=1)
    past, past_centre = [x], [centre]
    for t in range(steps):
        talks = rng.random((runs, p)) < given.get("participation", 1.0)
        if given.get("staggered"):
            talks &= (t + 1 - np.arange(p)) % period == 0
        elif (t + 1) % period:
            talks &= False
        now = pairing(rng.permuted(np.tile(np.arange(p), (runs, 1)), axis=1))
        signal = np.empty_like(x)
        for i in range(p):
            then = max(t - late[i], 0)
            if centred:
                signal[:, i] = past_centre[then]
            elif given.get("pairs"):
                signal[:, i] = (now[:, i] * past[then]).sum(axis=1)
            else:
                signal[:, i] = past[then] @ weights[i]
        pull = K * talks
        v = delta * v - eta * H * (x + delta * v) + np.sqrt(NOISE) * rng.normal(size=x.shape)
        moved = eta.mean() * (pull * (x - centre[:, None])).sum(axis=1)
        x = x + v + eta * pull * (signal - x)
        centre = centre + moved if centred else x.mean(axis=1)
        past.append(x)
        past_centre.append(centre)
    return {"x": x, "quorum": centre}


def made(**given: Any) -> Any:
    return network(coupling=K, **{"step_size": ETA, **given})


def distances(found: Any, sample: dict[str, Any]) -> Any:
    """Return how many standard errors first and second moments of a sample are away."""
    x, quorum = sample["x"], sample["quorum"]
    pairs = x[:, :, None] * x[:, None]
    drawn = np.column_stack([x, pairs.reshape(len(x), -1), quorum**2])
    exact = np.concatenate([found.average[: x.shape[1]], found.second.ravel(), [found.quorum]])
    return np.abs(drawn.mean(axis=0) - exact) / (drawn.std(axis=0, ddof=1) / np.sqrt(len(x)))


@pytest.mark.statistical
@pytest.mark.parametrize("name", CASES)
def test_moments_are_those_of_a_plain_simulation(name: str) -> None:
    """Null: means and mean products over 20 000 runs are normal around the moments after 7 steps.

    At most 31 numbers for ten cases: 4.9 standard errors leave a true null 3 chances in 10 000.
    """
    found = after(made(**CASES[name]), 7, H, NOISE, start=0.3, start_variance=0.04)
    sample = transcribed(7, 20_000, 0.3, 0.2, seed=1, **CASES[name])
    assert distances(found, sample).max() < 4.9


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("late", {"delay": [0, 2, 1, 2]}),
        ("now and then", {"participation": 0.5}),
        ("in turn", {"staggered": False}),
        ("centre now and then", {"delay": 1}),
        ("pairs", {"pairs": False}),
    ],
)
def test_that_test_sees_another_iteration(name: str, changes: dict[str, Any]) -> None:
    """Planted: a delay, a probability, an order of turns that is another one."""
    found = after(made(**(CASES[name] | changes)), 7, H, NOISE, start=0.3, start_variance=0.04)
    sample = transcribed(7, 20_000, 0.3, 0.2, seed=1, **CASES[name])
    assert distances(found, sample).max() > 4.9


@pytest.mark.parametrize("name", CASES)
def test_the_long_run_is_where_steps_lead(name: str) -> None:
    many = 600
    for phase in (0, 1):
        found = long_run(made(**CASES[name]), H, NOISE, phase=phase)
        late = after(made(**CASES[name]), many + phase, H, NOISE, start=1.0)
        np.testing.assert_allclose(found.second, late.second, rtol=1e-8, atol=1e-12)
        assert found.quorum == pytest.approx(late.quorum, rel=1e-8)


def matrices(net: Any, masks: Any) -> Any:
    """Return A of every draw of who communicates."""
    for mask, chance in masks:
        at = np.asarray(mask)[net.owner]
        yield net.base(H) + (net.gain * at) @ net.differences, chance


@pytest.mark.parametrize("quorum", ["mean", "filter"])
def test_second_moments_are_those_of_all_draws(quorum: str) -> None:
    q, p = 0.3, 3
    net = network(
        coupling=K, step_size=ETA, agents=p, participation=q, delay=[0, 1, 2], quorum=quorum
    )
    half = RNG.normal(size=(net.size, net.size))
    moment = half @ half.T
    draws = [
        (mask, float(np.prod([q if each else 1 - q for each in mask])))
        for mask in itertools.product((0, 1), repeat=p)
    ]
    exact = sum(chance * a @ moment @ a.T for a, chance in matrices(net, draws))
    np.testing.assert_allclose(net.second_moment(moment, H, 0), exact, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("quorum", ["mean", "filter"])
@pytest.mark.parametrize("chance", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("h", [0.01, 0.5])
def test_what_has_a_long_run_is_not_refused(quorum: str, chance: float, h: float) -> None:
    """The search for the largest factor comes upon matrices that are not symmetric, too."""
    net = network(coupling=K, step_size=ETA, agents=3, participation=chance, quorum=quorum)
    pairs = [(i, j) for i in range(net.size) for j in range(i, net.size)]
    columns = []
    for i, j in pairs:
        moment = np.zeros((net.size, net.size))
        moment[i, j] = moment[j, i] = 1.0
        moved = net.second_moment(moment, h, 0)
        columns.append([moved[pair] for pair in pairs])
    assert np.abs(np.linalg.eigvals(np.array(columns))).max() < 1.0
    found = long_run(net, h, NOISE)
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-12


@pytest.mark.parametrize("p", [2, 3, 4, 5, 6, 7])
def test_pairs_have_the_moments_of_all_pairings(p: int) -> None:
    from theory.moments.pairings import paired_mean, paired_square

    half = RNG.normal(size=(p, p))
    moment = half @ half.T
    every = pairing(np.array(list(itertools.permutations(range(p)))))
    np.testing.assert_allclose(paired_mean(p), every.mean(axis=0), rtol=1e-12)
    exact = (every @ moment @ every.transpose(0, 2, 1)).mean(axis=0)
    np.testing.assert_allclose(paired_square(moment), exact, rtol=1e-10, atol=1e-12)


def test_a_complete_graph_with_momentum_is_the_split_system() -> None:
    for quorum in ("mean", "filter"):
        plain = nesterov(agents=4, coupling=1.5, momentum=0.6, step_size=0.1, quorum=quorum)
        one = stationary_moments(plain, H, NOISE)
        net = network(coupling=1.5, step_size=0.1, agents=4, momentum=0.6, quorum=quorum)
        other = long_run(net, H, NOISE)
        for name in ("mean", "spread", "quorum"):
            assert getattr(other, name) == pytest.approx(float(getattr(one, name)), rel=1e-10)
    assert momentum(agents=4, coupling=1.0, damping=2.0).state == ("position", "velocity")


RING = (np.eye(7) + np.roll(np.eye(7), 1, axis=0) + np.roll(np.eye(7), -1, axis=0)) / 3.0


@pytest.mark.parametrize("delta", [0.0, 0.4])
@pytest.mark.parametrize("delay", [0, 1, 3])
def test_the_spread_is_a_sum_over_the_spectrum(delay: int, delta: float) -> None:
    found = long_run(made(weights=RING, delay=delay, momentum=delta), H, NOISE)
    spectrum = np.linalg.eigvalsh(RING)[::-1]
    modes = [NOISE * mode_variance(each, K * ETA, H * ETA, delay, delta) for each in spectrum]
    assert found.mean == pytest.approx(modes[0] / 7, rel=1e-10)
    assert found.spread == pytest.approx(sum(modes[1:]), rel=1e-10)


@pytest.mark.parametrize("delta", [0.0, 0.5])
@pytest.mark.parametrize("delay", [0, 1, 2, 3, 8])
@pytest.mark.parametrize("eigenvalue", [1.0, 0.4, 0.0, -0.3, -1.0, 0.3 + 0.6j])
def test_a_mode_decays_below_the_border_and_grows_above(
    eigenvalue: complex, delay: int, delta: float
) -> None:
    """The iteration itself, not its polynomial; between 0 and the border no mode grows either."""
    q = 0.17
    border = coupling_border([eigenvalue], q, delay, delta)
    if eigenvalue == 1.0 and delay == 0:
        # coupling does not touch the mean
        assert border == np.inf
        return

    def growth(pull: float, steps: int = 6_000) -> float:
        past, v = [1.0 + 0j] * (delay + 1), 0.0 + 0j
        seen = []
        for t in range(steps):
            x = past[-1]
            v = delta * v - q * (x + delta * v)
            past = [*past[1:], x + v + pull * (eigenvalue * past[0] - x)]
            if t in (steps // 2, steps - 1):
                seen.append(np.linalg.norm([*past, v]))
            if not np.abs(past[-1]) < 1e100:
                return np.inf
        return float(seen[1] / seen[0]) if seen[0] > 0.0 else 0.0

    assert growth(0.99 * border) < 1.0 < growth(1.01 * border)
    for share in np.linspace(0.02, 0.98, 25):
        roots = np.roots(characteristic_polynomial(eigenvalue, share * border, q, delay, delta))
        assert np.abs(roots).max() < 1.0


def test_the_border_of_a_network_is_that_of_its_worst_mode() -> None:
    border = coupling_border(np.linalg.eigvals(W), ETA * H, 2)
    for share, stable in ((0.999, True), (1.001, False)):
        net = network(coupling=share * border / ETA, step_size=ETA, weights=W, delay=2)
        if stable:
            assert long_run(net, H, NOISE).spread > 0.0
        else:
            with pytest.raises(InvalidArgumentError, match="not stable here"):
                long_run(net, H, NOISE)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no size": ({}, "agents is None, but without weights"),
    "rows": ({"weights": [[1.0, 0.5], [0.5, 0.5]]}, "must sum to 1"),
    "oblong": ({"weights": [[1.0, 0.0]]}, "square matrix"),
    "two sizes": ({"weights": W, "agents": 5}, "leave agents out"),
    "a graph for the centre": ({"weights": W, "quorum": "filter"}, "already decide"),
    "pairs on a graph": ({"weights": W, "pairs": True}, "already decide"),
    "quorum": ({"agents": 2, "quorum": "median"}, "must be one of"),
    "delay": ({"agents": 2, "delay": 0.5}, "whole number of steps"),
    "delays": ({"agents": 2, "delay": [1, 2, 3]}, "or one per agent"),
    "late pairs": ({"agents": 2, "pairs": True, "delay": [1, 2]}, "one delay for all"),
    "chance": ({"agents": 2, "participation": 1.5}, "probability"),
    "both": ({"agents": 2, "participation": 0.5, "period": 2}, "not both"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(case: str) -> None:
    given, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        network(coupling=1.0, step_size=0.1, **given)
    assert "\n" not in str(caught.value)


FLAT: dict[str, tuple[dict[str, Any], float]] = {
    "a mean": ({"agents": 4}, 20.0),
    "a late mean": ({"agents": 4, "delay": 3}, 10.0),
    "one agent": ({"agents": 1}, np.inf),
    "nobody": ({"agents": 4, "participation": 0.0}, np.inf),
    "pairs": ({"agents": 4, "pairs": True}, 20.0),
    "a centre": ({"agents": 4, "quorum": "filter"}, 4.0),
    "a centre of one": ({"agents": 1, "quorum": "filter", "participation": 0.3}, 10.0),
    "turns": ({"agents": 4, "quorum": "filter", "period": 4, "staggered": True}, 10.0),
    "a ring": (
        {"weights": (np.eye(8) + np.roll(np.eye(8), 1, 0) + np.roll(np.eye(8), -1, 0)) / 3},
        15.0,
    ),
}


@pytest.mark.parametrize("case", FLAT)
def test_the_border_in_a_flat_loss(case: str) -> None:
    who, exact = FLAT[case]
    np.testing.assert_allclose(flat_border(step_size=0.1, **who), exact, rtol=1e-6)


LATE_TURNS: dict[str, tuple[dict[str, Any], float]] = {
    "two turns": ({"period": 2, "delay": [2, 3]}, 1.8),
    "two turns, one late": ({"period": 2, "delay": [0, 1]}, np.inf),
    "two of three turns": ({"period": 3, "delay": [2, 0]}, np.inf),
}


@pytest.mark.parametrize("case", LATE_TURNS)
def test_the_border_is_the_first_though_differences_shrink_again(case: str) -> None:
    """They grow from 1/η on and are swapped at 2/η, where the factor of a period is exactly one."""
    given, shrinking = LATE_TURNS[case]
    who = {"agents": 2, "quorum": "filter", "staggered": True} | given
    np.testing.assert_allclose(flat_border(step_size=0.1, **who), 10.0, rtol=1e-6)
    for pull, grows in ((0.98, False), (1.2, True), (shrinking, False)):
        if np.isfinite(pull):
            net = network(coupling=10.0 * pull, step_size=0.1, **who)
            largest = after(net, 1200, 0.0, 0.0, start=[1.0, -1.0]).agents.max()
            assert bool(largest > 10.0) is grows


def test_the_border_of_weights_that_drive_apart_at_once_is_next_to_zero() -> None:
    assert flat_border(step_size=1.0, weights=[[2.0, -1.0], [-1.0, 2.0]]) < 1e-6
    assert flat_border(step_size=1.0, weights=np.eye(3)) == np.inf


def test_the_border_at_random_is_where_second_moments_grow() -> None:
    who: dict[str, Any] = {"agents": 3, "participation": 0.4, "quorum": "filter"}
    border = flat_border(step_size=0.1, **who)
    for factor, grows in ((0.99, False), (1.01, True)):
        net = network(coupling=factor * border, step_size=0.1, **who)
        found = after(net, 2000, curvature=0.0, noise=0.0, start=[1.0, -1.0, 0.0])
        assert (found.spread > 1.0) is grows


def test_what_has_no_long_run_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="second moments are multiplied"):
        long_run(network(coupling=30.0, step_size=0.1, agents=3, participation=0.5), 1.0, 0.1)
    with pytest.raises(InvalidArgumentError, match="without coupling"):
        coupling_border([1.0], relative_step=2.5)
    with pytest.raises(InvalidArgumentError, match="the mode is not stable"):
        mode_variance(0.0, pull=1.95, relative_step=0.1)
