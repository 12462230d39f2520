"""What decides a training decides its identity, and nothing else does."""

import copy
import enum
import functools
import importlib.util
import json
import random
import types

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

import nets
import sdeopt as so
from nets.identity import identity_of, module_identity
from sdeopt.identity import differences, identity, unknown_parts


def written(folder, text, name="mine"):
    """Return a module with a text, from a file that may lie anywhere."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(text)
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Shade(enum.Enum):
    LIGHT = 1
    DARK = 2


class Scaled(nn.Module):
    def __init__(self, scale=1.0, activation=torch.tanh):
        super().__init__()
        self.dense = nn.Linear(2, 2)
        self.scale, self._activation = scale, activation

    def forward(self, x):
        return self._activation(self.dense(x)) * self.scale


def reading(value):
    return lambda x: x * value


def with_default(value):
    def loss(x, *, weight=value):
        return x * weight

    return loss


class Loss:
    def __init__(self, weight):
        self.weight = weight

    def __call__(self, outputs, targets):
        return self.weight * functional.mse_loss(outputs, targets)


def hooked(value, register="register_forward_hook"):
    network = nn.Linear(2, 2)

    def hook(module, inputs, outputs):
        return tuple(each * value for each in outputs)

    getattr(network, register)(hook if "backward" in register else lambda *of: hook(*of)[0])
    return network


class Listed(nn.Module):
    """Layers that a plain list names too."""

    def __init__(self, order):
        super().__init__()
        self.one, self.other = nn.Linear(2, 2), nn.Linear(2, 2)
        self._order = [getattr(self, name) for name in order]

    def forward(self, x):
        for layer in self._order:
            x = layer(x)
        return x


def tied(together):
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    if together:
        network[1].weight = network[0].weight
    return network


PAIRS = {
    "a number in a closure": (reading(1.0), reading(2.0)),
    "its type": (reading(1), reading(1.0)),
    "a complex number": (reading(1 + 2j), reading(1 + 3j)),
    "a set": (reading({1, 2}), reading({1, 3})),
    "a list inside a dict": (reading({"a": [1, 2]}), reading({"a": [1, 3]})),
    "an enum member": (reading(Shade.LIGHT), reading(Shade.DARK)),
    "an array": (reading(np.zeros(300)), reading(np.r_[np.zeros(299), 1.0])),
    "a tensor": (reading(torch.zeros(3)), reading(torch.ones(3))),
    "the type of a tensor": (reading(torch.zeros(3)), reading(torch.zeros(3, dtype=torch.float64))),
    "a keyword's default": (with_default(1.0), with_default(2.0)),
    "a partial argument": (functools.partial(max, 1), functools.partial(max, 2)),
    "an inner function": (reading(reading(1.0)), reading(reading(2.0))),
    "a namespace": (reading(types.SimpleNamespace(a=1)), reading(types.SimpleNamespace(a=2))),
    "an attribute of a loss": (Loss(1.0), Loss(2.0)),
    "the object of a method": (Loss(1.0).__call__, Loss(2.0).__call__),
    "an option of torch's loss": (nn.CrossEntropyLoss(), nn.CrossEntropyLoss(label_smoothing=0.1)),
    "weights of torch's loss": (
        nn.CrossEntropyLoss(weight=torch.ones(2)),
        nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0])),
    ),
    "another function of torch": (functional.mse_loss, functional.l1_loss),
    "a schedule": (nets.couplings.QSGD(so.schedules.Ramp(0, 1, over=3)),
                   nets.couplings.QSGD(so.schedules.Ramp(0, 1, over=4))),
    "a cached function": (functools.cache(reading(1.0)), functools.cache(reading(2.0))),
    "a function in a list": ([reading(1.0), [reading(1.0)]], [reading(1.0), [reading(2.0)]]),
    "a conjugate": (reading(torch.tensor([1j])), reading(torch.tensor([1j]).conj())),
    "a function of torch's": (torch.func.vmap(reading(1.0)), torch.func.vmap(reading(2.0))),
    "a user's gain": (nets.couplings.QSGD(reading(1.0)), nets.couplings.QSGD(reading(2.0))),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_other_values_are_another_identity(one, other):
    assert identity_of(one) != identity_of(other)
    assert identity_of(one) == identity_of(one)
    assert list(differences(identity_of(one), identity_of(other)))


MODULES = {
    "activation": (nn.Sequential(nn.ReLU()), nn.Sequential(nn.Sigmoid())),
    "dropout": (nn.Dropout(0.1), nn.Dropout(0.2)),
    "stride": (nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3, stride=2)),
    "order of layers": (nn.Sequential(nn.ReLU(), nn.Flatten()), nn.Sequential(nn.Flatten(), nn.ReLU())),
    "a user's attribute": (Scaled(1.0), Scaled(2.0)),
    "a user's function": (Scaled(activation=torch.tanh), Scaled(activation=torch.relu)),
    "a tensor that is no buffer": (Scaled(torch.tensor(1.0)), Scaled(torch.tensor(2.0))),
    "what is frozen": (nn.Linear(2, 2), nn.Linear(2, 2).requires_grad_(False)),
    "a hook": (nn.Linear(2, 2), torch.nn.utils.spectral_norm(nn.Linear(2, 2))),
    "a parametrization": (nn.Linear(2, 2), spectral_norm(nn.Linear(2, 2))),
    "an option of a parametrization": (weight_norm(nn.Linear(2, 2)),
                                       weight_norm(nn.Linear(2, 2), dim=1)),
    "what a hook reads": (hooked(1.0), hooked(2.0)),
    "what a hook of the gradient reads": (hooked(1.0, "register_full_backward_hook"),
                                          hooked(2.0, "register_full_backward_hook")),
    "which layers a list names": (Listed(["one", "other"]), Listed(["other", "one"])),
    "what is tied": (tied(True), tied(False)),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), MODULES.values(), ids=MODULES)
def test_another_forward_pass_is_another_identity(one, other):
    assert module_identity(one) != module_identity(other)
    assert module_identity(one) == module_identity(copy.deepcopy(one))


@pytest.mark.parametrize("make", [lambda: hooked(1.0), lambda: Listed(["one"]), Scaled])
def test_a_network_made_again_is_the_same(make):
    """Processes make their agents' networks from other seeds, and count other hooks."""
    assert module_identity(make()) == module_identity(make())
    assert identity_of(make()) != identity_of(make())  # a network in a loss has its weights


def test_weights_and_passes_change_nothing():
    networks = (
        Scaled(), torch.nn.utils.spectral_norm(nn.Linear(2, 2)), nn.BatchNorm1d(2),
        weight_norm(nn.Linear(2, 2)), hooked(1.0), Listed(["one"]), tied(True),
    )  # fmt: skip
    for network in networks:
        before = module_identity(network)
        network(torch.randn(4, 2)).sum().backward()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.mul_(2.0)
        assert module_identity(network) == before


NETWORK = """
import torch
from torch import nn
import {settings} as settings

SLOPE = 0.1

def activation(x):
    return torch.where(x > 0, x, {slope} * x) * settings.scale

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(2, 2)

    def forward(self, x):
        '''{words}'''
        return activation(self.dense(x))
"""


def test_code_counts_with_what_it_reads_and_not_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "my_settings", types.ModuleType("my_settings"))
    settings = __import__("my_settings")
    settings.scale = 1.0

    def of(folder, slope="SLOPE", words="Return.", name="mine"):
        text = NETWORK.format(settings="my_settings", slope=slope, words=words)
        return module_identity(written(tmp_path / folder, text, name).Net())

    first = of("here")
    assert of("there", name="elsewhere") == first
    assert of("here", slope="0.2") != first
    settings.scale = 2.0  # a value in another module
    assert of("here") != first


def test_the_projects_own_classes_may_move():
    """They are named without their module; their results are what the number of the format says."""
    text = str(identity_of(nets.couplings.EASGD(0.5)))
    assert "EASGD" in text
    assert "easgd" not in text.replace("EASGD", "")


def test_recursion_ends():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    loop = []
    loop.append(loop)
    assert identity_of(even) == identity_of(even)
    assert identity_of(loop) == identity_of(loop)


def test_what_cannot_be_known_is_named():
    with open(__file__) as file:
        unknown = {
            "generator": (i for i in range(3)),
            "TextIOWrapper": file,
            "draws from a Random": random.Random(1),
            "draws from a Generator": torch.Generator(),
        }
        for words, value in unknown.items():
            [(place, reason)] = unknown_parts({"criterion": identity_of(reading(value))})
            assert place == "criterion"
            assert words in reason


def test_there_is_one_definition():
    """A value that tells two kernels or sweeps apart tells two trainings apart, and no other does."""
    for one, other in PAIRS.values():
        assert (identity(one) != identity(other)) == (identity_of(one) != identity_of(other))
    assert json.loads(json.dumps(identity_of(PAIRS))) == identity_of(PAIRS)


def test_an_empty_tensor_has_an_identity():
    empty = torch.empty(0, 3)
    assert not list(unknown_parts(identity_of(empty)))
    assert identity_of(empty) != identity_of(torch.empty(3, 0))
