"""What was compiled or stored for other values, or other code, is not taken for a run's own."""

import importlib
import subprocess
import sys
import textwrap
import types
from dataclasses import dataclass

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import CheckpointError
from sdeopt.identity import FORMATS
from sdeopt.user_functions.function import UserFunction

CONSTANTS = types.ModuleType("constants_of_a_test")
NUMBERS = {"k": 1.0}
DRAWS = iter(np.linspace(0.1, 0.2, 1000))


@dataclass(frozen=True)
class Scaled(so.schedules.Schedule):
    """A schedule that reads a dictionary."""

    a: float = 0.1

    def __call__(self, times):
        """Return a·k."""
        return self.a * NUMBERS["k"] * np.ones_like(times)


@dataclass(frozen=True)
class UsedUp(so.schedules.Schedule):
    """A schedule whose answers cannot be had again."""

    def __call__(self, times):
        """Return the next number."""
        return next(DRAWS) * np.ones_like(times)


def diffusion(x):
    return CONSTANTS.K * np.ones_like(x)


def moved(law):
    """Return how far one step of noise alone goes."""
    run = so.simulate(
        so.losses.Quadratic(1.0), so.SGD(), noise=law, steps=1, step_size=0.1,
        start=so.start.Point(0.0), seed=1,
    )  # fmt: skip
    return run["mean"].item()


def test_a_kernel_reads_what_a_module_holds_now():
    kept = so.noise.StateDependent(diffusion)
    CONSTANTS.K = 1.0
    first = moved(kept)
    CONSTANTS.K = 10.0
    assert moved(so.noise.StateDependent(diffusion)) == pytest.approx(10 * first)
    assert moved(kept) == pytest.approx(10 * first)
    CONSTANTS.K = 1.0
    assert moved(kept) == first


def test_one_function_in_two_roles_has_two_kernels():
    CONSTANTS.K = 2.0
    one, other = (UserFunction(diffusion, "a role", f"\n\nROLE = {n}\n") for n in (1, 2))
    assert [sys.modules[function.module].ROLE for function in (one, other)] == [1, 2]


def simulated(**changes):
    settings = {
        "loss": so.losses.Quadratic(1.0), "algorithm": so.SGD(), "steps": 5, "step_size": 0.1,
        "start": so.start.Point(1.0),
    }  # fmt: skip
    return so.simulate(**settings | changes)


def test_a_checkpoint_of_other_values_is_refused(tmp_path):
    path = tmp_path / "run"
    NUMBERS["k"] = 1.0
    first = simulated(step_size=Scaled(), checkpoint=path)
    assert simulated(step_size=Scaled(), checkpoint=path).equals(first)
    NUMBERS["k"] = 2.0
    with pytest.raises(CheckpointError, match=r"configuration: code.step_size is .* there and"):
        simulated(step_size=Scaled(), checkpoint=path)


def test_a_checkpoint_survives_another_version_and_no_other_format(tmp_path, monkeypatch):
    first = simulated(checkpoint=tmp_path / "run")
    monkeypatch.setattr("sdeopt.simulation.run.__version__", "0.0.0")
    assert simulated(checkpoint=tmp_path / "run").equals(first)
    monkeypatch.setattr("sdeopt.simulation.run.FORMATS", {"sdeopt": 0})
    with pytest.raises(CheckpointError, match=f"format is {FORMATS['sdeopt']} there and 0 here"):
        simulated(checkpoint=tmp_path / "run")


def test_a_sweep_computes_other_values_anew(tmp_path):
    def swept(folder):
        return so.sweep(
            so.losses.Quadratic(1.0), so.SGD(), step_size=Scaled(), folder=folder, steps=[5],
            start=so.start.Point(1.0),
        )["mean"].item()  # fmt: skip

    NUMBERS["k"] = 1.0
    first = swept(tmp_path / "one")
    NUMBERS["k"] = 2.0
    assert swept(tmp_path / "one") == swept(tmp_path / "another") != first


def test_what_cannot_be_known_is_not_continued(tmp_path):
    assert np.isfinite(simulated(step_size=UsedUp())["mean"].item())
    words = r"because the step size reads a list_iterator, which is used up|the step size reads a"
    with pytest.raises(CheckpointError, match=words):
        simulated(step_size=UsedUp(), checkpoint=tmp_path / "run")
    with pytest.raises(
        CheckpointError, match=r"^at steps = 5: what decides this run cannot be known"
    ):
        so.sweep(
            so.losses.Quadratic(1.0), so.SGD(), step_size=UsedUp(), folder=tmp_path, steps=[5],
            start=so.start.Point(1.0),
        )  # fmt: skip


RULE = """
from dataclasses import dataclass
from typing import ClassVar

import sdeopt as so
from sdeopt.kernels.compilation import compiled

FACTOR = {factor}


@compiled
def drift(gradient):
    return -FACTOR * gradient


@dataclass(frozen=True)
class Mine(so.SGD):
    rules: ClassVar = {{"drift": (__name__, "drift")}}


def one_step():
    run = so.simulate(so.losses.Quadratic(1.0), Mine(), steps=1, step_size=0.125,
                      start=so.start.Point(1.0))
    return run["mean"].item()
"""


def test_a_rule_of_the_users_is_compiled_for_what_it_reads(tmp_path, monkeypatch):
    file = tmp_path / "rule_of_a_test.py"
    monkeypatch.syspath_prepend(tmp_path)
    file.write_text(textwrap.dedent(RULE.format(factor=2.0)))
    rule = importlib.import_module("rule_of_a_test")
    assert rule.one_step() == 0.75
    rule.FACTOR = 4.0
    assert rule.one_step() == 0.5
    rule.FACTOR = 2.0
    assert rule.one_step() == 0.75
    # another process finds the machine code of this one, and an edited file
    file.write_text(textwrap.dedent(RULE.format(factor=3.0)))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import rule_of_a_test as r; "
    found = subprocess.run(
        [sys.executable, "-c", code + "print(r.one_step())"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert float(found.stdout) == 0.625


SHORT = {"agents": 3, "steps": 20, "start": so.start.Uniform(-1, 1), "seed": 3}
NUMBERS_OF_FORMAT = {
    "iteration": -0.6143477240509294,
    "sde": -0.04769002138612063,
}


def test_the_format_is_raised_when_results_change():
    """Rounding may differ between processors; another stream, order or formula shows at once."""
    found = {
        "iteration": so.simulate(
            so.losses.RuggedWell(), so.QSGD(2.0), noise=so.noise.Uniform(5.0), step_size=0.02, **SHORT
        ),
        "sde": so.simulate(
            so.losses.Quadratic(2.0), so.EASGD(1.5), noise=so.noise.Gaussian(1.0), step_size=0.1,
            clock=so.clock.SDE(0.05), **SHORT,
        ),
    }  # fmt: skip
    assert FORMATS == {"sdeopt": 2}, "results changed: take the new numbers"
    for name, run in found.items():
        assert run["mean"].item() == pytest.approx(NUMBERS_OF_FORMAT[name], rel=1e-10), name
