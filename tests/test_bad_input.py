"""Every argument of simulate() outside what is allowed is refused in one sentence."""

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError

LOSS = so.losses.Quadratic(np.eye(2))
GOOD = {"steps": 5, "step_size": 0.1, "start": so.start.Point(0.0), "agents": 3, "replicas": 2}

BAD = {
    "negative step size": ({"step_size": -0.1}, "step_size is -0.1"),
    "zero step size": ({"step_size": 0.0}, "start above 0"),
    "infinite step size": ({"step_size": np.inf}, "step_size"),
    "nan step size": ({"step_size": float("nan")}, "step_size"),
    "nan for one agent": ({"step_size": [0.1, float("nan"), 0.1]}, r"step_size\[1\]"),
    "step sizes of other length": ({"step_size": [0.1, 0.2]}, r"shape \(2,\) for 3 agents"),
    "step size that turns negative": (
        {"step_size": so.schedules.Ramp(0.1, -0.1, over=4), "steps": 9}, r"step_size is .* at t = 3",
    ),
    "step size as text": ({"step_size": "0.1"}, "step_size is '0.1'"),
    "no agents": ({"agents": 0}, "agents is 0, but must be a whole number of at least 1"),
    "half an agent": ({"agents": 1.5}, "agents is 1.5"),
    "no replicas": ({"replicas": 0}, "replicas is 0"),
    "no steps": ({"steps": 0}, "steps is 0"),
    "negative seed": ({"seed": -1}, "seed is -1"),
    "start of other dimension": ({"start": so.start.Point([1.0, 2.0, 3.0])}, "in dimension 2"),
    "start that is a number": ({"start": 1.0}, "start is 1.0, but must be one of"),
    "noise that is a number": ({"noise": 1.0}, "noise is 1.0"),
    "clock that is a class": ({"clock": so.clock.Iteration}, "an instance of it and not the class"),
    "record of a later step": ({"record": so.record.At([9])}, "asks for step 9 of a run of 5"),
    "unknown statistic": ({"statistics": ["sinchronization"]}, "did you mean 'synchronization'"),
    "window without an observation": (
        {"statistics": ["loss"], "statistics_every": 4, "record": so.record.At([2, 4])},
        "nothing is observed after step 0 up to the record at step 2",
    ),
    "unknown divergence": ({"on_divergence": "rase"}, "did you mean 'raise'"),
    "no threads": ({"threads": 0}, "threads is 0"),
    "no chunk": ({"chunk": 0}, "chunk is 0"),
    "no batch": ({"batch_size": 0}, "batch_size is 0"),
    "negative pause": ({"checkpoint_seconds": -1}, "checkpoint_seconds is -1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_refused(case):
    changes, message = BAD[case]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        so.simulate(LOSS, so.QSGD(1.0), **(GOOD | changes))
    assert "\n" not in str(caught.value)


ALGORITHMS = {
    "nan coupling": (lambda: so.QSGD(float("nan")), "coupling is nan"),
    "coupling as text": (lambda: so.QSGD("1"), "coupling is '1'"),
    "no period": (lambda: so.PeriodicAveraging(0), "period of PeriodicAveraging is 0"),
    "relaxation": (lambda: so.SDQSGD(1.0, relaxation=0.0), "relaxation of SDQSGD"),
    "quorum": (lambda: so.ContinuousMomentum(1.0, quorum="men"), "did you mean 'mean'"),
    "gain": (lambda: so.StateDependentQSGD(1.0, 3.0), "must be a function"),
    "dynamics": (lambda: so.ArbitraryQuorum(1.0, np.sin), "must be a function"),
}


@pytest.mark.parametrize("case", ALGORITHMS)
def test_refused_algorithm(case):
    make, message = ALGORITHMS[case]
    with pytest.raises(InvalidArgumentError, match=message):
        make()


FUNCTIONS = {
    "gain of wrong shape": (so.StateDependentQSGD(1.0, lambda x, t: x), "must return one number"),
    "gain that raises": (so.StateDependentQSGD(1.0, lambda x, t: x[5]), "raises IndexError"),
    "gain that does not compile": (
        so.StateDependentQSGD(1.0, lambda x, t: float(f"{x[0]}")),
        "cannot be compiled",
    ),
    "dynamics that give an array to what takes a number": (
        so.ArbitraryQuorum(1.0, lambda quorum, mean, t: so.math.tanh(mean - quorum)),
        "takes one real number: call it for each",
    ),
    "dynamics of wrong shape": (
        so.ArbitraryQuorum(1.0, lambda quorum, mean, t: 0.0),
        r"must return an array of shape \(2,\)",
    ),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_refused_function(case):
    algorithm, message = FUNCTIONS[case]
    with pytest.raises(InvalidArgumentError, match=message):
        so.simulate(LOSS, algorithm, **GOOD)


def test_the_loss_must_be_a_loss():
    with pytest.raises(InvalidArgumentError, match="loss is <function"):
        so.simulate(lambda x: x, so.SGD(), **GOOD)


def test_a_gradient_that_is_not_the_losses_gradient_is_found_on_request():
    wrong = so.losses.from_functions(lambda x: x * x, lambda x: 3.0 * x)
    settings = GOOD | {"agents": 1}
    so.simulate(wrong, so.SGD(), **settings)
    with pytest.raises(InvalidArgumentError, match="finite difference"):
        so.simulate(wrong, so.SGD(), check_gradient=True, **settings)
