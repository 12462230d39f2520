from dataclasses import dataclass, field

import pytest

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration
from sdeopt.experiments.overrides import overridden
from tests.fake_experiment import FakeConfiguration


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("seed=7", "seed", 7),
        ("size=1e3", "size", 1000),
        ("size = 12 ", "size", 12),
        ("level=-2.5e-1", "level", -0.25),
        ("couplings=0,3,8", "couplings", (0.0, 3.0, 8.0)),
        ("couplings=[1]", "couplings", (1.0,)),
        ("couplings=", "couplings", ()),
        ("label=a=b", "label", "a=b"),
        ("smooth=Yes", "smooth", True),
        ("limit=none", "limit", None),
        ("limit=2", "limit", 2.0),
        ("way=loop", "way", "loop"),
    ],
)
def test_conversion(setting, key, value):
    changed = getattr(overridden(FakeConfiguration(), [setting]), key)
    assert changed == value
    assert type(changed) is type(value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("levle=1", "no setting 'levle'; did you mean 'level'"),
        ("level", "'level'; write it as key=value"),
        ("=3", "write it as key=value"),
        ("size=1.5", "'size' was given '1.5'; it must be a whole number"),
        ("size=many", "it must be a whole number"),
        ("level=nan", "it must be a finite number"),
        ("couplings=0,x", "'couplings' was given 'x'; it must be a finite number"),
        ("way=both", "'way' was given 'both'; it must be 'loop' or 'batched'"),
        ("smooth=perhaps", "it must be true or false"),
    ],
)
def test_mistakes_are_named(setting, message):
    with pytest.raises(InvalidArgumentError, match=message):
        overridden(FakeConfiguration(), [setting])


def test_later_ones_win_and_the_original_stays():
    original = FakeConfiguration()
    assert overridden(original, ["size=1", "size=2"]).size == 2
    assert original.size == 4


def test_a_field_that_is_no_text():
    @dataclass(frozen=True, kw_only=True)
    class Odd(Configuration):
        table: dict = field(default_factory=dict)

    with pytest.raises(InvalidArgumentError, match="'table' cannot be given as text"):
        overridden(Odd(), ["table=1"])
