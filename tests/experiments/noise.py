"""Planted bugs of Theorem 3.2."""

import dataclasses

import numpy as np

import sdeopt as so
from sdeopt.experiments.measured import Measured
from sims.noise.experiment import QUICK, measured, simulate
from sims.shared.grids import columns, with_measured
from sims.shared.setting import Setting, UnevenSetting
from tests.experiments.patched import with_setting, with_step_size
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQSGD

SMALL = dataclasses.replace(
    QUICK,
    samples=512,
    fewest_replicas=60,
    window=3.0,
    coupling=(9.0,),
    agents_with_coupling=(8,),
    agents=(8,),
    step_size=(0.1,),
    dim=(2,),
    coupling_for_noise=(0.0,),
    agents_for_noise=(1, 2),
    replicas_for_noise=30,
    steps_for_noise=2,
)

REFUSED = [
    ({"agents": ()}, "agents is empty"),
    ({"replicas_for_noise": 1}, "replicas_for_noise is 1"),
    ({"coupling_for_noise": (-1.0,)}, "coupling_for_noise is -1"),
]


def _uncoupled(coupling):
    return so.algorithms.QSGD(coupling=0.0)


def _loud_and_uncoupled(result, monkeypatch):
    """(31) is loose by 6 or more on the log-cosh loss."""
    monkeypatch.setattr(so, "QSGD", _uncoupled)
    return with_step_size(simulate, SMALL, 10)(result, monkeypatch)


def _remeasured(result, one, configuration):
    """Return a result whose distortion at one setting is measured again."""
    run = measured(one, configuration, 0)
    found = Measured.of(run["distortion"].mean("step").values)
    return with_setting(result, with_measured(columns([one]), "distortion", [found]))


def _filter_of_their_own(result, monkeypatch):
    """Agents do not come together, so ε does not shrink with k."""
    monkeypatch.setattr(so, "QSGD", so.SingleAgentEASGD)
    return _remeasured(result, Setting("slanted", 1, 8, 9.0, 0.1, "slanted"), QUICK)


def _repelled(result, monkeypatch):
    monkeypatch.setattr(so, "QSGD", RepellingQSGD)
    for one in (
        Setting("log-cosh", 2, 8, 3.0, 0.1, "coupling"),
        Setting("slanted", 1, 8, 3.0, 0.1, "slanted"),
    ):
        result = _remeasured(result, one, SMALL)
    return result


def _all_the_largest(result, monkeypatch):
    """Every agent has the largest of the learning rates."""
    right = UnevenSetting.step_sizes
    monkeypatch.setattr(
        UnevenSetting, "step_sizes", lambda self: np.full(self.agents, right(self).max())
    )
    return _remeasured(result, UnevenSetting("slanted", 1, 8, 9.0, 0.1, "uneven"), QUICK)


PLANTED = [
    Planted(
        "one learning rate for all, the largest",
        _all_the_largest,
        ["(31) holds for learning rates of the agents' own"],
        only=True,
    ),
    Planted(
        "a mean with the noise of one agent",
        lambda result, monkeypatch: result.assign(
            noise_trace=result["noise_trace"] * result["noise_agents"]
        ),
        [*["falls as 1/p"] * 4, "p times the batch"],
    ),
    Planted("no coupling, and ten times the learning rate", _loud_and_uncoupled, ["(31) holds"]),
    Planted(
        "agents that follow a filter of themselves in place of x•",
        _filter_of_their_own,
        ["(31) holds for the slanted loss"],
    ),
    Planted(
        "coupling of the wrong sign",
        _repelled,
        ["(31) holds for the strongly convex log-cosh loss", "(31) holds for the slanted loss"],
    ),
]
