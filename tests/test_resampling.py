"""Claims over few runs: whether intervals cover, what decides, and what is refused."""

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments import resampling
from sdeopt.experiments.resampling import median, spread

RUNS = 10
REPEATS = 400


def _wrong(statistic, draw, monkeypatch):
    """Return how often two groups of one law seem to differ."""
    monkeypatch.setattr(resampling, "DRAWS", 400)
    random = np.random.default_rng(11)
    groups = draw(random, (REPEATS, 2, RUNS))
    claims = [resampling.contrast_of(pair, [-1, 1], statistic)[1] for pair in groups]
    return np.mean([low > 0 or high < 0 for low, high in claims])


LAWS = {
    "normal": lambda random, shape: random.normal(size=shape),
    "skewed": lambda random, shape: random.exponential(size=shape),
    "heavy": lambda random, shape: random.standard_t(3, size=shape),
}


@pytest.mark.statistical
@pytest.mark.parametrize("law", LAWS)
def test_intervals_leave_out_no_difference_as_often_as_they_may(law, monkeypatch):
    """Null: two groups of one law differ in 5 of 100 (medians), 8 of 100 (spreads) at most."""
    for statistic, most in ((median, 0.05), (spread, 0.08)):
        allowed = most + 3 * np.sqrt(most * (1 - most) / REPEATS)
        assert _wrong(statistic, LAWS[law], monkeypatch) < allowed


@pytest.mark.statistical
def test_the_standard_deviation_would_be_wrong_too_often(monkeypatch):
    """Planted: the statistic that rests on the farthest run, which is why `spread` does not."""
    found = _wrong(lambda values: values.std(axis=-1, ddof=1), LAWS["heavy"], monkeypatch)
    assert found > 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)


@pytest.mark.statistical
def test_permutations_are_uniform_without_a_difference(monkeypatch):
    """Null: p ≤ 0.1 in 10 of 100 experiments, give or take three standard errors."""
    monkeypatch.setattr(resampling, "DRAWS", 300)
    random = np.random.default_rng(5)
    # what a run has in common is exchanged with it
    groups = random.normal(size=(REPEATS, 3, RUNS)) + 5 * random.normal(size=(REPEATS, 1, RUNS))
    found = np.array([resampling.permuted(each, [-1, 0, 1], _mean) for each in groups])
    assert abs((found <= 0.1).mean() - 0.1) < 3 * np.sqrt(0.1 * 0.9 / REPEATS)
    # planted: groups that do differ
    assert resampling.permuted(groups[0] + np.arange(3)[:, None], [-1, 0, 1], _mean) < 0.05


def _mean(values):
    return values.mean(axis=-1)


def _runs(centre, width=1.0):
    return centre + width * np.random.default_rng(3).normal(size=RUNS)


def test_three_verdicts_of_a_difference():
    low, high = _runs(0.0), _runs(0.0)[::-1] + 4
    assert resampling.higher("", low, high).verdict == "holds"
    assert resampling.higher("", high, low).verdict == "contradicted"
    undecided = resampling.higher("", low, low[::-1])
    assert undecided.verdict == "undecided"
    assert undecided.interval[0] <= 0 <= undecided.interval[1]
    # one and the same training on both sides
    assert resampling.higher("", low, low).verdict == "undecided"


def test_runs_are_drawn_together():
    """What a run has in common cancels: the same difference in every run is known exactly."""
    common = 100 * _runs(0.0)
    found = resampling.higher("", common, common + 1.0)
    assert found.estimate == pytest.approx(1.0)
    assert found.interval == pytest.approx((1.0, 1.0))


def test_a_rise_is_that_of_the_line_from_end_to_end():
    groups = [_runs(0.0) + 2.0 * place for place in range(4)]
    found = resampling.rises("", groups)
    assert found.estimate == pytest.approx(6.0)
    assert found.verdict == "holds"
    assert resampling.rises("", groups[::-1]).verdict == "contradicted"
    wider = [_runs(0.0, 1.0 + 3 * place) for place in range(4)]
    assert resampling.rises("", wider, spread).verdict == "holds"


def test_alike_within_a_band():
    one = _runs(0.0, 0.1)
    assert resampling.alike("", one, one + 0.5, 1.0).verdict == "holds"
    assert resampling.alike("", one, one + 2.0, 1.0).verdict == "contradicted"
    assert resampling.alike("", one, 30 * one[::-1], 1.0).verdict == "undecided"


@pytest.mark.statistical
def test_the_largest_of_many_differences_is_not_positive_by_chance(monkeypatch):
    """Null: of eight settings without an effect one seems higher in 2.5 of 100 experiments at most."""
    monkeypatch.setattr(resampling, "DRAWS", 800)
    random = np.random.default_rng(9)
    found = []
    for _ in range(100):
        pairs = random.normal(size=(2, 8, RUNS))
        low, high = (dict(enumerate(each)) for each in pairs)
        found.append(resampling.one_is_higher("", low, high).verdict == "holds")
    assert np.mean(found) < 0.025 + 3 * np.sqrt(0.025 * 0.975 / 100)
    high[3] = high[3] + 9
    assert resampling.one_is_higher("", low, high).claim.endswith("at 3)")
    assert resampling.one_is_higher("", low, high).verdict == "holds"


def test_groups_that_cannot_be_compared_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"shapes \(5,\), \(6,\)"):
        resampling.higher("", np.zeros(5), np.zeros(6))
    with pytest.raises(InvalidArgumentError, match="at least 5"):
        resampling.higher("", np.zeros(3), np.zeros(3))
    with pytest.raises(InvalidArgumentError, match="not finite; give runs that diverged"):
        resampling.higher("", np.zeros(5), np.array([0, 1, 2, np.nan, 3]))
