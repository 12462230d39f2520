"""Planted bugs of Theorem 5.2."""

import dataclasses

import sdeopt as so
from sims.distances.easgd import QUICK, simulate
from tests.experiments.patched import one_agents_noise, with_algorithm, with_step_size
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQuorum

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
    agents_on_quadratics=(8,),
    agents=(2, 8),
    step_size=(0.1,),
    dim=(2,),
)
WEAK = dataclasses.replace(SMALL, coupling=(0.3,), usual_coupling=0.3)

REFUSED = [
    ({"coupling": ()}, "coupling is empty"),
    ({"fewer_replicas": 1}, "fewer_replicas is 1"),
    ({"window": 0.0}, "window is 0"),
]


def _slow(quorum, mean, t):
    """Move x~ at fifteen times less than kp = 24."""
    return 1.6 * (mean - quorum)


PLANTED = [
    Planted(
        "sixteen times the learning rate",
        with_step_size(simulate, SMALL, 16),
        [*["Theorem 5.2 holds"] * 2, "x~ on quadratics"],
    ),
    Planted(
        "coupling of the wrong sign, by less than l so that nothing blows up",
        with_algorithm(simulate, WEAK, "EASGD", lambda coupling: RepellingQuorum(coupling, _slow)),
        ["the exact spread"],
    ),
    Planted(
        # no bound is broken by it: without a metric they hold for a filter of any rate
        "a quorum variable that is too slow",
        with_algorithm(
            simulate, SMALL, "EASGD", lambda coupling: so.ArbitraryQuorum(coupling, _slow)
        ),
        ["the exact distance of x~"],
    ),
    Planted("agents that share their noise", one_agents_noise, ["without a metric, as for QSGD"]),
]
