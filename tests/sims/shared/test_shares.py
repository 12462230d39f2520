"""Shares of replicas, agents or pairs, with so few replicas that a normal law would leave [0, 1]."""

import re
from importlib import import_module

import pytest

from tests.experiments.quick_results import quick_result

MODULES = ("rugged.fig1", "rugged.fig2", "rugged.fig3", "coupled.fig5", "coupled.fig6")


@pytest.mark.parametrize("module", MODULES)
def test_intervals_of_shares_lie_between_0_and_1(module):
    experiment = import_module(f"sims.{module}").experiment
    few = quick_result(experiment).isel(replica=slice(3))
    shares = [
        claim
        for claim in experiment.claims(few)
        if re.search(r"\bshare (of (replicas|agents|pairs)|in the)", claim.criterion)
        and " / " not in claim.criterion
    ]
    assert len(shares) > 3
    for claim in shares:
        low, high = claim.interval
        assert 0 <= low <= claim.estimate <= high <= 1, claim
