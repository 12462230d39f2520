"""Functions called by their address: the loop that calls them serves any loss and process."""

import subprocess
import sys

import numpy as np
import pytest

import sdeopt as so
from sdeopt.kernels import plan
from sdeopt.kernels.addresses import array_in, packed
from sdeopt.kernels.chosen import Bindings
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.generation import load_driver
from sdeopt.kernels.places import place_of
from sdeopt.kernels.plan import work_at

LOSSES = {"quadratic": "Quadratic(2.0)", "well": "DoubleWell()"}

RUN = """
import sdeopt as so
run = so.simulate(
    so.losses.{}, so.SGD(), steps=3, step_size=0.1, start=so.start.Point(1.5), progress=False
)
print(run["mean"].item())
"""


def test_one_loop_serves_every_loss_and_process():
    """Addresses differ from process to process, and with the order in which functions are loaded."""

    def run(loss):
        start = so.start.Point(1.5)
        return so.simulate(loss, so.SGD(), steps=3, step_size=0.1, start=start)["mean"].item()

    here = [run(so.losses.Quadratic(2.0)), run(so.losses.DoubleWell())]
    driver, ready = load_driver(Bindings({}, frozenset(), {}))
    assert ready
    assert len(driver.signatures) == 1
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(LOSSES["well"]) + RUN.format(LOSSES["quadratic"])],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert [float(line) for line in done.stdout.split()] == here[::-1]
    assert here[0] == pytest.approx(1.5 * 0.8**3)


@compiled
def sum_of_second(values, places):
    return array_in(values, places, 1, 2).sum()


def test_a_pack_holds_arrays_of_any_dimensions():
    arrays = [np.arange(3.0), np.arange(6.0).reshape(2, 3) ** 2, np.zeros(0)]
    pack = packed(arrays)
    assert (pack.places[:, 0] % 8 == 0).all()
    assert pack.values.ctypes.data % 64 == 0
    assert sum_of_second(*(array.ctypes.data for array in pack)) == arrays[1].sum()


@compiled
def read_back(work):
    there = work_at(place_of(work))
    return there.plan.agents, there.loss.values[1], there.buffers.x.shape[0]


def test_members_are_read_where_they_lie():
    work = plan._example()
    work = work._replace(plan=work.plan._replace(agents=7), loss=packed([np.array([1.0, 2.5])]))
    assert read_back(work) == (7, 2.5, 1)


def test_an_error_of_a_users_function_arrives():
    """Through the address of the function that calls it, and through the loop."""

    def gradient(x):
        if x > 2.0:
            raise ValueError("too far")
        return -10.0 * x

    loss = so.losses.from_functions(lambda x: -5.0 * x * x, gradient)
    with pytest.raises(ValueError, match="too far"):
        so.simulate(loss, so.SGD(), steps=30, step_size=0.1, start=so.start.Point(1.0))
