"""A page for every result of the theory, made from its module and its derivation."""

import importlib
import inspect
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sympy

import theory
from docs.extension.markdown import ORPHAN, displayed, escaped, folded, items, table
from docs.extension.symbol_table import symbol_table
from sdeopt.experiments.statements import statements
from theory.proofs.dynamics import GRADIENT, MINIMIZER, PLACES, Motion, declared

if TYPE_CHECKING:
    from theory.proofs.result import Result

INDICES = sympy.symbols("i a c d e f", integer=True)
"""What stands for the places at which a motion is written."""

KINDS = {"checked": "checked by sympy", "assumed": "assumed", "cited": "cited fact of analysis"}


def page(result: "Result", proof: Mapping[str, Any]) -> str:
    """Return the page of a result in Markdown."""
    module = importlib.import_module(f"theory.results.{result.name}")
    parts = [
        ORPHAN,
        f"# {escaped(result.number)}: {escaped(result.title)}",
        escaped(result.source) + ".",
        f"**{proof['status']}**: {proof['checked']} steps checked by sympy"
        + (
            f", {len(proof['cites'])} facts of analysis cited."
            if proof["cites"]
            else ", none cited."
        ),
        _introduction(module),
        "## Setting",
        _setting(result),
        "## Symbols",
        symbol_table(result, module),
        "## What is stated",
        *(
            f"{escaped(_sentence(statement.words))}\n\n{displayed(statement.relation.latex())}"
            for statement in result.statements.values()
        ),
        "## What is assumed",
        items(_assumption(each) for each in result.assumptions) or "Nothing.",
        _instance(proof["instance"]),
        _in_words(proof["in_words"]),
        _cited(proof["cites"]),
        "## The proof",
        _proof(proof["steps"]),
        _use(result, proof),
        _planted(result),
        f"## Remarks\n\n{escaped(result.remarks)}" if result.remarks else "",
        _simulations(result.name),
        f"The source is `theory/results/{result.name}.py`; `sdeopt verify {result.name}` derives it "
        "again, and tries the errors.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + ":"


def _introduction(module: ModuleType) -> str:
    """Return the docstring of the module: its paragraphs, and formulas as they are written there."""
    paragraphs = inspect.cleandoc(module.__doc__ or "").split("\n\n")[1:]
    return "\n\n".join(
        f"```text\n{inspect.cleandoc(part)}\n```" if part.startswith("    ") else escaped(part)
        for part in paragraphs
    )


def _setting(result: "Result") -> str:
    """Return the equations and definitions that the statements speak of."""
    laws: dict[Any, Motion] = {}
    for name in result.statements:
        laws |= declared(result.stated_system(name))
    if not laws:
        return "A relation between numbers and matrices; it speaks of no system of its own."
    return "\n\n".join(_law(array, motion) for array, motion in laws.items())


def _law(array: Any, motion: Motion) -> str:
    values = [part.xreplace(dict(zip(PLACES, INDICES, strict=True))) for part in motion.parts]
    used = {place for part in motion.parts for place in part.free_symbols}
    ranks = max((rank for rank, place in enumerate(PLACES, 1) if place in used), default=1)
    name = sympy.latex(array)
    if motion.kind == "definition":
        entry = f"{{{name}}}_{{{','.join(map(str, INDICES[:ranks]))}}}"
        return displayed(f"{entry} = {sympy.latex(values[0])}")
    if motion.kind == "recursion":
        following = ",".join(["t + 1", *map(str, INDICES[1:ranks])])
        value = values[0].xreplace({INDICES[0]: sympy.Symbol("t", integer=True)})
        return displayed(f"{{{name}}}_{{{following}}} = {sympy.latex(value)}")
    if motion.kind == MINIMIZER:
        return f"The gradient of the loss is 0 at ${sympy.latex(values[0])}$."
    if motion.kind == GRADIENT:
        entry = f"{{{name}}}_{{{','.join(map(str, INDICES[:ranks]))}}}"
        return f"${entry}$ is the gradient of the loss at ${sympy.latex(values[0])}$."
    drift, spread, count = values
    entry = f"{{{name}}}_{{{'i' if count != 1 else '1'},a}}"
    noise = "" if spread == 0 else r" + \text{noise}"
    if motion.kind == "iteration":
        law = rf"{entry} \leftarrow {sympy.latex(drift)}{noise}"
        words = "noise of the variance"
    else:
        law = rf"d{entry} = \left({sympy.latex(drift)}\right) dt" + noise
        words = "noise, for the coordinates a and c, of the covariance per unit of time"
    several = f", \\quad i = 1, \\dots, {sympy.latex(count)}" if count != 1 else ""
    common = " It is the same for all agents." if "common" in motion.kind else ""
    tail = "" if spread == 0 else f"\n\nwith {words} ${sympy.latex(spread)}$.{common}"
    return displayed(law + several) + tail


def _assumption(assumption: Any) -> str:
    text = f"**{escaped(assumption.name)}**: {escaped(assumption.words)}"
    if assumption.through:
        text += f" (by the {escaped(', '.join(fact.name for fact in assumption.through))})"
    if assumption.relation is not None:
        text += f"\n\n{displayed(assumption.relation.latex())}"
    return text


def _instance(instance: Mapping[str, float]) -> str:
    if not instance:
        return ""
    numbers = ", ".join(f"{name} = {value:.4g}" for name, value in instance.items())
    return folded("All of this can hold at once: an example", escaped(numbers))


def _in_words(names: Sequence[str]) -> str:
    if not names:
        return ""
    listed = ", ".join(map(escaped, names))
    return f"That what is assumed in words can hold with the rest is not checked: {listed}."


def _cited(cites: Sequence[Mapping[str, str]]) -> str:
    if not cites:
        return ""
    lines = (
        f"**{escaped(fact['name'])}**: {escaped(fact['words'])} ({escaped(fact['source'])})"
        for fact in cites
    )
    return "## What is cited, without proof\n\n" + items(lines)


def _proof(steps: Sequence[Mapping[str, Any]]) -> str:
    lines = "\n\n".join(
        f"{number}. *{KINDS[step['kind']]}*: {escaped(step['words'])}\n\n"
        + "\n".join(f"   {line}" for line in displayed(step["latex"]).splitlines())
        for number, step in enumerate(steps, start=1)
    )
    return folded(f"All {len(steps)} steps", lines)


def _use(result: "Result", proof: Mapping[str, Any]) -> str:
    if not result.parameters:
        return ""
    keywords = ", ".join(f"{name}=..." for name in result.parameters)
    return (
        "## As a function\n\n"
        f'```text\ntheory.load("{result.name}").bound({keywords})\n```\n\n'
        "It is the very expression that was proved. Arrays broadcast; a value outside the assumptions "
        "is refused."
    )


def _planted(result: "Result") -> str:
    lines = items(escaped(error.words) for error in result.planted)
    body = f"The proof fails with each of these, which a test holds:\n\n{lines}"
    return folded(f"The {len(result.planted)} errors planted in it", body)


def _simulations(name: str) -> str:
    """Return what the papers say of it that claims of experiments check, too."""
    rows = [
        [escaped(each.where), escaped(each.words), _links(each.claims)]
        for each in statements()
        if name in each.proofs and each.claims
    ]
    if not rows:
        return ""
    return "## Beside simulations\n\n" + table(["where", "what is said", "checked by"], rows)


def _links(experiments: Iterable[str]) -> str:
    return ", ".join(f"[{name}](../gallery/{name}.md)" for name in experiments)


def overview(proofs: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the list of all results, by source."""
    results = [theory.load(name) for name in proofs]
    sources = dict.fromkeys(result.source for result in results)
    parts = ["# All results", "`sdeopt verify` derives them all, and prints this table."]
    for source in sources:
        rows = [
            [
                f"[{escaped(result.number)}]({result.name}.md)",
                escaped(result.title),
                proofs[result.name]["status"],
                str(proofs[result.name]["checked"]),
            ]
            for result in results
            if result.source == source
        ]
        parts += [f"## {escaped(source)}", table(["result", "subject", "status", "steps"], rows)]
    return "\n\n".join(parts) + "\n"
