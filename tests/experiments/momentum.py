"""Planted bugs of Theorem 5.3."""

import sdeopt as so
from sims.distances import momentum
from sims.distances.measuring import STATISTICS
from sims.distances.momentum import QUICK, simulate
from sims.shared.setting import MomentumSetting
from tests.experiments.patched import at_one_setting, few_settings, with_algorithm, with_step_size
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingMomentum

SMALL = few_settings(
    QUICK,
    (3.0, 9.0),
    replicas=300,
    agents_with_coupling=(2,),
    agents_on_quadratics=(2, 8),
    damping=(2.5,),
)

REFUSED = [
    ({"damping": (0.0,)}, "damping is 0"),
    ({"agents_with_coupling": ()}, "agents_with_coupling is empty"),
]

true = so.ContinuousMomentum

PLANTED = [
    Planted(
        "twenty-five times the learning rate",
        with_step_size(simulate, SMALL, 25),
        ["Theorem 5.3 holds for quadratics", "mean speed"],
    ),
    Planted(
        "coupling of the wrong sign, so weak that damping undoes it",
        with_algorithm(
            simulate,
            SMALL,
            "ContinuousMomentum",
            lambda coupling, damping: RepellingMomentum(0.3, damping),
        ),
        ["spread of the agents on quadratics"],
    ),
    Planted(
        "a tenth of the damping: ten times the energy",
        with_algorithm(
            simulate,
            SMALL,
            "ContinuousMomentum",
            lambda coupling, damping: true(coupling, damping / 10),
        ),
        ["mean speed"],
    ),
    Planted(
        "positions coupled to x~ for x•, so that the mean moves less",
        at_one_setting(
            momentum,
            MomentumSetting("quadratic", 2, 2, 9.0, 0.1, "coupling"),
            tuple(STATISTICS),
            "ContinuousMomentum",
            lambda coupling, damping: true(coupling, damping, quorum="filter"),
        ),
        ["exact mean square"],
    ),
]
