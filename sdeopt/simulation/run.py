"""The description of a run, and what the kernel needs of it: bindings and tables of schedules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.algorithms.algorithm import Algorithm, StateVector
from sdeopt.clock import SDE, Clock, Iteration
from sdeopt.configuration import describe
from sdeopt.errors import CheckpointError
from sdeopt.identity import FORMATS, UnknownIdentityError, users_identity
from sdeopt.increments import Increments
from sdeopt.kernels.chosen import Bindings
from sdeopt.kernels.foreign import foreign_functions
from sdeopt.kernels.state import Tables
from sdeopt.losses.loss import Loss
from sdeopt.noise import Minibatch, NoiseLaw
from sdeopt.record import VARIABLES, Record
from sdeopt.schedules import Constant, Schedule, table
from sdeopt.start import Start
from sdeopt.statistics import Selection
from sdeopt.version import __version__

Array = NDArray[np.float64]

LEAST = {"coupling": 0.0}
"""The least value of a number of an algorithm, where it may not have any."""

OTHERS = 3
"""Scheduled numbers that a rule receives besides the coupling."""


@dataclass(frozen=True, eq=False)
class Run:
    """What is simulated: all that decides the result; no threads, chunks or files."""

    loss: Loss
    algorithm: Algorithm
    noise: NoiseLaw | None
    start: Start
    record: Record
    clock: Clock
    agents: int
    replicas: int
    steps: int
    step_sizes: Sequence[Schedule]
    seed: int
    selection: Selection
    observe_every: int
    batch_size: int
    increments: Increments | None

    @property
    def strong(self) -> bool:
        """Whether the clock uses the strong-order-1.5 scheme."""
        return isinstance(self.clock, SDE) and self.clock.scheme == "strong_order_1.5"

    def configuration(self) -> dict[str, Any]:
        """Return everything that decides the result, as plain JSON values."""
        return {
            "version": __version__,
            "loss": describe(self.loss),
            "algorithm": describe(self.algorithm),
            "noise": describe(self.noise),
            "start": describe(self.start),
            "record": describe(self.record),
            "clock": describe(self.clock),
            "agents": self.agents,
            "replicas": self.replicas,
            "steps": self.steps,
            "step_size": [describe(schedule) for schedule in self.step_sizes],
            "seed": self.seed,
            "statistics": [*self.selection.scalars, *self.selection.moments]
            + [describe(h) for h in (self.selection.agents, self.selection.mean) if h]
            + [describe(one) for one in self.selection.named],
            "observe_every": self.observe_every,
            "batch_size": self.batch_size,
            "increments": describe(self.increments),
        }

    def identity(self) -> dict[str, Any]:
        """Return what must agree for two results to be the same: no version, but users' code."""
        deciding = self.configuration()
        del deciding["version"]
        bindings = self.bindings().functions
        parts = {
            "loss": self.loss,
            "algorithm": self.algorithm,
            "noise": self.noise,
            "start": self.start,
            "record": self.record,
            "clock": self.clock,
            "step_size": list(self.step_sizes),
            "statistics": list(self.selection.named),
            **{f"function {name}": one for name, one in foreign_functions(bindings).items()},
        }
        code = {}
        for name, part in parts.items():
            try:
                code[name] = users_identity(part)
            except UnknownIdentityError as problem:
                raise CheckpointError(
                    f"what decides this run cannot be known, because the {name.replace('_', ' ')} "
                    f"{problem}; so it cannot be continued or found again: leave out the checkpoint "
                    "or folder, or use plain numbers, arrays and functions."
                ) from None
        known = {name: digest for name, digest in code.items() if digest is not None}
        return deciding | {"format": FORMATS["sdeopt"], "code": known}

    def agent_vectors(self) -> tuple[StateVector, ...]:
        """Return the vectors that every agent has besides its position."""
        declared = self.algorithm.declared()
        return tuple(self.algorithm.agent_vectors[name] for name in declared.agents)

    def replica_vectors(self) -> tuple[StateVector, ...]:
        """Return the vectors that every replica has besides the mean."""
        declared = self.algorithm.declared()
        return tuple(self.algorithm.replica_vectors[name] for name in declared.replicas)

    def own_variables(self) -> dict[str, tuple[tuple[str, ...], str, str]]:
        """Return the variables of results that the algorithm declares: dimensions, meaning, units."""
        shapes = (
            (("replica", "agent", "dim"), self.agent_vectors()),
            (("replica", "dim"), self.replica_vectors()),
        )
        return {
            each.name: (dims, each.meaning, each.units)
            for dims, vectors in shapes
            for each in vectors
            if each.name not in VARIABLES
        }

    def times(self, steps: NDArray[np.int64]) -> Array | None:
        """Return the time at steps; on the iteration clock only where all steps have one size."""
        if not isinstance(self.clock, Iteration):
            return self.clock.times(steps)
        sizes = {one.value if isinstance(one, Constant) else None for one in self.step_sizes}
        size = sizes.pop()
        return None if sizes or size is None else np.asarray(steps * size, np.float64)

    def bindings(self) -> Bindings:
        """Return the functions and switches of the driver of this run."""
        module = self.loss.kernel_module()
        functions = {"gradient": (module, "gradient"), "value": (module, "value")}
        switches = self.algorithm.switches()
        if len(self.step_sizes) > 1:
            switches |= {"PER_AGENT"}
        if isinstance(self.noise, Minibatch):
            functions["minibatch_gradient"] = (module, "minibatch_gradient")
        functions |= self.algorithm.functions()
        functions["variates"] = NoiseLaw.variates
        if self.noise is not None:
            functions |= self.noise.functions()
            switches |= self.noise.switches()
        if self.increments is not None:
            switches |= {"GIVEN"}
            if self._given_in_full():
                switches -= {"DIAGONAL", "MATRIX"}
        if self.selection.any:
            switches |= {"OBSERVES"}
        whole = Bindings(
            functions,
            frozenset(switches),
            {
                "loss": tuple(np.ndim(each) for each in self.loss.parameters),
                "law": tuple(np.ndim(each) for each in self.law_parameters()),
            },
            self.strong,
            self.selection.values_read,
            tuple(
                (function.module, "region")
                for function in (each.function() for each in self.selection.regions)
                if function is not None
            ),
            self.algorithm.declared(),
        )
        return whole.with_signal()

    def law_parameters(self) -> tuple[Array, ...]:
        """Return the arrays of B(x)."""
        return self.noise.parameters() if self.noise is not None else (np.zeros(1),)

    def tables(self, first: int, steps: int) -> Tables:
        """Return the values of all schedules on a range of steps, checked."""
        times = self.clock.times(np.arange(first, first + steps + 1))
        now = times[:-1]
        etas = table(self.step_sizes, now, "step_size", positive_start=first == 0)
        moves = etas
        stage = now
        if isinstance(self.clock, SDE):
            moves = np.full_like(etas, self.clock.dt)
            stage = now + 0.75 * self.clock.dt
        coupling, scheduled = self._scheduled(now)
        coupling = np.where(
            self.algorithm.communicates(np.arange(first, first + steps)), coupling, 0.0
        )
        stage_coupling, stage_scheduled = self._scheduled(stage if self.strong else stage[:0])
        return Tables(
            time=times,
            step_size=moves,
            amplitude=self._amplitudes(now, etas),
            coupling=coupling,
            scheduled=scheduled,
            stage_coupling=stage_coupling,
            stage_scheduled=stage_scheduled,
        )

    def _scheduled(self, times: Array) -> tuple[Array, Array]:
        """Return the coupling, and the algorithm's other scheduled numbers in three columns."""
        columns = {
            name: table([schedule], times, name, LEAST.get(name, -math.inf)).reshape(-1)
            for name, schedule in self.algorithm.schedules(self.agents).items()
        }
        coupling = columns.pop("coupling", np.zeros(len(times)))
        others = np.zeros((len(times), OTHERS))
        for column, name in enumerate(columns):
            others[:, column] = columns[name]
        return coupling, others

    def _amplitudes(self, times: Array, etas: Array) -> Array:
        """Return the factor from a standard variate to the increment of a step."""
        if self.noise is None:
            return np.zeros_like(etas)
        scale = self.noise.scale
        if self._given_in_full():
            scale = 1.0
        level = table([self.noise.level_schedule], times, "noise level", -math.inf) * scale
        if isinstance(self.clock, SDE):
            root = 1.0 if self.increments is not None else math.sqrt(self.clock.dt)
            return np.asarray(level * np.sqrt(etas / self.batch_size) * root)
        if self.noise.enters == "gradient":
            return np.asarray(-etas * level / math.sqrt(self.batch_size))
        return np.asarray(np.repeat(level, etas.shape[1], axis=1))

    def _given_in_full(self) -> bool:
        """Whether the increments are draws of ζ itself, with scale and covariance in them."""
        law = self.noise
        discrete = self.increments is not None and not isinstance(self.clock, SDE)
        return discrete and law is not None and not law.state_dependent
