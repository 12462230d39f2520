"""Agents shared among processes, which ``torchrun`` starts.

One machine
-----------
Write the training as a script that takes its communication from `nets.communication.connect`, and
start it with as many processes as should share the agents::

    torchrun --standalone --nproc-per-node 4 train.py

Agents are dealt in rows: of 8 agents, process 0 holds 0 and 1, process 3 holds 6 and 7. Started by
plain ``python train.py``, the same script trains all of them in one process, to the same bits if torch
has as many threads: a product of matrices is cut by them, and ``torchrun`` sets ``OMP_NUM_THREADS=1``.
Processes exchange weights by NCCL where each has a GPU of its own, and by gloo otherwise; gloo
carries tensors of a shared GPU by way of the host's memory.

A cluster
---------
Run the same command once on every node. The nodes find each other at an address that all of them
can reach; the first node to listen there is the host::

    export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1
    torchrun --nnodes 3 --nproc-per-node 8 --max-restarts 5 \
        --rdzv-backend c10d --rdzv-endpoint node0:29400 --rdzv-id any-name-for-this-run \
        train.py --checkpoint /shared/run.checkpoint

Under SLURM that is one ``srun --ntasks-per-node 1 torchrun ...`` with
``--rdzv-endpoint $(scontrol show hostnames $SLURM_JOB_NODELIST | head -n 1):29400``. Where nodes have
several networks, ``GLOO_SOCKET_IFNAME`` and ``NCCL_SOCKET_IFNAME`` name the one to use. Every process
reads the data itself and keeps the state of its own agents, so a checkpoint must lie on a disk that
all nodes share.

When a process dies
-------------------
The others notice at their next exchange (or after `timeout_seconds`, if it hangs), end with a
`ClusterError` that says so, and ``torchrun`` reports which process ended first and by what signal.
Start the same command again, with as many processes: a script that loads its checkpoint where there is
one continues from there, on the trajectory that an undisturbed run would have had. ``torchrun`` does
that by itself with ``--max-restarts``, and with ``TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1`` in its
environment: without the latter, processes that were restarted may be given the addresses of those
that died (torch 2.13).

What an exchange costs
----------------------
The sum over agents is taken in the order of one process. For that, process j is sent the j-th part
of the weights of all agents, reduces it, and sends the mean of that part to all: with one agent
a process this moves as many bytes as a ring all-reduce, with m agents a process (m + 1)/2 as many.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

import torch
import torch._dynamo
import torch.distributed as dist

from nets.communication.communication import Communication, Local, mean_over_agents
from nets.communication.processes import (
    Guard,
    device_of_process,
    equal_share,
    has_gpu_of_its_own,
    place_among_processes,
    started_by_torchrun,
)
from nets.weights import Weights, as_rows
from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.identity import differences

SHOWN = 5
"""How many differences of two processes an error lists."""

# Whatever imports this after the processes have met keeps their connections, and the threads behind
# them, from being closed; they would then run into the end of the interpreter. Optimizers import it.


class ProcessGroup(Communication):
    """The processes of one ``torchrun``, each with the same number of agents.

    Used as a context, it lets the processes leave together.

    Parameters
    ----------
    agents : int
        p, which the number of processes must divide.
    device : torch.device or str, optional
        Where this process computes; the GPU of its local rank by default, or the CPU.
    timeout_seconds : float
        How long an exchange may wait for the slowest process: longer than anything that one
        process does alone, such as evaluating a test set.

    Attributes
    ----------
    rank, processes : int
        Which process this is, of how many.

    Raises
    ------
    InvalidArgumentError
        If this process was not started by ``torchrun``, the agents cannot be dealt equally, or the
        processes differ in the number of agents or in the kind of device.
    ClusterError
        From every method, if another process has ended or cannot be reached.

    Examples
    --------
    >>> from nets.communication.process_group import ProcessGroup
    >>> with ProcessGroup(agents=8) as communication:  # in a script that torchrun starts
    ...     quorum = communication.mean(weights)  # doctest: +SKIP
    Traceback (most recent call last):
        ...
    sdeopt.errors.InvalidArgumentError: a ProcessGroup needs RANK, WORLD_SIZE, MASTER_ADDR and ...
    """

    def __init__(
        self,
        agents: int,
        *,
        device: torch.device | str | None = None,
        timeout_seconds: float = 600.0,
    ) -> None:
        self.agents = whole_number(agents, "agents", minimum=1)
        patience = finite_number(timeout_seconds, "timeout_seconds", 0, open_end=True)
        self.rank, self.processes = place_among_processes()
        self.local_agents = equal_share(self.agents, self.processes)
        self.first_agent = self.rank * self.local_agents
        self.device = device_of_process(device)
        self._guard = Guard(self.rank, self.processes, patience)
        self._waiting = timedelta(seconds=patience)
        with self._guard.meeting():
            dist.init_process_group("gloo", timeout=self._waiting)
        self._own_gpus: dist.ProcessGroup | None = None
        try:
            self._compare_terms()
        except BaseException:
            dist.destroy_process_group()
            raise

    def mean(self, stacked: Weights, gains: torch.Tensor | None = None) -> Weights:
        """Return the mean, or the mean weighted by the gains; see the module on what it moves."""
        means: Weights = {}
        for dtype in dict.fromkeys(stack.dtype for stack in stacked.values()):
            alike = {name: stack for name, stack in stacked.items() if stack.dtype == dtype}
            means |= self._mean_of_alike(alike, gains)
        return {name: means[name] for name in stacked}

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values of all agents, in their order."""
        return self._from_all(values).reshape(self.agents, *values.shape[1:])

    def agree(self, what: str, value: object) -> None:
        """Refuse to go on unless every process gives the same value."""
        digest = hashlib.sha256(repr(value).encode()).digest()
        every = self._from_all(torch.tensor(list(digest), dtype=torch.uint8))
        differs = (every != every[0]).any(dim=1)
        if differs.any():
            raise InvalidArgumentError(
                f"the {what} of process {int(differs.nonzero()[0])} is not that of process 0 "
                f"({value!r} in process {self.rank}); give all processes the same."
            )

    def agree_on(self, identity: Mapping[str, Any]) -> None:
        """Refuse to go on unless every process trains the same."""
        text = json.dumps(identity).encode()
        longest = int(self._from_all(torch.tensor([len(text)])).max())
        padded = torch.frombuffer(bytearray(text.ljust(longest)), dtype=torch.uint8)
        first, *others = (json.loads(bytes(each)) for each in self._from_all(padded).tolist())
        for process, other in enumerate(others, 1):
            # one sentence, the same in every process
            found = [f"{place} is {a} in process 0 and {b} in process {process}"
                     for place, a, b in differences(first, other)]  # fmt: skip
            if found:
                more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
                raise InvalidArgumentError(
                    f"the processes do not train the same: {', '.join(found[:SHOWN])}{more}; start all "
                    "of them with the same settings."
                )

    def barrier(self) -> None:
        """Wait until every process has called this."""
        with self._guard.exchange():
            dist.barrier()

    def close(self) -> None:
        """Disconnect together: no process closes a connection that another one still uses."""
        self.barrier()
        dist.destroy_process_group()
        self._guard.end()

    def __enter__(self) -> Self:
        """Explain a signal that ends the process too."""
        self._guard.begin()
        return self

    def abandon(self) -> None:
        """Disconnect without waiting, so that this process reports its error before torchrun ends it."""
        self._guard.end(ignore=True)
        if self._own_gpus is None:  # NCCL would wait for processes that are gone
            dist.destroy_process_group()

    def _compare_terms(self) -> None:
        """Refuse processes of different plans, and choose NCCL where every process can use it."""
        self.agree("number of agents", self.agents)
        self.agree("kind of device", self.device.type)
        alone = torch.tensor([has_gpu_of_its_own(self.device)])
        if self._from_all(alone).all():
            torch.cuda.set_device(self.device)
            self._own_gpus = dist.new_group(backend="nccl", timeout=self._waiting)

    def _mean_of_alike(self, stacked: Weights, gains: torch.Tensor | None) -> Weights:
        shapes = [stack.shape[1:] for stack in stacked.values()]
        sizes = [shape.numel() for shape in shapes]
        columns = -(-sum(sizes) // self.processes)
        first = next(iter(stacked.values()))
        rows = first.new_zeros(self.local_agents, columns * self.processes)
        torch.cat([as_rows(stack) for stack in stacked.values()], 1, out=rows[:, : sum(sizes)])
        parts = rows.reshape(self.local_agents, self.processes, columns).transpose(0, 1)
        own_part = self._exchange_parts(parts).reshape(self.agents, columns)
        (mean,) = mean_over_agents([own_part], gains)
        pieces = torch.split(self._from_all(mean).flatten()[: sum(sizes)], sizes)
        return {
            name: piece.reshape(shape)
            for name, piece, shape in zip(stacked, pieces, shapes, strict=True)
        }

    def _exchange_parts(self, parts: torch.Tensor) -> torch.Tensor:
        """Send entry j to process j; return what each process sent here."""
        group, sent = self._route(parts)
        received = torch.empty_like(sent)
        with self._guard.exchange():
            dist.all_to_all_single(received, sent, group=group)
        return received.view(parts.dtype).to(parts.device)

    def _from_all(self, values: torch.Tensor) -> torch.Tensor:
        """Return the values of every process, of shape (processes, ...)."""
        group, sent = self._route(values)
        received = sent.new_empty(self.processes, sent.numel())
        with self._guard.exchange():
            dist.all_gather(list(received), sent, group=group)
        every = received.flatten().view(values.dtype).to(values.device)
        return every.reshape(self.processes, *values.shape)

    def _route(self, values: torch.Tensor) -> tuple[dist.ProcessGroup | None, torch.Tensor]:
        """Return the group that sends a tensor, and its bytes, which every backend takes."""
        flat = values.contiguous().flatten().view(torch.uint8)
        if values.is_cuda and self._own_gpus is not None:
            return self._own_gpus, flat
        return None, flat.cpu()


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

    Raises
    ------
    InvalidArgumentError
        If `agents` is no positive whole number, fewer than the processes, or the device is none here.

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
