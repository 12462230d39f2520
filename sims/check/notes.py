"""Sentences on a check besides its rows."""

import numpy as np

from sims.check.case import InapplicableError
from sims.check.constants import ESTIMATED, PROVED
from sims.check.estimation import curvatures
from sims.check.theorem import Row, Simulation
from sims.check.theorems import THEOREMS

VISITED = 200
"""Positions of agents at which the curvature is computed."""

WRONG = 1e-3
"""The share by which a constant must be off there to be called wrong."""

COARSE = 0.1
"""ηL above which the SDE is far from the iteration."""


def notes_of(simulation: Simulation, rows: list[Row]) -> list[str]:
    """Return all sentences that apply."""
    found = [
        _jump(simulation),
        _none_applies(rows),
        _transient(simulation),
        _constants(simulation),
        _outside(simulation),
        _beyond_border(simulation),
        _coarse(simulation),
    ]
    return [note for note in found if note]


def _jump(simulation: Simulation) -> str:
    constants = simulation.case.constants
    if constants.jump is None:
        return ""
    letters = [
        entry.letter for entry in constants.entries.values() if entry.words == str(constants.jump)
    ]
    return (
        f"{str(constants.jump).capitalize()}: the theorems are about losses with a second derivative, "
        f"so none that needs one of {', '.join(letters)} applies."
    )


def _none_applies(rows: list[Row]) -> str:
    if any(row.applies for row in rows):
        return ""
    return "No bound applies here; the measured quantities are shown."


def _transient(simulation: Simulation) -> str:
    if simulation.rates.proved:
        return ""
    names = ("spread", "distance")
    changes = [_change(simulation, name) for name in names]
    said = [
        f"{change:+.1%} in {name}" for name, change in zip(names, changes, strict=True) if change
    ]
    words = (
        f": from the first half of the window to the second, {' and '.join(said)}" if said else ""
    )
    return (
        "No rate is proved for this loss and algorithm, so the length of the transient "
        f"is a guess{words}."
    )


def _change(simulation: Simulation, name: str) -> float | None:
    halves = simulation.stationary.halves()
    if halves is None:
        return None
    first, second = (half.quantity(name) for half in halves)
    if first is None or second is None or not first.mean():
        return None
    return float(second.mean() / first.mean() - 1)


def _constants(simulation: Simulation) -> str:
    """Name a constant that does not hold at positions of agents."""
    case = simulation.case
    states = simulation.stationary.run["agents"].values.reshape(-1, case.problem.loss.dim)
    chosen = np.random.default_rng(0).choice(len(states), min(VISITED, len(states)), replace=False)
    seen = curvatures(case.problem.loss, states[chosen])
    low, high = float(seen[:, 0].min()), float(np.abs(seen).max())
    # the value there, and on which side of the constant a violation is
    sides = {
        "strong_convexity": (low, -1, f"an eigenvalue {low:.4g}"),
        "smoothness": (high, 1, f"the norm {high:.4g}"),
        "negative_curvature": (-low, 1, f"an eigenvalue {low:.4g}"),
    }
    for name, (found, side, words) in sides.items():
        entry, value = case.constants.entries[name], case.constants.value(name)
        if value is not None and side * (found - value) > WRONG * high:
            return (
                f"Where agents went the Hessian has {words}, against {entry.letter} = {value:.4g} "
                f"({entry.origin}): that constant does not hold there, and rows that rest on it say "
                "nothing."
            )
    return ""


def _outside(simulation: Simulation) -> str:
    entries = simulation.case.constants.entries.values()
    local = [entry.letter for entry in entries if entry.origin in (PROVED, ESTIMATED)]
    if simulation.box is None or not local:
        return ""
    low, high = (np.array(ends) for ends in zip(*simulation.box, strict=True))
    states = simulation.stationary.run["agents"].values
    outside = float(((states < low) | (states > high)).any(axis=-1).mean())
    said = "no agent was outside it" if not outside else f"{outside:.2%} of all agents were outside"
    return (
        "The theorems need their constants wherever agents go, and the box is all where "
        f"{', '.join(local)} {'hold' if len(local) > 1 else 'holds'}: at the recorded times {said}."
    )


def _beyond_border(simulation: Simulation) -> str:
    case = simulation.case
    for name in ("qsgd_stability", "easgd_stability"):
        try:
            border = THEOREMS[name].prediction(case)
        except InapplicableError:
            continue
        moving_rate = case.problem.step_size * case.problem.number("coupling")
        if moving_rate >= border:
            return (
                f"The iteration with η = {case.problem.step_size:g} diverges: ηk = {moving_rate:g} is "
                f"not below the border {border:.4g}; the SDE is stable all the same."
            )
    return ""


def _coarse(simulation: Simulation) -> str:
    problem = simulation.case.problem
    most = simulation.case.constants.value("smoothness")
    if problem.discrete or most is None or problem.step_size * most <= COARSE:
        return ""
    relative = problem.step_size * most
    return (
        f"ηL = {relative:.3g}: the rows are about the SDE; variances of the iteration itself differ "
        f"by about ηL/2, {relative / 2:.0%}, along the steepest direction."
    )
