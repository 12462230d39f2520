"""Planted bugs of the bounds under noise that depends on the state."""

import dataclasses

import sdeopt as so
from sims.state_noise import measuring
from sims.state_noise.experiment import QUICK, simulate
from tests.experiments.patched import with_algorithm, with_step_size
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    QUICK,
    replicas=100,
    fewer_replicas=30,
    window=3.0,
    agents=(8,),
    coupling=(4.0,),
    coupling_on_wells=(9.0,),
    coupling_of_momentum=(3.0,),
    agents_for_noise=(1, 16),
    replicas_for_noise=500,
)

REFUSED = [
    ({"agents": ()}, "agents is empty"),
    ({"replicas": 1}, "replicas is 1"),
    ({"coupling_on_wells": (1.0,)}, "k = 1 is given for the double well"),
]

true = so.ContinuousMomentum


def _of_the_mean(result, monkeypatch):
    """B is taken at x•, near the minimizer, where the noise is least."""
    as_it_is = measuring.strength
    monkeypatch.setattr(
        measuring, "strength", lambda x: as_it_is(x.mean(axis=2, keepdims=True) + 0 * x)
    )
    return simulate(SMALL)


def _one_noise_for_all(result, monkeypatch):
    """The mean has the noise of one agent."""
    p = result["agents"]
    names = {"distance": 0.5, "square": 1.0, "square_share": 1.0}
    changed = {name: result[name] * p**power for name, power in names.items()}
    return result.assign(changed | {"noise_trace": result["noise_trace"] * result["noise_agents"]})


def _as_if_constant(result, monkeypatch):
    """The noise is everywhere as strong as C, in the comparison with exact values."""
    shares = {name: result[name] * result["strength"] for name in ("spread_share", "square_share")}
    return result.assign(shares)


PLANTED = [
    Planted(
        "noise beyond C: twelve times its trace",
        with_step_size(simulate, SMALL, 12),
        [
            *["Lemma 3.1 for QSGD holds"] * 3,
            *["Lemma 3.2 for positions and velocities together holds on f"],
            "Theorem 5.1 holds on f",
            "Theorem 5.2 holds on f",
            "Theorem 5.3 holds on f",
            "at most ηC",
        ],
    ),
    Planted(
        "no coupling",
        with_algorithm(simulate, SMALL, "QSGD", lambda coupling: so.algorithms.QSGD(coupling=0.0)),
        ["Lemma 3.1 for QSGD holds on f", "QSGD on f = ½‖x‖²: the spread"],
    ),
    Planted(
        "a tenth of the damping",
        with_algorithm(
            simulate,
            SMALL,
            "ContinuousMomentum",
            lambda coupling, damping: true(coupling, damping / 10),
        ),
        ["the mean square of (x•, v•)", "Theorem 5.3 holds on f"],
    ),
    Planted(
        "B at the mean in place of B at each agent",
        _of_the_mean,
        ["(28)", *["the spread is that of constant noise"] * 2],
    ),
    Planted(
        "agents that share their noise",
        _one_noise_for_all,
        ["falls as 1/p", "at most ηC", *["the mean square of"] * 3, "Theorem 5.1 holds on f"],
    ),
    Planted(
        "noise as strong as C everywhere",
        _as_if_constant,
        [*["the spread is that of constant noise"] * 3, *["the mean square of"] * 3],
    ),
    Planted(
        "bounds of twenty times the noise, which say nothing",
        lambda result, monkeypatch: result.assign(
            {name: 20 * result[name] for name in ("spread_bound", "distortion_bound")}
            | {name: 20**0.5 * result[name] for name in ("bound", "free")}
        ),
        [*["vacuous"] * 7],
    ),
]
