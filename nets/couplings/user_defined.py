"""A coupling of the user's own: a force on the agents, and dynamics of the quorum variable."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from nets.couplings.rule import Filtered, towards
from nets.weights import Weights, as_rows
from sdeopt.errors import InvalidArgumentError

Force = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]
Dynamics = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]


@dataclass(eq=False)
class UserDefined(Filtered):
    """x^i ← x^i − (the optimizer's step) + η_i k F(x^i, x~, t), then x~ ← x~ + η g(x~, x•, t).

    Both functions receive all weights of a network as one vector of length n, and t, the number of the
    step. x~ starts at the first mean; η is the agents' mean learning rate. At least one is given:
    with neither the rule would be QSGD.

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in 1/(learning rate).
    period : int
        Steps from one coupled step to the next.
    force : callable, optional
        ``force(points, quorum, t)`` with points of shape (agents, n) and quorum of shape (n,)
        returns shape (agents, n); by default quorum − points.
    dynamics : callable, optional
        ``dynamics(quorum, mean, t)`` with both of shape (n,) returns shape (n,); by default the
        quorum is the mean. EASGD is kp(mean − quorum). With ``torch.optim.SGD`` and the default
        force this is `sdeopt.ArbitraryQuorum`, which takes the same function.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 6.2 and App. A: agents synchronize for any such dynamics, with the
    default force.

    Examples
    --------
    >>> import torch
    >>> from nets.couplings import UserDefined
    >>> def no_faster_than_one(points, quorum, t):
    ...     difference = quorum - points
    ...     return difference / difference.norm(dim=1, keepdim=True).clamp(min=1.0)
    >>> rule = UserDefined(1.0, force=no_faster_than_one)
    >>> points = {"bias": torch.tensor([[0.0], [8.0]])}
    >>> rule.pull(points, {"bias": torch.tensor([4.0])}, 0, torch.tensor([0.1, 0.1]))
    {'bias': tensor([[ 0.1000],
            [-0.1000]])}
    """

    force: Force | None = None
    dynamics: Dynamics | None = None

    name = "user-defined"
    by_parameter = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.force is None and self.dynamics is None:
            raise InvalidArgumentError(
                "UserDefined has neither a force nor dynamics; give at least one function."
            )

    @property
    def needs_start(self) -> bool:
        """Whether x~ has dynamics, and no value yet."""
        return self.dynamics is not None and super().needs_start

    def moves(self, points: Weights, mean: Weights, step: int, rates: torch.Tensor) -> Weights:
        """Return η_i k F(x^i, x~, t)."""
        fractions, quorum = rates * self.coupling_at(step), self.centre(mean)
        if self.force is None:
            return towards(quorum, points, fractions)
        agents = torch.cat([as_rows(point) for point in points.values()], dim=1)
        force = self.force(agents, _as_vector(quorum), step)
        _check_shape(force, agents, "force")
        return _as_weights(force * fractions.to(agents)[:, None], points)

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Move x~ by ηg(x~, x•, t)."""
        if self.dynamics is None:
            return
        quorum = _as_vector(self.centre(mean))
        velocity = self.dynamics(quorum, _as_vector(mean), step)
        _check_shape(velocity, quorum, "dynamics")
        moved = torch.add(quorum, velocity, alpha=float(rates.mean()))
        self._quorum = _as_weights(moved, mean)


def _as_vector(point: Weights) -> torch.Tensor:
    return torch.cat([values.flatten() for values in point.values()])


def _as_weights(vectors: torch.Tensor, like: Weights) -> Weights:
    """Cut vectors, one or a stack of them, into tensors shaped like others."""
    leading = vectors.ndim - 1
    sizes = [values.shape[leading:].numel() for values in like.values()]
    pieces = torch.split(vectors, sizes, dim=-1)
    return {
        name: piece.reshape(values.shape)
        for (name, values), piece in zip(like.items(), pieces, strict=True)
    }


def _check_shape(given: object, wanted: torch.Tensor, what: str) -> None:
    if not isinstance(given, torch.Tensor):
        raise InvalidArgumentError(
            f"the {what} of UserDefined returned a {type(given).__name__}; return a tensor of shape "
            f"{tuple(wanted.shape)}, one number for every weight."
        )
    if given.shape != wanted.shape:
        raise InvalidArgumentError(
            f"the {what} of UserDefined returned shape {tuple(given.shape)} for "
            f"{tuple(wanted.shape)}; return one number for every weight."
        )
