"""What the differential equations are claimed to do beside the iterations."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured
from sims.sde import law_claims
from sims.sde.model import METHODS
from sims.sde.orders import order
from sims.shared.grids import part, unprefixed
from sims.shared.verdicts import bound_holds, equal

ASYMPTOTIC = 0.65
"""The largest dt times curvature at which an order is fitted."""

QUANTITIES = {
    "law of the agents (Cramér’s distance)": {
        "rugged": ("distance", "distance"),
        "coupled": ("distance", "distance"),
    },
    "expectations of the agents": {
        "rugged": ("ripples", "square"),
        "coupled": ("square", "square"),
    },
}
"""What changes with dt: without and with momentum, by loss. The mean square is an expectation that
ripples of the rugged loss hardly change; with momentum the agents are too hot for the ripples."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the four parts show, checked."""
    return [
        # Sec. 2.3 and the equations of each method: there is a limit, and dt leads to it.
        *_limits(result),
        # Sec. 2.3: the equation describes the iteration to first order of η, times the curvature.
        *_number(part(result, "ripples")),
        # Secs 2.4, 4.3, 5.4 and 5.5: where agents and means end.
        *law_claims.claims(result),
    ]


def halved(result: xr.Dataset, loss: str) -> Iterator[tuple[str, xr.Dataset]]:
    """Yield every method on a loss with how its law changed when dt was halved."""
    for kind in ("plain", "momentum"):
        found = unprefixed(result, f"{loss}_{kind}")
        for where in range(found.sizes.get("algorithm", 0)):
            one = found.isel(algorithm=where)
            yield str(one["algorithm"].item()), one


def _together(found: Sequence[Measured]) -> Measured:
    columns = [[getattr(one, name) for one in found] for name in ("value", "error", "replicas")]
    return Measured(*(np.array(column, np.float64) for column in columns))


def _limits(result: xr.Dataset) -> list[Claim]:
    """Claim that laws approach a limit with dt, to the first order, and from where on."""
    band = float(result["band"])
    found = []
    for what, observables in QUANTITIES.items():
        for loss, kinds in observables.items():
            runs = dict(halved(result, loss))
            orders = [
                order(run, kinds[METHODS[name].momentum], 0.0, ASYMPTOTIC)
                for name, run in runs.items()
            ]
            words = (
                f"Sec. 2.3, {loss} loss: once dt × curvature ≤ {ASYMPTOTIC:g}, halving dt changes the "
                f"{what} in proportion to dt ({', '.join(runs)})"
            )
            found.append(equal(words, _together(orders), 1.0, band))
    plain = [run for name, run in halved(result, "rugged") if not METHODS[name].momentum]
    early = _together([order(run, "distance", 1.0, np.inf) for run in plain])
    return [
        *found,
        Claim.at_most(
            "Sec. 2.3, rugged loss: but not from dt = η on; while dt × curvature is above 1, there is "
            "no such order in the law of the agents (methods without momentum)",
            early.upper().max(),
            0.5,
            "largest upper 99.9% confidence limit of the power of dt",
            estimate=early.value.max(),
            interval=(early.lower(early.together).max(), early.upper().max()),
        ),
    ]


SMALL, LARGE = 0.5, 3.5
"""Of η times the curvature of ripples: where SGD is close to its equation, and where it has left it."""

RESOLVED = 0.1
"""The least of it at which single differences are larger than their errors."""


def departure(ripples: xr.Dataset, name: str = "iteration") -> Measured:
    """Return how far E cos(wx) of SGD is from that of its equation, at every setting."""
    sizes = np.abs(ripples[name].values - ripples["equation"].values)
    return Measured(sizes, ripples[f"{name}_error"].values, ripples["replicas"].values)


def _number(ripples: xr.Dataset) -> list[Claim]:
    """Claim which number decides whether SGD and its equation agree."""
    number = ripples["number"].values
    small, large = number <= SMALL, number >= LARGE
    middle = small & (number >= RESOLVED)
    away = departure(ripples)
    ratio = away.value / number
    powers = _powers(ripples, away, small)
    strayed = np.abs(ripples["iteration"].values / ripples["equation"].values)
    errors = ripples["iteration_error"].values / ripples["equation"].values
    left = Measured(strayed[large], errors[large], away.replicas[large])
    euler = Measured(
        np.abs(ripples["gaussian"].values - ripples["iteration"].values),
        np.hypot(ripples["gaussian_error"].values, ripples["iteration_error"].values),
        away.replicas,
    )
    return [
        equal(
            "Sec. 2.3, ripples: SGD departs from its equation in proportion to ηAw², η times the "
            f"curvature of the ripples, where that is ≤ {SMALL:g}: its powers are those of η, A and w² "
            f"alike ({', '.join(f'{power:.2f}' for power in powers.value)})",
            powers,
            1.0,
            0.35,
        ),
        bound_holds(
            f"and where it is between {RESOLVED:g} and {SMALL:g} by at most half of it, whichever of η, "
            f"A and w makes it so small ({ratio[middle].min():.2f} to {ratio[middle].max():.2f} of it)",
            away.at(middle),
            0.5 * number[middle],
        ),
        bound_holds(
            "Sec. 2.3, ripples: with the constants of Figure 1 the number is "
            f"{number.max():.1f}; from {LARGE:g} on iterations do not see the ripples, in whose troughs "
            f"the equation gathers its agents (E cos wx of it {ripples['equation'].values.max():.2f})",
            left,
            np.full(left.value.shape, 0.1),
        ),
        bound_holds(
            "Sec. 2.3, ripples: Euler–Maruyama at dt = η goes with the iteration, not with its own "
            f"limit, where the number is above {SMALL:g}; what is left is uniform for normal noise",
            euler.at(~small),
            0.5 * away.value[~small],
        ),
    ]


def _powers(ripples: xr.Dataset, away: Measured, kept: NDArray[np.bool_]) -> Measured:
    """Return the powers of η, A and w² with which SGD departs, by weighted least squares of logs."""
    columns = [ripples["step_size"], ripples["amplitude"], ripples["frequency"] ** 2]
    logs = np.log(np.stack([column.values[kept] for column in columns], axis=1))
    weights = (away.value / away.error)[kept][:, None]
    design = weights * np.column_stack([np.ones(len(logs)), logs])
    inverse = np.linalg.inv(design.T @ design)
    powers = inverse @ design.T @ (weights[:, 0] * np.log(away.value[kept]))
    errors = np.sqrt(np.diag(inverse))
    return Measured(powers[1:], errors[1:], np.full(3, float(away.replicas.min())))
