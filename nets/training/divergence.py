"""Training that left the finite numbers: caught, and said in one sentence."""

from sdeopt.errors import DivergenceError


class TrainingDivergedError(DivergenceError):
    """The loss of an agent is no longer a finite number.

    Attributes
    ----------
    replica : int
        The agent, in the whole run.
    step : int
        Completed steps.
    epoch : int
        The epoch it happened in, counted from 1.
    """

    def __init__(self, message: str, replica: int, step: int, epoch: int) -> None:
        super().__init__(message, replica, step)
        self.epoch = epoch

    def __reduce__(self) -> tuple[type["TrainingDivergedError"], tuple[str, int, int, int]]:  # type: ignore[override]
        # so that one raised in another process can be sent back whole
        return type(self), (str(self), self.replica, self.step, self.epoch)


def training_diverged(
    problem: DivergenceError, step: int, epoch: int, rate: float
) -> TrainingDivergedError:
    """Return the error for a loss that is not finite, with the epoch and the rate to lower."""
    return TrainingDivergedError(
        f"the loss of agent {problem.replica} left the finite numbers in epoch {epoch}, after "
        f"{step} steps; lower its learning rate, which is {rate:g}, or the coupling, or look for "
        "such values in its data.",
        problem.replica,
        step,
        epoch,
    )
