"""The folder from which a training run that was killed continues.

Every process writes its own agents into a folder of the step; when all have, the first one moves a
small file, the pointer, to that step. Whenever a run dies, the pointer names a whole state.
"""

import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nets.communication import Communication
from sdeopt.arguments import path_of
from sdeopt.errors import CheckpointError
from sdeopt.files import atomic_path, output_folder
from sdeopt.identity import unknown_parts
from sdeopt.simulation.checkpoint import load_checkpoint, save_checkpoint

POINTER = "latest"

REMEDY = "give another folder as the checkpoint"


class Checkpoint:
    """Where one process keeps the state of its agents."""

    def __init__(
        self,
        folder: str | os.PathLike[str],
        configuration: Mapping[str, Any],
        communication: Communication,
    ) -> None:
        self.folder = path_of(folder, "checkpoint")
        for place, reason in unknown_parts(configuration):
            raise CheckpointError(
                "a training with a checkpoint needs to know what decides its result, which nothing says "
                f"of {place}: it {reason}; give that as a function or class of numbers, texts and "
                "arrays, or train without a checkpoint."
            )
        # now, because at the first save an epoch would be lost
        output_folder(self.folder, REMEDY)
        self._configuration = configuration
        self._communication = communication
        self._process = communication.first_agent // communication.local_agents
        self._processes = communication.agents // communication.local_agents

    def save(self, step: int, state: Mapping[str, Any]) -> None:
        """Replace the state before by another, all of it or nothing."""
        shard = self._shard(step)
        output_folder(shard.parent, REMEDY)
        # to memory first: torch's writer crashes on a full disk without saying what happened
        content = io.BytesIO()
        torch.save(dict(state), content)
        with atomic_path(shard) as temporary:
            temporary.write_bytes(content.getbuffer())
        self._communication.barrier()
        if self._communication.is_main:
            processes = {"processes": np.array(self._processes)}
            save_checkpoint(self.folder / POINTER, self._configuration, step, processes)
            for older in self.folder.glob("step-*"):
                if older < shard.parent:
                    shutil.rmtree(older, ignore_errors=True)

    def load(self) -> dict[str, Any] | None:
        """Read the state that was written last."""
        found = load_checkpoint(self.folder / POINTER, self._configuration)
        if found is None:
            return None
        step, arrays = found
        written_by = int(arrays["processes"])
        if written_by != self._processes:
            raise CheckpointError(
                f"the checkpoint {self.folder} was written by {written_by} processes, each of which "
                "kept the optimizer and random streams of its own agents, and this run has "
                f"{self._processes}; start {written_by}, or remove the folder to start anew."
            )
        shard = self._shard(step)
        try:
            # nothing but tensors and plain values is ever loaded, even from a foreign file
            state: dict[str, Any] = torch.load(shard, map_location="cpu", weights_only=True)
        except Exception as problem:  # whatever torch, zipfile or pickle say about the damage
            raise CheckpointError(
                f"{shard} cannot be read as a checkpoint: it is damaged or something else; remove the "
                f"folder {self.folder} to start anew."
            ) from problem
        return state

    def _shard(self, step: int) -> Path:
        return self.folder / f"step-{step:012d}" / f"process-{self._process}.pt"
