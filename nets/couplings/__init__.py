"""How agents are coupled, one rule a file. To add one, subclass `Coupling` and answer its questions."""

from nets.couplings.averaging import PeriodicAveraging
from nets.couplings.coupled_step import coupled_step
from nets.couplings.easgd import EASGD
from nets.couplings.none import Uncoupled
from nets.couplings.positions import change_rate, positions, rates_of
from nets.couplings.qsgd import QSGD
from nets.couplings.rule import Coupling, Pulling
from nets.couplings.sdqsgd import SDQSGD
from nets.couplings.user_defined import UserDefined

__all__ = [
    "EASGD",
    "QSGD",
    "SDQSGD",
    "Coupling",
    "PeriodicAveraging",
    "Pulling",
    "Uncoupled",
    "UserDefined",
    "change_rate",
    "coupled_step",
    "positions",
    "rates_of",
]
