"""Identity: it changes with anything that decides a result, and with nothing else."""

import collections
import copy
import enum
import functools
import os
import random
import re
import subprocess
import sys
import threading
import time
import types
from collections import namedtuple
from dataclasses import dataclass, field
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import sdeopt as so
from sdeopt.identity import UnknownIdentityError, identity, users_identity

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2)
    | st.complex_numbers(max_magnitude=3, allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=3)
)
HASHED = (
    st.integers(-3, 3) | st.text(max_size=3) | st.tuples(st.integers(0, 3), st.text(max_size=1))
)
ARRAYS = st.lists(st.floats(-2, 2), max_size=3).map(np.array)
VALUES = st.recursive(
    PLAIN | st.sets(HASHED, max_size=4) | st.frozensets(HASHED, max_size=4) | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHED, inner, max_size=3)
    ),
    max_leaves=6,
)


def by_closure(value):
    return lambda x: (x, value)


def by_default(value):
    def function(x, given=value):
        return x, given

    return function


def by_keyword(value):
    def function(x, *, given=value):
        return x, given

    return function


def by_module(value):
    module, inner = types.ModuleType("settings"), types.ModuleType("settings.inner")
    module.inner, inner.number = inner, value
    return lambda x: (x, module.inner.number)


def by_global(value):
    scope = {"number": value}
    return types.FunctionType(compile("lambda x: (x, number)", "", "eval").co_consts[0], scope)


def by_dictionary(value):
    held = {"number": [value]}
    return lambda x: (x, held["number"][0])


def by_class(value):
    class Settings:
        number = value

    return lambda x: (x, Settings.number)


def by_member(value):
    class Mode(enum.Enum):
        FAST = (1, value)

    return lambda x: (x, Mode.FAST.value)


def by_object(value):
    @dataclass
    class Settings:
        number: object = None

    held = Settings(value)
    return lambda x: (x, held.number)


def by_method(value):
    class Law:
        def __init__(self):
            self.number = value

        def draw(self, x):
            return x, self.number

    return Law().draw


def by_inner_function(value):
    def inner(x):
        return x, value

    return lambda x: inner(x)


def by_partial(value):
    return functools.partial(by_default(None), given=value)


def by_slots(value):
    class Slotted:
        __slots__ = ("number",)

    held = Slotted()
    held.number = value
    return lambda x: (x, held.number)


WAYS = (
    by_closure, by_default, by_keyword, by_module, by_global, by_dictionary, by_class, by_member,
    by_object, by_method, by_inner_function, by_partial, by_slots,
)  # fmt: skip


def same(one, other):
    """Return whether two values are equal and of the same types."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return len(one) == len(other) and all(
            same(*pair) for pair in zip(one.items(), other.items(), strict=True)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, set | frozenset):
        return one == other
    return repr(one) == repr(other)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40, deadline=None)
@given(one=VALUES, other=VALUES)
def test_it_changes_with_any_value_that_is_read(way, one, other):
    found = identity(way(one))
    assert identity(way(copy.deepcopy(one))) == found
    assume(not same(one, other))
    assert identity(way(other)) != found


def by_cache(value):
    return functools.lru_cache(by_closure(value))


def by_factory(value):
    return collections.defaultdict(by_closure(value))


def by_equality(value):
    class Kind:
        __hash__ = None

        def __eq__(self, other):
            return value

    return Kind()


def by_private_slot(value):
    class Slotted:
        __slots__ = ("__number",)

        def __init__(self):
            self.__number = value

    return Slotted()


def by_method_of_an_enum(value):
    class Mode(enum.Enum):
        FAST = 1

        @staticmethod
        def number():
            return value

    return lambda x: (x, Mode.number())


def by_view(value):
    return lambda x: (x, types.MappingProxyType({"number": value}))


def by_metaclass(value):
    class Meta(type):
        def __call__(cls):
            return value

    class Kind(metaclass=Meta):
        pass

    return Kind


def by_inheritance(value):
    class Base:
        def number(self):
            return value

    class Kind(Base):
        pass

    return Kind()


def by_property(value):
    class Kind:
        @property
        def number(self):
            return value

    return Kind()


def by_attribute(value):
    function = by_closure(None)
    function.number = value
    return function


def by_name_in_text(value):
    module = types.ModuleType("settings")
    module.number = value
    return lambda x: (x, getattr(module, "number"))  # noqa: B009


def by_hook_of_subclasses(value):
    class Base:
        def __init_subclass__(cls):
            cls.number = value

    class Kind(Base):
        pass

    return Kind


def by_attribute_of_a_member(value):
    class Mode(enum.Enum):
        FAST = 1

    Mode.FAST.number = value
    return lambda x: (x, Mode.FAST.number)


def by_changed_memory(value):
    class Lazy:
        @functools.cached_property
        def numbers(self):
            return [0.5]

    lazy = Lazy()
    lazy.numbers[0] = value
    return lambda x: (x, lazy.numbers)


def by_pattern(value):
    pattern = re.compile(repr(value))
    return lambda x: (x, pattern)


FURTHER = (
    by_attribute_of_a_member, by_changed_memory, by_pattern,
    by_cache, by_factory, by_equality, by_private_slot, by_method_of_an_enum, by_view, by_metaclass,
    by_inheritance, by_property, by_attribute, by_name_in_text, by_hook_of_subclasses,
)  # fmt: skip


@pytest.mark.parametrize("way", FURTHER)
def test_it_changes_by_rarer_ways(way):
    assert identity(way(1.0)) == identity(way(1.0))
    assert len({identity(way(value)) for value in (1.0, 2.0, 1, True, -0.0, 0.0, "1")}) == 7


def test_it_changes_with_what_is_mutated():
    numbers = {"k": [1.0], "set": {1, 2}, "array": np.zeros(3)}
    seen = [identity(lambda x: numbers)]
    for change in (
        lambda: numbers["k"].append(2.0),
        lambda: numbers["set"].add(3),
        lambda: numbers["array"].__setitem__(1, 1.0),
        lambda: numbers.update(more=1j),
    ):
        change()
        seen.append(identity(lambda x: numbers))
    assert len(set(seen)) == 5


def test_code_counts_and_its_dress_does_not():
    def dressed(x):
        """Return twice the argument."""
        twice = 2.0 * x  # a remark
        return twice + 0.0

    def otherwise(x):
        """Return the double."""
        double = 2.0 * x
        return double + 0.0

    assert identity(dressed) == identity(otherwise)
    assert identity(lambda x: 2.0 * x) != identity(lambda x: 3.0 * x)
    assert identity(lambda x: x + 2.0) != identity(lambda x: x - 2.0)
    assert identity(numba.njit(dressed)) != identity(numba.njit(fastmath=True)(dressed))


def law(factor, base=so.schedules.Schedule, method="__call__", **more):
    """Return an object of a class of the user's."""

    def called(self, times):
        return factor * self.a * np.ones_like(times)

    namespace = {method: called, "__annotations__": {"a": float}, "a": 0.1} | more
    if method != "__call__":
        namespace["__call__"] = lambda self, times: getattr(self, method)(times)
    return dataclass(frozen=True)(type("Mine", (base,), namespace))()


def test_the_class_of_an_object_counts():
    ours = law(1.0)
    assert identity(ours) == identity(law(1.0))
    assert identity(ours) != identity(law(2.0))
    assert identity(ours) != identity(law(1.0, number=3))
    assert identity(law(1.0, method="inner")) != identity(law(2.0, method="inner"))
    assert identity(so.QSGD(ours)) != identity(so.QSGD(law(2.0)))
    assert identity(so.noise.Uniform(1.0, level=ours)) != identity(
        so.noise.Uniform(1.0, level=law(2.0))
    )


def test_only_the_users_code_has_an_identity_beside_the_configuration():
    assert users_identity(so.QSGD(1.0)) is None
    assert users_identity(so.losses.RuggedWell()) is None
    assert users_identity(so.QSGD(law(1.0))) is not None


def test_our_own_code_is_a_number():
    assert identity(so.QSGD, {"sdeopt": 1}) == identity(so.QSGD, {"sdeopt": 1})
    assert identity(so.QSGD, {"sdeopt": 1}) != identity(so.QSGD, {"sdeopt": 2})
    assert identity(so.QSGD) != identity(so.EASGD)
    assert identity(so.math.sin) != identity(so.math.cos)


def test_what_is_only_remembered_does_not_count():
    class Lazy:
        @functools.cached_property
        def costly(self):
            return 3

        @functools.cached_property
        def impossible(self):
            raise AttributeError

    lazy, used = Lazy(), Lazy()
    assert used.costly == 3
    assert identity(lazy) == identity(used)
    assert identity(lazy) == identity(lazy)


Pair = namedtuple("Pair", "a b")


@dataclass
class Node:
    """An object that can lead back to itself."""

    others: list = field(default_factory=list)


def test_circles_end():
    node = Node()
    node.others.append(node)
    assert identity(node) == identity(copy.deepcopy(node))
    assert identity(node) != identity(Node([Node()]))
    assert identity(Pair(1, 2)) != identity(Pair(2, 1))


ITERATOR, SOURCE, LOCK = iter([1.0]), np.random.default_rng(0), threading.Lock()
UNKNOWN = {
    "an iterator": (lambda x: next(ITERATOR), "reads a list_iterator, which is used up"),
    "a source of random numbers": (lambda x: SOURCE.normal(), "draws from a Generator"),
    "the library's source": (lambda x: random.random(), "draws from a Random"),
    "numpy's source": (lambda x: np.random.normal(), "draws from a RandomState"),  # noqa: NPY002
    "a clock": (lambda x: time.time(), "calls time.time"),
    "a file": (lambda x: open("x"), "calls io.open"),  # noqa: SIM115
    "code in text": (lambda x: eval("x"), "calls builtins.eval"),
    "a lock": (lambda x: LOCK, "reads a lock, whose state cannot be known"),
    "hidden code": (np.frompyfunc(lambda x: x, 1, 1), "a function that numpy hides"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_cannot_be_known_is_said(case):
    value, phrase = UNKNOWN[case]
    with pytest.raises(UnknownIdentityError, match=phrase):
        identity(value)


def world():
    """Return the identities of many values, for comparison with another process."""
    settings_module = types.ModuleType("settings")
    settings_module.names = {"b", "a", "c"}

    torch = pytest.importorskip("torch")

    class Mode(enum.Flag):
        A = 1
        B = 2

    values = [
        lambda x: settings_module.names,
        Mode.A | Mode.B,
        frozenset({"x", "y", ("z", 1)}),
        law(1.0),
        so.losses.Quadratic(2.0),
        so.ArbitraryQuorum(1.0, lambda quorum, mean, t: 2.0 * (mean - quorum)),
        np.vectorize(lambda x: x + 1),
        [torch.arange(3.0), torch.nn.Linear(1, 1).requires_grad_(False).weight.fill_(2.0)],
        [np.sin, Path("a"), 1 + 2j, np.float32(3), range(3), slice(1), {"a": {1.5, "b"}}],
    ]
    return [identity(value) for value in values]


@pytest.mark.parametrize("seed", ["0", "17"])
def test_another_process_finds_the_same(seed):
    code = "from tests.test_identity import world; print(*world())"
    environment = os.environ | {"PYTHONHASHSEED": seed}
    root = Path(__file__).parent.parent
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root, env=environment, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert found.split() == world()
