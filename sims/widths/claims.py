"""What Sec. 4.2 says of wide and deep minima, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import SHARE
from sims.shared.measures import RELIABLE, Array, rises, sampled
from sims.shared.panels import coupling_of


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.2 says of minima that are wide, deep, or both, checked."""
    uncoupled, gathered = result.sel(coupling=0.0), least_consensus(result)
    strongest = result.isel(coupling=-1)
    found = _bias(uncoupled)
    if gathered is not None:
        found += _amplified(uncoupled, gathered)
        found += _consensus(uncoupled, gathered)
        found += _apart(gathered, strongest)
        found += _fit(result)
        found += _decided_by_start(gathered, strongest)
    return found


def least_consensus(result: xr.Dataset) -> xr.Dataset | None:
    """Return the weakest coupling with which agents come to a consensus in every pair."""
    agreed = _agreed(result["right"]).mean("replica")
    enough = result["coupling"].values[(agreed >= RELIABLE).all("pair").values]
    return result.sel(coupling=enough[0]) if len(enough) else None


def _agreed(share: xr.DataArray) -> xr.DataArray:
    """Return whether nine in ten agents are on one side."""
    return abs(share - 0.5) >= RELIABLE - 0.5


def _left(panel: xr.Dataset, pair: str) -> Array:
    share: Array = 1.0 - panel["right"].sel(pair=pair).values
    return share


def _right(panel: xr.Dataset, pair: str) -> Array:
    return 1.0 - _left(panel, pair)


def _most(words: str, share: Array) -> Claim:
    """Claim that more than half of the agents are on one side, in the mean over replicas."""
    return rises(
        f"{words} (share of agents {share.mean():.3f}, against ½)", np.full_like(share, 0.5), share
    )


def _bias(uncoupled: xr.Dataset) -> list[Claim]:
    """Claim that SGD alone prefers the wider minimum, and the deeper one."""
    words = "Sec. 4.2, width: k = 0: SGD alone is biased towards the"
    return [
        _most(f"{words} wider of two minima of equal depth", _left(uncoupled, "equal depth")),
        _most(f"{words} deeper of two minima of equal width", _right(uncoupled, "equal width")),
    ]


def _amplified(uncoupled: xr.Dataset, gathered: xr.Dataset) -> list[Claim]:
    """Claim that coupling amplifies both."""
    pairs = (
        ("wider of two minima of equal depth", "equal depth", _left),
        ("deeper of two minima of equal width", "equal width", _right),
    )
    found = []
    for words, pair, side in pairs:
        before, after = side(uncoupled, pair), side(gathered, pair)
        found.append(
            rises(
                f"Sec. 4.2, width: {coupling_of(gathered)}: coupling amplifies the bias towards the "
                f"{words} (share of agents: {before.mean():.3f} at k = 0, {after.mean():.3f} here)",
                before,
                after,
            )
        )
    return found


def _consensus(uncoupled: xr.Dataset, gathered: xr.Dataset) -> list[Claim]:
    """Claim that agents choose one minimum together, and that none leaves it."""
    k, agreed = coupling_of(gathered), _agreed(gathered["right"])
    astray = gathered["astray"].where(_agreed(gathered["right_halfway"])).mean("pair").values
    return [
        sampled(
            Claim.at_least,
            f"Sec. 4.2, width: {k}: agents choose one minimum together, in the rarest pair",
            lambda shares: float(shares.mean(axis=0).min()),
            [agreed.transpose("replica", "pair").values.astype(float)],
            RELIABLE,
            "share of replicas with nine in ten agents on one side",
            possible=SHARE,
        ),
        sampled(
            Claim.at_most,
            f"Sec. 4.2, width: {k}: then hardly any agent is found outside of it (without coupling, on "
            f"the rarer side: {uncoupled['astray'].mean().item():.2f})",
            lambda share: float(np.nanmean(share)),
            [astray],
            1.0 - RELIABLE,
            "share of looks at an agent",
            possible=SHARE,
        ),
    ]


def _apart(gathered: xr.Dataset, strongest: xr.Dataset) -> list[Claim]:
    """Claim which of width and depth decides where they are set apart."""
    words = "where the narrow minimum is twice as deep, so that width and depth are set apart"
    pair = "narrow and deeper"
    return [
        _most(
            f"beyond the paper: {words}, a weak coupling goes for depth: {coupling_of(gathered)}",
            _right(gathered, pair),
        ),
        _most(
            f"beyond the paper: {words}, a strong one for width: {coupling_of(strongest)}",
            _left(strongest, pair),
        ),
    ]


def _fit(result: xr.Dataset) -> list[Claim]:
    """Claim that agents do not gather in a minimum in which they do not fit."""
    pair, coupled = "too narrow to fit", result.isel(coupling=slice(1, None))
    shares = 1.0 - coupled["right"].sel(pair=pair).transpose("replica", "coupling").values
    return [
        sampled(
            Claim.at_least,
            "Sec. 4.2, width: whatever the coupling, agents do not gather in a minimum that is too "
            f"narrow for one step’s noise of {result['reach'].item():.3f}, twice as deep as it is",
            lambda each: float(each.mean(axis=0).min()),
            [shares],
            RELIABLE,
            "share of agents in the wider one, at the coupling with fewest",
            possible=SHARE,
        )
    ]


def _decided_by_start(gathered: xr.Dataset, strongest: xr.Dataset) -> list[Claim]:
    """Claim that too much coupling amplifies nothing more, because the start decides."""
    pair, k = "equal width", coupling_of(strongest)
    before, after = _right(strongest, pair), _right(gathered, pair)
    same = [
        (np.sign(here["mean"]) == np.sign(here["start"])).values
        for here in (gathered.sel(pair=pair), strongest.sel(pair=pair))
    ]
    return [
        rises(
            f"Sec. 4.2, width: {k}: too much coupling takes the bias towards the deeper minimum away "
            f"again (share of agents: {after.mean():.3f} at {coupling_of(gathered)}, "
            f"{before.mean():.3f} here)",
            before,
            after,
        ),
        rises(
            f"Sec. 4.2, width: {k}: there is no exploring first: the mean goes to the side where it "
            f"started more often (share of replicas: {same[0].mean():.3f} at {coupling_of(gathered)}, "
            f"{same[1].mean():.3f} here)",
            *same,
        ),
    ]
