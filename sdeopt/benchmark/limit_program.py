"""The limit: our C++ program, compiled on this machine and called in this process."""

import ctypes
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from sdeopt.benchmark.timing import Array, Contender, Runner, UnavailableError, timed
from sdeopt.benchmark.workloads import SEED, Workload
from sdeopt.files import atomic_path
from sdeopt.kernels.modules import cache_folder, environment_digest

SOURCES = Path(__file__).parent / "limit"
FLAGS = ("-O3", "-march=native", "-std=c++17", "-Wno-psabi", "-shared", "-fPIC")


class Settings(ctypes.Structure):
    """The numbers of a run, as ``limit.cpp`` declares them."""

    _fields_ = (
        *((name, ctypes.c_long) for name in ("replicas", "agents", "dim", "steps")),
        *((name, ctypes.c_double) for name in ("step_size", "coupling", "noise")),
        ("seed", ctypes.c_uint64),
    )


def compiler() -> str:
    """Return the path of g++, or of what ``CXX`` names."""
    name = os.environ.get("CXX", "g++")
    path = shutil.which(name)
    if path is None:
        raise UnavailableError(f"{name} is not installed")
    return path


def build() -> ctypes.CDLL:
    """Compile the program, or find it compiled in the kernel cache, and load it."""
    digest = hashlib.sha256(f"{compiler()} {FLAGS} {environment_digest()}".encode())
    for source in sorted(SOURCES.iterdir()):
        digest.update(source.read_bytes())
    library = cache_folder() / f"limit_{digest.hexdigest()[:24]}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(library) as temporary:
            command = [compiler(), *FLAGS, str(SOURCES / "limit.cpp"), "-o", str(temporary)]
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            if made.returncode:
                problem = next(iter(made.stderr.splitlines()), f"exit code {made.returncode}")
                raise UnavailableError(f"{command[0]} failed: {problem}")
    return ctypes.CDLL(str(library))


def run(workload: Workload, states: Array, steps: int, library: ctypes.CDLL) -> Array:
    """Return the states after some steps from given ones."""
    x = np.array(states, order="C")
    slopes = workload.slopes()
    settings = Settings(
        workload.replicas,
        workload.agents,
        workload.dim,
        steps,
        workload.step_size,
        workload.coupling,
        workload.scale,
        SEED,
    )
    function = getattr(library, f"{workload.shape}_{workload.law}")
    function.restype = None
    double_pointer = ctypes.POINTER(ctypes.c_double)
    function(
        x.ctypes.data_as(double_pointer),
        ctypes.byref(settings),
        slopes.ctypes.data_as(double_pointer),
    )
    return x


def prepare(workload: Workload) -> Runner:
    """Compile, and return the runner."""
    if workload.dim > 1 and (workload.dim % 2 or workload.agents % 2):
        raise UnavailableError("it is written for even numbers of agents and coordinates")
    library, states = build(), workload.states()
    return timed(lambda steps: run(workload, states, steps, library))


LIMIT = Contender("C++ by hand, same random numbers", prepare)
