"""How objects show themselves: in a notebook, and with a short signature in ``help``."""

import html
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

HOME = re.compile(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])")
"""Modules in front of a name."""

LONG = 60
"""Characters of a written type beyond which it is left to the text below the signature."""


class _Text:
    """What stands for a type in a signature."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


def _short(annotation: Any) -> Any:
    if annotation is inspect.Parameter.empty:
        return annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    words = HOME.sub("", text.strip("'\""))
    return inspect.Parameter.empty if len(words) > LONG else _Text(words)


def _plain(default: Any) -> Any:
    """Return a default as it is; a class by its name, without its module."""
    own = isinstance(default, type) and default is not inspect.Parameter.empty
    return _Text(default.__name__) if own else default


def short_signature(function: Decorated) -> Decorated:
    """Let ``help`` show types without the modules that they come from, and no very long ones.

    Annotations stay as they are.
    """
    signature = inspect.signature(function)
    parameters = [
        each.replace(annotation=_short(each.annotation), default=_plain(each.default))
        for each in signature.parameters.values()
    ]
    function.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=parameters, return_annotation=_short(signature.return_annotation)
    )
    return function


def in_one_line(thing: object, *names: str, **others: object) -> str:
    """Return a representation: the kind of an object, those attributes of it, and what else tells it."""
    parts = {name: getattr(thing, name) for name in names} | others
    inner = ", ".join(f"{name}={part!r}" for name, part in parts.items())
    return f"{type(thing).__name__}({inner})"


def html_of(
    title: str, words: str = "", latex: str | None = None, rows: Mapping[str, Any] | None = None
) -> str:
    """Return a small piece of HTML: a title, a sentence, a formula, and a table of settings."""
    parts = [f"<strong>{html.escape(title)}</strong>"]
    if words:
        parts.append(f"<div>{html.escape(words)}</div>")
    if latex:
        parts.append(f"<div>$\\displaystyle {html.escape(latex, quote=False)}$</div>")
    if rows:
        cells = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(_in_words(value))}</td></tr>"
            for name, value in rows.items()
        )
        parts.append(f"<table>{cells}</table>")
    return f"<div>{''.join(parts)}</div>"


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = [f"{key}={_in_words(entry)}" for key, entry in value.items() if key != "name"]
        name = str(value.get("name", ""))
        # a number that does not change in time is that number
        return inner[0].partition("=")[2] if name == "Constant" else f"{name}({', '.join(inner)})"
    return f"{value:g}" if isinstance(value, float) else str(value)


class Shown:
    """What describes itself by `configuration` is shown with the first words of its docstring."""

    def _repr_html_(self) -> str:
        settings = dict(self.configuration())  # type: ignore[attr-defined]
        title = str(settings.pop("name", type(self).__name__))
        words = inspect.cleandoc(type(self).__doc__ or "").partition("\n\n")[0]
        formula = getattr(self, "_repr_latex_", lambda: None)()
        latex = formula.strip("$").removeprefix(r"\displaystyle ") if formula else None
        return html_of(title, " ".join(words.split()), latex, settings)
