"""QSGD in SDE libraries, where they are installed: diffrax (JAX) and torchsde.

They integrate dx = (-∇f(x) + k(mean - x)) dt + σ√η dW by Euler-Maruyama with dt = η, which is the
iteration with Gaussian noise of standard deviation σ. They have no other noise. Each runs in a
process of its own, on one processor where the system allows it.
"""

import importlib
import importlib.util
import math
import multiprocessing
import os
import weakref
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from sdeopt.benchmark.timing import Array, Contender, Runner, UnavailableError, busy_clock
from sdeopt.benchmark.workloads import Workload

PATIENCE = 300.0
"""Seconds after which a library's process is given up."""


def drift(x: Any, sin: Callable[[Any], Any], workload: Workload, slopes: list[float]) -> Any:
    """Return the drift at states (replicas, agents) of either library's arrays."""
    cubic, linear, constant, slope_1, slope_2, frequency_1, frequency_2 = slopes
    gradient = linear * x
    if workload.shape == "rugged":
        waves = slope_1 * sin(frequency_1 * x) + slope_2 * sin(frequency_2 * x)
        gradient = (cubic * x * x + linear) * x + constant + waves
    return -gradient + workload.coupling * (x.mean(1)[:, None] - x)


def diffrax_steps(workload: Workload, steps: int) -> Callable[[], Array]:
    """Return a function that runs the workload in diffrax, compiled."""
    jax, diffrax = importlib.import_module("jax"), importlib.import_module("diffrax")
    lineax = importlib.import_module("lineax")
    jax.config.update("jax_enable_x64", True)
    eta, slopes = workload.step_size, workload.slopes().tolist()
    shape = (workload.replicas, workload.agents)
    strength = jax.numpy.full(math.prod(shape), workload.scale * math.sqrt(eta))

    def field(t: Any, y: Any, arguments: Any) -> Any:
        return drift(y.reshape(shape), jax.numpy.sin, workload, slopes).ravel()

    @jax.jit  # type: ignore[untyped-decorator]
    def solve(y: Any, key: Any) -> Any:
        # its fastest Brownian motion: independent increments, for fixed steps only
        path = diffrax.UnsafeBrownianPath(y.shape, key)
        noise = diffrax.ControlTerm(lambda *_: lineax.DiagonalLinearOperator(strength), path)
        return diffrax.diffeqsolve(
            diffrax.MultiTerm(diffrax.ODETerm(field), noise),
            diffrax.Euler(),
            t0=0.0,
            t1=eta * steps,
            dt0=eta,
            y0=y,
            max_steps=None,
            adjoint=diffrax.ForwardMode(),
        ).ys[0]

    first = jax.numpy.asarray(workload.states().reshape(-1))
    return lambda: np.asarray(solve(first, jax.random.key(1))).reshape(*shape, 1)


def torchsde_steps(workload: Workload, steps: int) -> Callable[[], Array]:
    """Return a function that runs the workload in torchsde."""
    torch, torchsde = importlib.import_module("torch"), importlib.import_module("torchsde")
    torch.set_num_threads(1)
    eta, slopes = workload.step_size, workload.slopes().tolist()
    strength = workload.scale * math.sqrt(eta)

    class Coupled:
        noise_type, sde_type = "diagonal", "ito"

        def f(self, t: Any, y: Any) -> Any:
            return drift(y, torch.sin, workload, slopes)

        def g(self, t: Any, y: Any) -> Any:
            return torch.full_like(y, strength)

    first = torch.from_numpy(workload.states()[:, :, 0])
    times = torch.tensor([0.0, eta * steps], dtype=torch.float64)

    def run() -> Array:
        path = torchsde.BrownianInterval(
            times[0], times[1], size=first.shape, dtype=torch.float64, entropy=1
        )
        with torch.no_grad():
            last = torchsde.sdeint(Coupled(), first, times, bm=path, dt=eta, method="euler")[-1]
        return np.asarray(last.numpy())[:, :, None]

    return run


LIBRARIES = {"diffrax": diffrax_steps, "torchsde": torchsde_steps}


def serve(connection: Connection, library: str, workload: Workload, steps: int) -> None:
    """Run in the child: prepare, then run once for each message until the other end closes."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        run = LIBRARIES[library](workload, steps)
        run()
    except Exception as problem:
        connection.send(f"{type(problem).__name__}: {problem}")
        return
    now = busy_clock()
    connection.send("ready")
    while True:
        try:
            connection.recv()
        except EOFError:
            return
        begin = now()
        states = run()
        connection.send((now() - begin, states))


def _stop(process: Any, connection: Connection) -> None:
    connection.close()
    process.join(timeout=5.0)
    if process.is_alive():
        process.kill()


class Child:
    """A library in a process of its own, for one number of steps."""

    def __init__(self, library: str, workload: Workload, steps: int) -> None:
        self.library = library
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        process = context.Process(target=serve, args=(other, library, workload, steps), daemon=True)
        process.start()
        other.close()
        self.close = weakref.finalize(self, _stop, process, self.connection)
        answer = self.receive()
        if answer != "ready":
            raise UnavailableError(f"{library} failed with {answer}")

    def receive(self) -> Any:
        """Return what the child sends next."""
        try:
            if self.connection.poll(PATIENCE):
                return self.connection.recv()
        except EOFError:
            raise UnavailableError(f"the process of {self.library} died") from None
        raise UnavailableError(f"{self.library} took longer than {PATIENCE:.0f} s")

    def run(self) -> tuple[float, Array]:
        """Run once."""
        self.connection.send(None)
        seconds, states = self.receive()
        return float(seconds), states


def _contender(library: str, share: float) -> Contender:
    def prepare(workload: Workload) -> Runner:
        if workload.law != "gaussian" or workload.dim > 1:
            raise UnavailableError(
                "it integrates Brownian noise, and this program for it has one coordinate"
            )
        if importlib.util.find_spec(library) is None:
            raise UnavailableError(f"{library} is not installed")
        children: dict[int, Child] = {}

        def run(steps: int) -> tuple[float, Array]:
            if steps not in children:
                children[steps] = Child(library, workload, steps)
            return children[steps].run()

        return run

    return Contender(library, prepare, share)


DIFFRAX = _contender("diffrax", share=0.2)
TORCHSDE = _contender("torchsde", share=0.05)
