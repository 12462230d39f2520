"""Planted bugs of the rates of Theorem 3.1, Lemmas 3.2 and 5.4, and of Sec. 3.4."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.rates import descents
from sims.rates.experiment import QUICK, simulate
from sims.shared.grids import as_part
from tests.experiments.patched import with_algorithm
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingMomentum

SMALL = dataclasses.replace(
    QUICK,
    starts=4,
    descents=4,
    coupling=(3.0,),
    coupling_on_wells=(4.0,),
    momentum=((3.0, 0.0, 2.0),),
    replicas=400,
    replicas_for_uneven=30,
    theta=(0.0, 0.3),
)

REFUSED = [
    ({"momentum": ()}, "momentum is empty"),
    ({"descents": 0}, "descents is 0"),
    ({"momentum": ((3.0, 0.0, -2.0),)}, "momentum is -2"),
    ({"coupling_on_wells": (1.0, 2.0)}, "coupling_on_wells has 1"),
    ({"theta": (0.3, 0.6)}, "begin with 0"),
]


def _loudest(result, monkeypatch):
    """The noise of all agents is that of the loudest."""
    as_it_is = so.simulate

    def loud(*given, step_size, **arguments):
        largest = np.full_like(step_size, np.max(step_size))
        return as_it_is(*given, step_size=largest if np.ndim(step_size) else step_size, **arguments)

    monkeypatch.setattr(so, "simulate", loud)
    return simulate(SMALL)


def _slower(result, monkeypatch):
    """Flows with half the coupling and half the damping."""
    right = descents.Descent.flow
    monkeypatch.setattr(
        descents.Descent,
        "flow",
        lambda self: right(
            dataclasses.replace(self, coupling=self.coupling / 2, damping=self.damping / 2)
        ),
    )
    table = as_part(descents.measure(4, 7), "descent")
    return result.drop_vars([*table]).merge(table)


PLANTED = [
    Planted("half the coupling and damping of the flows", _slower, ["Lemma 5.2", "Lemma 5.3"]),
    Planted(
        "rates of half the proved ones",
        lambda result, monkeypatch: result.assign(descent_proved=result["descent_proved"] / 2),
        ["these rates to the minimizer are attained"],
        only=True,
    ),
    Planted(
        "rates to the minimizer of twice the proved ones",
        lambda result, monkeypatch: result.assign(descent_proved=2 * result["descent_proved"]),
        ["Lemma 5.1: and reach", "Lemma 5.1: under a coupling", "Lemma 5.2", "Lemma 5.3"],
        only=True,
    ),
    Planted(
        "rates of 1.1 times the proved ones",
        lambda result, monkeypatch: result.assign(flow_proved=1.1 * result["flow_proved"]),
        ["Theorem 3.1", "Lemma 5.4: with gains"],
    ),
    Planted(
        "half the coupling",
        with_algorithm(simulate, SMALL, "QSGD", lambda k: so.algorithms.QSGD(k / 2)),
        ["Theorem 3.1: agents of QSGD"],
    ),
    Planted(
        # Lemma 3.2 is loose, so a smaller k₁ would not show
        "positions with momentum coupled with the wrong sign",
        with_algorithm(simulate, SMALL, "ContinuousMomentum", RepellingMomentum),
        ["Lemma 3.2: with momentum"],
    ),
    Planted("one learning rate for all, the largest", _loudest, ["Sec. 3.4: with learning rates"]),
    Planted(
        "bounds of half the noise",
        lambda result, monkeypatch: result.assign(noisy_bound=result["noisy_bound"] / 2),
        ["Sec. 3.4: with learning rates", "attained at all times"],
    ),
]
