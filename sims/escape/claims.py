"""What coupling does to basins and escapes, as claims."""

import numpy as np
import xarray as xr
from scipy import stats

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import LEVEL, SHARE
from sims.escape.passages import ENOUGH, Escapes, MeanTime, slope, slope_error
from sims.shared.measures import RELIABLE, sampled

STRONG = 5.0
"""The least coupling whose agents are taken to follow the mean quickly enough for the theory."""

Z = float(stats.norm.ppf(LEVEL))
"""Standard errors of a logarithm of a time, on either side, for limits of 99.9%."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the runs show of basins and escapes, checked."""
    escapes = Escapes(result)
    return [
        # Sec. 4.2: coupling gathers agents in wide and deep minima; too much leaves the mean at its
        # start.
        *_basins(escapes),
        # Beyond the paper: how the time of escape depends on the coupling and the number of agents.
        *_independent(escapes),
        *_speed(escapes),
        *_together(escapes),
        *_theory(escapes),
    ]


def _basins(escapes: Escapes) -> list[Claim]:
    """Claim in which basins agents and means end that start all over the range."""
    result = escapes.result
    shares = result["agent_share"].sel(coupling=0.0).transpose("replica", "basin").values
    found = result["mean_basin"] == result["deepest"]
    gathered = result["agent_share"].mean("replica").isel(basin=int(result["deepest"]))
    best = gathered.idxmax().item()
    strongest = escapes.couplings[-1]
    stayed = (result["mean_basin"] == result["start_basin"]).sel(coupling=strongest)
    beside = result["beside_mean"].transpose("coupling", "replica")
    return [
        sampled(
            Claim.at_most,
            "k = 0: the agents fill the basins as exp(−f/D) does, D = ηW²/6 "
            f"({', '.join(f'{share:.3f}' for share in shares.mean(axis=0))} from left to right)",
            lambda each: np.abs(each.mean(axis=0) - escapes.expected_shares()).max(),
            [shares],
            0.03,
            "largest difference of shares",
            possible=SHARE,
        ),
        sampled(
            Claim.at_least,
            f"k = {best:g} gathers most agents in the deepest basin of the convolved loss (share "
            f"{gathered.max().item():.3f}), and there the mean ends",
            np.mean,
            [found.sel(coupling=best).values],
            RELIABLE,
            "share of replicas",
        ),
        sampled(
            Claim.at_least,
            f"k = {best:g}: the agents end in the basin of their mean "
            f"({beside[0].mean().item():.2f} of them without coupling)",
            np.mean,
            [beside.sel(coupling=best).values],
            RELIABLE,
            "share of agents",
            possible=SHARE,
        ),
        sampled(
            Claim.at_least,
            f"k = {strongest:g}: the mean ends in the basin where it began, right or wrong",
            np.mean,
            [stayed.values],
            RELIABLE,
            "share of replicas",
        ),
    ]


def _independent(escapes: Escapes) -> list[Claim]:
    """Claim that without coupling an agent escapes as if alone, whatever p."""
    times = [escapes.of_agents(0.0, p) for p in escapes.counts]
    logs, errors = np.log([time for time, _ in times]), np.array([error for _, error in times])
    weights = errors**-2
    excess = float((weights * (logs - np.average(logs, weights=weights)) ** 2).sum())
    return [
        Claim.at_least(
            "k = 0: an agent’s time of escape does not depend on how many there are "
            f"({', '.join(f'{time:.1f}' for time, _ in times)} for p = {escapes.counts})",
            stats.chi2.sf(excess, len(times) - 1),
            0.001,
            "p-value of equality",
        )
    ]


def _apart(slower: MeanTime, faster: MeanTime) -> tuple[float, float]:
    """Return how far one logarithm of a time is above another, and the standard error of that."""
    error = np.hypot(slower.log_error, faster.log_error)
    # Without an event, all that is known is that the time is longer than the interval’s lower end.
    value = slower.value if slower.events else slower.low
    error = error if slower.events else faster.log_error
    return float(np.log(value / faster.value)), float(error)


def _speed(escapes: Escapes) -> list[Claim]:
    """Claim how the escape of the mean depends on the coupling."""
    p, strongest = escapes.counts[-1], escapes.couplings[-1]
    times = {k: escapes.of_mean(k, p) for k in escapes.couplings}
    fastest = min(times, key=lambda k: times[k].value)
    strong = min((k for k in escapes.couplings if k >= STRONG), default=strongest)
    return [
        Claim.clear(
            f"p = {p}: the mean escapes fastest at an intermediate coupling, k = {fastest:g} (time "
            f"{times[fastest].value:.3g}), faster than without coupling ({times[0.0].value:.3g})",
            *(_apart(times[0.0], times[fastest]) if fastest > 0 else (0.0, 0.0)),
            what="difference of logarithms / its standard error",
        ),
        Claim.clear(
            f"p = {p}: strong coupling holds the mean back, in time {times[strongest].value:.3g} at "
            f"k = {strongest:g} against {times[strong].value:.3g} at k = {strong:g}",
            *_apart(times[strongest], times[strong]),
            what="difference of logarithms / its standard error",
        ),
        Claim.clear(
            f"k = {strongest:g}: more agents are slower, as the noise of their mean falls as 1/p "
            f"(p = {p} against {escapes.counts[0]})",
            *_apart(times[strongest], escapes.of_mean(strongest, escapes.counts[0])),
            what="difference of logarithms / its standard error",
        ),
    ]


def _together(escapes: Escapes) -> list[Claim]:
    """Claim that strongly coupled agents escape with their mean."""
    strongest = escapes.couplings[-1]
    counts = escapes.compared(strongest)
    logs = []
    for p in counts:
        (time, error), mean = escapes.of_agents(strongest, p), escapes.of_mean(strongest, p)
        logs.append((float(np.log(time / mean.value)), float(np.hypot(error, mean.log_error))))
    # where a limit is farthest from 1: there all of them are within the band, or it is not known
    worst, error = max(logs, key=lambda each: abs(each[0]) + Z * each[1], default=(np.nan, np.nan))
    return [
        Claim.between(
            f"k = {strongest:g}: agents escape with their mean, and not by themselves (p = {counts})",
            np.exp(worst),
            0.8,
            1.25,
            "time of an agent / time of the mean, where a limit is farthest from 1",
            interval=(np.exp(worst - Z * error), np.exp(worst + Z * error)),
        )
    ]


def _theory(escapes: Escapes) -> list[Claim]:
    """Claim that escapes are those of a noisy mean on the loss smoothed by its cloud."""
    strong = [k for k in escapes.couplings if k >= STRONG]
    times = [(escapes.of_mean(k, p), k, p) for k in strong for p in escapes.compared(k)]
    ratios = [time.value / escapes.expected(k, p) for time, k, p in times]
    errors = [time.log_error / np.log(10.0) for time, _, _ in times]
    off, reach = np.abs(np.log10(ratios)), Z * np.array(errors)
    strongest = escapes.couplings[-1]
    counts = escapes.compared(strongest)
    means = [escapes.of_mean(strongest, p) for p in counts]
    measured = slope(counts, [time.value for time in means])
    expected = slope(counts, [escapes.expected(strongest, p) for p in counts])
    around = Z * slope_error(counts, [time.log_error for time in means])
    return [
        Claim.at_most(
            f"k ≥ {STRONG:g}: the mean escapes as one particle with noise η²W²/3p in each step on the "
            f"loss smoothed by its cloud, to an order of magnitude ({len(ratios)} couplings and p with "
            f"{ENOUGH} escapes or more; ratios {min(ratios, default=np.nan):.2f} to "
            f"{max(ratios, default=np.nan):.2f}; nothing fitted)",
            off.max(initial=0.0) if off.size else np.nan,
            0.5,
            "largest |log10 of measured / expected|",
            interval=((off - reach).max(initial=0.0), (off + reach).max(initial=0.0)),
        ),
        Claim.between(
            f"k = {strongest:g}: the logarithm of the time rises with p as that theory says, by "
            f"{measured:.3f} for each agent against {expected:.3f} (p = {counts})",
            measured / expected,
            0.75,
            1.25,
            "ratio of slopes",
            interval=((measured - around) / expected, (measured + around) / expected),
        ),
    ]
