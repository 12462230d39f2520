"""What Sec. 6.2 says of the coupling, as claims.

The quorum variable has converged when it gets at least `CONVERGED` of the training examples right that
the average agent gets right: below that it is no meaningful average of the agents.
"""

import numpy as np
import xarray as xr

from nets.claims.differences import ends, higher, percent, picked
from sdeopt.experiment import Claim

__all__ = ["CONVERGED", "best_at_lowest"]

CONVERGED = 0.9
"""Accuracy of the quorum variable over that of the average agent, on the training examples."""


def best_at_lowest(result: xr.Dataset) -> list[Claim]:
    """Claim that the lowest coupling for which the quorum variable converges tests best.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`, plans of several couplings.

    Returns
    -------
    list of Claim
        Six.
    """
    couplings = sorted(result["coupling"].values.tolist())
    trainings = {k: picked(result, coupling=k) for k in couplings}
    tested = {k: ends(each, "quorum_accuracy") for k, each in trainings.items()}
    shares = {k: _converged(each) for k, each in trainings.items()}
    good = [k for k in couplings if shares[k] >= CONVERGED] or [couplings[-1]]
    lowest, strongest = good[0], couplings[-1]
    rest = [k for k in good if k > lowest] or [lowest]
    second = max(rest, key=lambda k: float(tested[k].mean()))
    too_little = [k for k in couplings if k < lowest]
    spread = {k: ends(trainings[k], "synchronization") for k in couplings}
    return [
        Claim.at_most(
            f"with too little coupling, k = {couplings[0]:g}, the quorum variable does not converge",
            shares[couplings[0]],
            CONVERGED,
            "its training accuracy / that of the average agent",
        ),
        *(
            higher(
                f"and tests worse there than at k = {lowest:g}, the lowest that converges",
                tested[couplings[0]],
                tested[lowest],
            )
            for _ in too_little[:1]
        ),
        higher(
            f"the lowest coupling that converges, k = {lowest:g}, tests best: better than the next "
            f"best that converges, k = {second:g}",
            tested[second],
            tested[lowest],
        ),
        higher(
            f"k = {lowest:g} tests better than the strongest coupling, k = {strongest:g}",
            tested[strongest],
            tested[lowest],
        ),
        higher(
            f"agents are further from their mean at k = {lowest:g} than at k = {strongest:g}: "
            "sum of squared distances",
            spread[strongest],
            spread[lowest],
            shares=False,
        ),
        Claim.at_least(
            "the quorum variable converges with the strongest coupling, where it tests "
            f"{percent(float(np.mean(tested[strongest])))}",
            shares[strongest],
            CONVERGED,
            "its training accuracy / that of the average agent",
        ),
    ]


def _converged(training: xr.Dataset) -> float:
    own = ends(training, "quorum_accuracy", "train").mean()
    return float(own / ends(training, "agents_accuracy", "train").mean())
