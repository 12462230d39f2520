"""What a driver is told about a run, and what the functions that it calls by address can see."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import Pack, packed
from sdeopt.kernels.places import reader
from sdeopt.kernels.received import Reception, empty_reception
from sdeopt.kernels.state import Buffers, Observed, State, make_buffers
from sdeopt.kernels.watched import nothing_watched


class Options(NamedTuple):
    """What the algorithm and the noise of a run do, by the names of their switches."""

    signal: bool
    filter: bool  # vectors of a replica have a rule,
    iterates: bool  # which says what they become and not how fast they change
    weighted: bool
    champion: bool
    averaging: bool
    noisy: bool
    single: bool
    minibatch: bool
    noise_on_weights: bool
    given: bool
    sometimes: bool
    coloured: bool
    correlated: bool


class Passes(NamedTuple):
    """Addresses of what is called for a whole block (`sdeopt.kernels.addresses`); 0 if there is none."""

    value: int
    gradient: int  # of the whole loss
    minibatch_gradient: int
    variates: int
    diffusion: int
    observation: int
    update: int
    rates: int  # instead, for the strong scheme
    look_ahead: int
    weigh: int
    relax: int  # of the vectors of a replica
    reception: int  # where agents do not all receive one signal


class Plan(NamedTuple):
    """Whole numbers that are fixed during a run."""

    seed: np.uint64
    agents: int
    replicas: int
    first_step: int
    steps: int
    epoch: int  # steps between two choices of a champion
    period: int  # steps between two averagings
    observe_every: int
    observe_start: bool  # the state before the first step of the chunk counts too
    stop_on_divergence: bool
    batch: int
    examples: int
    replacement: bool
    centre: int  # the vector of a replica that agents are pulled towards; 0 is the mean
    noisy: int  # the vector of an agent that noise moves beside a drift; 0 is the position
    shown: NDArray[
        np.int64
    ]  # what an agent's rule takes: means of its vectors, or minus the replica's
    options: Options
    reception: Reception


class Work(NamedTuple):
    """What a function that is called by its address can see."""

    buffers: Buffers
    observed: Observed
    plan: Plan
    passes: Passes
    loss: Pack


def _example() -> Work:
    """Return a work of the types that all have."""
    values = [np.zeros((1,) * ndim) for ndim in range(5)]
    cube, most = values[3], values[4]
    state = State(most, most, most, values[2], np.zeros((1, 1), np.int64))
    counts = np.zeros((1, 1, 1), np.int64)
    seen = Observed(
        np.zeros(1, np.bool_),
        cube,
        cube,
        cube,
        values[4],
        counts,
        counts,
        values[1],
        nothing_watched(),
    )
    options = Options(*[False] * len(Options._fields))
    passes = Passes(*[0] * len(Passes._fields))
    plan = Plan(
        np.uint64(0), 1, 1, 0, 0, 1, 1, 1, False, False, 1, 1, False, 0, 0, np.zeros(1, np.int64),
        options, empty_reception(),
    )  # fmt: skip
    return Work(make_buffers(state, 1, 1, 1), seen, plan, passes, packed([]))


work_at = reader(numba.typeof(_example()))
"""``work_at(place)``: the `Work` at a place."""
