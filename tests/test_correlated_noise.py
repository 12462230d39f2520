"""Noise that lasts, that agents share, and laws of one's own: laws, bits, what theory says of them."""

import math

import numpy as np
import pytest
from scipy import stats

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.simulation import execution
from sdeopt.simulation.layout import Layout

N = so.noise
NORMAL = N.Gaussian(2.0)
Z = 4.4
"""Standard errors; false alarm of one number in 1e-5 of all seeds."""

LAWS = {
    "coloured": N.Coloured(NORMAL, 5.0),
    "correlated": N.Correlated(NORMAL, 0.3),
    "both": N.Coloured(N.Correlated(NORMAL, 0.3), 5.0),
    "of a covariance": N.Correlated(N.Gaussian(covariance=np.diag([4.0, 4.0, 4.0])), 0.3),
    "of a state": N.Coloured(N.StateDependent(lambda x: 2.0 + 0.0 * x), 5.0),
}


def drawn(law, dim=3, **changes):
    """What the kernel drew, (step, replica, agent, dim): a run on a flat loss, differenced."""
    settings = {"agents": 5, "replicas": 400, "steps": 60} | changes
    run = so.simulate(
        so.losses.Quadratic(1e-300 * np.eye(dim)), so.SGD(), noise=law, step_size=1.0, seed=11,
        start=so.start.Point(0.0), record=so.record.Every(1, ("agents",)), **settings,
    )  # fmt: skip
    return -np.diff(run["agents"].values, axis=0)


def mean_and_error(products):
    """Return a mean and its standard error; replicas (axis 1) are independent, nothing else is."""
    each = np.moveaxis(products, 1, 0).reshape(products.shape[1], -1).mean(axis=1)
    return each.mean(), each.std(ddof=1) / math.sqrt(len(each))


def differs(products, expected):
    mean, error = mean_and_error(products)
    return abs(mean - expected) > Z * error


@pytest.mark.statistical
@pytest.mark.parametrize("name", LAWS)
def test_correlations_are_those_of_the_law(name):
    """Null: variance 4, correlation exp(−n/5) in time and 0.3 between agents, from the first step on.

    Planted: the same numbers of the law without its correlation, and of independent replicas.
    """
    z = drawn(LAWS[name])
    lasts, shared = "coloured" in name or name in ("both", "of a state"), LAWS[name].shape[1:2]
    rho = float(shared[0]) if shared.size else 0.0
    assert not differs(z**2, 4.0)
    assert not differs(z[:1] ** 2, 4.0)
    for lag in (1, 2, 7):
        expected = 4.0 * math.exp(-lag / 5.0) if lasts else 0.0
        assert not differs(z[lag:] * z[:-lag], expected)
        assert not differs(z[lag : lag + 1] * z[:1], expected)
        if lasts and lag < 7:
            assert differs(z[lag:] * z[:-lag], 0.0)
    assert not differs(z[:, :, 0] * z[:, :, 3], 4.0 * rho)
    assert not differs(z.mean(axis=2) ** 2, 4.0 * (1.0 + 4.0 * rho) / 5.0)
    if rho:
        assert differs(z.mean(axis=2) ** 2, 4.0 / 5.0)
        assert LAWS["correlated"].variance_of_mean(5) == pytest.approx(4.0 * 2.2 / 5.0)
    assert not differs(z[..., 0] * z[..., 1], 0.0)
    assert not differs(z[:, 1:, 0] * z[:, :-1, 1], 0.0)
    assert stats.kstest(z[7::20].mean(axis=(2, 3)).ravel()[:400], "norm",
                        (0.0, math.sqrt(4.0 * (1.0 + 4.0 * rho) / 15.0))).pvalue > 1e-5  # fmt: skip


@pytest.mark.statistical
@pytest.mark.parametrize("time", [0.5, 8.0])
def test_the_spread_that_noise_leaves_on_a_quadratic(time):
    """Null: η²σ²(1 + ar)/((1 − r²)(1 − ar)) with r = 1 − ηλ; 20,000 agents after 200 steps.

    Planted: the spread of fresh noise, η²σ²/(1 − r²), and that of a time a fifth longer.
    """
    eta, curvature = 0.1, 0.7
    law = N.Coloured(NORMAL, time)
    run = so.simulate(
        so.losses.Quadratic(curvature), so.SGD(), noise=law, step_size=eta, steps=200, replicas=20_000,
        start=so.start.Point(0.0), seed=3,
    )  # fmt: skip
    r = 1.0 - eta * curvature

    def spread(a):
        return eta**2 * 4.0 * (1.0 + a * r) / ((1.0 - r**2) * (1.0 - a * r))

    x = run["agents"].values.ravel()
    error = math.sqrt(2.0 / x.size) * spread(law.decay)
    assert abs(x.var() - spread(law.decay)) < Z * error
    assert abs(x.var() - spread(0.0)) > Z * error
    assert abs(x.var() - spread(math.exp(-1.0 / (1.2 * time)))) > Z * error


@pytest.mark.statistical
def test_coupled_agents_that_share_noise():
    """Null: the mean of QSGD on a quadratic spreads as one agent with the noise of the mean.

    The same holds for what is left: the agents about their mean have (1 − ρ) of the noise.
    Planted: what independent agents would have.
    """
    eta, k, agents, rho = 0.1, 2.0, 6, 0.4
    law = N.Correlated(NORMAL, rho)
    run = so.simulate(
        so.losses.Quadratic(1.0), so.QSGD(k), noise=law, agents=agents, replicas=20_000, steps=150,
        step_size=eta, start=so.start.Point(0.0), seed=4,
    )  # fmt: skip
    mean = run["mean"].values.ravel()
    away = ((run["agents"] - run["mean"]) ** 2).mean("agent").values.ravel()

    def spread(rate, variance):
        return eta**2 * variance / (1.0 - (1.0 - eta * rate) ** 2)

    pairs = [(mean**2, spread(1.0, law.variance_of_mean(agents)), spread(1.0, 4.0 / agents))]
    share = (agents - 1) / agents
    pairs += [(away, spread(1.0 + k, 4.0 * (1 - rho) * share), spread(1.0 + k, 4.0 * share))]
    for found, expected, independent in pairs:
        error = found.std() / math.sqrt(found.size)
        assert abs(found.mean() - expected) < Z * error
        assert abs(found.mean() - independent) > Z * error


LOGISTIC = N.FromQuantile(lambda u: math.log(u / (1.0 - u)))
BITS = {**LAWS, "own": LOGISTIC}


@pytest.mark.parametrize("name", BITS)
@pytest.mark.parametrize("dim", [3, 2])
def test_bits_do_not_depend_on_how_a_run_is_done(name, dim, monkeypatch, tmp_path):
    if dim == 2 and name == "of a covariance":
        pytest.skip("it has three coordinates")
    settings = {"dim": dim, "replicas": 19, "steps": 50}
    wanted = drawn(BITS[name], threads=1, **settings)
    np.testing.assert_array_equal(wanted, drawn(BITS[name], threads=2, chunk=7, **settings))
    np.testing.assert_array_equal(wanted[:, :6], drawn(BITS[name], **(settings | {"replicas": 6})))
    np.testing.assert_array_equal(wanted[:30], drawn(BITS[name], **(settings | {"steps": 30})))
    np.testing.assert_array_equal(wanted[:, :, :2], drawn(BITS[name], agents=2, **settings))
    advance, path = execution.Execution.advance, tmp_path / "state"

    def stop_half_way(self, steps):
        advance(self, steps)
        if self.step >= 25:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution.Execution, "advance", stop_half_way)
        with pytest.raises(KeyboardInterrupt):
            drawn(BITS[name], checkpoint=path, checkpoint_seconds=0, chunk=5, **settings)
    assert path.exists()
    monkeypatch.setattr(
        execution, "choose_layout",
        lambda replicas, agents, dim, threads, scattered=False: Layout(replicas, agents, dim, 2),
    )  # fmt: skip
    np.testing.assert_array_equal(wanted, drawn(BITS[name], checkpoint=path, **settings))


def test_correlated_noise_on_the_clock_of_the_differential_equation():
    """With ρ = 1 all agents take one path, that of a single draw of the law."""
    settings = {
        "steps": 20,
        "step_size": 0.1,
        "start": so.start.Point(0.0),
        "agents": 4,
        "replicas": 3,
    }
    run = so.simulate(
        so.losses.Quadratic(1.0), so.SGD(), noise=N.Correlated(NORMAL, 1.0), clock=so.clock.SDE(0.1),
        **settings,
    )  # fmt: skip
    x = run["agents"].values
    assert (x == x[:, :1]).all()
    assert np.unique(x).size == 3


@pytest.mark.statistical
def test_a_law_by_its_quantile_function():
    """Null: the logistic law, by Kolmogorov and Smirnov. Planted: one that is 3% wider."""
    z = drawn(LOGISTIC, replicas=200).ravel()
    assert stats.kstest(z, stats.logistic.cdf).pvalue > 1e-5
    assert stats.kstest(1.03 * z, stats.logistic.cdf).pvalue < 1e-5
    assert [LOGISTIC.raw_moment(n) for n in (1, 2)] == pytest.approx([0.0, math.pi**2 / 3.0])
    nodes, weights = LOGISTIC.quadrature(400)
    assert (weights * np.cos(nodes)).sum() == pytest.approx(math.pi / math.sinh(math.pi), abs=1e-4)


@pytest.mark.parametrize("agents", [0, -1, 1.5, True, math.nan, "a", [2, 3], np.ones(2), None])
def test_the_number_of_agents_of_a_mean_is_a_whole_number(agents):
    law = N.Correlated(NORMAL, 0.25)
    with pytest.raises(InvalidArgumentError, match=r"agents is .* whole number of at least 1"):
        law.variance_of_mean(agents)


BAD = {
    "not Gaussian": (lambda: N.Coloured(N.Uniform(1.0), 2.0), "must be noise.Gaussian"),
    "order": (lambda: N.Correlated(N.Coloured(NORMAL, 2.0), 0.5), "must be noise.Gaussian"),
    "twice": (lambda: N.Correlated(N.Correlated(NORMAL, 0.1), 0.5), "correlated itself"),
    "time": (lambda: N.Coloured(NORMAL, 0.0), "time of noise.Coloured"),
    "correlation": (lambda: N.Correlated(NORMAL, 1.5), "from 0 to 1"),
    "level": (lambda: N.Correlated(N.Gaussian(1.0, level=2.0), 0.5), "give level= and enters="),
    "entrance": (lambda: N.Coloured(N.Gaussian(1.0, enters="update"), 2.0), "give level= and"),
    "clock": (
        lambda: drawn(LAWS["coloured"], clock=so.clock.SDE(0.1)),
        "driven by Brownian motion",
    ),
    "scheme": (
        lambda: drawn(LAWS["correlated"], clock=so.clock.SDE(0.1, "strong_order_1.5")),
        "agents do not share",
    ),
    "increments": (
        lambda: drawn(LAWS["correlated"], increments=np.zeros((60, 400, 5, 3))),
        "give them the correlation",
    ),
    "covariance": (lambda: drawn(LAWS["of a covariance"], dim=2), r"give shape \(2, 2\)"),
    "quantile": (lambda: drawn(N.FromQuantile(lambda u: [u, u])), "must return one number"),
    "moment": (
        lambda: N.FromQuantile(lambda u: math.tan(math.pi * (u - 0.5))).variance,
        "converge",
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
def test_bad_noise_is_refused_in_one_sentence(case):
    make, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
