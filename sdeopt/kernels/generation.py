"""Drivers, and the functions they call by address, written as modules that numba can cache.

numba caches a function only if everything it calls is found by name in a file. So the text of the loop
over steps becomes a module, one for all runs; and each function that a driver calls by address becomes
one of its own, with a header that imports this loss's gradient, this law's variates or this algorithm's
rules. Modules are named by a hash of all that decides their machine code (`sdeopt.kernels.modules`).
"""

import ast
import functools
import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from numba.core.dispatcher import Dispatcher
from numba.core.errors import NumbaError

from sdeopt.kernels import bindings, driver, observation, reception_step, rule_calls, rules, strong
from sdeopt.kernels.addresses import KINDS, PACK, address_of, is_compiled, numbers_of
from sdeopt.kernels.chosen import Bindings, function_at
from sdeopt.kernels.foreign import foreign_code
from sdeopt.kernels.modules import IN_MEMORY_PREFIX, PREFIX, is_kept, load_source, memory_module
from sdeopt.kernels.plan import Passes
from sdeopt.kernels.rule_calls import call_of
from sdeopt.kernels.rule_reading import takes_vectors, uncompilable

SWITCHES = tuple(name for name, bound in vars(bindings).items() if isinstance(bound, bool))

LOOP = """@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, _nrt=False,
    forceinline=False,
)
def """
CALLED = """@numba.njit(
    error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True,
    _nrt=True, forceinline=False,
)
def """
"""The decorators of `sdeopt.kernels.compilation`, with the cache on disk."""

RULES = {
    "update": "update",
    "rates": "rates",
    "look_ahead": "look_ahead_rows",
    "weigh": "weigh",
    "relax": "relax",
}
"""The functions of `sdeopt.kernels.rules` by their kinds."""

WHOLE = {"observation": (observation, "observe"), "reception": (reception_step, "receive")}
"""Functions that bind nothing, by their kinds: their module is copied as it is."""

ONE_BY_ONE = "update_one_by_one"
"""The function for a rule that does not take vectors."""

RELAX_WHOLE = "relax_whole"
"""The function for a rule that mixes the coordinates of a replica's vectors."""

ENTRIES = {
    "value": ("x out", "value(x, {loss}, out)"),
    "gradient": ("x out", "gradient(x, {loss}, out)"),
    "minibatch_gradient": (
        "place t x out",
        "work = work_at(place)\n    draw_examples(work, t)\n"
        "    minibatch_gradient(x, work.buffers.drawn, {loss}, out)",
    ),
    "variates": (
        "drawn first end shape",
        "for row in range(first, end, 2):\n        variates(drawn, row, shape)",
    ),
    "region": ("x out", "region(x, out)"),
    "diffusion_diagonal": ("x column matrix noise", "diffusion_diagonal(x, {law}, noise)"),
    "diffusion_matrix": (
        "x column matrix noise",
        "diffusion_matrix(x, {law}, column, matrix, noise)",
    ),
}
"""The parameters besides the pack, and the body of a function around one of a loss or a law."""

ENTRY = """\
import numba
from sdeopt.kernels.addresses import array_in, row_at, rows_at
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.variates import draw_examples
from {module} import {function} as {name}


{decorator}entry({parameters}):
{views}    {body}
"""


def load_driver(chosen: Bindings) -> tuple[Callable[..., None], bool]:
    """Return the entry point of the driver of a run, and whether it is compiled already."""
    loop = strong if chosen.strong else driver
    text = "import numba\n" + _source(loop).replace(
        "@compiled_separately\ndef advance", LOOP + "advance"
    )
    module = load_source(text)
    return module.advance, bool(module.advance.signatures) or is_kept(module)


class Loaded:
    """The functions of one run that its driver calls by address."""

    def __init__(self, chosen: Bindings) -> None:
        self._chosen = chosen
        self._functions = {kind: _load(chosen, kind) for kind in _needed(chosen)}
        self._regions = [_load_entry("region", place, {}) for place in chosen.regions]

    @property
    def ready(self) -> bool:
        """Whether all are compiled already, in this process or on disk."""
        loaded = [(_kind(name), *each) for name, each in self._functions.items()]
        loaded += [(_kind("region"), *each) for each in self._regions]
        return all(
            is_compiled(function, kind) or is_kept(module) for kind, module, function in loaded
        )

    def passes(self) -> Passes:
        """Return the addresses, compiling what is not compiled."""
        found = dict.fromkeys(Passes._fields, 0)
        for name, (_, function) in self._functions.items():
            try:
                found[_kind(name)] = address_of(function, _kind(name))
            except NumbaError as problem:
                raise self._explained(name, problem) from problem
        return Passes(**found)

    def region_addresses(self) -> list[int]:
        """Return those of the user's functions that say what lies in a set."""
        return [address_of(function, _kind("region")) for _, function in self._regions]

    def _explained(self, name: str, problem: NumbaError) -> Exception:
        """Return the error for a function that cannot be compiled."""
        if name not in RULES:
            return problem
        rule = self._chosen.rule(name)
        returned = rule_calls.returned_by(rule, self._chosen.declared)
        return uncompilable(rule, function_at(self._chosen.place(rule)), problem, returned)


def _kind(name: str) -> str:
    """Return what kind of function the one of a name is."""
    if name == "region":  # it writes one number a lane
        return "value"
    return name if name in KINDS else "diffusion"


def _needed(chosen: Bindings) -> Iterable[str]:
    """Yield the functions that a run calls."""
    on, observed = chosen.switches, chosen.observed
    minibatch = "MINIBATCH" in on
    if "CHAMPION" in on or observed & {"loss", "loss_of_mean", "loss_of_quorum"}:
        yield "value"
    if not minibatch or "distortion" in observed:
        yield "gradient"
    if minibatch:
        yield "minibatch_gradient"
    if chosen.strong or ("NOISY" in on and "GIVEN" not in on):
        yield "variates"
    if "DIAGONAL" in on:
        yield "diffusion_diagonal"
    if "MATRIX" in on:
        yield "diffusion_matrix"
    if "OBSERVES" in on:
        yield "observation"
    if "RECEIVES" in on:
        yield "reception"
    yield "rates" if chosen.strong else "update"
    if "LOOKS_AHEAD" in on:
        yield "look_ahead"
    if "WEIGHTED" in on:
        yield "weigh"
    if "FILTER" in on:
        yield "relax"


def _load(chosen: Bindings, name: str) -> tuple[ModuleType, Dispatcher]:
    """Return the module of one function, and the function."""
    if name in WHOLE:
        home, function = WHOLE[name]
        text = "import numba\n" + _source(home).replace("@called_by_address\ndef ", CALLED)
        module = load_source(text)
        return module, getattr(module, function)
    if name in RULES:
        return _load_rule(chosen, name)
    return _load_entry(name, chosen.functions[name], chosen.dimensions)


def _load_entry(
    name: str, place: tuple[str, str], dimensions: Mapping[str, tuple[int, ...]]
) -> tuple[ModuleType, Dispatcher]:
    """Return the module around a function of a loss, a law or a set."""
    parameters, views, body = _entry(name, dimensions)
    text = ENTRY.format(
        module=place[0], function=place[1], name=name, decorator=CALLED, parameters=parameters,
        views=views, body=body,
    )  # fmt: skip
    module = _load_text(text, [place])
    return module, module.entry


def _entry(name: str, dimensions: Mapping[str, tuple[int, ...]]) -> tuple[str, str, str]:
    """Return the parameters of a function that takes numbers, its lines that make arrays, its body."""
    names, body = ENTRIES[name]
    left, parameters, views = iter(names.split()), [], ""
    for kind in KINDS[_kind(name)]:
        if kind == PACK:
            parameters += ["values", "places"]
            continue
        given = next(left)
        lengths = [f"{given}_{axis}" for axis in range(numbers_of(kind) - 1)]
        parameters += [given, *lengths]
        if lengths:
            view = "row_at" if len(lengths) == 1 else "rows_at"
            parameters[-1 - len(lengths)] = f"{given}_at"
            views += f"    {given} = {view}({given}_at, {', '.join(lengths)})\n"
    arrays = {
        whose: "("
        + "".join(f"array_in(values, places, {n}, {d}), " for n, d in enumerate(of))
        + ")"
        for whose, of in dimensions.items()
    }
    return ", ".join(parameters), views, body.format(**arrays)


def _load_rule(chosen: Bindings, name: str) -> tuple[ModuleType, Dispatcher]:
    """Return the module of what the rules of an algorithm do in a step."""
    rule, function = chosen.rule(name), RULES[name]
    place, declared = chosen.place(rule), chosen.declared
    if name == "update" and not takes_vectors(function_at(place)):
        function = ONE_BY_ONE
    if rule == rule_calls.WHOLE:
        function = RELAX_WHOLE
    source = getattr(rules, function).py_func
    used = source.__code__.co_names
    lines = [
        "import numba",
        "from sdeopt.kernels.compilation import compiled, compiled_into_loops",
        "from sdeopt.kernels.intrinsics import fma",
        f"from {place[0]} import {place[1]} as {rule}",
    ]
    if not isinstance(function_at(place), Dispatcher):
        lines.append(f"{rule} = compiled({rule})")
    lines += [f"{each} = {each in chosen.switches}" for each in SWITCHES if each in used]
    counts = {
        "AGENT_VECTORS": len(declared.of_agents),
        "REPLICA_VECTORS": len(declared.replicas),
        "SHOWN": len(chosen.shown),
    }
    lines += [f"{each} = {count}" for each, count in counts.items() if each in used]
    if rule in rule_calls.NUMBERS:
        lines.append(call_of(name, rule, chosen.taken(rule), declared, chosen.switches))
    text = _source(source).replace("@called_by_address\ndef ", CALLED)
    module = _load_text("\n".join(lines) + "\n" + _imports(rules) + "\n\n" + text, [place])
    return module, getattr(module, function)


def _load_text(text: str, places: Iterable[tuple[str, str]]) -> ModuleType:
    """Return the module of a text that imports functions, in memory where one of them is."""
    chosen = list(places)
    comments, known = foreign_code(chosen)
    text = comments + text
    modules = {module for module, _ in chosen}
    if not known or any(module.startswith(IN_MEMORY_PREFIX) for module in modules):
        # another process could not import a module that exists in this one only
        name = IN_MEMORY_PREFIX + hashlib.sha256(text.encode()).hexdigest()[:24]
        return memory_module(name, text.replace("cache=True", "cache=False"))
    return load_source(text, tuple(name for name in modules if name.startswith(PREFIX)))


@functools.cache
def _source(of: Any) -> str:
    """Return the source of a module or a function."""
    return inspect.getsource(of)


@functools.cache
def _imports(module: ModuleType) -> str:
    """Return the statements of a module before its functions, without those that a header replaces."""
    text = _source(module)
    kept = [
        ast.unparse(statement)
        for statement in ast.parse(text).body
        if not isinstance(statement, ast.FunctionDef)
        and not (isinstance(statement, ast.ImportFrom) and statement.module == bindings.__name__)
    ]
    return "\n".join(kept)
