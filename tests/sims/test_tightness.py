"""What is said of tightness holds in simulation, and bugs are noticed."""

import dataclasses

import pytest

from sdeopt import results
from sims.distances import tightness
from sims.distances.tightness import factors, terms
from sims.shared import stationary

SMALL = dataclasses.replace(
    tightness.QUICK,
    window=4.0,
    couplings=(1.5, 3.0, 9.0),
    agents=(2, 16),
    step_sizes=(0.1, 1.0),
)


@pytest.fixture(scope="module")
def small():
    return tightness.simulate(SMALL)


def failed(result):
    return [claim.claim for claim in tightness.claims(result) if not claim.holds]


@pytest.mark.statistical
def test_the_claims_hold(small):
    """Factors that are bounded are so at level 0.001; the others leave wide room."""
    assert failed(small) == []


def test_result_from_a_file_and_its_picture(small, tmp_path):
    results.save(small, tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    assert str(tightness.claims(loaded)) == str(tightness.claims(small))
    assert len(tightness.experiment.draw(loaded).axes) == 13


def test_terms_are_those_of_one_loss(small):
    found = factors(small, "qsgd")
    assert terms(found)["agents"].values.tolist() == [2, 16]
    assert terms(found, "slanted").sizes["setting"] == 2
    assert terms(factors(small, "easgd"), "slanted").sizes["setting"] == 0


@pytest.mark.statistical
def test_noise_too_small_is_noticed(monkeypatch, small):
    """A quarter of the learning rate makes every bound look looser than it is."""
    as_it_is = stationary.so.simulate

    def quiet(*given, step_size, **arguments):
        return as_it_is(*given, step_size=step_size / 4, **arguments)

    monkeypatch.setattr(stationary.so, "simulate", quiet)
    bad = failed(tightness.simulate(SMALL))
    assert any("Lemma 3.1 is good" in words for words in bad)
    assert any("Theorem 5.1 is good" in words for words in bad)
