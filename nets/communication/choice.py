"""The same script in one process and in many."""

import torch

from nets.communication.communication import Communication
from nets.communication.local import Local
from nets.communication.process_group import ProcessGroup
from nets.communication.processes import device_of_process, started_by_torchrun

__all__ = ["connect"]


def connect(
    agents: int, *, device: torch.device | str | None = None, timeout_seconds: float = 600.0
) -> Communication:
    """Return a `ProcessGroup` in a process that ``torchrun`` started, and `Local` in any other.

    Parameters
    ----------
    agents : int
        p, in all processes together.
    device, timeout_seconds
        As for `ProcessGroup`.

    Returns
    -------
    Communication
        To be used as a context.

    Examples
    --------
    >>> from nets.communication import connect
    >>> with connect(agents=8) as communication:
    ...     communication.first_agent, communication.local_agents
    (0, 8)
    """
    if started_by_torchrun():
        return ProcessGroup(agents, device=device, timeout_seconds=timeout_seconds)
    return Local(agents, device=device_of_process(device))
