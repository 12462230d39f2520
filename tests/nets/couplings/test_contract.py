"""What every coupling rule owes, whatever it is: a new one in `nets.couplings` joins by itself."""

import inspect
import json
from collections.abc import Callable

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import sdeopt as so
from nets import couplings
from nets.communication import Local
from nets.couplings import Coupling, Pulling
from nets.identity import identity_of
from sdeopt.errors import CheckpointError, InvalidArgumentError
from sdeopt.schedules import Constant, Ramp
from tests.nets.couplings.agents import Training, as_points, as_weights

AGENTS, DIM, EPOCH = 4, 5, 6
RATES = np.array([0.1, 0.05, 0.1, 0.2])


def saturating(points, quorum, t):
    difference = quorum - points
    return difference / (1.0 + difference.norm(dim=1, keepdim=True))


def slow(quorum, mean, t):
    return 0.5 * (mean - quorum)


OWN = {"averaging": {"period": 3}, "user-defined": {"force": saturating, "dynamics": slow}}
"""What a rule needs beside the settings of all."""


def maker(name: str, **always) -> Callable[..., Coupling]:
    """Return how to make a rule with some settings changed."""
    always = {"epoch_steps": EPOCH} | OWN.get(name, {}) | always
    return lambda k=2.0, **more: couplings.load(name, coupling=k, **(always | more))


RULES = {name: maker(name) for name in couplings.names()}
RULES["QSGD, tested at an average"] = maker("QSGD", memory=0.8)
RULES["QSGD, late"] = maker("QSGD", delay=2)
RULES["EASGD, late"] = maker("EASGD", delay=2)
RULES["QSGD, late, with a period"] = maker("QSGD", delay=2, period=3, memory=0.8)
RULES["EASGD, late, with a period"] = maker("EASGD", delay=2, period=3)


def unlike(agents):
    """Return rules whose agents are not alike, which they are for."""
    late, turns = tuple(range(agents)), {"period": agents, "staggered": True}
    return {
        "QSGD, each as late": maker("QSGD", delay=late, period=2),
        "QSGD, now and then": maker("QSGD", delay=2, participation=0.6, seed=4),
        "QSGD in turn": maker("QSGD", **turns),
        "EASGD, each as late": maker("EASGD", delay=late),
        "EASGD, now and then": maker("EASGD", participation=0.6, seed=4),
        "EASGD in turn": maker("EASGD", **turns),
    }


EVERY = RULES | unlike(AGENTS)
GRAPH = {"graph": so.graphs.Ring(), "delay": 2, "participation": 0.6, "seed": 4}
PULLING = [name for name, rule in RULES.items() if isinstance(rule(), Pulling)]


def gradient(points):
    return 0.3 * points + np.sin(points)


def losses(points):
    return (points**2).sum(axis=1)


def start(seed=0, agents=AGENTS):
    return np.random.default_rng(seed).normal(size=(agents, DIM))


def train(rule, steps=20, begin=None, rates=RATES, **settings):
    begin = start() if begin is None else begin
    noise = np.random.default_rng(5).normal(size=(steps, 1, DIM))
    training = Training(rule, begin, rates, gradient, losses=losses, **settings)
    for zeta in noise:
        training.take(zeta)
    return training


def test_every_exported_rule_is_found_by_its_name():
    public = [getattr(couplings, name) for name in couplings.__all__]
    rules = {thing for thing in public if isinstance(thing, type) and issubclass(thing, Coupling)}
    assert rules - {Coupling, Pulling} <= {type(make()) for make in RULES.values()}
    assert [type(RULES[name]()).name for name in couplings.names()] == couplings.names()


def test_a_name_that_is_none_is_refused():
    with pytest.raises(InvalidArgumentError, match="did you mean 'EASGD'"):
        couplings.load("EASG", coupling=1.0)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9, "nesterov": True}])
def test_agents_meet(name, settings):
    """Coupled agents end nearer to each other than uncoupled ones."""
    apart = np.std(as_points(train(couplings.Uncoupled(), **settings).weights), axis=0).sum()
    found = np.std(as_points(train(RULES[name](), **settings).weights), axis=0).sum()
    assert found < 0.8 * apart or name == "none"


@pytest.mark.parametrize("name", PULLING)
def test_no_gain_is_no_coupling(name):
    free = train(couplings.Uncoupled(), momentum=0.9, nesterov=True)
    found = train(RULES[name](k=0.0), momentum=0.9, nesterov=True)
    np.testing.assert_array_equal(as_points(found.weights), as_points(free.weights))


@pytest.mark.parametrize("name", PULLING)
def test_agents_that_agree_are_not_pulled(name):
    rule = RULES[name]()
    points = as_weights(np.repeat(start(agents=1), AGENTS, axis=0))
    mean = {label: stack[0] for label, stack in points.items()}
    rule.choose(torch.zeros(AGENTS))
    pull = rule.pull(points, mean, rule.period - 1, torch.tensor(RATES))
    assert pull is not None
    assert not as_points(pull).any()


@pytest.mark.parametrize("name", EVERY)
def test_what_is_given_is_left_alone(name):
    rule, points = EVERY[name](), as_weights(start())
    rule.choose(torch.arange(AGENTS))
    mean = Local(AGENTS).mean(points)
    before = as_points(points), {label: value.clone() for label, value in mean.items()}
    for step in range(3):
        rule.pull(points, mean, step, torch.tensor(RATES))
        rule.advance(mean, step, torch.tensor(RATES))
    np.testing.assert_array_equal(as_points(points), before[0])
    assert all(torch.equal(mean[label], value) for label, value in before[1].items())


@pytest.mark.parametrize("name", EVERY)
def test_each_half_of_the_agents_is_pulled_as_within_the_whole(name):
    """So that processes with some of the agents each make one run."""
    rates, rule = torch.tensor(RATES), EVERY[name]()
    rule.choose(torch.arange(AGENTS))
    for step in range(EPOCH):
        points = as_weights(start(seed=step))
        mean = Local(AGENTS).mean(points)
        rule.first_agent = 0
        whole = rule.pull(points, mean, step, rates)
        for half in (slice(0, 2), slice(2, 4)):
            part = {label: stack[half] for label, stack in points.items()}
            rule.first_agent = half.start
            pull = rule.pull(part, mean, step, rates[half])
            assert (whole is None) == (pull is None)
            if whole is not None:
                assert all(torch.equal(whole[label][half], move) for label, move in pull.items())


@pytest.mark.parametrize("name", RULES)
def test_agents_may_be_renumbered(name):
    order = np.array([2, 0, 3, 1])
    found = train(RULES[name](), begin=start()[order], rates=RATES[order])
    exact = as_points(train(RULES[name]()).weights)[order]
    np.testing.assert_allclose(as_points(found.weights), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_types_are_kept_and_no_quorum_variable_is_coarse(name, dtype):
    training = train(EVERY[name](), dtype=dtype)
    assert {stack.dtype for stack in training.weights.values()} == {dtype}
    kept = {value.dtype for value in (training.rule.quorum or {}).values()}
    assert kept <= {torch.float32}


def tensors_in(state):
    if isinstance(state, dict):
        for value in state.values():
            yield from tensors_in(value)
    elif isinstance(state, torch.Tensor):
        yield state


@pytest.mark.parametrize("name", EVERY)
def test_a_state_is_a_copy(name):
    """What is written into a saved or loaded state changes no run."""
    training = train(EVERY[name](), steps=5)
    before = {label: value.clone() for label, value in (training.rule.quorum or {}).items()}
    saved = training.rule.state_dict()
    other = EVERY[name]()
    other.load_state_dict(saved)
    for tensor in tensors_in(saved):
        tensor.fill_(7.0)
    for rule in (training.rule, other):
        assert before.keys() == (rule.quorum or {}).keys()
        assert all(torch.equal(rule.quorum[label], value) for label, value in before.items())


@pytest.mark.parametrize("name", [*EVERY, "QSGD on a ring"])
def test_a_resumed_run_has_the_bits_of_an_undisturbed_one(name, tmp_path):
    rule = EVERY.get(name, maker("QSGD", **GRAPH))
    settings = {"momentum": 0.9, "nesterov": True}
    whole = train(rule(), steps=20, **settings)
    noise = np.random.default_rng(5).normal(size=(20, 1, DIM))
    first = train(rule(), steps=0, **settings)
    for zeta in noise[:9]:
        first.take(zeta)
    states = {"rule": first.rule.state_dict(), "optimizer": first.optimizer.state_dict()}
    torch.save(states, tmp_path / "state")
    states = torch.load(tmp_path / "state", weights_only=True)
    second = train(rule(), steps=0, begin=as_points(first.weights), **settings)
    second.rule.load_state_dict(states["rule"])
    second.optimizer.load_state_dict(states["optimizer"])
    second.step = 9
    for zeta in noise[9:]:
        second.take(zeta)
    np.testing.assert_array_equal(as_points(second.weights), as_points(whole.weights))
    for label, value in (whole.rule.quorum or {}).items():
        assert torch.equal(second.rule.quorum[label], value)


@pytest.mark.parametrize("name", EVERY)
def test_a_state_of_another_rule_is_refused(name):
    with pytest.raises(CheckpointError, match="resume with the rule it was written under"):
        EVERY[name]().load_state_dict({"something": 1})


@pytest.mark.parametrize("name", EVERY)
def test_configuration_is_plain(name):
    text = json.dumps(EVERY[name]().configuration())
    assert type(EVERY[name]()).__name__ in text


@pytest.mark.parametrize("name", [name for name in PULLING if "late" not in name])
def test_between_two_periods_nothing_is_added(name):
    rule = RULES[name](period=4)
    rule.choose(torch.zeros(AGENTS))
    due = [rule.needs_mean(step) for step in range(9)]
    assert due == [False, False, False, True, False, False, False, True, False]
    points = as_weights(start())
    mean = Local(AGENTS).mean(points)
    assert rule.pull(points, mean, 1, torch.tensor(RATES)) is None


@pytest.mark.parametrize("name", ["QSGD", "QSGD, tested at an average", "SD-QSGD", "user-defined"])
def test_a_gain_of_two_over_the_rate_is_refused(name):
    """The largest rate is 0.2, so 10 is too much, at the step where it is reached."""
    with pytest.raises(InvalidArgumentError, match=r"at step .* allows less than 10: .* lower"):
        train(RULES[name](k=Ramp(1.0, 60.0, over=20)))


@pytest.mark.parametrize("name", PULLING)
@pytest.mark.parametrize("gain", [float("nan"), "much", [1.0, 2.0], lambda step: float("inf")])
def test_a_gain_that_is_no_number_is_refused(name, gain):
    with pytest.raises(InvalidArgumentError, match="coupling"):
        train(RULES[name](k=gain))


@pytest.mark.parametrize("name", PULLING)
def test_number_schedule_and_function_are_one(name):
    given = [1.5, Constant(1.5), lambda step: 1.5]
    ends = [as_points(train(RULES[name](k=gain)).weights) for gain in given]
    np.testing.assert_array_equal(ends[0], ends[1])
    np.testing.assert_array_equal(ends[0], ends[2])


@pytest.mark.parametrize("name", RULES)
def test_documented_with_an_example(name):
    assert ">>> " in inspect.getdoc(type(RULES[name]()))


BORDERS = {
    "late": {"delay": 3},
    "each as late": {"delay": (0, 1, 2, 5)},
    "on a ring": {"graph": so.graphs.Ring(), "period": 2},
    "in turn": {"period": AGENTS, "staggered": True},
    "centre, late": {"delay": 3},
    "centre, each as late": {"delay": (0, 1, 2, 5)},
    "centre in turn": {"period": AGENTS, "staggered": True},
    "centre in turns of two": {"period": 2, "staggered": True},
}


@pytest.mark.parametrize("case", BORDERS)
@pytest.mark.parametrize("rates", [np.full(AGENTS, 0.1), RATES])
def test_runs_diverge_in_a_flat_loss_from_the_border_on_and_not_below(case, rates, monkeypatch):
    """What is refused does diverge, but for agents with less than the highest rate, and no more does."""
    kind = couplings.EASGD if "centre" in case else couplings.QSGD

    def refused(k):
        rule = kind(k, **BORDERS[case])
        try:
            rule.check(rule.period - 1, torch.tensor(rates))
        except InvalidArgumentError:
            return True
        return False

    low, high = 0.0, 50.0
    while high - low > 1e-4 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if refused(middle) else (middle, high)
    monkeypatch.setattr(kind, "check", lambda self, step, rates: self.fit(len(rates)))

    def farthest(k):
        training = Training(kind(k, **BORDERS[case]), start(), rates, np.zeros_like)
        for _ in range(500):
            # all agents together move by noise alone
            training.take(start(seed=1) if training.step < 5 else 0.0)
        return np.abs(as_points(training.weights)).max()

    assert farthest(0.95 * low) < 100.0
    # where this is more, QSGD is refused from 2/η on
    bound_of_one = rates.max() * high > 1.999
    assert bound_of_one or not farthest(1.05 * high) < 1e3


@pytest.mark.parametrize("agents", [4, 100])
def test_a_late_mean_bears_one_over_the_rate_however_many_agents(agents):
    rule, rates = couplings.QSGD(11.0, delay=4), torch.full((agents,), 0.1, dtype=torch.float64)
    with pytest.raises(InvalidArgumentError, match=r"this QSGD .* rate 0.1 diverges from 10 on"):
        rule.check(0, rates)
    couplings.QSGD(9.9, delay=4).check(0, rates)


def test_a_graph_needs_all_agents_in_one_process():
    rule = couplings.QSGD(1.0, graph=so.graphs.Ring())
    points = as_weights(start())
    rule.check(0, torch.tensor(RATES))
    half = {name: value[:2] for name, value in points.items()}
    with pytest.raises(InvalidArgumentError, match="train them in one"):
        rule.pull(half, points, 0, torch.tensor(RATES[:2]))


BAD = {
    "graph": (lambda: couplings.QSGD(1.0, graph=so.graphs.Ring), "must be one of sdeopt.graphs"),
    "delay": (lambda: couplings.EASGD(1.0, delay=-1), "delay of EASGD"),
    "both": (lambda: couplings.QSGD(1.0, period=4, participation=0.5), "give one of them"),
    "centre": (
        lambda: couplings.EASGD(1.0, graph=so.graphs.Ring()),
        "EASGD takes no graph, as its",
    ),
    "turns": (lambda: couplings.EASGD(1.0, staggered=True), "without a period; give period=agents"),
    "delays": (lambda: train(couplings.EASGD(1.0, delay=[1, 2])), "has 2 entries for 4 agents"),
    "participation": (lambda: couplings.QSGD(1.0, participation=1.5), "is a probability"),
    "state": (
        lambda: couplings.QSGD(1.0, delay=2).load_state_dict(couplings.QSGD(1.0).state_dict()),
        "resume with the rule it was written under",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_who_cannot_receive_is_refused(case):
    make, message = BAD[case]
    with pytest.raises((InvalidArgumentError, CheckpointError), match=message):
        make()


def test_defaults_leave_no_trace_in_a_configuration():
    """What was trained before keeps its identity."""
    assert set(couplings.QSGD(1.0).configuration()) == {"name", "coupling", "period", "memory"}
    assert set(couplings.EASGD(1.0).configuration()) == {"name", "coupling", "period"}
    identity = identity_of(couplings.EASGD(1.0))
    assert set(identity) == {"name", "sha256", "coupling", "period", "delay"}
    identity = identity_of(couplings.QSGD(1.0))
    assert set(identity) == {
        *("name", "sha256", "coupling", "period", "memory"),
        *("graph", "delay", "participation", "seed"),
    }


WHO_AND_WHEN = (
    {"delay": 2}, {"delay": (0, 1)}, {"participation": 0.5}, {"participation": 0.5, "seed": 1},
    {"period": 2}, {"period": 2, "staggered": True},
)  # fmt: skip


@pytest.mark.parametrize("kind", [couplings.QSGD, couplings.EASGD])
def test_who_communicates_when_belongs_to_the_identity(kind):
    identities = [identity_of(kind(1.0, **more)) for more in ({}, *WHO_AND_WHEN)]
    assert len({json.dumps(each, sort_keys=True) for each in identities}) == len(identities)
