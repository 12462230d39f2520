"""Losses: one file each, all with the same interface (`Loss`)."""

from sdeopt.losses.coupled_wells import CoupledWells
from sdeopt.losses.double_well import DoubleWell
from sdeopt.losses.functions_loss import from_functions
from sdeopt.losses.least_squares import LeastSquares
from sdeopt.losses.log_cosh import QuadraticLogCosh
from sdeopt.losses.logistic import LogisticRegression
from sdeopt.losses.loss import Loss, LossConstants, gradient_check
from sdeopt.losses.quadratic import Quadratic
from sdeopt.losses.rosenbrock import Rosenbrock
from sdeopt.losses.rugged_well import RuggedWell
from sdeopt.losses.sympy_loss import from_sympy

__all__ = [
    "CoupledWells",
    "DoubleWell",
    "LeastSquares",
    "LogisticRegression",
    "Loss",
    "LossConstants",
    "Quadratic",
    "QuadraticLogCosh",
    "Rosenbrock",
    "RuggedWell",
    "from_functions",
    "from_sympy",
    "gradient_check",
]
