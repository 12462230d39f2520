"""A training that is interrupted or killed, and resumed, equals the uninterrupted one bit for bit."""

import os
import pickle
import random
import signal

import pytest

torch = pytest.importorskip("torch")

from nets.couplings import EASGD, QSGD
from nets.training import Measurement
from sdeopt.errors import CheckpointError, OutputError
from sdeopt.graphs import Matchings
from tests.nets.training.training_runs import CRITERION, made_up_data, trainer

EPOCHS = 4
METHODS = ("QSGD", "EASGD", "SD-QSGD")


class KilledError(Exception):
    """Stands for a process that ends."""


def after(passes, what):
    """Return a criterion that does something at one of its passes with gradients."""
    counted = iter(range(1, 10_000))

    def criterion(outputs, targets):
        if outputs.requires_grad and next(counted) == passes:
            what()
        return CRITERION(outputs, targets)

    return criterion


def ending_trainer(method, passes, what, **options):
    """Return a training in which something happens; of its checkpoint it is any other one."""
    training = trainer(method, **options)
    training.criterion = after(passes, what)
    return training


def kill():
    raise KilledError


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def assert_same(resumed, whole):
    assert resumed.history.dataset().identical(whole.history.dataset())
    for name, stack in whole.ensemble.weights.items():
        assert torch.equal(resumed.ensemble.weights[name], stack), name
    states = [each.optimizer.state_dict() for each in (resumed, whole)]
    assert states[0]["param_groups"] == states[1]["param_groups"]
    for key, state in states[1]["state"].items():
        assert torch.equal(states[0]["state"][key]["momentum_buffer"], state["momentum_buffer"])


@pytest.fixture(scope="module")
def whole():
    found = {}
    for method in METHODS:
        found[method] = trainer(method)
        found[method].run(EPOCHS)
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("ending", "error"), [(kill, KilledError), (interrupt, KeyboardInterrupt)])
def test_ended_at_random_moments(method, ending, error, whole, tmp_path):
    """Twice in a row, at steps that a fixed seed drew."""
    draw = random.Random(f"{method} {ending.__name__}")
    for moment in (draw.randrange(30, 60), draw.randrange(1, 30)):
        broken = ending_trainer(method, moment, ending, checkpoint=tmp_path)
        with pytest.raises(error):
            broken.run(EPOCHS)
    resumed = trainer(method, checkpoint=tmp_path)
    resumed.run(EPOCHS)
    assert_same(resumed, whole[method])


TURNS = {"period": 3, "staggered": True}
WHO_AND_WHEN = {
    "late means of pairs": lambda: QSGD(2.0, graph=Matchings(), delay=4, seed=3),
    "delays and pauses": lambda: QSGD(2.0, delay=(0, 4, 9), participation=0.5, seed=3, memory=0.8),
    "now and then": lambda: EASGD(2.0, delay=4, participation=0.5, seed=3),
    "in turn": lambda: EASGD(2.0, delay=(0, 4, 9), **TURNS),
    "rare and late": lambda: EASGD(2.0, delay=4, period=5),
}


@pytest.mark.parametrize("case", WHO_AND_WHEN)
def test_signals_under_way_and_draws_are_resumed(case, tmp_path):
    """The same bits; and one pass over all agents is the same training as one agent at a time."""
    make = WHO_AND_WHEN[case]
    whole = trainer(make())
    whole.run(EPOCHS)
    broken = ending_trainer(make(), 25, interrupt, checkpoint=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        broken.run(EPOCHS)
    resumed = trainer(make(), checkpoint=tmp_path)
    resumed.run(EPOCHS)
    assert_same(resumed, whole)
    plain = {"data": made_up_data(), "momentum": 0.5}
    ways = [trainer(make(), way=way, network=dense, **plain) for way in ("loop", "batched")]
    for each in ways:
        each.run(2)
    for name, stack in ways[0].ensemble.weights.items():
        torch.testing.assert_close(ways[1].ensemble.weights[name], stack)


def dense():
    """Return a network without dropout, which draws in another order for all agents at once."""
    return torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (lambda: EASGD(2.0, delay=4, participation=0.5, seed=4), "coupling.seed is 3 there and 4"),
        (lambda: EASGD(2.0, delay=5, participation=0.5, seed=3), "coupling.delay is 4 there and 5"),
        (lambda: EASGD(2.0, delay=4, seed=3), "coupling.participation is 0.5 there"),
    ],
)
def test_other_draws_and_delays_are_another_training(rule, said, tmp_path):
    trainer(WHO_AND_WHEN["now and then"](), checkpoint=tmp_path).run(1)
    with pytest.raises(CheckpointError, match=said):
        trainer(rule(), checkpoint=tmp_path).run(1)


def test_passes_in_fewer_bits_and_in_parts_resume_too(tmp_path):
    asked = {"autocast": torch.bfloat16, "micro_batch": 3, "clip": 0.5}
    whole = trainer("EASGD", **asked)
    whole.run(EPOCHS)
    trainer("EASGD", **asked, checkpoint=tmp_path).run(2)
    resumed = trainer("EASGD", **asked, checkpoint=tmp_path)
    resumed.run(EPOCHS)
    assert_same(resumed, whole)


def test_interrupted_state_is_kept_inside_an_epoch(tmp_path):
    # three passes a step: pass 25 is in step 9, the third of the second epoch
    plain = {"measurement": Measurement(), "checkpoint": tmp_path}
    broken = ending_trainer("EASGD", 25, interrupt, **plain)
    with pytest.raises(KeyboardInterrupt, match=r"in epoch 2, after 9 steps; run it again"):
        broken.run(EPOCHS)
    assert broken.batches.state_dict() == {"epoch": 1, "position": 3}
    resumed = trainer("EASGD", **plain)
    # the start and the first epoch are there, so nothing is left to do
    assert resumed.run(1).sizes["epoch"] == 2
    assert resumed.step == 9


def test_without_a_checkpoint_the_interrupt_says_so():
    broken = ending_trainer("EASGD", 5, interrupt)
    with pytest.raises(KeyboardInterrupt, match="nothing was kept"):
        broken.run(EPOCHS)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_more_epochs_later(whole, tmp_path):
    trainer("EASGD", checkpoint=tmp_path).run(2)
    longer = trainer("EASGD", checkpoint=tmp_path)
    longer.run(EPOCHS)
    assert_same(longer, whole["EASGD"])


def test_only_the_last_state_is_kept(tmp_path):
    trainer("QSGD", checkpoint=tmp_path).run(3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "step-000000000018"]


def test_another_training_is_refused(tmp_path):
    trainer("QSGD", checkpoint=tmp_path).run(1)
    with pytest.raises(CheckpointError, match=r"optimizer.options.lr is 0.1 there and 0.2 here"):
        trainer("QSGD", rate=0.2, checkpoint=tmp_path).run(1)
    with pytest.raises(CheckpointError, match=r"coupling.name is \"QSGD\" there and \"EASGD\""):
        trainer("EASGD", checkpoint=tmp_path).run(1)


def test_a_damaged_file_is_refused(tmp_path):
    trainer("QSGD", checkpoint=tmp_path).run(1)
    (shard,) = tmp_path.glob("step-*/*.pt")
    content = shard.read_bytes()
    shard.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match="remove the folder"):
        trainer("QSGD", checkpoint=tmp_path).run(2)


def test_no_code_in_a_file_is_run(tmp_path):
    trainer("QSGD", checkpoint=tmp_path).run(1)
    (shard,) = tmp_path.glob("step-*/*.pt")
    marker = tmp_path / "marker"

    class Command:
        def __reduce__(self):
            return os.mkdir, (str(marker),)

    torch.save({"step": Command()}, shard, pickle_module=pickle)
    with pytest.raises(CheckpointError, match="cannot be read"):
        trainer("QSGD", checkpoint=tmp_path).run(2)
    assert not marker.exists()


def test_a_full_disk_leaves_the_state_before(tmp_path, full_disk, whole):
    trainer("QSGD", checkpoint=tmp_path).run(1)
    with full_disk(1_000), pytest.raises(OutputError):
        trainer("QSGD", checkpoint=tmp_path).run(2)
    resumed = trainer("QSGD", checkpoint=tmp_path)
    resumed.run(EPOCHS)
    assert_same(resumed, whole["QSGD"])


def test_a_folder_that_cannot_be_written_is_refused_before_the_training(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="give another folder as the checkpoint"):
        trainer("QSGD", checkpoint=tmp_path / "file")
