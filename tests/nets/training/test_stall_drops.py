"""Learning rates fall when the validation loss stalls, each agent's on its own."""

import pytest

torch = pytest.importorskip("torch")

from nets.training import StallDrops
from sdeopt.errors import InvalidArgumentError


def rates(losses, **options):
    """Return the learning rate after each epoch, of one agent that began at 1."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    drops = StallDrops(optimizer, **options)
    found = []
    for loss in losses:
        drops.step(torch.tensor([loss]))
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_five_epochs_without_a_percent_lower_the_rate():
    assert rates([1.0] * 6) == [1.0] * 5 + [0.2]


def test_any_change_beyond_the_threshold_is_a_new_reference():
    assert rates([1.0, 1.0, 1.0, 1.0, 1.02, 1.02, 1.02, 1.02, 1.02]) == [1.0] * 9
    assert rates([1.0, 1.0, 1.0, 1.0, 0.98, 0.98, 0.98, 0.98, 0.98, 0.98]) == [1.0] * 9 + [0.2]


def test_drift_is_measured_from_the_reference_not_from_the_last_epoch():
    assert rates([1.0, 0.996, 0.992, 0.988, 0.984, 0.980]) == [1.0] * 6
    assert rates([1.0, 0.999, 1.001, 0.999, 1.001, 0.999])[-1] == 0.2


def test_factors_in_turn_and_then_no_more():
    found = rates([1.0] * 40)
    assert [found[epoch] for epoch in (4, 5, 10, 15, 20, 39)] == pytest.approx(
        [1.0, 0.2, 0.1, 0.05, 0.05, 0.05]
    )


def test_agents_on_their_own():
    weights = [torch.zeros(1), torch.zeros(1)]
    optimizer = torch.optim.SGD([{"params": [each]} for each in weights], lr=1.0)
    drops = StallDrops(optimizer, patience=1)
    for losses in ([1.0, 1.0], [1.0, 0.5]):
        drops.step(torch.tensor(losses))
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 1.0]
    assert drops.drops.tolist() == [1, 0]


def test_one_rate_for_all_falls_when_the_mean_stalls():
    weights = [torch.zeros(1), torch.zeros(1)]
    optimizer = torch.optim.SGD([{"params": [each]} for each in weights], lr=1.0)
    drops = StallDrops(optimizer, patience=2, shared=True)
    # neither agent's own loss stands still, but their mean does
    for losses in ([1.0, 1.0], [0.5, 1.5], [1.6, 0.4]):
        assert [group["lr"] for group in optimizer.param_groups] == [1.0, 1.0]
        drops.step(torch.tensor(losses))
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]
    # and one that stalls alone moves nobody
    drops.step(torch.tensor([1.6, 1.0]))
    drops.step(torch.tensor([1.6, 3.0]))
    assert drops.drops.tolist() == [1, 1]
    assert drops.configuration() != StallDrops(optimizer, patience=2).configuration()


def test_one_rate_for_all_falls_by_the_losses_of_other_processes_too():
    optimizer = torch.optim.SGD([{"params": [torch.zeros(1)]} for _ in range(2)], lr=1.0)
    drops = StallDrops(optimizer, patience=1, shared=True)
    for losses in ([1.0, 1.0, 1.0], [1.0, 1.0, 4.0], [0.0, 0.0, 6.0]):
        drops.step(torch.tensor(losses))
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.2]
    for wrong in (torch.ones(1), torch.ones(2, 2)):
        with pytest.raises(InvalidArgumentError, match="there are 2 agents"):
            drops.step(wrong)


def test_velocity_is_kept_when_the_rate_falls():
    weight = torch.zeros(1)
    optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.9)
    weight.grad = torch.ones(1)
    optimizer.step()
    drops = StallDrops(optimizer, patience=1)
    for _ in range(2):
        drops.step(torch.tensor([1.0]))
    buffer = optimizer.state[weight]["momentum_buffer"]
    assert optimizer.param_groups[0]["lr"] * buffer == pytest.approx(1.0)


def test_goes_on_from_a_saved_state():
    def begun():
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        return optimizer, StallDrops(optimizer)

    _, drops = begun()
    for _ in range(5):
        drops.step(torch.tensor([1.0]))
    optimizer, resumed = begun()
    resumed.load_state_dict(drops.state_dict())
    resumed.step(torch.tensor([1.0]))
    assert optimizer.param_groups[0]["lr"] == 0.2


def test_a_loss_for_each_agent():
    drops = StallDrops(torch.optim.SGD([torch.zeros(1)], lr=1.0))
    with pytest.raises(InvalidArgumentError, match="there are 1 agents"):
        drops.step(torch.tensor([1.0, 2.0]))


@pytest.mark.parametrize(
    "options",
    [{"factors": (0.5,)}, {"threshold": -1.0}, {"patience": 0}, {"shared": "false"}],
    ids=str,
)
def test_bad_options(options):
    with pytest.raises(InvalidArgumentError):
        StallDrops(torch.optim.SGD([torch.zeros(1)], lr=1.0), **options)
