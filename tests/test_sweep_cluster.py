"""Points computed by the workers of a Dask cluster have the bits of those computed here."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import ClusterError, DivergenceError, InvalidArgumentError
from sdeopt.sweeps import computing as on_cluster

distributed = pytest.importorskip("distributed")

# The points must take long enough for a worker to be killed inside one.
RUN = {
    "noise": so.noise.Uniform(7.0),
    "agents": 50,
    "replicas": 200,
    "steps": 2000,
    "start": so.start.Uniform(-3, 3),
    "seed": 7,
    "statistics": ["loss"],
}

SMALL = {"steps": [1, 2], "step_size": 0.1, "start": so.start.Point(1.0)}


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def killer(folder, pid, finished):
    """Return a thread that kills a process once so many points are finished."""

    def kill():
        while len(list(folder.glob("points/*.nc"))) < finished:
            time.sleep(0.005)
        os.kill(pid, signal.SIGKILL)

    return threading.Thread(target=kill, daemon=True)


def test_a_worker_is_killed_half_way(client, tmp_path):
    algorithms = [so.QSGD(coupling=k) for k in (0.0, 2.0, 4.0, 8.0)]
    here = so.sweep(so.losses.RuggedWell(), algorithms, step_size=[0.02, 0.04], **RUN)
    before = client.run(os.getpid)
    assert len(before) == 2
    kill = killer(tmp_path, next(iter(before.values())), finished=3)
    kill.start()
    there = so.sweep(
        so.losses.RuggedWell(),
        algorithms,
        step_size=[0.02, 0.04],
        client=client,
        folder=tmp_path,
        **RUN,
    )
    kill.join()
    assert there.equals(here)
    client.wait_for_workers(2)
    assert len(set(before.values()) & set(client.run(os.getpid).values())) == 1


def test_functions_of_the_user_are_sent(client):
    stiffness = np.float64(3.0)
    loss = so.losses.from_functions(lambda x: stiffness * x * x, lambda x: 2.0 * stiffness * x)
    law = so.noise.StateDependent(lambda x: 0.1 + np.abs(x))
    run = {"noise": law, "steps": [5, 10], "step_size": 0.1, "start": so.start.Point(1.0)}
    here = so.sweep(loss, so.SGD(), **run)
    assert so.sweep(loss, so.SGD(), client=client, **run).equals(here)


def test_errors_of_a_worker_name_the_point(client):
    run = {"steps": 2000, "start": so.start.Point(1.0), "step_size": [0.1, 5.0]}
    with pytest.raises(DivergenceError, match=r"at step_size = 5\.0: replica 0 diverged"):
        so.sweep(so.losses.Quadratic(1.0), so.SGD(), client=client, **run)


def test_functions_without_source_are_refused(client):
    scope = {}
    exec("value, gradient = (lambda x: x * x), (lambda x: 2.0 * x)", scope)
    loss = so.losses.from_functions(scope["value"], scope["gradient"])
    with pytest.raises(InvalidArgumentError, match=r"at steps = 1: the source of the functions"):
        so.sweep(loss, so.SGD(), client=client, **SMALL)


def test_what_cannot_be_packed_is_refused(client):
    loss = so.losses.Quadratic(1.0)
    loss.lock = threading.Lock()
    with pytest.raises(InvalidArgumentError, match="cannot be sent to a worker"):
        so.sweep(loss, so.SGD(), client=client, **SMALL)


def test_a_worker_of_another_version_is_refused(client, monkeypatch):
    def outdated(packed, checkpoint):
        import sdeopt.simulation.run

        sdeopt.simulation.run.__version__ = "0.0.0"
        try:
            return on_cluster.compute(packed, checkpoint)
        finally:
            sdeopt.simulation.run.__version__ = so.__version__

    monkeypatch.setattr(on_cluster, "compute", outdated)
    with pytest.raises(ClusterError, match="computed another configuration"):
        so.sweep(so.losses.Quadratic(1.0), so.SGD(), client=client, **SMALL)


# In a process of its own, which ends at once: a cluster whose workers were all killed comes back,
# or closes, in an order that is up to its nannies.
KILLED = """
import os, signal
import distributed
import sdeopt as so
from sdeopt.errors import ClusterError
from sdeopt.sweeps import computing as on_cluster

def deadly(packed, checkpoint):
    os.kill(os.getpid(), signal.SIGKILL)

on_cluster.compute = deadly
cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
client = distributed.Client(cluster)
try:
    so.sweep(so.losses.Quadratic(1.0), so.SGD(), client=client,
             steps=[1, 2], step_size=0.1, start=so.start.Point(1.0))
except ClusterError as error:
    print(error, flush=True)
os._exit(0)
"""


def test_a_point_that_kills_every_worker_is_named():
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], capture_output=True, text=True, timeout=300, check=False
    )
    assert re.match(r"at steps = \d: \d workers died, one after another", ended.stdout), (
        ended.stderr
    )
