"""Planted bugs of Theorem 5.2."""

import sdeopt as so
from sims.distances import easgd
from sims.distances.easgd import QUICK, simulate
from sims.distances.measuring import STATISTICS
from sims.shared.setting import EasgdSetting
from tests.experiments.patched import at_one_setting, few_settings, one_agents_noise, with_step_size
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQuorum

SMALL = few_settings(
    QUICK, (3.0,), replicas=400, window=4.0, agents_with_coupling=(8,), agents_on_quadratics=(2, 8)
)

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
        at_one_setting(
            easgd,
            EasgdSetting("quadratic", 2, 8, 0.3, 0.1, "coupling"),
            tuple(STATISTICS),
            "EASGD",
            lambda coupling: RepellingQuorum(coupling, _slow),
        ),
        ["the exact spread"],
    ),
    Planted(
        # no bound is broken by it: without a metric they hold for a filter of any rate
        "a quorum variable that is too slow",
        at_one_setting(
            easgd,
            EasgdSetting("quadratic", 2, 8, 3.0, 0.1, "coupling"),
            tuple(STATISTICS),
            "EASGD",
            lambda coupling: so.ArbitraryQuorum(coupling, _slow),
        ),
        ["the exact distance of x~"],
    ),
    Planted("agents that share their noise", one_agents_noise, ["without a metric, as for QSGD"]),
]
