"""Planted bugs of Lemma 1: wrong noise, where learners have batches of their own."""

import dataclasses

import numpy as np

from sims.lemma1.experiment import QUICK, simulate
from sims.lemma1.measuring import Rounds
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    QUICK, replicas=4_000, pairs=1_000, rounds=7, period=3, band_for_means=0.15, band=0.12
)

REFUSED = [
    ({"replicas": 0}, "replicas is 0"),
    ({"period": 50}, "models must be averaged at least once"),
    ({"band": -0.1}, "band is -0.1"),
]


def _iterated(change):
    """Return a simulation in which (iteration, rounds, draws) -> models stands for the iteration."""

    def wrong(result, monkeypatch):
        as_it_is = Rounds.iterated
        monkeypatch.setattr(Rounds, "iterated", lambda self, draws: change(as_it_is, self, draws))
        return simulate(SMALL)

    return wrong


def _still_noisy(as_it_is, rounds, draws):
    models = as_it_is(rounds, draws)
    models[1:] += rounds.levels[:, None, None, None] * draws[::-1]
    return models


def _with_a_mean(as_it_is, rounds, draws):
    return as_it_is(rounds, draws + 0.1 * draws.std())


def _shared(as_it_is, rounds, draws):
    return as_it_is(rounds, np.broadcast_to(draws[:, :, :1], draws.shape))


VARIANCES = "own, averaged now and then: the variances"

PLANTED = [
    Planted("noise still on the models that are kept", _iterated(_still_noisy), [VARIANCES]),
    Planted(
        "noise with a mean of a tenth of its deviation",
        _iterated(_with_a_mean),
        ["own, averaged now and then, "] * 2,
    ),
    Planted(
        "learners that share their noise, so that averaging takes none away",
        _iterated(_shared),
        [VARIANCES],
    ),
    Planted(
        "half the drift of two layers",
        lambda result, monkeypatch: result.assign(drift=2 * result["drift"]),
        ["two layers"],
    ),
]
