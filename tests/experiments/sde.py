"""Planted bugs of the differential equations on both losses."""

import dataclasses

import numpy as np

from sims.sde import experiment, nested_paths
from sims.sde.laws import CoupledMethod
from tests.experiments.panels import more
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(experiment.QUICK, replicas_for_order=400)

UNDECIDED = {
    "and at k = 2 it is the other way": "0.87 of the means against 0.71 of 75, by 2.4 standard errors",
    "at k = 2: and on one noise they do so replica by replica": "in 72 of 75, perhaps 0.84 of all",
    "at k = 8: and on one noise they do so replica by replica": "in 74 of 75, perhaps 0.88 of all",
}

REFUSED = [
    ({"algorithms": ("QSGD", "EASGD", "ADAM")}, "no method in algorithms called 'ADAM'"),
    ({"algorithms_on_coupled": ("SGD", "QSGD")}, "needs QSGD and EASGD"),
    ({"coupling": (8.0, 2.0)}, "two couplings above 0 or more, rising"),
    ({"coupling_with_momentum": (10.0,)}, "two couplings above 0 or more, rising"),
    ({"strong_coupling": 5.0}, "strong_coupling is 5, but must be one of coupling"),
    ({"replicas": 20}, "confidence limits need at least 30"),
    ({"agents": 0}, "agents is 0"),
    ({"halvings": 1}, "halvings is 1"),
]

EQUATION = -1
"""The last form: the equation at its least dt."""


def _place(result, loss, method, coupling):
    cases = result[f"{loss}_law_case"].values.tolist()
    return cases.index(CoupledMethod(method, coupling).label)


def _ends(result, loss, name, change):
    """Return the result with final means and quorum variables changed."""
    for variable in ("mean", "quorum"):
        key = f"{loss}_law_{variable}"
        axes = [f"{loss}_law_{axis}" for axis in ("case", "form", "replica", "dim")]
        values = result[key].transpose(*axes).values.copy()
        change(values)
        result[key] = (axes, values)
    return result


def _no_limit(result, monkeypatch):
    """Noise of a tick in every step: the shorter steps are, the hotter are the agents."""
    as_it_is = nested_paths.so.Increments

    def unscaled(values, dt=None):
        return as_it_is(values if dt is None else values / np.sqrt(dt / 0.04), dt=dt)

    monkeypatch.setattr(nested_paths.so, "Increments", unscaled)
    changed = dataclasses.replace(SMALL, algorithms=("QSGD", "EASGD"))
    wrong = experiment._orders(changed, "rugged")
    momentum = [name for name in result.data_vars if name.startswith("rugged_momentum")]
    return result.drop_vars(
        [*momentum, *(name for name in result.variables if name.startswith("rugged_plain"))]
    ).merge(wrong)


def _other_paths(result, monkeypatch):
    """Coarser steps with noise of their own: differences are lost in chance."""
    as_it_is = nested_paths.Path.coarse

    def rotated(self, level):
        return np.roll(as_it_is(self, level), level, axis=1)

    monkeypatch.setattr(nested_paths.Path, "coarse", rotated)
    changed = dataclasses.replace(SMALL, algorithms_on_coupled=("QSGD", "EASGD"))
    wrong = experiment._orders(changed, "coupled")
    old = [name for name in result.variables if name.startswith("coupled_plain")]
    return result.drop_vars(old).merge(wrong)


def _already_close(result, monkeypatch):
    """A law that changes in proportion to dt from dt = η on."""
    product, number = result["rugged_plain_product"], result["rugged_plain_number"]
    last = product.isel(rugged_plain_dt=-1)
    result["rugged_plain_product"] = last * (number / number[-1]) ** 2 + 0.0 * product
    return result


def _step_size_alone(result, monkeypatch):
    """A departure that knows η and nothing of the ripples."""
    eta = result["ripples_step_size"]
    return result.assign(ripples_iteration=result["ripples_equation"] - 30.0 * eta)


def _never_leaves(result, monkeypatch):
    """Iterations and their normal counterparts that are where the equation is."""
    noise = 1e-4 * (1 + result["ripples_number"])
    return result.assign(
        ripples_iteration=result["ripples_equation"] - noise,
        ripples_gaussian=result["ripples_equation"],
    )


def _four_times_as_far(result, monkeypatch):
    away = result["ripples_equation"] - result["ripples_iteration"]
    return result.assign(ripples_iteration=result["ripples_equation"] - 4.0 * away)


def _exchanged(result, monkeypatch):
    """The equation under the name of the iteration, and the other way round."""

    def change(values):
        for coupling in (2.0, 8.0):
            where = _place(result, "rugged", "QSGD", coupling)
            values[where, [0, EQUATION]] = values[where, [EQUATION, 0]]

    return _ends(result, "rugged", "mean", change)


def _at_the_start(result, monkeypatch):
    """Iterations on the coupled loss whose mean has not moved."""

    def change(values):
        values[:, 0] *= 0.1

    return _ends(result, "coupled", "mean", change)


def _elsewhere(loss, factor):
    def wrong(result, monkeypatch):
        def change(values):
            values[_place(result, loss, "EASGD", 2.0), EQUATION] *= factor

        return _ends(result, loss, "mean", change)

    return wrong


def _stable(result, monkeypatch):
    def change(values):
        values[_place(result, "rugged", "EASGD", 8.0), 0] = 1.4

    return _ends(result, "rugged", "mean", change)


def _unstable(result, monkeypatch):
    def change(values):
        values[_place(result, "rugged", "EASGD", 8.0), EQUATION] = np.nan

    return _ends(result, "rugged", "mean", change)


def _as_without_momentum(result, monkeypatch):
    """With momentum means stay at couplings a fifth as large as they do."""
    key = "rugged_law_coupling"
    momentum = result["rugged_law_algorithm"] == "QSGD with momentum"
    return result.assign_coords({key: result[key].where(~momentum, result[key] / 10.0)})


def _equal_gains(result, monkeypatch):
    def change(values):
        strong = _place(result, "rugged", "QSGD", 8.0)
        values[_place(result, "rugged", "SD-QSGD", 8.0)] = values[strong]

    return _ends(result, "rugged", "mean", change)


PLANTED = [
    Planted("noise that does not shrink with dt", _no_limit, ["rugged loss: once dt"] * 2),
    Planted("noise of its own for every dt", _other_paths, ["coupled loss: once dt"] * 2),
    Planted("a limit that is near from dt = η on", _already_close, ["but not from dt = η on"]),
    Planted(
        "a departure that goes with η alone",
        _step_size_alone,
        ["its powers are those of η, A and w²"],
    ),
    Planted(
        "an iteration that is its equation",
        _never_leaves,
        ["iterations do not see the ripples", "Euler–Maruyama at dt = η goes with the iteration"],
    ),
    Planted("a departure four times as large", _four_times_as_far, ["by at most half of it"]),
    Planted(
        "iteration and equation exchanged",
        _exchanged,
        [
            "the mean of the iteration leaves its start, as in Figure 1",
            "but that of the equation",
            "the mean of the equation leaves in more replicas",
        ],
        right=more(4, "rugged_law_replica"),
    ),
    Planted(
        "means that stay, on the coupled loss",
        _at_the_start,
        ["leave their start in the same share of coordinates"],
        only=True,
    ),
    Planted(
        "EASGD on the other side",
        _elsewhere("rugged", -1.0),
        ["rugged loss, QSGD and EASGD at k = 2: "] * 2,
        only=True,
        right=more(8, "rugged_law_replica"),
    ),
    Planted(
        "EASGD in the middle, on the coupled loss",
        _elsewhere("coupled", 0.1),
        ["coupled loss, QSGD and EASGD at k = 2: "] * 2,
    ),
    Planted("an iteration of EASGD that is stable", _stable, ["the iteration of EASGD diverges"]),
    Planted("an equation of EASGD that is not", _unstable, ["its equation does not"]),
    Planted(
        "momentum that tolerates no more",
        _as_without_momentum,
        ["tolerates larger k", "most of that factor is one of units"],
    ),
    Planted("gains that are equal", _equal_gains, ["Sec. 5.4"] * 2, only=True),
]
