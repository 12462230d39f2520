"""The stochastic differential of a function of the state: its drift and its variance per unit time."""

from typing import Any

import sympy

from theory.core.moments import Generated
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal

__all__ = ["DriftOf", "VarianceOf", "drift_of", "variance_of"]


class DriftOf(sympy.Function):  # type: ignore[misc]
    """The dt part of the differential of a function of the state; left unevaluated."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\mathbb{{E}}\,d\left[{printer.doprint(self.args[0])}\right]}}{{dt}}"


class VarianceOf(sympy.Function):  # type: ignore[misc]
    """The variance per unit time of the dW part of the differential; left unevaluated."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\mathrm{{Var}}\,d\left[{printer.doprint(self.args[0])}\right]}}{{dt}}"


def drift_of(proof: Proof, system: Generated, value: Any, drift: Any) -> Fact:
    """Show what the drift of a function of the state is: the generator applied to it.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    system : Diffusion or another with a generator
        The equation.
    value : sympy.Expr
        The function.
    drift : sympy.Expr
        Its drift, in any form.

    Returns
    -------
    Fact
        DriftOf(value) = drift.
    """
    worked = proof.equal(system.generator(value), drift, "Itô's formula")
    return proof.take(equal(DriftOf(value), drift), "the drift", (worked,))


def variance_of(proof: Proof, system: Generated, value: Any, variance: Any) -> Fact:
    """Show the variance per unit time of a function V of the state: L(V²) − 2 V LV.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    system : Diffusion or another with a generator
        The equation, for its generator L.
    value : sympy.Expr
        V.
    variance : sympy.Expr
        Its variance per unit time, in any form.

    Returns
    -------
    Fact
        VarianceOf(value) = variance.
    """
    noise = system.generator(value**2) - 2 * value * system.generator(value)
    worked = proof.equal(noise, variance, "Itô's formula for the square")
    return proof.take(equal(VarianceOf(value), variance), "the noise", (worked,))
