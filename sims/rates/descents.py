"""How fast flows without noise reach the minimizer: Lemmas 5.1, 5.2 and 5.3, on the log-cosh loss.

Lemma 5.1 allows for any coupling u, here p u(x) = k (x + ½ sin x), also with k < 0 where −∇f − p u still
contracts. Distances are Σ‖xⁱ − x*‖² for Lemma 5.1, with ‖x~ − x*‖² for Lemma 5.2, both of all agents,
and for Lemma 5.3 those of the metric in its proof, of agents that begin in one place; in these metrics
the proved rates hold from the start (for k < 0 the lemma promises them after a transient).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import integrate

import theory
from sims.shared.families import family
from sims.shared.grids import with_numbers

Array = NDArray[np.float64]

DIM, AGENTS = 2, 6
CONVEX = 1.0
"""l of the loss."""

TIMES = (0.01, 0.1, 0.3, 1.0, 2.0, 4.0)
"""When distances are measured, in units of 1/(proved rate)."""

FAR = 1e5
"""Distance of the starts where the loss is as flat as l, on the whole way."""

WIDE = 2.0
"""Standard deviation of starts about the minimizer, of agents and of what else there is."""


@dataclass(frozen=True)
class Descent:
    """A flow of one of the lemmas, from some start."""

    lemma: str
    start: str
    coupling: float
    damping: float = 0.0

    def proved(self) -> float:
        """Return the proved rate."""
        k = self.coupling
        if self.lemma == "5.2":
            result = theory.load("lemma_5_2")
            return float(result.bound(agents=AGENTS, coupling=k, strong_convexity=CONVEX))
        if self.lemma == "5.3":
            shift, steep = self.damping / 2, family("log-cosh", DIM).fastest
            return float(
                theory.load("lemma_5_3").bound(
                    damping=self.damping,
                    metric_shift=shift,
                    strong_convexity=CONVEX,
                    smoothness=steep,
                )
            )
        # the gain of the coupling is from k/2 to 3k/2
        apart = CONVEX + min(0.5 * k, 1.5 * k)
        return apart if self.lemma == "5.1, pairs" else min(CONVEX, apart)

    def beginning(self, starts: int, random: np.random.Generator) -> Array:
        """Return the state: agents, and x~ or the velocity of each, (start, row, coordinate)."""
        rows = {"5.1": AGENTS, "5.1, pairs": AGENTS, "5.2": AGENTS + 1, "5.3": 2}[self.lemma]
        state = random.normal(0.0, WIDE, (starts, rows, DIM))
        if self.start == "wide":
            return state
        if self.lemma in ("5.1", "5.1, pairs"):
            return FAR + state
        return FAR * np.broadcast_to(self._slowest()[:, None], state.shape)

    def _slowest(self) -> Array:
        """Return the direction, over rows, that is proved to decay slowest where f″ = l."""
        if self.lemma == "5.2":
            root, k = np.sqrt(AGENTS), self.coupling
            whole = -np.array([[CONVEX + k, -k * root], [-k * root, k * AGENTS]])
            x, z = np.linalg.eigh(whole)[1][:, -1]
            return np.append(np.full(AGENTS, x / root), z)
        metric = self._metric()
        flow = np.array([[0.0, 1.0], [-CONVEX, -self.damping]])
        turned = metric @ flow @ np.linalg.inv(metric)
        slow = np.linalg.eigh((turned + turned.T) / 2)[1][:, -1]
        return np.asarray(np.linalg.solve(metric, slow))

    def _metric(self) -> Array:
        """Return Θ of Lemma 5.3 with β = μ/2."""
        shift, steep = self.damping / 2, family("log-cosh", DIM).fastest
        stretch = np.sqrt((CONVEX + steep) / 2 - shift * (self.damping - shift))
        return np.array([[stretch, 0.0], [shift, 1.0]])

    def flow(self) -> Callable[[Array], Array]:
        """Return the time derivative of the state."""
        gradient, k = family("log-cosh", DIM).loss.gradient, self.coupling

        def coupled(x: Array) -> Array:
            u = k * (x + np.sin(x) / 2)
            return np.asarray(u.mean(axis=1, keepdims=True) - u - gradient(x))

        def lagging(state: Array) -> Array:
            x, z = state[:, :-1], state[:, -1:]
            rate = k * AGENTS * (x.mean(axis=1, keepdims=True) - z)
            return np.concatenate([k * (z - x) - gradient(x), rate], axis=1)

        def moving(state: Array) -> Array:
            x, v = state[:, :1], state[:, 1:]
            return np.concatenate([v, -gradient(x) - self.damping * v], axis=1)

        return {"5.2": lagging, "5.3": moving}.get(self.lemma, coupled)

    def distance(self, state: Array) -> Array:
        """Return the distance that falls at the proved rate, for every start."""
        if self.lemma == "5.1, pairs":
            gaps = np.linalg.norm(state[:, :, None] - state[:, None], axis=-1)
            return np.asarray(gaps.max(axis=(1, 2)))
        if self.lemma == "5.3":
            state = np.einsum("ab,sbd->sad", self._metric(), state)
        return np.asarray(np.sqrt((state**2).sum(axis=(1, 2))))


DESCENTS = (
    *(
        Descent(lemma, start, k)
        for lemma, starts in (("5.1, pairs", ("wide",)), ("5.1", ("wide", "far")))
        for start in starts
        for k in (-0.5, 3.0)
    ),
    *(Descent("5.2", start, k) for start in ("wide", "far") for k in (0.3, 3.0)),
    *(Descent("5.3", start, 0.0, mu) for start in ("wide", "far") for mu in (1.5, 2.5)),
)
"""All that are measured. Agents with momentum that are in one place do not depend on k."""


def descend(what: Descent, starts: int, seed: int) -> float:
    """Return the least rate at which distances have fallen, over starts and times."""
    begin = what.beginning(starts, np.random.default_rng(seed))
    flow = what.flow()
    times = np.array(TIMES) / what.proved()
    found = integrate.solve_ivp(
        lambda _, y: flow(y.reshape(begin.shape)).ravel(),
        (0.0, times[-1]),
        begin.ravel(),
        method="DOP853",
        t_eval=times,
        rtol=1e-7,
        atol=1e-11,
    )
    before = what.distance(begin)
    after = np.array([what.distance(y.reshape(begin.shape)) for y in found.y.T])
    return float((-np.log(after / before) / times[:, None]).min())


def measure(starts: int, seed: int) -> xr.Dataset:
    """Return a table of proved and measured rates."""
    rows = [
        {**asdict(what), "proved": what.proved(), "measured": descend(what, starts, seed + number)}
        for number, what in enumerate(DESCENTS)
    ]
    return with_numbers(xr.Dataset(), rows)
