"""Planted bugs of the tightness of Lemma 3.1, (31) and Theorems 5.1 to 5.3."""

import dataclasses

from sims.distances.tightness import QUICK, simulate
from tests.experiments.patched import with_step_size
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(QUICK, window=4.0, agents=(2, 16), step_size=(0.1, 1.0))

REFUSED = [
    ({"step_size": ()}, "step_size is empty"),
    ({"replicas": 1}, "replicas is 1"),
]

PLANTED = [
    Planted(
        "a quarter of the learning rate, so that every bound seems looser than it is",
        with_step_size(simulate, SMALL, 0.25),
        ["Lemma 3.1 is good", "Theorem 5.1 is good"],
    ),
    Planted(
        "Theorem 5.2 without its √p",
        lambda result, monkeypatch: result.assign(
            easgd_bound=result["easgd_bound"] / result["easgd_agents"] ** 0.5
        ),
        ["Theorem 5.2 is looser than Theorem 5.1"],
    ),
    Planted(
        "a spread that does not depend on the coupling of momentum",
        lambda result, monkeypatch: result.assign(
            momentum_spread=result["momentum_spread_bound"] / 10
        ),
        ["it is worse both for weak coupling"],
    ),
]
