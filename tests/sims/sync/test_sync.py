"""The exact spread of agents, and the number of settings."""

import dataclasses

import numpy as np
import pytest

from sims.shared.setting import Setting
from sims.sync import experiment as sync


@pytest.mark.parametrize(("p", "k", "eta"), [(2, 0.0, 0.1), (9, 4.0, 0.5)])
def test_exact_values(p, k, eta):
    """(p − 1) η n / (2 (1 + k)) where all curvatures are 1, C = n; and the bound is the same."""
    setting = Setting("round quadratic", 3, p, k, eta)
    by_hand = (p - 1) * eta * 3 / (2 * (1 + k))
    assert sync.exact(setting) == pytest.approx(by_hand)
    assert sync.bound(setting) == pytest.approx(by_hand)
    long = dataclasses.replace(setting, family="quadratic")
    assert sync.exact(long) < sync.bound(long)
    assert np.isnan(sync.exact(dataclasses.replace(setting, family="double well", coupling=9.0)))


def test_every_setting_is_measured():
    """4 losses with 4 couplings and 3 numbers of agents, then p, η and n, and the hill."""
    chosen = sync.settings(sync.QUICK)
    assert len(chosen) == 4 * 12 + 5 + 4 + 4 + 1
    assert len(set(chosen)) == len(chosen)
