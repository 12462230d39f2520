"""Running a simulation: chunks of steps, threads over blocks, records, statistics, divergence.

All replicas advance together, a chunk of steps at a time. Between two chunks the state is consistent, so
that is when the run records, saves a checkpoint, shows progress and reacts to Ctrl-C.
"""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sdeopt import rng
from sdeopt.arguments import real_array
from sdeopt.kernels.addresses import packed
from sdeopt.kernels.generation import Loaded, load_driver
from sdeopt.kernels.plan import Options, Passes, Plan
from sdeopt.kernels.shared_noise import Shared, make_shared
from sdeopt.kernels.state import (
    Buffers,
    Given,
    Stages,
    State,
    aligned_copy,
    make_buffers,
    make_stages,
)
from sdeopt.noise import Minibatch
from sdeopt.simulation.accumulators import Accumulators
from sdeopt.simulation.exchange import (
    history_shape,
    history_to_blocks,
    history_to_users,
    is_scattered,
    make_received,
    reception_of,
)
from sdeopt.simulation.layout import choose_layout
from sdeopt.simulation.run import Run

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[np.generic]]

NEVER = 2**62


class Execution:
    """The state of a run, and its steps."""

    def __init__(self, run: Run, threads: int, stop_on_divergence: bool) -> None:
        self.run = run
        self.threads = threads
        self.stop_on_divergence = stop_on_divergence
        self.reception = reception_of(run.algorithm, run.agents)
        self.layout = choose_layout(
            run.replicas, run.agents, run.loss.dim, threads, scattered=is_scattered(self.reception)
        )
        ends = np.linspace(0, self.layout.blocks, threads + 1).astype(int)
        self._shares = [(a, b) for a, b in pairwise(ends) if b > a]
        self.step = 0
        self.state = self._initial_state()
        self.accumulators = Accumulators(run.selection, self.layout)
        self.records = run.record.steps(run.steps)
        self.recorded = 0
        self.series: dict[str, list[NDArray[np.generic]]] = {}
        self._bindings = run.bindings()
        declared = self._bindings.declared
        self._centre = declared.of_replicas.index(declared.signal)
        self._noisy = declared.of_agents.index(declared.noisy)
        sources = [declared.source(name) for name in self._bindings.shown]
        self._shown = np.array(sources, np.int64)
        self._driver: Callable[..., None] | None = None
        self._passes: Passes | None = None
        on = self._bindings.switches
        self._options = Options(**{name: name.upper() in on for name in Options._fields})
        self._pool: ThreadPoolExecutor | None = None
        self._work: dict[int, tuple[Buffers | Stages | Shared, ...]] = {}
        self._loss = packed(run.loss.parameters)
        self._law = packed(run.law_parameters())
        self._shape = np.array(run.noise.shape if run.noise else np.zeros(1))
        kept = (run.loss.dim, self.layout.lanes) if "COLOURED" in on else (0, 0)
        self._lasting = np.zeros((self.layout.blocks, *kept))

    def _initial_state(self) -> State:
        run, layout = self.run, self.layout
        blocks, width, dim = layout.blocks, layout.width, layout.dim

        def uniforms(elements: int) -> Array:
            everyone = np.arange(run.replicas)
            return rng.uniforms(run.seed, rng.INITIAL, everyone, run.agents, elements)

        given = run.start.initial(0, run.replicas, run.agents, dim, uniforms)
        x = layout.to_blocks(
            real_array(given, f"the first state given by {type(run.start).__name__}")
        )
        starts = [each.start for each in run.agent_vectors()]
        own = [x if start == "position" else np.zeros_like(x) for start in starts]
        return State(
            agents=aligned_copy(np.stack([x, *own], axis=1)),
            replicas=np.zeros((blocks, 1 + len(run.replica_vectors()), dim, width)),
            history=np.zeros(history_shape(self.reception, layout)),
            champion=np.zeros((blocks, width)),
            diverged=np.full((blocks, width), -1, np.int64),
        )

    def begin(self, on_compilation: Callable[[], None]) -> None:
        """Load the driver, compiled if no earlier process has, and compute the first means."""
        self._driver, ready = load_driver(self._bindings)
        loaded = Loaded(self._bindings)
        if not (ready and loaded.ready):
            on_compilation()
        self._passes = loaded.passes()
        self.accumulators.watching.set_functions(loaded.region_addresses())
        self._drive(0, self.layout.blocks, 0)
        mean = self.state.replicas[:, 0]
        for which, vector in enumerate(self.run.replica_vectors(), start=1):
            if vector.start == "position":
                self.state.replicas[:, which] = mean
        self.accumulators.open_window(mean)

    def advance(self, steps: int) -> None:
        """Advance all blocks by a number of steps, at most up to the next record."""
        own, *others = self._shares
        futures = [self._helpers().submit(self._drive, *each, steps) for each in others]
        try:
            self._drive(*own, steps)
            for future in futures:
                future.result()
        finally:
            wait(futures)  # the state must not be read while a thread still writes it
        every = self.run.observe_every
        self.accumulators.count += (self.step + steps) // every - self.step // every
        self.step += steps

    def _helpers(self) -> ThreadPoolExecutor:
        """Return the threads besides this one, the same during the whole run."""
        if self._pool is None:
            # starting threads takes as long as a few steps
            self._pool = ThreadPoolExecutor(self.threads - 1)
        return self._pool

    def observe_start(self) -> None:
        """Observe the first state, for a record at step 0."""
        self._drive(0, self.layout.blocks, 0, observe_start=True)
        self.accumulators.count += 1

    def _drive(self, first: int, last: int, steps: int, observe_start: bool = False) -> None:
        run = self.run
        assert self._driver is not None
        law = run.noise if isinstance(run.noise, Minibatch) else None
        plan = Plan(
            seed=rng.as_seed(run.seed),
            agents=run.agents,
            replicas=run.replicas,
            first_step=self.step,
            steps=steps,
            epoch=run.algorithm.epoch,
            period=run.algorithm.averages_every,
            observe_every=run.observe_every if run.selection.any else NEVER,
            observe_start=observe_start,
            stop_on_divergence=self.stop_on_divergence,
            batch=law.examples if law else 1,
            examples=getattr(run.loss, "examples", 1) if law else 1,
            replacement=law.replacement if law else True,
            centre=self._centre,
            noisy=self._noisy,
            shown=self._shown,
            options=self._options,
            reception=self.reception,
        )
        self._driver(
            int(first), int(last), self.state, run.tables(self.step, steps), plan, self._passes,
            self._given(steps), self.accumulators.observed_by(first), self._loss, self._law, self._shape,
            *self._work_for(first, plan.batch),
        )  # fmt: skip

    def _work_for(self, first: int, batch: int) -> tuple[Buffers | Stages | Shared, ...]:
        """Return the buffers for a range of blocks: threads must not share them."""
        if first not in self._work:
            self._work[first] = self._make_work(batch)
        return self._work[first]

    def _make_work(self, batch: int) -> tuple[Buffers | Stages | Shared, ...]:
        layout, switches, strong = self.layout, self._bindings.switches, self._bindings.strong
        own = layout.lanes if strong or "PER_AGENT" in switches else 1
        couplings = layout.lanes if strong or switches & {"WEIGHTED", "SOMETIMES"} else 1
        make = functools.partial(
            make_buffers, self.state, batch, own, couplings, centre=self._centre,
            shown=len(self._shown),
        )  # fmt: skip
        if strong:
            return make(), make(), make_stages(self.state)
        received = make_received(self.reception, layout)
        return make(received=received), make_shared(layout.dim, layout.width)

    def _given(self, steps: int) -> Given:
        path = self.run.increments
        if path is None:
            return Given(np.zeros((0, 0, 0, 0)), np.zeros((0, 0, 0, 0)), self._lasting)
        chosen = slice(self.step, self.step + steps)
        areas = path.areas if path.areas is not None else np.zeros((0, 0, 0, 0))
        return Given(path.values[chosen], areas[chosen], self._lasting)

    def due(self) -> bool:
        """Return whether the present step is the next to be recorded."""
        left = self.records[self.recorded :]
        return bool(left.size and left[0] == self.step)

    def take_record(self) -> None:
        """Store the state and the statistics of the window that ends here; open the next one."""
        kept: Arrays = {name: self.view(name) for name in self.run.record.variables}
        if self.run.selection.any:
            kept |= self.accumulators.results()
        for name, array in kept.items():
            self.series.setdefault(name, []).append(array)
        self.recorded += 1
        self.accumulators.open_window(self.state.replicas[:, 0])

    def view(self, name: str) -> Array:
        """Return a variable in the shape users see, diverged replicas as NaN."""
        state, run = self.state, self.run
        of_agents = ["agents", *(each.name for each in run.agent_vectors())]
        of_replicas = ["mean", *(each.name for each in run.replica_vectors())]
        if name in of_agents:
            array = self.layout.from_blocks(state.agents[:, of_agents.index(name)])
        else:
            # what agents are pulled towards has a name of its own besides
            which = of_replicas.index(name) if name in of_replicas else self._centre
            array = self.layout.per_replica_from_blocks(state.replicas[:, which])
        array[self.diverged() >= 0] = np.nan
        return array

    def diverged(self) -> NDArray[np.int64]:
        """Return the step at which each replica diverged, −1 where it did not."""
        return self.state.diverged.reshape(-1)[: self.run.replicas].copy()

    def to_arrays(self) -> Arrays:
        """Return everything that a checkpoint must hold, whatever the layout."""
        state, layout = self.state, self.layout
        arrays: Arrays = {"recorded": np.array(self.recorded)}
        for which, name in enumerate(self._bindings.declared.of_agents):
            arrays[f"agents_{name}"] = layout.from_blocks(state.agents[:, which])
        for which, name in enumerate(self._bindings.declared.of_replicas):
            kept = state.replicas[:, which]
            arrays[f"replicas_{name}"] = layout.per_replica_from_blocks(kept)
        if state.history.size:
            arrays["history"] = history_to_users(state.history, self.reception, layout)
        if self._lasting.size:
            arrays["lasting"] = layout.from_blocks(self._lasting)
        arrays["champion"] = state.champion.reshape(-1)[: self.run.replicas].copy()
        arrays["diverged"] = self.diverged()
        arrays |= {f"series_{name}": np.stack(kept) for name, kept in self.series.items()}
        return arrays | self.accumulators.to_arrays()

    def from_arrays(self, step: int, arrays: Arrays) -> None:
        """Continue from a checkpoint."""
        state, layout = self.state, self.layout
        self.step = step
        self.recorded = int(arrays["recorded"])
        for which, name in enumerate(self._bindings.declared.of_agents):
            kept = np.asarray(arrays[f"agents_{name}"], np.float64)
            state.agents[:, which] = layout.to_blocks(kept)
        for which, name in enumerate(self._bindings.declared.of_replicas):
            kept = np.asarray(arrays[f"replicas_{name}"], np.float64)
            state.replicas[:, which] = layout.per_replica_to_blocks(kept)
        if state.history.size:
            signals = np.asarray(arrays["history"], np.float64)
            state.history[:] = history_to_blocks(signals, self.reception, layout)
        if self._lasting.size:
            self._lasting[:] = layout.to_blocks(np.asarray(arrays["lasting"], np.float64))
        state.champion.reshape(-1)[: self.run.replicas] = arrays["champion"]
        state.diverged.reshape(-1)[: self.run.replicas] = arrays["diverged"]
        prefix = "series_"
        self.series = {
            name.removeprefix(prefix): list(array)
            for name, array in arrays.items()
            if name.startswith(prefix)
        }
        self.accumulators.from_arrays(
            {name: array for name, array in arrays.items() if name.startswith("window_")}
        )
