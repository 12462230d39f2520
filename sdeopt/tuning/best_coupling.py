"""best_coupling(): how strongly to couple the agents on a loss of one's own."""

import inspect
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sdeopt.algorithms import QSGD
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import Array, finite_number, whole_number
from sdeopt.configuration import describe
from sdeopt.display import html_of, short_signature
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Loss
from sdeopt.noise import NoiseLaw
from sdeopt.record import At
from sdeopt.results import provenance
from sdeopt.rng import as_seed
from sdeopt.start import Start, Uniform
from sdeopt.sweeps import grid, sweep
from sdeopt.sweeps.naming import point_seed
from sdeopt.tuning.decision import Decision
from sdeopt.tuning.search import Search

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIME = 60.0
"""How long ηT a run lasts by default, as in the experiment `phase`."""
FEWEST_STEPS = 500
LATE, BEFORE = 0.8, 0.6
"""The shares of a run between which its value is taken, for comparison, and after which it is."""
EVERY = 5
"""Steps between two evaluations of the loss; the mean moves little in so few."""
WEAKEST = 1 / 256
"""The least coupling that is tried, times the step size."""
LEVEL = 0.05
DIVERGED = 1e100
"""Losses beyond it, whose squares overflow, are of runs that diverge."""
CLEAR_DRIFT = 3.0
"""Standard errors by which a value that still falls has not settled."""


@dataclass(frozen=True, eq=False)
class BestCoupling:
    """The best coupling that was found, and what it rests on.

    Parameters
    ----------
    coupling : float
        k with the least loss of the mean; 1 / time.
    interval : (float, float)
        All couplings of the search that may be the best lie between these, at 95% confidence.
    clear : bool
        Whether both ends of the range, no coupling and the strongest, are told apart from the best.
    settled : bool
        Whether the loss of the mean at the best coupling had stopped falling; if not, give more steps.
    runs : xarray.Dataset
        ``loss_of_mean`` (coupling, replica): the true loss of the mean, averaged over the last fifth
        of a run; NaN where a replica was not needed or diverged. ``possible`` and ``diverged``
        (coupling): whether it may be the best, and whether a replica diverged, so that it is not. The
        attribute ``steps`` is the length of a run.

    Examples
    --------
    >>> import sdeopt as so
    >>> found = so.best_coupling(so.losses.Quadratic(1.0), so.noise.Gaussian(0.5), agents=4,
    ...                          step_size=0.1, steps=200, replicas=8, most_replicas=8)
    >>> found.clear  # the mean of agents on a parabola does not depend on their coupling
    False
    """

    coupling: float
    interval: tuple[float, float]
    clear: bool
    settled: bool
    runs: xr.Dataset

    def __str__(self) -> str:
        low, high = self.interval
        words = f"best coupling {self.coupling:.4g}, between {low:.4g} and {high:.4g} (95%)"
        if not self.clear:
            words += "; not clear: an end of the range of couplings may be as good"
        if not self.settled:
            given = self.runs.attrs["steps"]
            words += f"; the loss was still falling at the end: give more steps than {given}"
        return words

    __repr__ = __str__

    @property
    def document(self) -> dict[str, Any]:
        """What was found, ready for JSON."""
        return {
            "coupling": self.coupling,
            "interval": list(self.interval),
            "clear": self.clear,
            "settled": self.settled,
            "steps": self.runs.attrs["steps"],
            "loss_of_mean": {
                # JSON has no number for a coupling at which a replica diverged
                str(k): value if math.isfinite(value) else None
                for k, value in self._reached.items()
            },
        }

    @property
    def _reached(self) -> dict[float, float]:
        """The loss of the mean at each coupling over its replicas; infinite where one diverged."""
        tried = self.runs["loss_of_mean"].mean("replica").where(~self.runs["diverged"], np.inf)
        return dict(zip(tried["coupling"].values.tolist(), tried.values.tolist(), strict=True))

    def _repr_html_(self) -> str:
        rows = {
            f"k = {k:g}": value if math.isfinite(value) else "a replica diverged"
            for k, value in self._reached.items()
        }
        return html_of("Best coupling", f"{self}. Loss of the mean at each coupling:", rows=rows)

    def draw(self, axes: "Axes | None" = None) -> "Axes":
        """Draw what each coupling reached; see `sdeopt.plot.phase`.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Where to; by default a new figure.

        Returns
        -------
        matplotlib.axes.Axes
            The panel.
        """
        from sdeopt.plot.couplings import phase

        return phase(self.runs, axes=axes)


@short_signature
def best_coupling(
    loss: Loss,
    noise: NoiseLaw,
    agents: int,
    step_size: float,
    *,
    algorithm: Callable[..., Algorithm] = QSGD,
    start: Start | None = None,
    steps: int | None = None,
    couplings: tuple[float, float] | None = None,
    replicas: int = 32,
    most_replicas: int = 1024,
    error: float | None = None,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> BestCoupling:
    """Search the coupling at which the mean of the agents reaches the least loss.

    Couplings are tried on a grid, on a finer one around the best, and with more replicas while several
    may be the best and the standard error of their differences is larger than `error`. All see the same
    noise. What is compared is the true loss of the mean, averaged over the last fifth of a run.

    Parameters
    ----------
    loss : Loss
        From `sdeopt.losses`.
    noise : NoiseLaw
        From `sdeopt.noise`.
    agents : int
        p, at least 2.
    step_size : float
        η.
    algorithm : callable
        Makes the algorithm of a coupling: a class such as `sdeopt.QSGD` or `sdeopt.EASGD`, or
        ``lambda k: so.QSGDMomentum(coupling=k, momentum=0.9)``.
    start : Start, optional
        By default uniform on [−3, 3] in every coordinate; give one where your loss has another scale.
    steps : int, optional
        By default as many as last a time of 60, and at least 500: enough for losses whose curvature
        is about 1. The result says whether the loss was still falling.
    couplings : (float, float), optional
        The least coupling above 0 and the largest that are tried; by default 1/256 and 1 over the step
        size. Beyond that every step overshoots the mean. No coupling is always tried.
    replicas, most_replicas : int
        Of each coupling at first, and at the most.
    error : float, optional
        In loss units; by default a fiftieth of the range of the averages.
    seed : int
        Decides every random number.
    folder : path-like, optional
        Where runs are kept as they end, as in `sdeopt.sweep`: a search that was interrupted goes on
        from there, and finds the same.
    progress : bool, optional
        Whether to show bars; by default only on a terminal.

    Returns
    -------
    BestCoupling
        The coupling, its interval, whether it is clear, and the runs.

    Raises
    ------
    InvalidArgumentError
        If an argument is outside what is allowed, or every coupling diverges.

    Notes
    -----
    The question of Sec. 4.3 of Boffi & Slotine (2020); `sdeopt run phase` answers it for their loss.

    Examples
    --------
    >>> import sdeopt as so
    >>> found = so.best_coupling(so.losses.RuggedWell.robust(), so.noise.Uniform(9.0), agents=20,
    ...                          step_size=0.05, replicas=20, most_replicas=40, seed=1)
    >>> low, high = found.interval
    >>> low <= found.coupling <= high
    True
    """
    _check(loss, noise)
    p = whole_number(agents, "agents", minimum=2)
    eta = finite_number(step_size, "step_size", 0.0, open_end=True)
    low, high = _range(couplings, eta)
    length = max(round(TIME / eta), FEWEST_STEPS) if steps is None else steps
    length = whole_number(length, "steps", minimum=10)
    first = whole_number(replicas, "replicas", minimum=4)
    most = whole_number(most_replicas, "most_replicas", minimum=first)
    wanted = None if error is None else finite_number(error, "error", 0.0, open_end=True)
    begin = Uniform(-3.0, 3.0) if start is None else start
    if not isinstance(begin, Start):
        raise InvalidArgumentError(
            f"start is {start!r:.60}, but must be one of so.start, such as so.start.Uniform(-3, 3)."
        )
    origin = int(as_seed(seed))
    if describe(_made(algorithm, 0.0)) == describe(_made(algorithm, high)):
        raise InvalidArgumentError(
            f"algorithm makes the same of the couplings 0 and {high:g}; let it use the coupling that it "
            "is given."
        )
    fixed: dict[str, Any] = {
        "noise": noise,
        "agents": p,
        "step_size": eta,
        "start": begin,
        "steps": length,
        "statistics": ["loss_of_mean"],
        "statistics_every": min(EVERY, max(length // 50, 1)),
        "record": At([int(BEFORE * length), int(LATE * length), length], ["mean"]),
        "on_divergence": "mask",
        "same_noise": True,
    }
    earlier: dict[tuple[float, int], Array] = {}
    seconds, work = 0.0, 0

    def measure(chosen: Sequence[float], batch: int, size: int) -> Array:
        nonlocal seconds, work
        made = {k: _made(algorithm, k) for k in chosen}
        runs = sweep(
            loss,
            grid(lambda coupling: made[coupling], coupling=list(chosen)),
            replicas=size,
            # the same for all couplings, another for every batch of replicas
            seed=point_seed(origin, {"batch": batch} if batch else {}),
            folder=folder,
            progress=progress,
            **fixed,
        )
        reached = runs["loss_of_mean"].transpose(..., "replica", "step").values
        for k, row in zip(chosen, reached, strict=True):
            earlier[k, batch] = row[:, -2]
        seconds += runs.attrs["run_seconds"]
        work += len(chosen) * size * p * length
        # a coupling that diverges, or is about to, is never the best
        stable = (abs(reached) < DIVERGED).all(axis=-1)
        return np.where(stable, reached[..., -1], np.inf)

    search = Search(measure, low, high, first, most, wanted, LEVEL)
    decision = search.run()
    if decision.diverged.all():
        raise InvalidArgumentError(
            f"at every coupling a replica diverges with step size {eta:g}; lower it, or start closer to "
            "a minimum."
        )
    configuration = describe({"loss": loss, "couplings": (low, high), **fixed})
    attributes = provenance(configuration, seed=origin, seconds=seconds, agent_steps=work)
    attributes["steps"] = length
    return _found(decision, earlier, search, attributes)


def _found(
    decision: Decision,
    earlier: dict[tuple[float, int], Array],
    search: Search,
    made: dict[str, Any],
) -> BestCoupling:
    best = float(decision.couplings[decision.best])
    before = np.concatenate([earlier[best, n] for n in range(len(search.batches[best]))])
    falls = before - np.concatenate(search.batches[best])
    falls = falls[np.isfinite(falls)]
    drift = falls.mean() > CLEAR_DRIFT * falls.std(ddof=1) / np.sqrt(len(falls))
    possible = decision.possible
    values = np.where(np.isinf(decision.values), np.nan, decision.values)
    runs = xr.Dataset(
        {
            "loss_of_mean": (
                ("coupling", "replica"),
                values,
                {
                    "long_name": "loss of the mean in the last fifth",
                    "units": "loss units",
                    "best_coupling": [best, *decision.interval],
                },
            ),
            "possible": ("coupling", possible, {"long_name": "whether it may be the best"}),
            "diverged": (
                "coupling",
                decision.diverged,
                {"long_name": "whether a replica diverged"},
            ),
        },
        {
            "coupling": ("coupling", decision.couplings, {"units": "1 / time"}),
            "replica": np.arange(values.shape[1]),
        },
        made,
    )
    clear = not (possible[0] or possible[-1])
    return BestCoupling(best, decision.interval, clear, not drift, runs)


def _check(loss: object, noise: object) -> None:
    for name, given, kind in (("loss", loss, Loss), ("noise", noise, NoiseLaw)):
        if not isinstance(given, kind):
            raise InvalidArgumentError(
                f"{name} is {given!r:.60}, but must be one of so.{'losses' if kind is Loss else name}."
            )


def _made(algorithm: Any, coupling: float) -> Algorithm:
    """Return the algorithm of a coupling, or say why what was given makes none."""
    name = algorithm.__name__ if isinstance(algorithm, type) else f"{algorithm!r:.60}"
    advice = (
        "give a class such as so.QSGD, or a function that makes the algorithm of a coupling, as in "
        "lambda k: so.QSGDMomentum(coupling=k, momentum=0.9)."
    )
    if not callable(algorithm):
        raise InvalidArgumentError(f"algorithm is {name}, which is no class or function; {advice}")
    signature = inspect.signature(algorithm)
    if isinstance(algorithm, type) and "coupling" not in signature.parameters:
        raise InvalidArgumentError(f"algorithm is {name}, which has no coupling; {advice}")
    try:
        signature.bind(coupling)
    except TypeError as problem:
        raise InvalidArgumentError(
            f"algorithm is {name}, which is not made from a coupling alone ({problem}); {advice}"
        ) from None
    made = algorithm(coupling)
    if not isinstance(made, Algorithm):
        raise InvalidArgumentError(
            f"algorithm is {name}, which makes {made!r:.60} and no algorithm; {advice}"
        )
    return made


def _range(couplings: Any, step_size: float) -> tuple[float, float]:
    if couplings is None:
        return WEAKEST / step_size, 1.0 / step_size
    try:
        low, high = couplings
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"couplings is {couplings!r:.60}, but must be two, the least above 0 and the largest."
        ) from None
    low = finite_number(low, "the least of couplings", 0.0, open_end=True)
    return low, finite_number(high, "the largest of couplings", low, open_end=True)
