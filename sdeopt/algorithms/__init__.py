"""Algorithms, one a file. To add one, subclass `Algorithm` and write its rules."""

from sdeopt.algorithms.algorithm import Algorithm, Coupled, StateVector
from sdeopt.algorithms.arbitrary_quorum import ArbitraryQuorum
from sdeopt.algorithms.communication import Communicating
from sdeopt.algorithms.continuous_momentum import ContinuousMomentum
from sdeopt.algorithms.easgd import EASGD
from sdeopt.algorithms.nesterov import EASGDMomentum, QSGDMomentum
from sdeopt.algorithms.periodic_averaging import PeriodicAveraging
from sdeopt.algorithms.qsgd import QSGD
from sdeopt.algorithms.sd_qsgd import SDQSGD
from sdeopt.algorithms.sgd import SGD
from sdeopt.algorithms.single_agent_easgd import SingleAgentEASGD, SingleAgentEASGDMomentum
from sdeopt.algorithms.state_dependent_qsgd import StateDependentQSGD

__all__ = [
    "EASGD",
    "QSGD",
    "SDQSGD",
    "SGD",
    "Algorithm",
    "ArbitraryQuorum",
    "Communicating",
    "ContinuousMomentum",
    "Coupled",
    "EASGDMomentum",
    "PeriodicAveraging",
    "QSGDMomentum",
    "SingleAgentEASGD",
    "SingleAgentEASGDMomentum",
    "StateDependentQSGD",
    "StateVector",
]
