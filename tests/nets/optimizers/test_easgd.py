"""Single-agent EASGD: the engine's step, its two ways of computing, and its quorum variable."""

import copy
import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import sdeopt as so
from nets.optimizers import EASGD
from sdeopt.errors import CheckpointError, InvalidArgumentError

STEPS = 60
RATE, COUPLING, MOMENTUM = 0.004, 50.0, 0.9
"""Larger rates make the rugged well chaotic: roundings would grow until nothing agrees."""
LOSSES = {
    "quadratic": (so.losses.Quadratic(np.array([[2.0, 0.6], [0.6, 1.0]])), [1.0, -2.0]),
    "rugged well": (so.losses.RuggedWell(), [1.7]),
}
WITH = {"momentum": MOMENTUM}
RULES = {
    "SingleAgentEASGD": (so.SingleAgentEASGD(COUPLING), {}),
    "SingleAgentEASGDMomentum": (so.SingleAgentEASGDMomentum(COUPLING, MOMENTUM), WITH),
    # with one agent the engine's x~ moves at the rate kp = k
    "EASGD": (so.EASGD(COUPLING), {}),
    "EASGDMomentum": (so.EASGDMomentum(COUPLING, MOMENTUM), WITH),
    "every third step": (so.EASGD(COUPLING, period=3), {"period": 3}),
    "every third step, with momentum": (
        so.EASGDMomentum(COUPLING, MOMENTUM, period=3),
        {"period": 3, **WITH},
    ),
}


def noise(dim):
    return np.random.default_rng(5).normal(size=(STEPS, 1, 1, dim))


def engine_path(loss, rule, start, halving):
    run = so.simulate(
        loss,
        rule,
        noise=so.noise.Gaussian(1.0),
        increments=so.Increments(noise(len(start))),
        steps=STEPS,
        step_size=so.schedules.Halving(RATE, every=20) if halving else RATE,
        start=so.start.Point(start),
        record=so.record.Every(1),
    )
    low_pass = run.filters.isel(agent=0) if "filters" in run else run.quorum
    # of filters only the last is kept
    last = (
        low_pass.isel(replica=0, step=-1) if "step" in low_pass.dims else low_pass.isel(replica=0)
    )
    return run.agents.isel(replica=0, agent=0).transpose("step", "dim").values, last.values


def torch_path(loss, options, start, halving):
    """Positions and quorum variables after 0, 1, 2, ... steps."""
    weight = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    optimizer = EASGD([weight], RATE, COUPLING, **options)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.5 if halving else 1.0)
    points = [(weight.detach().clone(), weight.detach().clone())]
    for drawn in noise(len(start))[:, 0, 0]:
        gradient = loss.gradient(weight.detach().numpy()) + drawn
        weight.grad = torch.as_tensor(gradient).reshape(-1)
        optimizer.step()
        scheduler.step()
        points.append((optimizer.position()[0].clone(), optimizer.quorum()[0].clone()))
    return [torch.stack(each).numpy() for each in zip(*points, strict=True)]


@pytest.mark.parametrize("halving", [False, True])
@pytest.mark.parametrize(
    ("rule", "loss"),
    [
        *((rule, "quadratic") for rule in RULES),
        *((rule, "rugged well") for rule in list(RULES)[:2]),
    ],
)
def test_a_step_is_the_engines(rule, loss, halving):
    """Given the same noise, positions and quorum variable agree at every step to rounding."""
    (function, start), (algorithm, options) = LOSSES[loss], RULES[rule]
    positions, last_quorum = engine_path(function, algorithm, start, halving)
    here, quorums = torch_path(function, options, start, halving)
    np.testing.assert_allclose(here, positions, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(quorums[-1], last_quorum, rtol=1e-11, atol=1e-11)
    # planted: the elastic difference taken after the gradient step
    stepped = positions[1:] - RATE * COUPLING * (quorums[:-1] - positions[:-1])
    late = stepped + RATE * COUPLING * (quorums[:-1] - stepped)
    assert np.abs(late - here[1:]).max() > 1e-4


def test_the_heavy_ball_takes_its_gradient_at_the_position():
    weight = torch.nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    optimizer = EASGD([weight], 0.1, 2.0, 0.5, nesterov=False)
    x, v, u = 2.0, 0.0, 2.0
    for _ in range(10):
        weight.grad = 3.0 * weight.detach()
        optimizer.step()
        v = 0.5 * v - 0.1 * 3.0 * x
        x, u = x + v + 0.2 * (u - x), u + 0.2 * (x - u)
        assert optimizer.position()[0].item() == weight.item() == pytest.approx(x, rel=1e-13)
        assert optimizer.quorum()[0].item() == pytest.approx(u, rel=1e-13)


SHAPES = [(3, 4), (), (5,), (2, 3, 2)]


def moved(rate=0.1, seed=2, steps=6, coupling=1.5, optimizer=EASGD, **options):
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]
    first = {} if optimizer is torch.optim.SGD else {"coupling": coupling}
    its = optimizer(weights, lr=rate, **first, **options)
    for _ in range(steps):
        for weight in weights:
            weight.grad = torch.randn(weight.shape, generator=generator)
        its.step()
    return torch.cat([weight.detach().flatten() for weight in weights])


def test_the_period_is_counted_on_and_a_state_without_one_means_every_step():
    weight = torch.nn.Parameter(torch.tensor([2.0]))
    optimizer = EASGD([weight], 0.1, 1.0, period=3)
    weight.grad = torch.ones(1)
    for _ in range(2):
        optimizer.step()
    assert optimizer.quorum()[0].item() == 2.0
    state = copy.deepcopy(optimizer.state_dict())
    optimizer.step()
    resumed = EASGD([torch.nn.Parameter(torch.tensor([1.8]))], 0.1, 1.0, period=3)
    resumed.load_state_dict(state)
    resumed.param_groups[0]["params"][0].grad = torch.ones(1)
    resumed.step()
    assert resumed.quorum()[0].item() == optimizer.quorum()[0].item() < 2.0
    for name in ("period", "steps"):
        del state["param_groups"][0][name]
    resumed.load_state_dict(state)
    before = resumed.quorum()[0].item()
    resumed.step()
    assert resumed.quorum()[0].item() < before


@pytest.mark.parametrize(
    ("momentum", "nesterov", "decay", "maximize"),
    list(itertools.product([0.0, 0.9], [True, False], [0.0, 0.1], [False, True])),
)
def test_both_ways_of_computing_agree_to_the_last_bit(momentum, nesterov, decay, maximize):
    options = {"momentum": momentum, "nesterov": nesterov, "weight_decay": decay}
    options["maximize"] = maximize
    rarely = moved(foreach=False, period=2, **options)
    assert torch.equal(moved(foreach=True, period=2, **options), rarely)
    one_by_one = moved(foreach=False, **options)
    assert torch.equal(moved(foreach=True, **options), one_by_one)
    assert torch.equal(moved(foreach=None, **options), one_by_one)
    of_tensor = moved(torch.tensor(0.1), foreach=True, **options)
    assert torch.equal(moved(torch.tensor(0.1), foreach=False, **options), of_tensor)
    torch.testing.assert_close(of_tensor, one_by_one)


@pytest.mark.parametrize(
    ("momentum", "nesterov", "decay", "maximize"),
    [(0.0, True, 0.1, False), (0.9, True, 0.1, True), (0.9, False, 0.1, False), (0.9, True, 0, 0)],
)
def test_without_coupling_it_is_sgd(momentum, nesterov, decay, maximize):
    """At a constant rate torch's buffer b is −v/η; the options mean the same."""
    options = {"momentum": momentum, "weight_decay": decay, "maximize": maximize}
    its_nesterov = {"nesterov": nesterov and momentum > 0}
    known = moved(optimizer=torch.optim.SGD, **options, **its_nesterov)
    torch.testing.assert_close(moved(coupling=0.0, nesterov=nesterov, **options), known)
    assert not torch.allclose(moved(nesterov=nesterov, **options), known)


def test_the_quorum_variable_can_be_looked_at_and_comes_back():
    network = torch.nn.Linear(2, 1)
    optimizer = EASGD(network.parameters(), 0.1, 2.0, 0.9)
    start = [p.detach().clone() for p in network.parameters()]
    assert all(map(torch.equal, optimizer.quorum(), start))
    for _ in range(5):
        optimizer.zero_grad()
        network(torch.ones(3, 2)).square().sum().backward()
        optimizer.step()
    ahead = [p.detach().clone() for p in network.parameters()]
    memory = [p.data_ptr() for p in network.parameters()]
    with optimizer.at_quorum():
        assert all(map(torch.equal, network.parameters(), optimizer.quorum()))
        assert not torch.equal(network.weight, ahead[0])
    with optimizer.at_position():
        velocity = optimizer.state[network.weight]["velocity"]
        assert torch.equal(network.weight, ahead[0] - 0.9 * velocity)
    with pytest.raises(RuntimeError), optimizer.at_quorum():
        network(torch.ones(3, 3))
    assert all(map(torch.equal, network.parameters(), ahead))
    assert [p.data_ptr() for p in network.parameters()] == memory


@pytest.mark.parametrize("foreach", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_quorum_variable_of_half_precision_is_kept_in_float32(dtype, foreach):
    """It moves by 1e-5 of its distance a step, which half precision would lose."""

    def after(steps, kind, state=None):
        weight = torch.nn.Parameter(torch.ones(2, dtype=kind))
        optimizer = EASGD([weight], 1e-2, 1e-3, foreach=foreach)
        if state is not None:
            with torch.no_grad():
                weight.copy_(state["weight"])
            optimizer.load_state_dict(state["optimizer"])
        for _ in range(steps):
            weight.grad = torch.ones_like(weight)
            optimizer.step()
        return {"weight": weight.detach().clone(), "optimizer": optimizer.state_dict()}

    def quorum(state):
        return state["optimizer"]["state"][0]["quorum"]

    whole, exact = after(400, dtype), after(400, torch.float64)
    assert quorum(whole).dtype is torch.float32
    moved = 1 - quorum(exact)
    assert float(moved.max()) < 0.01
    torch.testing.assert_close(1 - quorum(whole).double(), moved, rtol=0.15, atol=0)
    resumed = after(300, dtype, after(100, dtype))
    assert torch.equal(quorum(resumed), quorum(whole))
    assert torch.equal(resumed["weight"], whole["weight"])


class TestStatisticsAtTheQuorum:
    @pytest.fixture
    def trained(self):
        torch.manual_seed(0)
        network = torch.nn.Sequential(
            torch.nn.Linear(3, 8),
            torch.nn.BatchNorm1d(8),
            torch.nn.Dropout(0.5),
            torch.nn.Linear(8, 2),
        )
        inputs = torch.randn(32, 3)
        optimizer = EASGD(network.parameters(), 0.1, 0.5)
        for _ in range(20):
            optimizer.zero_grad()
            network(inputs).square().sum(1).mean().backward()
            optimizer.step()
        return network, optimizer, inputs.split(8)

    def test_are_those_of_update_bn_there(self, trained):
        network, optimizer, batches = trained
        other = copy.deepcopy(network)
        for parameter, point in zip(other.parameters(), optimizer.quorum(), strict=True):
            parameter.data.copy_(point)
        torch.optim.swa_utils.update_bn(batches, other)
        with optimizer.at_quorum(network, batches):
            network.eval()
            for name, buffer in other.named_buffers():
                assert torch.equal(network.get_buffer(name), buffer)
            found = network(batches[0])
        with optimizer.at_quorum():
            assert not torch.allclose(network(batches[0]), found)

    def test_and_all_else_comes_back(self, trained):
        network, optimizer, batches = trained
        before = {name: value.clone() for name, value in network.state_dict().items()}
        drawn = torch.get_rng_state()
        with optimizer.at_quorum(network, [(inputs, None) for inputs in batches]):
            pass
        empty = pytest.raises(InvalidArgumentError, match="batches is empty")
        with empty, optimizer.at_quorum(network, []):
            pass
        assert torch.equal(torch.get_rng_state(), drawn)
        assert network.training
        assert network[1].momentum == 0.1
        for name, value in network.state_dict().items():
            assert torch.equal(value, before[name]), name

    def test_need_network_and_batches(self, trained):
        network, optimizer, _ = trained
        with pytest.raises(InvalidArgumentError, match="needs both"), optimizer.at_quorum(network):
            pass


def test_no_step_is_made_from_another_point():
    weight = torch.nn.Parameter(torch.ones(1))
    weight.grad = torch.ones(1)
    optimizer = EASGD([weight], 0.1, 1.0)
    with optimizer.at_quorum():
        with pytest.raises(InvalidArgumentError, match="show another point; leave the `with`"):
            optimizer.step()
        with pytest.raises(InvalidArgumentError, match="already show"), optimizer.at_position():
            pass
    optimizer.step()


def test_the_pull_makes_the_border_of_stability_one_over_the_rate():
    """Null: in a flat loss the difference shrinks by |1 − 2ηk| < 1 just where couplings are allowed."""
    weight = torch.nn.Parameter(torch.tensor([1.0]))
    optimizer = EASGD([weight], 0.1, 9.99)
    weight.grad = torch.ones(1)
    optimizer.step()
    weight.grad = torch.zeros(1)
    last = abs(weight.item() - optimizer.quorum()[0].item())
    for _ in range(5):
        optimizer.step()
        now = abs(weight.item() - optimizer.quorum()[0].item())
        assert now < last
        last = now


ONE = [torch.nn.Parameter(torch.ones(1))]
WRONG = [
    ({"lr": 0.0}, "lr is 0.0, but must be a finite number above 0."),
    ({"lr": -0.1}, "lr is -0.1, but must be a finite number above 0."),
    ({"lr": float("nan")}, "lr is nan, but must be a finite number above 0."),
    ({"lr": torch.ones(2)}, "lr is a tensor of 2 numbers, but must be one number."),
    ({"lr": torch.tensor(0.1), "coupling": 20.0}, "diverges from 1/lr = 10 on; lower the coupling"),
    ({"coupling": 20.0}, "coupling is 20 at lr 0.1, but EASGD with one agent diverges from 1/lr = 10"),
    ({"coupling": -1.0}, "coupling is -1.0, but must be a finite number of at least 0."),
    ({"momentum": -0.1}, "momentum is -0.1, but must be a finite number of at least 0."),
    ({"momentum": 1.0}, "momentum is 1, but must be at least 0 and below 1."),
    ({"period": 0}, "period is 0, but must be a whole number of at least 1."),
    *(
        ({name: "no"}, f"{name} is 'no', but must be True or False.")
        for name in ("nesterov", "maximize", "foreach", "error_if_nonfinite")
    ),
    ({"weight_decay": -0.1}, "weight_decay is -0.1, but must be a finite number of at least 0."),
    ({"params": []}, "params is empty, so there is nothing to optimize"),
    ({"params": torch.ones(3)}, "params is one tensor, but must be several"),
    ({"params": [torch.tensor([1.0, float("nan")])]}, "holds a number that is not finite"),
    ({"params": [{"params": ONE, "lr": 1.0}], "coupling": 1.0}, "coupling is 1 at lr 1, but"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "sentence"), WRONG)
def test_wrong_input_gets_one_sentence(options, sentence):
    settings = {"params": ONE, "lr": 0.1, "coupling": 1.0} | options
    with pytest.raises(InvalidArgumentError) as caught:
        EASGD(**settings)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_scheduler_cannot_cross_the_border():
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = EASGD([weight], 0.1, 9.0)
    weight.grad = torch.ones(1)
    optimizer.step()
    optimizer.param_groups[0]["lr"] = 0.2
    with pytest.raises(InvalidArgumentError, match=r"coupling is 9 at lr 0\.2, but EASGD"):
        optimizer.step()


def test_nor_with_a_rate_that_is_a_tensor():
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = EASGD([weight], torch.tensor(0.1), 9.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=2.0)
    weight.grad = torch.ones(1)
    optimizer.step()
    optimizer.step()
    scheduler.step()
    with pytest.raises(InvalidArgumentError, match=r"coupling is 9 at lr 0\.2, but EASGD"):
        optimizer.step()


def test_gradients_that_are_sparse_or_not_finite():
    table = torch.nn.Embedding(5, 2, sparse=True)
    table(torch.tensor([1])).sum().backward()
    with pytest.raises(InvalidArgumentError, match=r"shape \(5, 2\) is sparse, but this optimizer"):
        EASGD(table.parameters(), 0.1, 1.0).step()
    weight = torch.nn.Parameter(torch.ones(2))
    weight.grad = torch.tensor([1.0, float("inf")])
    with pytest.raises(InvalidArgumentError, match="gradient 0 of a group, of shape"):
        EASGD([weight], 0.1, 1.0, error_if_nonfinite=True).step()
    assert torch.equal(weight, torch.ones(2))


def test_a_step_waits_for_no_device():
    """On the meta device there are no numbers to read, so whoever reads one fails."""
    weight = torch.nn.Parameter(torch.empty(3, device="meta"))
    weight.grad = torch.empty(3, device="meta")
    for foreach in (True, False):
        EASGD([weight], 0.1, 1.0, 0.9, weight_decay=0.1, foreach=foreach).step()


def test_the_state_of_another_optimizer_is_refused():
    network = torch.nn.Linear(2, 2)
    other = torch.optim.SGD(network.parameters(), lr=0.1).state_dict()
    with pytest.raises(
        CheckpointError, match="no state of this optimizer, as it has no 'coupling'"
    ):
        EASGD(network.parameters(), lr=0.1, coupling=0.1).load_state_dict(other)
