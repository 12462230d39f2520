"""How differences are judged: the errors of all looks together, and the four verdicts."""

import numpy as np
import pytest
import xarray as xr

from nets.figures.desk import LOOKS
from nets.figures.judging import LEVEL, SMALLEST, Judge, judge_of

SEQUENCES = 1_500
DECIDED = ("holds", "contradicted")


def errors(judge, effect, wrong):
    """Return how often a verdict at any look is wrong, of 12 pairs whose differences scatter by 1."""
    random = np.random.default_rng(5)
    smallest = SMALLEST["share"]
    differences = effect * smallest + smallest * random.normal(size=(SEQUENCES, max(LOOKS)))
    made = 0
    for sequence in differences:
        seen = {judge.rises("", np.zeros(look), sequence[:look]).verdict for look in LOOKS}
        made += bool(seen & set(wrong))
    return made / SEQUENCES


def at_most(level):
    return level + 3 * np.sqrt(level * (1 - level) / SEQUENCES)


@pytest.mark.statistical
def test_three_looks_together_rarely_see_what_is_not_there():
    """Null: without an effect, a look that says more or less is as rare as planned."""
    assert errors(Judge(LOOKS), 0.0, DECIDED) <= at_most(1 - LEVEL)


@pytest.mark.statistical
def test_three_looks_together_rarely_miss_an_effect_of_interest():
    """Null: at the smallest effect of interest, one side of the interval errs at half that rate."""
    assert errors(Judge(LOOKS), 1.0, ("equivalent", "contradicted")) <= at_most((1 - LEVEL) / 2)


@pytest.mark.statistical
def test_the_same_notices_intervals_without_a_correction():
    assert errors(Judge((4,)), 0.0, DECIDED) > at_most(1 - LEVEL)


@pytest.mark.parametrize(
    ("centre", "scatter", "verdict"),
    [
        (0.05, 0.001, "holds"),
        (-0.05, 0.001, "contradicted"),
        (0.002, 0.001, "equivalent"),
        (-0.002, 0.001, "equivalent"),
        (0.004, 0.02, "undecided"),
    ],
)
def test_four_verdicts(centre, scatter, verdict):
    high = 0.5 + centre + scatter * np.array([-1.0, 1.0, -0.5, 0.5])
    claim = Judge(LOOKS).higher("more", np.full(4, 0.5), high)
    assert claim.verdict == verdict
    assert claim.interval[0] < centre < claim.interval[1]
    assert ("would decide" in claim.criterion) == (verdict == "undecided")
    assert "4 pairs" in claim.criterion


def test_as_many_pairs_as_it_says_would_decide():
    judge, differences = Judge(LOOKS), np.array([0.004, -0.01, 0.02, 0.006])
    room = max(differences.mean(), 0.01 - differences.mean())
    count = int(judge.needed(differences, room).split()[2])
    reach = [judge.quantile(n) * differences.std(ddof=1) / np.sqrt(n) for n in (count - 1, count)]
    assert reach[0] >= room > reach[1]


def test_one_training_on_both_sides_is_no_finding():
    same = np.array([0.1, 0.2, 0.3, 0.4])
    claim = Judge(LOOKS).higher("", same, same)
    assert claim.verdict == "undecided"
    assert claim.criterion.endswith("4 pairs, the two numbers the same in each")


def test_of_lost_runs_the_signs_count_and_all_must_agree():
    judge, finite, lost = Judge(LOOKS), np.ones(4), np.full(4, np.inf)
    partly = np.array([np.inf, 0.5, np.inf, np.inf])
    assert judge.higher("", finite, lost, kind="loss").verdict == "holds"
    assert judge.higher("", lost, finite, kind="loss").verdict == "contradicted"
    assert judge.higher("", finite, partly, kind="loss").verdict == "undecided"


def test_of_lost_runs_all_signs_must_agree_without_a_plan_too():
    low, high = np.array([2.0, 2.0, 2.0, 2.0, 1.0]), np.array([1.0, 1.0, 1.0, 1.0, np.inf])
    assert Judge().higher("", low, high, kind="loss").verdict == "undecided"
    assert Judge().higher("", high, low, kind="loss").verdict == "undecided"
    claim = Judge().higher("", low, np.full(5, np.inf), kind="loss")
    assert claim.verdict == "holds"
    assert claim.criterion == "sign of the difference > 0, 5 pairs, of which some did not converge"
    assert Judge().higher("", np.full(5, np.inf), low, kind="loss").verdict == "contradicted"


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("looks", [LOOKS, ()])
@pytest.mark.parametrize(
    ("low", "high"),
    [
        ([1.0, np.inf], [np.inf, 1.0]),
        ([np.inf] * 4, [np.inf] * 4),
        ([np.inf, np.inf, 1.0, 1.0], [np.inf, np.inf, 1.0, 1.0]),
        ([1.0, np.inf, 1.0, 1.0], [np.inf, np.inf, 2.0, 2.0]),
        ([-np.inf, np.inf, 1.0], [2.0, 1.0, np.nan]),
    ],
)
def test_runs_that_both_lost_decide_nothing(looks, low, high):
    pair = np.array(low), np.array(high)
    for claim in (
        Judge(looks).rises("", *pair, kind="loss"),
        Judge(looks).higher("", *pair, kind="loss"),
        Judge(looks).higher("", *pair),
        Judge(looks).alike("", *pair, kind="loss"),
    ):
        assert claim.verdict == "undecided"
        assert claim.interval == (-np.inf, np.inf)
        assert claim.criterion.endswith("of which some did not converge")


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        ([0.501, 0.499, 0.5, 0.502], "holds"),
        ([0.6, 0.61, 0.6, 0.59], "contradicted"),
        ([0.48, 0.5, 0.52, 0.51], "undecided"),
        # the same to the last bit: what should not matter did not take place
        ([0.5, 0.5, 0.5, 0.5], "undecided"),
    ],
)
def test_alike_is_shown_by_the_whole_interval(second, verdict):
    assert Judge(LOOKS).alike("", np.full(4, 0.5), np.array(second)).verdict == verdict


@pytest.mark.parametrize(
    ("above", "verdict"),
    [
        ([0.8, 0.81, 0.8, 0.79], "holds"),
        ([1.0, 1.1, 1.0, 1.1], "contradicted"),
        ([0.8, 0.9, 1, 0.7], "undecided"),
    ],
)
def test_a_ratio_is_judged_by_its_whole_interval(above, verdict):
    claim = Judge(LOOKS).ratio("", np.array(above), np.ones(4), "ratio", most=0.9)
    assert claim.verdict == verdict
    assert claim.criterion.partition(";")[0] == "ratio ≤ 0.9, 4 runs"
    assert ("would decide" in claim.criterion) == (verdict == "undecided")


def test_a_ratio_is_the_centre_of_its_interval():
    above, below = np.array([1.0, 2.0, 3.0, 3.0]), np.array([1.0, 1.0, 2.0, 4.0])
    claim = Judge(LOOKS).ratio("", above, below, "ratio", least=1.0)
    assert claim.estimate == pytest.approx((above / below).mean())
    assert claim.interval[1] - claim.estimate == pytest.approx(
        Judge(LOOKS).reach((above / below)[:, None])[0]
    )


@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_a_ratio_of_lost_runs_is_undecided(lost):
    above = np.array([0.8, lost, 0.8, 0.79])
    claim = Judge(LOOKS).ratio("", above, np.ones(4), "ratio", most=0.9)
    assert (claim.verdict, claim.interval) == ("undecided", (0.0, np.inf))
    assert claim.criterion.endswith("of which some did not converge")


@pytest.mark.parametrize("looks", [LOOKS, ()])
def test_a_ratio_between_two_ends_is_beyond_either(looks):
    for above in (1.5, 0.5):
        runs = above + np.array([0.0, 0.01, -0.01, 0.0])
        claim = Judge(looks).ratio("", runs, np.ones(4), "ratio", least=0.98, most=1.02)
        assert claim.verdict == "contradicted"


@pytest.mark.parametrize("looks", [LOOKS, ()])
def test_a_ratio_of_distances_is_not_below_0(looks):
    claim = Judge(looks).ratio("", np.array([0.1, 3.0, 0.2, 0.7]), np.ones(4), "ratio", most=0.9)
    assert claim.verdict == "undecided"
    assert claim.interval[0] == 0.0


def test_distances_are_compared_in_logarithms():
    near = np.array([1.0, 100.0, 3.0, 5.0])
    claim = Judge(LOOKS).further("", near, 1.21 * near)
    assert claim.estimate == pytest.approx(np.log(1.1))
    assert claim.verdict == "holds"


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_no_distance_on_either_side_is_no_difference():
    claim = Judge(LOOKS).further("", np.zeros(4), np.zeros(4))
    assert (claim.verdict, claim.interval) == ("undecided", (0.0, 0.0))
    assert claim.criterion.endswith("4 pairs, the two numbers the same in each")
    some = np.array([0.0, 1.0, 2.0, 3.0])
    claim = Judge(LOOKS).further("", some, np.exp(0.2) * some)
    assert claim.estimate == pytest.approx(0.75 * 0.1)
    # one of them alone has no logarithm, and says which is larger
    assert Judge(LOOKS).further("", np.zeros(4), some + 1).verdict == "holds"


def test_without_a_plan_three_standard_errors_decide():
    assert judge_of(xr.Dataset()) == Judge()
    # a file keeps a list of one number as the number
    assert judge_of(xr.Dataset(attrs={"looks": np.int64(4)})).looks == (4,)
    claim = Judge().higher("", np.zeros(4), np.array([1.0, 1.1, 0.9, 1.0]), kind="loss")
    assert claim.criterion == "difference / its standard error ≥ 3"
