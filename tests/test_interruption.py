"""A run that is killed or interrupted, and resumed, equals the uninterrupted one bit for bit."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

SCRIPT = """
import sys
import sdeopt as so
from sdeopt import results

path, out, checkpoint = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
print("ready", flush=True)
run = so.simulate(
    so.losses.CoupledWells(dim=3), so.EASGD(0.3), noise=so.noise.Gaussian(1.0), agents=5,
    replicas=40, steps=20000, step_size=0.01, start=so.start.Uniform(-1, 1), seed=5,
    record=so.record.Every(2000), statistics=["loss", "agent_covariance"], chunk=25,
    checkpoint=checkpoint, checkpoint_seconds=0.0, progress=False,
)
results.save(run, out)
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    script = folder / "run.py"
    script.write_text(SCRIPT)
    subprocess.run([sys.executable, script, folder, folder / "whole.nc"], check=True)
    return script, xr.load_dataset(folder / "whole.nc")


def started(script, folder):
    command = [sys.executable, script, folder, folder / "out.nc", folder / "state"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def assert_same(folder, whole):
    resumed = xr.load_dataset(folder / "out.nc")
    for name in whole.data_vars:
        np.testing.assert_array_equal(resumed[name], whole[name])


def wait_for_a_write(process, checkpoint, before):
    """Wait until the process has written its checkpoint once, or is done."""
    while process.poll() is None:
        if checkpoint.exists() and checkpoint.stat().st_mtime_ns != before:
            return
        time.sleep(0.005)


def test_killed_at_any_moment(whole, tmp_path):
    script, uninterrupted = whole
    generator = np.random.default_rng(0)
    checkpoint, kills = tmp_path / "state", 0
    for _ in range(6):
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        process = started(script, tmp_path)
        wait_for_a_write(process, checkpoint, before)
        time.sleep(float(generator.uniform(0, 0.1)))
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert kills >= 3
    assert started(script, tmp_path).wait(timeout=120) == 0
    assert_same(tmp_path, uninterrupted)
    # a killed writer may leave its temporary folder, by a hidden name, and nothing else
    assert {path.name for path in tmp_path.iterdir() if path.name[0] != "."} == {"state", "out.nc"}


def test_ctrl_c_saves_and_resumes(whole, tmp_path):
    script, uninterrupted = whole
    process = started(script, tmp_path)
    while not (tmp_path / "state").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert b"KeyboardInterrupt" in errors
    assert not (tmp_path / "out.nc").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert started(script, tmp_path).wait(timeout=120) == 0
    assert_same(tmp_path, uninterrupted)
