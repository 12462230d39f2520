"""The same bits whichever vectors the compiler may use: AVX2 against those of this processor.

Each side is a process of its own, as the processor is chosen when numba is loaded.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import llvmlite.binding
import pytest

PROGRAM = """
import hashlib
import numpy as np
import sdeopt as so

data = np.random.default_rng(1).normal(size=(40, 3))
losses = {
    "rugged": so.losses.RuggedWell(),
    "coupled": so.losses.CoupledWells(dim=3),
    "quadratic": so.losses.Quadratic(np.diag([1.0, 2.0, 3.0]) + 0.1),
    "logistic": so.losses.LogisticRegression(data, np.sign(data[:, 0])),
}
for loss, noise, agents, replicas in (
    ("rugged", so.noise.Uniform(1.0), 1, 1), ("rugged", so.noise.Gaussian(1.0), 5, 11),
    ("coupled", so.noise.Gaussian(1.0), 3, 1), ("coupled", so.noise.Uniform(1.0), 9, 4),
    ("quadratic", so.noise.Gaussian(1.0), 4, 17), ("logistic", so.noise.Minibatch(4), 3, 5),
):
    run = so.simulate(
        losses[loss], so.QSGD(2.0), noise=noise, agents=agents, replicas=replicas, steps=40,
        step_size=0.02, start=so.start.Uniform(-1, 1), seed=3, statistics=["loss"], threads=1,
        progress=False,
    )
    kept = b"".join(np.ascontiguousarray(run[name]).tobytes() for name in sorted(run.data_vars))
    print(loss, type(noise).__name__, agents, replicas, hashlib.sha256(kept).hexdigest())
"""
"""Prints a digest of every result; the cases share what is compiled."""


def digests(processor: str) -> list[str]:
    chosen = {"NUMBA_CPU_NAME": processor} if processor else {}
    if processor:
        chosen["NUMBA_CPU_FEATURES"] = "+avx2,+fma,+bmi,+bmi2,+lzcnt,+popcnt,+sse4.2"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **chosen},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.mark.skipif(
    not llvmlite.binding.get_host_cpu_features().get("avx512f"),
    reason="this processor has no AVX-512, so there is only one kind of vectors to compile for",
)
def test_narrow_and_wide_vectors_give_the_same_bits():
    with ThreadPoolExecutor() as pool:
        narrow, wide = pool.map(digests, ("haswell", ""))
    assert len(narrow) == 6
    assert narrow == wide
