"""Planted bugs of Lemma 3.1."""

import dataclasses

import sdeopt as so
from sdeopt.experiments.measured import Measured
from sims.shared.grids import columns, with_measured, with_numbers
from sims.shared.setting import Setting
from sims.sync.experiment import QUICK, bound, exact, measured, simulate
from tests.experiments.patched import with_setting, with_step_size
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQSGD

SMALL = dataclasses.replace(
    QUICK,
    samples=4096,
    band=0.08,
    fewest_replicas=100,
    coupling=(0.0, 3.0),
    coupling_on_wells=(2.0,),
    agents_with_coupling=(2, 8),
    agents=(8,),
    step_size=(0.01,),
    dim=(2,),
    replicas_on_hill=4_000,
    coupling_on_rugged=(0.0, 8.0),
    replicas_on_rugged=30,
    steps_on_rugged=8,
)

REFUSED = [
    ({"coupling": ()}, "coupling is empty"),
    ({"coupling": (0.0, -1.0)}, "coupling is -1; give a number from 0 on"),
    ({"coupling_on_wells": (0.5,)}, "k = 0.5 is given for the double well"),
    ({"fewest_replicas": 1}, "fewest_replicas is 1"),
    ({"usual_step_size": 0.0}, "usual_step_size is 0; give a number above 0"),
]


def _filter_of_their_own(result, monkeypatch):
    """At k = 3 the spread is 16/7 of the bound. A signal that lags alike for all agents would not do."""
    one = Setting("round quadratic", 2, 8, 3.0, 0.1, "coupling")
    monkeypatch.setattr(so, "QSGD", so.SingleAgentEASGD)
    run = measured(one, QUICK, 0)
    found = Measured.of(run["synchronization"].mean("step").values)
    assert 0.9 < found.value / (16 / 7 * bound(one)) < 1.1
    return with_setting(result, with_measured(columns([one]), "spread", [found]))


def _repelled(result, monkeypatch):
    """Two settings at k = ½ take the places of those at k = 1, where the spread would not end."""
    monkeypatch.setattr(so, "QSGD", RepellingQSGD)
    for family in ("round quadratic", "quadratic"):
        one = Setting(family, 2, 8, 0.5, 0.1, "coupling")
        found = Measured.of(measured(one, SMALL, 0)["synchronization"].mean("step").values)
        table = with_measured(columns([one]), "spread", [found])
        wrong = with_numbers(table, [{"bound": bound(one), "exact": exact(one)}])
        result = with_setting(result, wrong, dataclasses.replace(one, coupling=1.0))
    return result


PLANTED = [
    Planted(
        "half the constant where it is attained",
        lambda result, monkeypatch: result.assign(bound=result["bound"] / 2),
        ["is attained by", "quadratics of unequal curvatures"],
    ),
    Planted(
        "two per cent less of the bound on the hill, where it is nearly attained",
        lambda result, monkeypatch: result.assign(bound=result["bound"] * 0.98),
        ["on the hill"],
    ),
    Planted(
        "nine times the learning rate, more than any family is loose by",
        with_step_size(simulate, SMALL, 9),
        [*["Lemma 3.1 holds"] * 3, "exact value"],
    ),
    Planted(
        "coupling of the wrong sign: at k = ½ the spread is 1/(1 − k) for 1/(1 + k)",
        _repelled,
        ["is attained by", "holds for quadratics"],
    ),
    Planted(
        "agents that follow a filter of themselves in place of x•",
        _filter_of_their_own,
        ["is attained by"],
    ),
]
