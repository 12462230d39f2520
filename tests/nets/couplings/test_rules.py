"""What is particular to one rule."""

import re

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import nets
import sdeopt as so
from nets import couplings
from nets.communication import Local
from nets.couplings import (
    EASGD,
    QSGD,
    SDQSGD,
    PeriodicAveraging,
    UserDefined,
    change_rate,
    coupled_step,
    positions,
    rates_of,
)
from nets.couplings.gain import as_gain, check_fraction, gain_at
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import Ramp
from tests.nets.couplings.agents import Training, as_points, as_weights


def still(points):
    return np.zeros_like(points)


def test_the_tested_average_is_exponentially_weighted_and_acts_on_no_agent():
    start, rates = np.array([[0.0], [4.0]]), np.array([0.1, 0.1])
    averaged = Training(QSGD(1.0, memory=0.75), start, rates, np.sin)
    alone = Training(QSGD(1.0), start, rates, np.sin)
    average = 2.0
    for _ in range(10):
        average = 0.75 * average + 0.25 * as_points(averaged.weights).mean()
        averaged.take()
        alone.take()
        assert averaged.rule.quorum["all"].item() == pytest.approx(average, rel=1e-14)
    np.testing.assert_array_equal(as_points(averaged.weights), as_points(alone.weights))
    assert alone.rule.quorum is None


@pytest.mark.parametrize("memory", [1.0, -0.1, float("nan")])
def test_a_memory_that_is_none_is_refused(memory):
    with pytest.raises(InvalidArgumentError, match="memory of the quorum variable"):
        QSGD(1.0, memory=memory)


def test_a_pull_at_every_fourth_step_is_no_stronger():
    start, rates = np.array([[0.0], [4.0]]), np.array([0.1, 0.1])
    training = Training(QSGD(1.0, period=4), start, rates, still)
    gaps = []
    for _ in range(9):
        training.take()
        gaps.append(np.diff(as_points(training.weights), axis=0).item())
    exact = 4.0 * 0.9 ** np.array([0, 0, 0, 1, 1, 1, 1, 2, 2])
    np.testing.assert_allclose(gaps, exact, rtol=1e-14)


def test_the_champion_is_the_first_of_the_best_and_never_nan():
    rule = SDQSGD(coupling=1.0, epoch_steps=10)
    rule.choose(torch.tensor([float("nan"), 3.0, 2.0, 2.0]))
    assert rule.gains(0).tolist() == [0.0, 0.0, 20.0, 0.0]
    with pytest.raises(InvalidArgumentError, match="all agents are NaN"):
        rule.choose(torch.tensor([float("nan")]))


def test_the_champions_spike_relaxes_and_ends():
    """(60)-(61): k_j from A p k and 0, by e^(−t/τ), to k, and k exactly in the last step."""
    rule = SDQSGD(coupling=2.0, epoch_steps=10, magnification=3.0, relaxation=2.0)
    rule.choose(torch.tensor([1.0, 0.0]))
    for t in range(9):
        left = np.exp(-t / 2.0)
        exact = [2.0 * (1 - left), 2.0 * (1 - left) + 3.0 * 2 * 2.0 * left]
        np.testing.assert_allclose(rule.gains(t), exact, rtol=1e-14)
        np.testing.assert_allclose(float(rule.gains(t).mean()), 2.0 * (1 + 2.0 * left), rtol=1e-14)
    assert rule.gains(9).tolist() == [2.0, 2.0]


def test_balanced_gains_sum_to_p_k_outside_of_the_spike():
    """Footnote 12: the others share what the champion leaves, and have nothing while it leaves none."""
    rule = SDQSGD(coupling=2.0, epoch_steps=12, magnification=3.0, relaxation=2.0, balanced=True)
    rule.choose(torch.tensor([1.0, 0.0, 2.0]))
    champions = []
    for t in range(12):
        first, champion, last = rule.gains(t).tolist()
        champions.append(champion)
        assert first == last >= 0.0
        if champion < 3 * 2.0:
            np.testing.assert_allclose(first + champion + last, 3 * 2.0, rtol=1e-14)
        else:
            assert first == 0.0
    assert champions[0] == 18.0
    assert champions[1] > 3 * 2.0 > champions[6]
    assert rule.gains(11).tolist() == [2.0] * 3
    rule.choose(torch.tensor([1.0]))
    assert rule.gains(0).item() == 6.0


def test_a_champion_without_force_leaves_the_mean():
    """A = 0: at the start of an epoch no agent pulls, and nothing is divided by zero."""
    rule = SDQSGD(coupling=1.0, epoch_steps=10, magnification=0.0)
    training = Training(rule, np.array([[0.0], [4.0]]), np.full(2, 0.1), still)
    training.losses = lambda points: points[:, 0]
    training.take()
    np.testing.assert_array_equal(as_points(training.weights), [[0.0], [4.0]])


def test_a_step_before_the_losses_is_refused():
    with pytest.raises(InvalidArgumentError, match="call choose"):
        SDQSGD(coupling=1.0, epoch_steps=10).gains(0)


def test_averaged_agents_are_equal_to_the_bit():
    start = np.random.default_rng(0).normal(size=(3, 7))
    training = Training(PeriodicAveraging(2), start, np.array([0.1, 0.2, 0.3]), np.cos)
    for step in range(8):
        training.take()
        equal = (as_points(training.weights) == as_points(training.weights)[0]).all()
        assert equal == (step % 2 == 1)


def test_functions_of_the_user_receive_whole_vectors():
    seen = []

    def force(points, quorum, t):
        seen.append((tuple(points.shape), tuple(quorum.shape), t))
        return quorum - points

    start, rates = np.random.default_rng(0).normal(size=(3, 5)), np.full(3, 0.1)
    own = Training(UserDefined(1.0, force=force), start, rates, np.sin)
    default = Training(QSGD(1.0), start, rates, np.sin)
    for _ in range(5):
        own.take()
        default.take()
    np.testing.assert_array_equal(as_points(own.weights), as_points(default.weights))
    assert seen == [((3, 5), (5,), t) for t in range(5)]


def test_easgd_written_by_a_user_is_easgd():
    start, rates = np.random.default_rng(0).normal(size=(3, 5)), np.array([0.1, 0.2, 0.1])
    own = UserDefined(1.5, dynamics=lambda quorum, mean, t: 1.5 * 3 * (mean - quorum))
    runs = [Training(rule, start, rates, np.sin) for rule in (own, EASGD(1.5))]
    for run in runs:
        for _ in range(20):
            run.take()
    np.testing.assert_allclose(*(as_points(run.weights) for run in runs), rtol=1e-13)


def test_no_function_is_refused():
    with pytest.raises(InvalidArgumentError, match="neither a force nor dynamics"):
        UserDefined(1.0)


def test_a_gain_by_step_schedule_and_function():
    assert gain_at(as_gain(lambda step: 0.5 * step), 3) == 1.5
    assert gain_at(as_gain(2.0), 3) == 2.0
    assert gain_at(Ramp(0, 8, over=2), 1) == 4.0
    with pytest.raises(InvalidArgumentError, match=r"30 at step 0, .* 0\.1 allows less than 20"):
        check_fraction(30.0, torch.tensor([0.01, 0.1]), step=0)


@pytest.mark.parametrize("rates", [np.full(4, 0.1), np.array([0.1, 0.02, 0.3, 0.07])], ids=str)
def test_the_border_of_easgd_is_where_a_flat_loss_diverges(rates):
    """Null: distances shrink just below the border that the refusal names, and grow above it."""
    start = np.random.default_rng(0).normal(size=(4, 1))
    with pytest.raises(InvalidArgumentError, match="EASGD with 4 agents and") as caught:
        Training(EASGD(100.0), start, rates, still).take()
    border = float(re.search(r"diverges from (\S+) on", str(caught.value))[1])
    if len(set(rates)) == 1:
        assert border == pytest.approx(2 / (5 * 0.1), rel=1e-5)

    def spread(k):
        x, quorum = start[:, 0], 1.0
        for _ in range(4_000):
            difference = x - quorum
            x, quorum = (
                x - rates * k * difference,
                quorum + rates.mean() * k * difference.sum(),
            )
        return np.abs(x - quorum).max()

    assert spread(0.99 * border) < 1e-6 * spread(0.0)
    assert spread(1.01 * border) > 1e6
    Training(EASGD(0.99 * border), start, rates, still).take()


def test_a_schedule_cannot_cross_the_border_of_easgd():
    start, rates = np.array([[0.0], [4.0]]), np.full(2, 0.1)
    training = Training(EASGD(Ramp(1.0, 21.0, over=20)), start, rates, still)
    for _ in range(6):
        training.take()  # k = 6; the border is 2 / 0.3
    with pytest.raises(InvalidArgumentError, match=r"7 at step 6, .*diverges from 6\.66667 on"):
        training.take()
    falling = Training(EASGD(6.0), start, rates, still)
    falling.take()
    falling.optimizer.param_groups[1]["lr"] = 0.2
    with pytest.raises(InvalidArgumentError, match="these learning rates diverges"):
        falling.take()


def test_quorum_variables_of_half_precision_move_by_small_steps():
    """A step of 1e-4 is lost in bfloat16 beside a number near 1."""
    ends = {}
    for dtype in (torch.bfloat16, torch.float64):
        for rule in (EASGD(0.01), QSGD(0.0, memory=0.999)):
            start = np.array([[1.0], [2.0]])
            training = Training(rule, start, np.full(2, 0.01), still, dtype=dtype)
            training.take()
            training.weights["all"].fill_(1.25)
            for _ in range(500):
                training.take()
            ends[type(rule), dtype] = training.rule.quorum["all"].item()
    for kind in (EASGD, QSGD):
        assert ends[kind, torch.float64] != pytest.approx(1.5, abs=0.01)
        assert ends[kind, torch.bfloat16] == pytest.approx(ends[kind, torch.float64], abs=1e-3)


def two_groups(weights, rates):
    """Return two groups of each agent, the rates of the second ten times as low."""
    groups = []
    for stack in weights.values():
        stack.grad = torch.ones_like(stack)
    for agent, rate in enumerate(rates):
        for factor, stack in zip((1.0, 0.1), weights.values(), strict=True):
            view = stack[agent]
            view.grad = stack.grad[agent]
            groups.append({"params": [view], "agent": agent, "lr": rate * factor})
    return groups[::-1]


@pytest.mark.parametrize("factory", [lambda: QSGD(2.0, memory=0.5), lambda: EASGD(2.0)])
def test_each_group_of_an_agent_is_coupled_at_its_own_rate(factory):
    """Two groups of each agent are, to the last bit, two networks side by side."""
    start, rates = np.random.default_rng(0).normal(size=(3, 4)), [0.1, 0.2, 0.15]
    settings = {"momentum": 0.9, "nesterov": True}
    both = as_weights(start)
    optimizer, rule = torch.optim.SGD(two_groups(both, rates), lr=1.0, **settings), factory()
    assert rates_of(optimizer, 3).tolist() == pytest.approx([0.01, 0.02, 0.015])
    parts = {name: {name: stack.clone()} for name, stack in both.items()}
    alone = {}
    for (name, part), factor in zip(parts.items(), (1.0, 0.1), strict=True):
        part[name].grad = torch.ones_like(part[name])
        groups = [
            {"params": [part[name][agent]], "agent": agent, "lr": rate * factor}
            for agent, rate in enumerate(rates)
        ]
        for agent, group in enumerate(groups):
            group["params"][0].grad = part[name].grad[agent]
        alone[name] = torch.optim.SGD(groups, lr=1.0, **settings), factory()
    for step in range(4):
        coupled_step(rule, Local(3), optimizer, both, step)
        for name, (own, own_rule) in alone.items():
            coupled_step(own_rule, Local(3), own, parts[name], step)
            assert torch.equal(both[name], parts[name][name])
            assert torch.equal(rule.quorum[name], own_rule.quorum[name])
    before = [group["lr"] for group in optimizer.param_groups if group["agent"] == 1]
    change_rate(optimizer, 1, before[0] / 5)
    after = [group["lr"] for group in optimizer.param_groups if group["agent"] == 1]
    assert after == pytest.approx([rate / 5 for rate in before])
    joint = UserDefined(1.0, force=lambda points, quorum, t: quorum - points)
    with pytest.raises(InvalidArgumentError, match="one vector at one rate"):
        coupled_step(joint, Local(3), optimizer, both, 0)


def test_a_group_that_does_not_learn_keeps_its_rate_of_zero() -> None:
    frozen, free = torch.zeros(1), torch.zeros(1)
    groups = [
        {"params": [free], "lr": 0.1, "agent": 0},
        {"params": [frozen], "lr": 0.0, "agent": 0},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    free.grad = frozen.grad = torch.ones(1)
    optimizer.step()
    change_rate(optimizer, 0, 0.05)
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.0]
    assert optimizer.state[free]["momentum_buffer"].item() == 2.0
    assert optimizer.state[frozen]["momentum_buffer"].item() == 1.0


class TestPositions:
    def weights_and_slices(self):
        weights = {"bias": torch.tensor([[1.0], [2.0]])}
        slices = list(weights["bias"])
        for view in slices:
            view.grad = torch.ones(1)
        return weights, slices

    @pytest.mark.parametrize("nesterov", [True, False])
    def test_of_single_agent_easgd_are_those_it_names_itself(self, nesterov):
        weights, slices = self.weights_and_slices()
        optimizer = nets.EASGD(slices, 0.1, 1.0, 0.9, nesterov=nesterov)
        for _ in range(3):
            optimizer.step()
        found = positions(weights, optimizer)["bias"]
        assert torch.equal(found, torch.stack(optimizer.position()))
        assert torch.equal(found, weights["bias"]) is not nesterov

    def test_are_found_through_noise_and_in_any_groups(self):
        weights, slices = self.weights_and_slices()
        sgd = torch.optim.SGD(slices[::-1], lr=0.1, momentum=0.5, nesterov=True)
        optimizer = nets.GradientNoise(sgd, so.noise.Uniform(0.0))
        optimizer.step()
        torch.testing.assert_close(
            positions(weights, optimizer)["bias"], torch.tensor([[0.9], [1.9]])
        )

    def test_of_an_optimizer_that_is_not_known_are_refused(self):
        weights, slices = self.weights_and_slices()

        class Own(torch.optim.SGD):
            def step(self, closure=None):
                pass

        class Inherited(torch.optim.SGD):
            pass

        for unknown in (Own(slices, lr=0.1), torch.optim.NAdam(slices)):
            with pytest.raises(InvalidArgumentError, match="not known where agents are"):
                positions(weights, unknown)
        Own.looks_ahead = False
        for known in (Own(slices, lr=0.1), Inherited(slices, lr=0.1), torch.optim.Adam(slices)):
            assert positions(weights, known) is weights

    def test_of_other_weights_are_refused(self):
        weights, _ = self.weights_and_slices()
        other = torch.optim.SGD([torch.ones(1)], lr=0.1, momentum=0.5, nesterov=True)
        with pytest.raises(InvalidArgumentError, match="no agent's; make it from the groups"):
            positions(weights, other)

    def test_stacks_that_were_replaced_are_looked_for_again(self):
        """Where a parameter lies is remembered from step to step, for the same tensors alone."""
        stacks = {name: torch.zeros(2, 1) for name in ("first", "second")}
        views = [stack[agent] for agent in range(2) for stack in stacks.values()]
        optimizer = torch.optim.SGD(
            [{"params": views[:2]}, {"params": views[2:]}],
            lr=1.0,
            momentum=0.5,
            nesterov=True,
        )
        for number, view in enumerate(views):
            view.grad = torch.full((1,), float(number))
        optimizer.step()
        found = positions(stacks, optimizer)
        assert found["first"].flatten().tolist() == [0.0, -2.0]
        assert found["second"].flatten().tolist() == [-1.0, -3.0]
        exchanged = {"second": stacks["first"], "first": stacks["second"]}
        found = positions(exchanged, optimizer)
        assert found["second"].flatten().tolist() == [0.0, -2.0]
        optimizer.add_param_group({"params": [torch.zeros(3)]})
        with pytest.raises(InvalidArgumentError, match="is no agent's"):
            positions(stacks, optimizer)


def test_words_are_not_taken_for_true():
    with pytest.raises(InvalidArgumentError, match="balanced of SDQSGD is 'no', but must be True"):
        SDQSGD(coupling=1.0, epoch_steps=3, balanced="no")


@pytest.mark.parametrize(
    ("name", "settings", "missing"),
    [
        ("averaging", {"coupling": 1.0}, "period"),
        ("QSGD", {}, "coupling"),
        ("SD-QSGD", {"coupling": 1.0}, "epoch_steps"),
    ],
)
def test_a_rule_by_name_says_what_it_needs(name, settings, missing):
    with pytest.raises(InvalidArgumentError, match=f"rule '{name}' needs {missing}, which was not"):
        couplings.load(name, **settings)


def test_functions_that_return_another_shape_are_refused():
    for rule in (
        UserDefined(1.0, force=lambda points, quorum, t: quorum),
        UserDefined(1.0, dynamics=lambda quorum, mean, t: quorum[:1]),
    ):
        training = Training(rule, np.ones((2, 3)), np.full(2, 0.1), still)
        with pytest.raises(InvalidArgumentError, match="one number for every weight"):
            training.take()


def test_mixed_precision_may_take_the_step_itself():
    weights = {"bias": torch.zeros(2, 1)}
    optimizer = torch.optim.SGD(weights.values(), lr=0.1)
    taken = []
    coupled_step(QSGD(1.0), Local(2), optimizer, weights, 0, take=lambda: taken.append(True))
    assert taken == [True]


def test_as_many_groups_as_agents():
    groups = [{"params": [torch.zeros(1)], "agent": agent} for agent in range(3)]
    with pytest.raises(InvalidArgumentError, match="3 parameter groups for 2 agents"):
        rates_of(torch.optim.SGD(groups, lr=0.1), 2)


def test_the_group_of_one_agent_is_not_that_of_all():
    groups = [{"params": [torch.zeros(1)], "agent": 0}]
    with pytest.raises(InvalidArgumentError, match="1 parameter groups for 2 agents"):
        rates_of(torch.optim.SGD(groups, lr=0.1), 2)


def test_layers_are_not_taken_for_agents():
    weights = {name: torch.zeros(2, 1) for name in ("bias", "scale")}
    for stack in weights.values():
        stack.grad = torch.ones_like(stack)
    for groups, sentence in (
        ([[*stack] for stack in weights.values()], "parameters of agents 0 and 1, but where"),
        ([[stack] for stack in weights.values()], "parameters of agents 0 and 1, but where"),
        (
            [[stack[agent] for stack in weights.values()] for agent in (1, 0)],
            "stands for agent 0, but its parameters are those of agent 1",
        ),
    ):
        optimizer = torch.optim.SGD([{"params": each} for each in groups], lr=0.1)
        with pytest.raises(InvalidArgumentError, match=sentence):
            coupled_step(QSGD(1.0), Local(2), optimizer, weights, 0)
    assert not any(stack.any() for stack in weights.values()), "nothing has moved"


def test_groups_that_are_made_anew_are_looked_at_anew():
    weights = {name: torch.zeros(2, 1) for name in ("bias", "scale")}
    views = [stack[agent] for agent in range(2) for stack in weights.values()]
    for view in views:
        view.grad = torch.ones(1)
    optimizer = torch.optim.SGD([{"params": views[:2]}, {"params": views[2:]}], lr=0.1)
    coupled_step(QSGD(1.0), Local(2), optimizer, weights, 0)
    first, second = optimizer.param_groups
    second["params"].insert(0, first["params"].pop())
    with pytest.raises(InvalidArgumentError, match="parameters of agents 0 and 1, but where"):
        coupled_step(QSGD(1.0), Local(2), optimizer, weights, 1)


def test_a_part_of_each_agent_may_be_its_own():
    """What is trained beside the coupled weights, say a head of each agent, has no place in them."""
    weights = {"bias": torch.tensor([[0.0], [1.0]])}
    heads = [torch.zeros(3), torch.zeros(3)]
    groups = [{"params": [weights["bias"][i], heads[i]], "agent": i} for i in range(2)]
    for group in groups:
        for parameter in group["params"]:
            parameter.grad = torch.ones_like(parameter)
    coupled_step(QSGD(2.5), Local(2), torch.optim.SGD(groups, lr=0.1), weights, 0)
    torch.testing.assert_close(weights["bias"], torch.tensor([[0.025], [0.775]]))


def test_groups_that_leave_parameters_out_are_refused():
    weights = {name: torch.zeros(2, 1) for name in ("bias", "scale", "shift")}
    groups = [
        {"params": [weights[name][agent]], "agent": agent, "lr": 0.1}
        for agent in range(2)
        for name in ("bias", "scale")
    ]
    with pytest.raises(InvalidArgumentError, match="only some parameters of agent 0"):
        coupled_step(QSGD(1.0), Local(2), torch.optim.SGD(groups), weights, 0)


def test_a_rate_of_zero_has_no_velocity_to_keep():
    with pytest.raises(InvalidArgumentError, match="learning rate is 0"):
        change_rate(torch.optim.SGD([torch.zeros(1)], lr=0.1), 0, 0.0)
