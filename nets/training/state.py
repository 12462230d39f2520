"""All that a training run needs to go on where it stood."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nets.training.trainer import Trainer

__all__ = ["restored_state", "whole_state"]

PIECES = ("ensemble", "optimizer", "rule", "batches", "drops", "history")


def whole_state(trainer: "Trainer") -> dict[str, Any]:
    """Return the state between two steps.

    Parameters
    ----------
    trainer : Trainer
        Whose.

    Returns
    -------
    dict
        Tensors and plain values.
    """
    state: dict[str, Any] = {"step": trainer.step, "seen": trainer.seen.clone()}
    for name in PIECES:
        piece = getattr(trainer, name)
        state[name] = None if piece is None else piece.state_dict()
    return state


def restored_state(trainer: "Trainer", state: dict[str, Any] | None) -> None:
    """Put a trainer where another one stood.

    Parameters
    ----------
    trainer : Trainer
        Built alike.
    state : dict, optional
        What `whole_state` returned; with None nothing is changed.
    """
    if state is None:
        return
    trainer.step = int(state["step"])
    trainer.seen.copy_(state["seen"])
    for name in PIECES:
        piece = getattr(trainer, name)
        if piece is not None:
            piece.load_state_dict(state[name])
