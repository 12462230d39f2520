"""Formulas as MathML, which browsers draw by themselves: no script, and no font from elsewhere."""

from typing import Any

from latex2mathml.converter import convert

NAME = "mathml"


def formula(latex: str, *, display: bool) -> str:
    """Return LaTeX as an element of MathML; several lines become the rows of a table.

    >>> formula("a^2", display=False)[:6], "block" in formula("a^2", display=True)
    ('<math ', True)
    """
    if display and r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    return str(convert(latex, display="block" if display else "inline"))


def visit_math(self: Any, node: Any) -> None:
    """Write a formula within a line."""
    from docutils.nodes import SkipNode

    self.body.append(formula(node.astext(), display=False))
    raise SkipNode


def visit_displayed(self: Any, node: Any) -> None:
    """Write a formula on a line of its own; a wide one is scrolled by itself."""
    from docutils.nodes import SkipNode

    number = f'<span class="eqno">({node["number"]})</span>' if node["number"] else ""
    self.body.append(self.starttag(node, "div", CLASS="formula", tabindex="0"))
    self.body.append(f"{number}{formula(node.astext(), display=True)}</div>")
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Offer the renderer to Sphinx."""
    app.add_html_math_renderer(NAME, (visit_math, None), (visit_displayed, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
