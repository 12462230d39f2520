"""QSGD: agents pulled to their mean."""

from dataclasses import dataclass

from nets.couplings.rule import Observed


@dataclass(eq=False)
class QSGD(Observed):
    """Quorum SGD: x^i ← x^i − (the optimizer's step) + η_i k (x• − x^i).

    With ``torch.optim.SGD`` it is `sdeopt.QSGD`, with its Nesterov momentum `sdeopt.QSGDMomentum`
    (see `nets.couplings.positions`).

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in 1/(learning rate); with Nesterov momentum it acts on positions.
    period : int
        Steps from one look at the others to the next.
    memory : float, optional
        γ of an exponentially weighted mean that is reported as the quorum and felt by no agent.

    Notes
    -----
    Boffi & Slotine (2020), eq. (6), and Sec. 6.1.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import QSGD
    >>> points = {"bias": torch.tensor([[0.0], [2.0]])}
    >>> QSGD(coupling=5.0).pull(points, {"bias": torch.tensor([1.0])}, 0, torch.tensor([0.1, 0.1]))
    {'bias': tensor([[ 0.5000],
            [-0.5000]])}
    """
