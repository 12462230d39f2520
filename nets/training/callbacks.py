"""What users add to the training loop: called at its start and end, after a step, after an epoch."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from nets.data.data_set import PARTS
from nets.training.history import WORDS, Record
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError, unknown_name

if TYPE_CHECKING:
    from nets.training.trainer import Trainer


class Callback:
    """What is called while a training runs; override what you need.

    Each process calls its own. ``trainer.stop()`` ends the training after the epoch, in all processes.

    Examples
    --------
    >>> from nets.training import Callback
    >>> class Printing(Callback):
    ...     def on_step(self, trainer, losses):
    ...         if trainer.step % 100 == 0:
    ...             print(trainer.step, float(losses.mean()))
    """

    def on_start(self, trainer: "Trainer") -> None:
        """Look at a training before its first step, or where it goes on.

        Parameters
        ----------
        trainer : Trainer
            Whose ensemble, optimizer, rule, history and step may be read.
        """

    def on_step(self, trainer: "Trainer", losses: torch.Tensor) -> None:
        """Look at a training after a step.

        Parameters
        ----------
        trainer : Trainer
            As for `on_start`; ``trainer.step`` counts the steps.
        losses : torch.Tensor
            Of each agent of this process, on its batch.
        """

    def on_epoch(self, trainer: "Trainer", epoch: int, record: Record) -> None:
        """Look at a training after an epoch was measured, and at the start, which is epoch 0.

        Parameters
        ----------
        trainer : Trainer
            As for `on_start`.
        epoch : int
            Its number.
        record : dict
            What was measured, by the names of `nets.training.history.WORDS`.
        """

    def on_end(self, trainer: "Trainer") -> None:
        """Look at a training after its last epoch.

        Parameters
        ----------
        trainer : Trainer
            As for `on_start`.
        """


class EarlyStop(Callback):
    """Ends a training whose loss has not fallen for some epochs.

    Parameters
    ----------
    patience : int
        Those epochs, also where the loss is not measured after each of them.
    loss : str
        ``"quorum_loss"``, ``"mean_loss"``, or ``"agent_loss"``, of which the mean over agents counts.
    part : str
        On which part of the data.

    Attributes
    ----------
    best : float
        The least loss so far.
    waited : int
        Epochs from then to the last measured one. A new training, and one that goes on from a
        checkpoint, begin to count anew.

    Examples
    --------
    >>> from nets.training import EarlyStop
    >>> EarlyStop(patience=3).part
    'validation'
    """

    def __init__(
        self, patience: int = 5, loss: str = "quorum_loss", part: str = "validation"
    ) -> None:
        losses = [name for name in WORDS if name.endswith("_loss") and name != "batch_loss"]
        if loss not in losses:
            raise unknown_name("loss", loss, losses)
        if part not in PARTS:
            raise unknown_name("part of a data set called", part, PARTS)
        self.patience = whole_number(patience, "patience", minimum=1)
        self.loss, self.part = loss, part
        self.best, self.waited, self._since = float("inf"), 0, 0

    def on_start(self, trainer: "Trainer") -> None:
        """Begin to count anew where a training begins.

        Parameters
        ----------
        trainer : Trainer
            Which begins, or goes on.
        """
        if not len(trainer.history):
            self.best, self.waited, self._since = float("inf"), 0, 0

    def on_epoch(self, trainer: "Trainer", epoch: int, record: Record) -> None:
        """Count an epoch that was measured.

        Parameters
        ----------
        trainer : Trainer
            Which may be ended.
        epoch : int
            Its number.
        record : dict
            With the loss.
        """
        if self.loss not in record:
            return
        now = float(np.mean(record[self.loss][PARTS.index(self.part)]))
        if np.isnan(now) and epoch % trainer.measurement.every and epoch:
            return
        if np.isnan(now):
            raise InvalidArgumentError(self._why_unknown(trainer, epoch))
        if now < self.best:
            self.best, self._since = now, epoch
        self.waited = epoch - self._since
        if self.waited >= self.patience:
            trainer.stop()

    def _why_unknown(self, trainer: "Trainer", epoch: int) -> str:
        """Return what to say of a loss that is not a number: it was not measured, or it is none."""
        of_agents = self.loss == "agent_loss"
        measurement = trainer.measurement
        parts = measurement.agent_parts if of_agents else measurement.centre_parts
        if self.part in parts and len(getattr(trainer.data, self.part)):
            return (
                f"{self.loss} on the {self.part} part is NaN in epoch {epoch}, so that nothing tells "
                "whether it falls; lower the learning rate or the coupling, or look for such values in "
                "that part."
            )
        return (
            f"{self.loss} is not measured on the {self.part} part, so no training can stop by it; "
            "give data with that part, and measure it."
        )
