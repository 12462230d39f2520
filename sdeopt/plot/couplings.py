"""A sweep over couplings: what each reaches, alone or against a second parameter, and which is best."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import stats

from sdeopt.arguments import Array
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Loss
from sdeopt.plot.canvas import legend_below, needs_matplotlib, panel
from sdeopt.plot.states import DIVERGING, at_end, average, grid_of, is_numeric, ordered, states
from sdeopt.plot.style import COLOURS, house_style
from sdeopt.tuning.decision import Decision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

ALONG = "coupling"
LEVEL = 0.95
"""The confidence of error bars, and with which the best is among those that may be."""
FAR = 1e3
"""How many times the low values the highest may be on a linear scale, which would hide the others."""
AXES = {"coupling": "coupling $k$ (1 / time)", "step_size": r"step size $\eta$ (time)"}


def phase(
    sweep: xr.Dataset,
    loss: Loss | None = None,
    *,
    value: str = "loss_of_mean",
    axes: "Axes | None" = None,
) -> "Axes":
    """Draw what every coupling of a sweep reaches, and mark the best.

    Over couplings alone: a curve with its 95% intervals. Over couplings and one more parameter: a map,
    with the best coupling for each value of the other, and a bar over those that may be the best, at 95%
    confidence. Replicas of equal number are paired: sweep with ``same_noise=True``. A coupling at which
    a replica diverged is never the best; what is drawn of it is the average of the others. The scale is
    logarithmic where the highest values would hide the others.

    Parameters
    ----------
    sweep : xarray.Dataset
        From `so.sweep`, over couplings and at most one more parameter.
    loss : Loss, optional
        The loss of the runs: what is drawn is then the loss of the mean at the end.
    value : str
        Without `loss`: the variable that is drawn, of each replica, such as the statistic
        ``"loss_of_mean"`` or ``"loss_of_quorum"``; the lower, the better.
    axes : matplotlib.axes.Axes, optional
        Where to; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The panel.

    Raises
    ------
    InvalidArgumentError
        If the sweep is not over couplings and at most one more parameter, has a single replica, or
        lacks the variable, or matplotlib is missing.

    Examples
    --------
    >>> import sdeopt as so
    >>> loss = so.losses.RuggedWell()
    >>> runs = so.sweep(loss, [so.QSGD(coupling=k) for k in (0.0, 2.0, 8.0, 24.0)], agents=10,
    ...                 noise=so.noise.Uniform(7.0), replicas=50, steps=300, step_size=0.04,
    ...                 start=so.start.Uniform(-3, 3), seed=7, same_noise=True)
    >>> axes = so.plot.phase(runs, loss)
    >>> axes.get_xlabel()
    'coupling $k$ (1 / time)'
    """
    needs_matplotlib()
    reached, name = _reached(sweep, loss, value)
    others = [one for one in grid_of(reached) if one != ALONG]
    if ALONG not in reached.dims or len(others) > 1:
        over = ", ".join(grid_of(reached)) or "nothing"
        raise InvalidArgumentError(
            f"the dataset is a sweep over {over}, but must be over coupling and at most one more "
            "parameter; sweep over a list of algorithms, or choose values with isel."
        )
    if reached.sizes.get("replica", 1) < 2:
        raise InvalidArgumentError(
            "errors come from replicas, and the sweep has one; give at least 2."
        )
    if not is_numeric(reached, ALONG):
        labels = ", ".join(map(str, reached[ALONG].values.tolist()))
        raise InvalidArgumentError(
            f"the couplings of the sweep are {labels:.80}, but must be numbers to be drawn along an "
            "axis; choose those that are constant with isel."
        )
    if not np.isfinite(reached.values).any():
        raise InvalidArgumentError(
            "every replica of the sweep diverged, and nothing is left to draw."
        )
    sorted_ = ordered(reached, [ALONG, *others])
    label = f"{name} ({unit})" if (unit := reached.attrs.get("units")) else name
    with house_style():
        chosen = panel(axes)
        if others:
            _map(chosen, sorted_, others[0], label)
        else:
            _curve(chosen, sorted_, label)
    return chosen


def _reached(sweep: xr.Dataset, loss: Loss | None, value: str) -> tuple[xr.DataArray, str]:
    """Return a number for each point and replica, infinite where it diverged, and what it is."""
    if loss is None:
        if value == "diverged_at":
            raise InvalidArgumentError(
                "value is 'diverged_at', which is no number that is to be low; choose a statistic such "
                "as loss_of_mean."
            )
        if isinstance(sweep, xr.Dataset) and value == "loss_of_mean" and value not in sweep:
            raise InvalidArgumentError(
                "the sweep has no loss_of_mean; give the loss as well, as in so.plot.phase(runs, loss), "
                'or sweep with statistics=["loss_of_mean"].'
            )
        found = at_end(states(sweep, value))
        extra = [str(one) for one in found.dims if one in ("agent", "dim")]
        if extra:
            raise InvalidArgumentError(
                f"{value} has the dimension {extra[0]}, but a number for each replica is drawn; choose "
                "a statistic such as loss_of_mean."
            )
        name = found.attrs.get("long_name", value.replace("_", " "))
        return _worst_where_lost(found, sweep), str(name)
    mean = at_end(states(sweep, "mean")).transpose(..., "dim")
    found = mean.isel(dim=0, drop=True).copy(data=loss.value(mean.values))
    found.attrs = {"units": "loss units"}
    return _worst_where_lost(found, sweep), "loss of the mean, end"


def _worst_where_lost(found: xr.DataArray, sweep: xr.Dataset) -> xr.DataArray:
    """Return numbers with infinity for the replicas that diverged."""
    values = found.astype(np.float64)
    lost = abs(values) >= DIVERGING
    if "diverged_at" in sweep and "replica" in found.dims:
        lost = lost | (sweep["diverged_at"] >= 0)
    return values.where(~lost, np.inf)


def _curve(axes: "Axes", reached: xr.DataArray, label: str) -> None:
    middle, error = average(reached)
    left = middle.notnull()
    reach = (_factors(reached) * error)[left].values
    middle = middle[left]
    couplings = middle[ALONG].values
    axes.errorbar(
        couplings, middle, reach, color=COLOURS["convolved"], marker="o", ms=4, lw=1, capsize=2
    )
    decision = decided(reached)
    if decision:
        best, low, high = decision
        if high > low:
            axes.axvspan(
                low, high, color=COLOURS["agents"], alpha=0.25, lw=0, label="may be the best"
            )
        axes.axvline(
            best, color=COLOURS["accent"], ls="--", lw=1.2, label=f"best, $k = {best:.3g}$"
        )
    else:
        axes.plot([], [], " ", label="no best: each coupling has replicas that diverged")
    axes.set(xlabel=AXES[ALONG], ylabel=label)
    scale, options = _scale(middle.values)
    axes.set_yscale(scale, **options)
    _spread(axes, couplings)
    legend_below(axes)


def _map(axes: "Axes", reached: xr.DataArray, other: str, label: str) -> None:
    middle = average(reached)[0].transpose(other, ALONG)
    couplings, values = reached[ALONG].values, reached[other].values
    rows, columns = np.arange(len(values)), np.arange(len(couplings))
    drawn = axes.pcolormesh(
        columns, rows, middle.values, cmap="cividis", shading="nearest", norm=_norm(middle.values)
    )
    drawn.set_edgecolor("face")
    for row in rows:
        decision = decided(reached.isel({other: int(row)}))
        if decision is None:
            continue
        places = [np.flatnonzero(couplings == k)[0] for k in decision]
        axes.plot(places[1:], [row, row], color="white", lw=2.0, solid_capstyle="butt")
        axes.plot(places[:1], [row], "D", ms=6, mfc=COLOURS["accent"], mec="white")
    axes.plot([], [], "D", ms=6, mfc=COLOURS["accent"], mec="white", label="best coupling")
    axes.plot([], [], color="white", lw=2.0, label="may be the best")
    axes.set_xticks(columns, [f"{k:g}" for k in couplings.tolist()])
    axes.set_yticks(rows, [f"{one:g}" if _is_number(one) else str(one) for one in values.tolist()])
    axes.set(xlabel=AXES[ALONG], ylabel=AXES.get(other, other.replace("_", " ")))
    figure: Any = axes.get_figure(root=True)
    figure.colorbar(drawn, ax=axes, label=label, pad=0.02)
    # a white line is seen on grey
    legend_below(axes, frameon=True, facecolor="0.75")


def decided(reached: xr.DataArray) -> tuple[float, float, float] | None:
    """Return the best coupling, and the least and largest that may be the best.

    A search has decided already, over all of its looks. A coupling with an infinite number, which is
    that of a replica that diverged, is none of them; None where no other is left.
    """
    if "best_coupling" in reached.attrs:
        best, low, high = np.asarray(reached.attrs["best_coupling"], np.float64).tolist()
        return best, low, high
    # one that says nothing is left out
    rows = reached.transpose(ALONG, "replica").dropna(ALONG, how="all")
    decision = Decision(rows[ALONG].values, rows.values, 1 - LEVEL)
    if decision.diverged.all():
        return None
    return float(decision.couplings[decision.best]), *decision.interval


def _factors(reached: xr.DataArray) -> xr.DataArray:
    """Return how many standard errors the interval of each coupling reaches, by its own replicas."""
    count = reached.where(abs(reached) < np.inf).notnull().sum("replica")
    return count.copy(data=stats.t.ppf(0.5 + LEVEL / 2, count.values - 1))


def _spread(axes: "Axes", couplings: Array) -> None:
    """Choose a logarithmic scale where couplings span decades, linear near 0."""
    positive = couplings[couplings > 0]
    if len(positive) < 3 or positive.max() < 20 * positive.min():
        return
    low, high = float(positive.min()), float(positive.max())
    axes.set_xscale("symlog", linthresh=low, linscale=0.5)
    decades = 10.0 ** np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
    ticks = [0.0] * int(couplings.min() == 0) + decades.tolist()
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(-0.3 * low if couplings.min() == 0 else low / 1.2, 1.2 * high)


def _scale(values: Array) -> tuple[str, dict[str, float]]:
    """Return a scale that is logarithmic where the highest values would hide the others."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    if low > 0:
        return ("log" if high > FAR * low else "linear"), {}
    near = max(-low, abs(float(np.quantile(finite, 0.25))))
    if not high > FAR * near > 0:
        return "linear", {}
    # at a power of ten, or ticks beside 0 lie over each other
    return "symlog", {"linthresh": float(10 ** np.ceil(np.log10(near)))}


def _norm(values: Array) -> "Normalize":
    """Return the same scale for colours."""
    from matplotlib.colors import LogNorm, Normalize, SymLogNorm

    scale, options = _scale(values)
    if scale == "linear":
        return Normalize()
    return LogNorm() if scale == "log" else SymLogNorm(options["linthresh"])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
