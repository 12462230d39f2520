"""What a process knows of itself and its neighbours before they have met."""

import os

import torch

from sdeopt.errors import InvalidArgumentError

__all__ = [
    "device_of_process",
    "equal_share",
    "has_gpu_of_its_own",
    "place_among_processes",
    "started_by_torchrun",
]

NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What ``torchrun`` puts into the environment of every process it starts."""


def started_by_torchrun() -> bool:
    """Return whether this process is one of several that should meet.

    Examples
    --------
    >>> from nets.communication.processes import started_by_torchrun
    >>> started_by_torchrun()
    False
    """
    return all(name in os.environ for name in NEEDED)


def place_among_processes() -> tuple[int, int]:
    """Return which process this is, and of how many.

    Raises
    ------
    InvalidArgumentError
        If ``torchrun`` did not start it.
    """
    if not started_by_torchrun():
        raise InvalidArgumentError(
            "a ProcessGroup needs RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in the environment; "
            "start the script with torchrun, or use nets.communication.Local."
        )
    return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


def equal_share(agents: int, processes: int) -> int:
    """Return how many agents each process holds.

    Parameters
    ----------
    agents, processes : int
        p, and among how many they are dealt.

    Returns
    -------
    int
        Their quotient.

    Raises
    ------
    InvalidArgumentError
        If something is left over.

    Examples
    --------
    >>> from nets.communication.processes import equal_share
    >>> equal_share(8, 3)
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: 8 agents cannot be dealt equally to 3 processes; start \
1, 2, 4 or 8 processes, or take a multiple of 3 agents.
    """
    if agents % processes:
        fitting = [str(count) for count in range(1, agents + 1) if agents % count == 0]
        *others, most = fitting
        listed = f"{', '.join(others)} or {most}" if others else most
        raise InvalidArgumentError(
            f"{agents} agents cannot be dealt equally to {processes} processes; "
            f"start {listed} processes, or take a multiple of {processes} agents."
        )
    return agents // processes


def device_of_process(given: torch.device | str | None) -> torch.device:
    """Return where this process computes: as asked, or on the GPU of its local rank, or the CPU.

    Parameters
    ----------
    given : torch.device, str or None
        What the user asked for.

    Returns
    -------
    torch.device
        With its index, where it is a GPU.

    Examples
    --------
    >>> from nets.communication.processes import device_of_process
    >>> device_of_process("cpu")
    device(type='cpu')
    """
    if given is None and not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda" if given is None else given)
    if device.type == "cuda" and device.index is None:
        local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        return torch.device("cuda", local_rank % torch.cuda.device_count())
    return device


def has_gpu_of_its_own(device: torch.device) -> bool:
    """Return whether no other process of this machine computes on the same GPU.

    Parameters
    ----------
    device : torch.device
        Where this process computes.

    Returns
    -------
    bool
        Judged by the number of processes that ``torchrun`` started on this machine.
    """
    if device.type != "cuda":
        return False
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) <= torch.cuda.device_count()
