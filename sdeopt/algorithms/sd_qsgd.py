"""SD-QSGD: at the start of an epoch the best agent dominates the quorum, then all relax to QSGD."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sdeopt.algorithms.algorithm import Coupled
from sdeopt.algorithms.easgd import QUORUM
from sdeopt.arguments import finite_number, whole_number
from sdeopt.kernels.bindings import Scheduled
from sdeopt.kernels.compilation import compiled
from sdeopt.math import exp
from sdeopt.schedules import Constant, Schedule


@compiled
def weights(
    x: NDArray[np.float64],
    time: float,
    since_epoch: int,
    champion: NDArray[np.float64],
    coupling: float,
    scheduled: Scheduled,
    out: NDArray[np.float64],
) -> None:
    """Set k_j: A p k e^(−t/τ) more for the champion, k (1 − e^(−t/τ)) for all, k in the last step."""
    spike, relaxation, epoch = scheduled[0], scheduled[1], scheduled[2]
    left = exp(-since_epoch / relaxation) if since_epoch + 1 < epoch else 0.0
    for lane in range(out.shape[0]):
        out[lane] = coupling * (1.0 - left + spike * left * champion[lane])


@dataclass(frozen=True)
class SDQSGD(Coupled):
    """State-dependent QSGD: a spiking winner-take-all coupling.

    At the start of each epoch the agent with the least loss has gain k_{i*} = A p k and the others
    0. All relax as e^(−t/τ) to k and are exactly k in the last step of the epoch. Agents are pulled
    towards the weighted mean Σk_j x^j / Σk_j with the mean gain (1/p)Σk_j = k(1 + (A − 1)e^(−t/τ)).

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.
    epoch_steps : int
        Steps in an epoch.
    magnification : float
        A. RECONSTRUCTED default: the paper's number is not in our text of it.
    relaxation : float
        τ, in steps. RECONSTRUCTED default: a twentieth of an epoch where none is given.

    Notes
    -----
    Boffi & Slotine (2020), eqs. (60)-(61). The paper takes the validation loss; a model loss has
    only itself.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.DoubleWell(), so.SDQSGD(coupling=2.0, epoch_steps=50),
    ...                   noise=so.noise.Gaussian(1.0), agents=8, steps=200, step_size=0.05,
    ...                   start=so.start.Uniform(-2, 2))
    >>> run.quorum.shape
    (1, 1)
    """

    epoch_steps: int = 100
    magnification: float = 5.0
    relaxation: float | None = None

    on = frozenset({"CHAMPION"})
    replica_vectors: ClassVar = {"quorum": QUORUM}
    signal = "quorum"
    rules: ClassVar = {
        "drift": ("sdeopt.algorithms.qsgd", "drift"),
        "weights": (__name__, "weights"),
    }
    clocks = ("Iteration",)

    def __post_init__(self) -> None:
        super().__post_init__()
        steps = whole_number(self.epoch_steps, "epoch_steps of SDQSGD", minimum=1)
        factor = finite_number(self.magnification, "magnification of SDQSGD", 0)
        time = steps / 20.0 if self.relaxation is None else self.relaxation
        time = finite_number(time, "relaxation of SDQSGD", 0, open_end=True)
        object.__setattr__(self, "epoch_steps", steps)
        object.__setattr__(self, "magnification", factor)
        object.__setattr__(self, "relaxation", time)

    @property
    def epoch(self) -> int:
        """Steps between two choices of a champion."""
        return self.epoch_steps

    def schedules(self, agents: int) -> dict[str, Schedule]:
        """Return k, A p, τ and the steps of an epoch."""
        numbers = {
            "spike": self.magnification * agents,
            "relaxation": self.relaxation,
            "epoch": self.epoch_steps,
        }
        return super().schedules(agents) | {
            name: Constant(float(number or 0.0)) for name, number in numbers.items()
        }
