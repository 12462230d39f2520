"""The theory on a network as an experiment: beside the contract, what only it must keep."""

import dataclasses
import subprocess
import sys

import pytest

from sdeopt.errors import InvalidArgumentError

pytest.importorskip("torch")

from nets.against_theory import experiment as nets_theory
from tests.nets.against_theory.small_setting import SMALL


@pytest.fixture(scope="module")
def small():
    return nets_theory.simulate(SMALL)


def test_it_can_be_listed_without_torch():
    code = "import sys, nets.against_theory.experiment; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_lemma_is_reported_as_not_applying_below_the_curvature(small):
    assert -float(small["smallest"].min()) > 0.05
    (words,) = [c.claim for c in nets_theory.claims(small) if "does not apply" in c.claim]
    assert "k = 0.05" in words
    assert "k = 1" not in words


def test_the_same_seed_gives_the_same_result(small):
    short = dataclasses.replace(
        SMALL, agents=(4, 1, 2), coupling=(1.0, 0.5), snapshots=(0, 3), stationary=3, svag_time=0.4
    )
    first, second = (nets_theory.simulate(short) for _ in range(2))
    assert first.equals(second)
    assert small.attrs["agent_steps"] > 120 * 12 * 4 * 5


def test_too_many_examples():
    with pytest.raises(InvalidArgumentError, match="there are 3200"):
        nets_theory.simulate(dataclasses.replace(SMALL, examples=4_000))
