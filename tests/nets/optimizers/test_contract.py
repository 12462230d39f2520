"""What every optimizer here owes to whoever expects an optimizer of torch."""

import copy
import io
import pickle

import pytest

torch = pytest.importorskip("torch")

from torch.utils._python_dispatch import TorchDispatchMode

import sdeopt as so
from nets.optimizers import EASGD, GradientNoise, WeightNoise
from sdeopt.errors import CheckpointError, InvalidArgumentError

GAUSSIAN = so.noise.Gaussian(0.1, level=so.schedules.PowerDecay(1.0, exponent=0.55))
UPDATE = so.noise.Uniform(0.01, enters="update")
WEIGHTS = so.noise.Uniform(0.1, level=so.schedules.InverseRound(1.0, period=3), enters="weights")


def sgd(params, lr=0.1):
    return torch.optim.SGD(params, lr=lr, momentum=0.9, nesterov=True)


MAKERS = {
    "EASGD-WM": lambda params, lr=0.1: EASGD(params, lr, 1.5),
    "EASGD, heavy ball": lambda params, lr=0.1: EASGD(params, lr, 1.5, 0.8, nesterov=False),
    "EASGD": lambda params, lr=0.1: EASGD(params, lr, 1.5, 0.8, weight_decay=0.01),
    "EASGD, now and then": lambda params, lr=0.1: EASGD(params, lr, 1.5, 0.8, period=2),
    "gradient noise": lambda params, lr=0.1: GradientNoise(sgd(params, lr), GAUSSIAN, seed=3),
    "update noise": lambda params, lr=0.1: GradientNoise(sgd(params, lr), UPDATE, seed=3),
    "weight noise": lambda params, lr=0.1: WeightNoise(sgd(params, lr), WEIGHTS, seed=3),
    "synchronization noise": lambda params, lr=0.1: WeightNoise(
        EASGD(params, lr, 1.0), WEIGHTS, when="synchronization", period=3
    ),
    "both round EASGD": lambda params, lr=0.1: GradientNoise(
        WeightNoise(EASGD(params, lr, 1.5, 0.8), WEIGHTS, when="initialization"), GAUSSIAN
    ),
}
every = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
INPUTS = torch.randn(12, 8, 3, generator=torch.Generator().manual_seed(1))


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))


def loss_of(model, inputs):
    return (model(inputs) - inputs.sum(1, keepdim=True)).square().mean()


def before_pass(optimizer):
    if isinstance(optimizer, (GradientNoise, WeightNoise)):
        optimizer.inject()


def train(model, optimizer, inputs, after=lambda: None):
    for batch in inputs:
        optimizer.zero_grad()
        before_pass(optimizer)
        loss_of(model, batch).backward()
        optimizer.step()
        after()
    return flat(model)


def flat(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@every
def test_it_learns_and_is_an_optimizer(make):
    model = network()
    optimizer = make(model.parameters())
    before = loss_of(model, INPUTS.flatten(0, 1)).item()
    train(model, optimizer, INPUTS)
    assert loss_of(model, INPUTS.flatten(0, 1)).item() < before
    assert isinstance(optimizer, torch.optim.Optimizer)
    assert "lr: 0.1" in repr(optimizer)


@every
def test_a_run_resumes_from_its_state_to_the_last_bit(make):
    model = network()
    whole = train(model, make(model.parameters()), INPUTS)

    model = network()
    optimizer = make(model.parameters())
    train(model, optimizer, INPUTS[:5])
    before_pass(optimizer)  # noise that is there and not used yet is part of the state
    file = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)

    model = network()
    optimizer = make(model.parameters(), lr=0.3)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    assert torch.equal(train(model, optimizer, INPUTS[5:]), whole)


@every
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda both: pickle.loads(pickle.dumps(both))])
def test_a_copy_goes_on_as_the_original_does(make, copied):
    model = network()
    optimizer = make(model.parameters())
    train(model, optimizer, INPUTS[:5])
    twin, its_optimizer = copied((model, optimizer))
    end = train(model, optimizer, INPUTS[5:])
    assert torch.equal(train(twin, its_optimizer, INPUTS[5:]), end)


@every
def test_schedulers_change_the_rate_it_steps_with(make):
    by_hand = network()
    optimizer = make(by_hand.parameters())
    halved = (0.1 * 0.5**i for i in range(1, 99))

    def halve():
        optimizer.param_groups[0]["lr"] = next(halved)

    train(by_hand, optimizer, INPUTS, halve)
    scheduled = network()
    optimizer = make(scheduled.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    train(scheduled, optimizer, INPUTS, scheduler.step)
    assert torch.equal(flat(by_hand), flat(scheduled))
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=0)
    plateau.step(1.0)
    plateau.step(2.0)
    assert plateau.get_last_lr() == [pytest.approx(0.1 * 0.5**12 * 0.1)]


@every
def test_a_closure_does_what_passes_by_hand_do(make):
    by_hand = network()
    train(by_hand, make(by_hand.parameters()), INPUTS)
    model = network()
    optimizer = make(model.parameters())
    for batch in INPUTS:

        def closure(batch=batch):
            optimizer.zero_grad()
            loss = loss_of(model, batch)
            loss.backward()
            return loss

        assert optimizer.step(closure).requires_grad
    assert torch.equal(flat(model), flat(by_hand))


@every
def test_groups_have_options_and_streams_of_their_own(make):
    """Two agents in one optimizer are, to the last bit, two optimizers of one agent each."""
    together, apart = [network(), network()], [network(), network()]
    groups = [
        {"params": list(model.parameters()), "agent": agent, "lr": 0.1 / (1 + agent)}
        for agent, model in enumerate(together)
    ]
    optimizer = make(groups[:1])
    optimizer.add_param_group(groups[1])
    optimizers = [
        make([{"params": model.parameters(), "agent": agent, "lr": 0.1 / (1 + agent)}])
        for agent, model in enumerate(apart)
    ]
    for batch in INPUTS:
        optimizer.zero_grad()
        before_pass(optimizer)
        for model in together:
            loss_of(model, batch).backward()
        optimizer.step()
        for model, own in zip(apart, optimizers, strict=True):
            train(model, own, batch[None])
    for one, other in zip(together, apart, strict=True):
        assert torch.equal(flat(one), flat(other))
    assert not torch.equal(flat(together[0]), flat(together[1]))


@every
def test_parameters_without_gradient_are_left_alone(make):
    model = network()
    idle = torch.nn.Parameter(torch.ones(2))
    optimizer = make([*model.parameters(), idle])
    for batch in INPUTS[:2]:
        before_pass(optimizer)
        was = idle.detach().clone()
        loss_of(model, batch).backward()
        optimizer.step()
        assert torch.equal(idle, was)


@every
def test_frozen_parameters_are_left_alone(make):
    model = network()
    model[0].requires_grad_(False)
    before = [p.detach().clone() for p in model[0].parameters()]
    optimizer = make(model.parameters())
    # a frozen layer that was trained before may still hold gradients
    for parameter in model[0].parameters():
        parameter.grad = torch.zeros_like(parameter)
    for batch in INPUTS[:3]:
        optimizer.zero_grad(set_to_none=isinstance(optimizer, EASGD))
        before_pass(optimizer)
        loss_of(model, batch).backward()
        optimizer.step()
    assert all(map(torch.equal, model[0].parameters(), before))


@every
def test_a_loaded_state_is_a_copy(make):
    model, other = network(), network()
    optimizer, twin = make(model.parameters()), make(other.parameters())
    train(model, optimizer, INPUTS[:3])
    twin.load_state_dict(optimizer.state_dict())
    before = copy.deepcopy(twin.state_dict()["state"])
    train(model, optimizer, INPUTS[3:6])
    after = twin.state_dict()["state"]
    for key, state in before.items():
        assert all(torch.equal(after[key][name], value) for name, value in state.items())


@every
def test_hooks_run(make):
    model = network()
    optimizer = make(model.parameters())
    seen = []
    optimizer.register_step_pre_hook(lambda *_: seen.append("before"))
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))
    train(model, optimizer, INPUTS[:1])
    assert seen == ["before", "after"]


class NoHostReads(TorchDispatchMode):
    """Refuses what would make the host wait for a device: reading a number out of a tensor."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert func is not torch.ops.aten._local_scalar_dense.default
        assert func is not torch.ops.aten.nonzero.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("name", "rate"), [*((name, 0.1) for name in MAKERS), ("EASGD-WM", None), ("EASGD", None)]
)
def test_no_step_reads_a_number_from_the_device(name, rate):
    model = network()
    rate = torch.tensor(0.1) if rate is None else rate
    optimizer = MAKERS[name](model.parameters(), rate)
    before_pass(optimizer)
    loss_of(model, INPUTS[0]).backward()
    with NoHostReads():
        optimizer.step()
        before_pass(optimizer)
        optimizer.step()
    with pytest.raises(AssertionError), NoHostReads():
        flat(model)[0].item()


@every
def test_a_gradient_scaler_skips_the_step_of_an_overflow(make):
    plain, scaled = network(), network()
    with_scaler = make(scaled.parameters())
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    train(plain, make(plain.parameters()), INPUTS)
    for turn, batch in enumerate(INPUTS):
        before_pass(with_scaler)
        if turn == 4:  # an overflow, after which the same batch comes again
            scaler.scale(loss_of(scaled, batch) * float("inf")).backward()
            there = flat(scaled)
            scaler.step(with_scaler)
            scaler.update()
            assert torch.equal(flat(scaled), there)
            assert scaler.get_scale() == 2.0**9
        with_scaler.zero_grad()
        before_pass(with_scaler)
        scaler.scale(loss_of(scaled, batch)).backward()
        scaler.step(with_scaler)
        scaler.update()
        with_scaler.zero_grad()
    torch.testing.assert_close(flat(scaled), flat(plain))


@every
def test_it_trains_under_autocast(make):
    model = network()
    optimizer = make(model.parameters())
    for batch in INPUTS:
        optimizer.zero_grad()
        before_pass(optimizer)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, batch)
        loss.backward()
        optimizer.step()
    assert flat(model).dtype is torch.float32
    assert flat(model).isfinite().all()


@every
def test_it_works_on_parameters_of_mixed_types_and_layouts(make):
    half = torch.nn.Parameter(torch.ones(3, dtype=torch.bfloat16))
    images = torch.ones(2, 3, 4, 4).to(memory_format=torch.channels_last)
    layout, scalar = torch.nn.Parameter(images), torch.nn.Parameter(torch.ones(()))
    optimizer = make([half, layout, scalar])
    for _ in range(3):
        before_pass(optimizer)
        for parameter in (half, layout, scalar):
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
    assert half.dtype is torch.bfloat16
    assert layout.is_contiguous(memory_format=torch.channels_last)
    assert all((parameter < 1).all() for parameter in (half, layout, scalar))


@pytest.mark.filterwarnings("ignore")
@every
def test_compiled_it_does_the_same(make):
    eager, compiled = network(), network()
    train(eager, make(eager.parameters()), INPUTS[:3])
    torch._dynamo.reset()
    optimizer = make(compiled.parameters())
    step = torch.compile(optimizer.step, backend="aot_eager")
    for batch in INPUTS[:3]:
        optimizer.zero_grad()
        before_pass(optimizer)
        loss_of(compiled, batch).backward()
        step()
    torch.testing.assert_close(flat(compiled), flat(eager))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["EASGD-WM", "EASGD"])
def test_inductor_makes_kernels_of_it_once_for_all_rates(name):
    from torch._dynamo.utils import counters

    eager, compiled = network(), network()
    train(eager, MAKERS[name](eager.parameters()), INPUTS[:6])
    torch._dynamo.reset()
    counters.clear()
    rate = torch.tensor(0.1)
    optimizer = MAKERS[name](compiled.parameters(), rate)
    step = torch.compile(optimizer.step)
    for batch in INPUTS[:6]:
        optimizer.zero_grad()
        loss_of(compiled, batch).backward()
        step()
    torch.testing.assert_close(flat(compiled), flat(eager))
    assert counters["stats"]["unique_graphs"] == 1


def test_a_state_of_other_wrappers_is_refused():
    model = network()
    plain, noisy = sgd(model.parameters()), GradientNoise(sgd(model.parameters()), GAUSSIAN)
    with pytest.raises(CheckpointError, match="outermost noise is none; wrap the optimizer"):
        noisy.load_state_dict(plain.state_dict())
    weights = WeightNoise(sgd(model.parameters()), WEIGHTS)
    with pytest.raises(CheckpointError, match="outermost noise is that of WeightNoise"):
        noisy.load_state_dict(weights.state_dict())
    plain.load_state_dict(noisy.state_dict())


def test_something_else_than_an_optimizer_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"must be a torch\.optim\.Optimizer"):
        GradientNoise(network().parameters(), GAUSSIAN)
