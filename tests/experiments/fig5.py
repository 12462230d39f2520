"""Planted bugs of Figure 5."""

import numpy as np

from tests.experiments.panels import COUPLINGS, MIDDLE, more, replacing, uncoupled, with_panel
from tests.experiments.planted import Planted

CONTRADICTED = {
    "k = 0: the agents are at local minima and saddle points": "the noise of a step is seven times the "
    "gradient, so that agents do not rest: the gradient is what it is where coordinates meet at random",
}

UNDECIDED = {
    "k = 0: the agents are uniform across the plane": "the least density of many squares scatters: the "
    "lower limit is 0.24 with 32 replicas, and 0.25 is asked",
    "k = 5: the agents still show all four clusters": "0.07 of the pairs in the smallest, with a lower "
    "limit of 0.03 where 0.05 is asked",
    "at k = 2: the mean reaches a minimum of the true loss": "in all of 32 replicas; that it does "
    "in 0.9 of all is known from 66 on",
    "at k = 4: the mean reaches a minimum of the true loss": "as at k = 2",
}

REFUSED = [*COUPLINGS, *MIDDLE, ({"shown_agents": 51}, "show 1 to 50")]


def scaled(coupling, factor):
    """Return a planted bug: the agents of one panel are nearer to the origin or farther from it."""

    def wrong(result, monkeypatch):
        agents = factor * result["agents"].sel(coupling=coupling)
        return with_panel(result, coupling, agents=agents)

    return wrong


def _one_cluster_missing(result, monkeypatch):
    agents = result["agents"].sel(coupling=4.0).values.copy()
    both = (agents[..., ::2] > 0) & (agents[..., 1::2] > 0)
    agents[..., ::2] *= np.where(both, -1.0, 1.0)
    return with_panel(result, 4.0, agents=agents)


def _never_halved(result, monkeypatch):
    """What the schedule should have changed is as it was before."""
    names = ("mean", "minimum", "away", "loss")
    return result.assign({f"halved_{name}": result[f"cloud_{name}"] for name in names})


def _minima_at_the_origin(result, monkeypatch):
    return result.assign(halved_minimum=0.1 * result["halved_minimum"])


def _at_rest(result):
    """Agents that the noise leaves near minima or saddle points, as the paper says."""
    result["gradient_square"].loc[{"order": "agents"}] /= 25.0
    return result


def _shuffled(result, monkeypatch):
    squares = result["gradient_square"]
    squares.loc[{"order": "agents"}] = squares.sel(order="shuffled").values
    return result


def _no_noise(result, monkeypatch):
    return result.assign(noise_of_step=result["noise_of_step"] / 10.0)


PLANTED = [
    Planted(
        "agents whose coordinates do not belong together",
        _shuffled,
        ["k = 0: the agents are at local minima and saddle points"],
        only=True,
        right=_at_rest,
    ),
    Planted("hardly any noise", _no_noise, ["why not: without coupling"], only=True),
    Planted(
        "no coupling at all",
        uncoupled("agents"),
        [
            "k = 0.5: the agents cluster more",
            "k = 4: the agents are in the basins",
            "k = 20",
        ],
    ),
    Planted(
        "coupled agents in the uncoupled panel",
        replacing(0.0, 0.5, "agents"),
        ["k = 0: the agents are uniform across the plane, without a gap or clusters"],
        right=more(4),
    ),
    Planted(
        "a start that is never left",
        scaled(0.0, 1 / 3),
        ["k = 0: the agents reach beyond the minima on both sides"],
    ),
    Planted(
        "one cluster missing",
        _one_cluster_missing,
        ["k = 4: the agents are in all four"],
        only=True,
    ),
    Planted(
        "clusters elsewhere", scaled(4.0, 1.3), ["k = 4: the agents are centred on these minima"]
    ),
    Planted(
        "two good couplings that do not differ", replacing(2.0, 4.0, "agents"), ["more stragglers"]
    ),
    Planted(
        "merging that has not begun",
        replacing(5.0, 2.0, "agents"),
        ["k = 5: the agents no longer keep"],
    ),
    Planted(
        "merging that is over",
        replacing(5.0, 20.0, "agents"),
        ["k = 5: the agents still show all four clusters"],
        right=more(8),
    ),
    Planted(
        "a large coupling that finds the minima", replacing(20.0, 4.0, "agents"), ["k = 20"] * 2
    ),
    Planted(
        "a step size that is never halved",
        _never_halved,
        [
            *["the mean reaches a minimum of the true loss"] * 2,
            *["the loss of the mean falls further"] * 2,
            *["the agents gather at that minimum too"] * 2,
        ],
        only=True,
        right=more(4),
    ),
    Planted(
        "minima at the origin",
        _minima_at_the_origin,
        [
            *["these minima are those near the minima of the uncorrupted loss"] * 2,
            *["the mean reaches a minimum of the true loss"] * 2,
        ],
        only=True,
        right=more(4),
    ),
]
