"""Planted bugs of Theorem 5.1."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.distances.qsgd import QUICK, simulate
from tests.experiments.patched import one_agents_noise, with_algorithm, with_step_size
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQSGD

SMALL = dataclasses.replace(
    QUICK,
    replicas=400,
    fewer_replicas=40,
    single_replicas=16,
    window=4.0,
    band=0.1,
    coupling=(3.0,),
    usual_coupling=3.0,
    agents_with_coupling=(8,),
    agents_on_quadratics=(1, 4),
    agents=(2, 8),
    step_size=(0.1,),
    dim=(2,),
)

REFUSED = [
    ({"dim": ()}, "dim is empty"),
    ({"single_replicas": 0}, "single_replicas is 0"),
    ({"step_size_on_slanted": -1.0}, "step_size_on_slanted is -1"),
]

PLANTED = [
    Planted(
        "half of C where the mean square attains it",
        lambda result, monkeypatch: result.assign(bound=result["bound"] / np.sqrt(2)),
        ["holds for f = ½l‖x‖²", "attained"],
    ),
    Planted(
        "agents that share their noise",
        one_agents_noise,
        ["falls as 1/√p", "holds for f = ½l‖x‖²"],
    ),
    Planted(
        "nine times the learning rate",
        with_step_size(simulate, SMALL, 9),
        [*["Theorem 5.1 holds"] * 3, "its noise term"],
    ),
    Planted(
        "coupling of the wrong sign, so that agents go apart and the distortion moves the mean",
        with_algorithm(simulate, SMALL, "QSGD", RepellingQSGD),
        ["its distortion term", "holds for the strongly convex log-cosh loss"],
    ),
    Planted(
        # no bound is broken by it: what it takes from the distance it gives back
        "a filter in place of x•: the mean moves less, by 1/3 of its square at k = 3",
        with_algorithm(
            simulate,
            SMALL,
            "QSGD",
            lambda coupling: so.ArbitraryQuorum(
                coupling, lambda quorum, mean, t: 0.5 * (mean - quorum)
            ),
        ),
        ["exact mean square on quadratics"],
    ),
]
