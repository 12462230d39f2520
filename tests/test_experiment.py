import dataclasses
import json
import math

import numpy as np
import pytest

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Configuration
from tests.fake_experiment import FAKE, FakeConfiguration, fake


@pytest.mark.parametrize(
    ("claim", "holds", "criterion"),
    [
        (Claim.at_least("c", 0.9, 0.9, "share"), True, "share ≥ 0.9"),
        (Claim.at_least("c", 0.89, 0.9), False, "value ≥ 0.9"),
        (Claim.at_most("c", 2.0, 2.0), True, "value ≤ 2"),
        (Claim.at_most("c", 2.1, 2.0), False, "value ≤ 2"),
        (Claim.above("c", 1.0, 1.0), False, "value > 1"),
        (Claim.above("c", 1.1, 1.0), True, "value > 1"),
        (Claim.between("c", 1.0, 1.0, 2.0, "ratio"), True, "1 ≤ ratio ≤ 2"),
        (Claim.between("c", 2.1, 1.0, 2.0, "ratio"), False, "1 ≤ ratio ≤ 2"),
    ],
)
def test_criterion_and_verdict_agree(claim, holds, criterion):
    assert claim.holds is holds
    assert claim.criterion == criterion


def test_what_is_not_a_number_never_holds():
    nan = math.nan
    kinds = Claim.at_least("c", nan, 0), Claim.at_most("c", nan, 0), Claim.above("c", nan, 0)
    assert not any(claim.holds for claim in (*kinds, Claim.between("c", nan, 0, 1)))

    assert {claim.verdict for claim in kinds} == {"undecided"}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (Claim.at_least("c", 0.8, 0.9), "contradicted"),
        (Claim.at_least("c", 0.8, 0.9, interval=(0.7, 0.89)), "contradicted"),
        (Claim.at_least("c", 0.8, 0.9, interval=(0.7, 0.9)), "undecided"),
        (Claim.at_most("c", 1.1, 1.0, interval=(1.01, 1.2)), "contradicted"),
        (Claim.at_most("c", 1.1, 1.0, interval=(1.0, 1.2)), "undecided"),
        (Claim.above("c", 0.9, 1.0, interval=(0.8, 1.0)), "contradicted"),
        (Claim.above("c", 0.9, 1.0, interval=(0.8, 1.1)), "undecided"),
        (Claim.between("c", 3.0, 1.0, 2.0, interval=(2.1, 4.0)), "contradicted"),
        (Claim.between("c", 3.0, 1.0, 2.0, interval=(1.9, 4.0)), "undecided"),
        (Claim.between("c", 0.5, 1.0, 2.0, interval=(0.3, 0.9)), "contradicted"),
        (Claim.at_least("c", 0.95, 0.9, interval=(0.9, 1.0)), "holds"),
        (Claim.at_least("c", 0.95, 0.9, interval=(0.89, 1.0)), "undecided"),
        (Claim.at_most("c", 0.9, 1.0, interval=(0.8, 1.0)), "holds"),
        (Claim.at_most("c", 0.9, 1.0, interval=(0.8, 1.1)), "undecided"),
        (Claim.above("c", 1.2, 1.0, interval=(1.1, 1.3)), "holds"),
        (Claim.above("c", 1.2, 1.0, interval=(1.0, 1.4)), "undecided"),
        (Claim.between("c", 1.5, 1.0, 2.0, interval=(1.0, 2.0)), "holds"),
        (Claim.between("c", 1.5, 1.0, 2.0, interval=(0.9, 2.0)), "undecided"),
        (Claim.between("c", 1.5, 1.0, 2.0, interval=(1.0, 2.1)), "undecided"),
        (Claim.between("c", 1.5, 1.0, 2.0, interval=(-math.inf, math.inf)), "undecided"),
        (Claim.between("c", 1.5, 1.0, 2.0, interval=(math.nan, math.nan)), "undecided"),
        (Claim.clear("c", 0.75, 0.25), "holds"),
        (Claim.clear("c", 0.29, 0.1), "undecided"),
        (Claim.clear("c", -0.29, 0.1), "undecided"),
        (Claim.clear("c", -0.75, 0.25), "contradicted"),
        (Claim.clear("c", 0.3, 0.1, 4.0), "undecided"),
        (Claim.clear("c", 0.1, 0.0), "holds"),
        (Claim.clear("c", -0.1, 0.0), "contradicted"),
        (Claim.clear("c", 0.0, 0.0), "undecided"),
        (Claim.clear("c", math.inf, 0.0), "holds"),
        (Claim.clear("c", math.nan, 0.1), "undecided"),
        (Claim.clear("c", 0.1, math.nan), "undecided"),
    ],
)
def test_what_the_interval_leaves_open_is_undecided(claim, verdict):
    assert claim.verdict == verdict
    assert claim.holds is {"holds": True, "contradicted": False, "undecided": None}[verdict]


@pytest.mark.parametrize("value", [0.8, 0.95])
def test_a_number_is_met_whatever_its_interval(value):
    """What seems to hold is told beside the verdict."""
    claim = Claim.at_least("c", value, 0.9, interval=(0.7, 1.0))
    assert (claim.verdict, claim.seems) == ("undecided", value > 0.9)
    assert Claim.at_least("c", value, 0.9).seems is (value > 0.9)
    assert Claim.clear("c", value, 0.1).seems is True
    assert Claim.clear("c", value, 1.0).seems is False


def test_a_difference_has_its_estimate_and_interval():
    claim = Claim.clear("c", 0.5, 0.125)
    assert (claim.value, claim.estimate, claim.interval) == (4.0, 0.5, (0.125, 0.875))
    assert claim.criterion == "difference / its standard error ≥ 3"


@pytest.mark.parametrize(
    ("interval", "verdict", "holds"),
    [
        ((0.1, 2.0), "holds", True),
        ((-0.1, 2.0), "undecided", None),
        ((-2.0, -0.1), "contradicted", False),
        ((-2.0, 0.5), "undecided", None),
        # too small to matter, be its sign known or not
        ((-0.9, 0.9), "equivalent", False),
        ((0.1, 0.9), "equivalent", False),
        ((-0.9, -0.1), "equivalent", False),
        ((0.1, 1.0), "holds", True),
        ((math.nan, math.nan), "undecided", None),
    ],
)
def test_a_difference_too_small_to_matter_is_equivalent(interval, verdict, holds):
    claim = Claim.difference("c", sum(interval) / 2, interval, 1.0, "points")
    assert (claim.verdict, claim.holds) == (verdict, holds)
    assert claim.criterion == "points > 0 (smallest of interest 1)"
    entry = claim.as_json()
    assert (entry["verdict"], entry["holds"]) == (verdict, holds)


def test_json_has_its_keys_and_no_nan():
    entry = Claim.at_least("c", math.inf, 0, interval=(0.0, math.inf)).as_json()
    assert entry == {
        "claim": "c",
        "value": None,
        "criterion": "value ≥ 0",
        "holds": True,
        "verdict": "holds",
        "estimate": None,
        "interval": [0.0, None],
    }
    json.dumps(entry, allow_nan=False)
    plain = Claim.at_least("c", 1.0, 0).as_json()
    assert (plain["estimate"], plain["interval"]) == (None, None)


def test_an_experiment_needs_both_scales():
    with pytest.raises(InvalidArgumentError, match="'fake' has no scale paper"):
        fake(scales={"quick": FakeConfiguration()})


def test_another_scale_is_welcome():
    desk = {**FAKE.scales, "desk": FakeConfiguration(size=6)}
    assert fake(scales=desk).configuration("desk").size == 6
    with pytest.raises(InvalidArgumentError, match="no scale of experiment 'fake' called 'desk'"):
        FAKE.configuration("desk")


@pytest.mark.parametrize("odd", [[], None, np.zeros(2)])
def test_a_scale_is_a_word(odd):
    with pytest.raises(InvalidArgumentError, match="no scale of experiment 'fake' called"):
        FAKE.configuration(odd)


def test_unknown_scale_names_the_nearest():
    assert FAKE.configuration("paper").size == 8
    with pytest.raises(InvalidArgumentError, match="'papr'; did you mean 'paper'"):
        FAKE.configuration("papr")


def test_configurations_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FAKE.configuration("quick").seed = 3
    assert Configuration().configuration() == {"name": "Configuration", "seed": 1}


def test_limits_of_numpy_give_a_verdict_that_a_file_can_hold():
    claim = Claim.at_most("it is small", 1.0, np.float64(2.0), interval=(np.float64(0.5), 1.5))
    assert json.loads(json.dumps(claim.as_json()))["holds"] is True
