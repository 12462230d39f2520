"""Each change of a constant touches that constant, in every figure that has it."""

import dataclasses

import pytest

from sims.coupled import fig4, fig5, fig6
from sims.rugged import fig1, fig2, fig3
from sims.sensitivity import coupled_figures as sensitivity_coupled
from sims.sensitivity import rugged_figures as sensitivity
from sims.sensitivity.study import CONSTANTS, COUPLED_CONSTANTS

LOSS = ("quartic", "quadratic", "tilt", "amplitudes", "frequencies")
COUPLINGS = ("coupling", "middle", "strong", "plain_coupling", "smallest_strict")
FIELDS = {
    "c": LOSS[:4],
    "q": ("quadratic",),
    "a": ("tilt",),
    "A1": ("amplitudes",),
    "A2": ("amplitudes",),
    "w1": ("frequencies",),
    "w2": ("frequencies",),
    "W": ("half_width",),
    "eta": ("step_size", "plain_step_size"),
    "k": COUPLINGS,
    "p": ("agents",),
    "steps": ("steps", "halve_every"),
    "start": ("start_half_width",),
    "delta": ("momentum",),
    "n": ("dim",),
}
"""What each change may touch."""

FIGURES = [
    *((CONSTANTS, figure.QUICK) for figure in (fig1, fig2, fig3)),
    *((COUPLED_CONSTANTS, figure.QUICK) for figure in (fig4, fig5, fig6)),
]


@pytest.mark.parametrize("constant", FIELDS)
@pytest.mark.parametrize(("constants", "figure"), FIGURES)
def test_a_change_touches_one_constant(constants, figure, constant):
    if constant not in constants:
        return
    other = constants[constant].change(figure, 1.2)
    assert type(other) is type(figure)
    different = {
        field.name
        for field in dataclasses.fields(figure)
        if getattr(figure, field.name) != getattr(other, field.name)
    }
    assert different == {name for name in FIELDS[constant] if hasattr(figure, name)}


def test_every_constant_is_known_here_and_studied():
    assert list(CONSTANTS) == list(sensitivity.PAPER.constants)
    assert list(COUPLED_CONSTANTS) == list(sensitivity_coupled.PAPER.constants)
    assert CONSTANTS.keys() | COUPLED_CONSTANTS.keys() == FIELDS.keys()


def test_factors_on_the_coupled_loss():
    def changed(figure, constant, factor):
        return COUPLED_CONSTANTS[constant].change(figure, factor)

    fewer = changed(fig4.QUICK, "k", 0.8)
    assert fewer.coupling[:4] == (0.0, 0.2, 0.4, 0.8)
    assert fewer.smallest_strict == 0.4
    assert changed(fig5.QUICK, "k", 2.0).roles() == {
        0.0: "none", 1.0: "small", 4.0: "middle", 8.0: "middle", 10.0: "strong", 40.0: "large",
    }  # fmt: skip
    assert changed(fig6.QUICK, "n", 0.8).dim == 24
    assert changed(fig6.QUICK, "start", 2.0).start_half_width == 6.0
