"""What was measured at the end of each epoch, from the start on."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import torch
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from nets.data.data_set import PARTS

Record: TypeAlias = dict[str, NDArray[np.float64]]

WORDS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "agent_loss": (("part", "agent"), "loss of each agent", "loss units"),
    "agent_accuracy": (("part", "agent"), "share of examples that each agent gets right", "1"),
    "mean_loss": (("part",), "loss of the mean of the agents", "loss units"),
    "mean_accuracy": (("part",), "share of examples that the mean gets right", "1"),
    "quorum_loss": (("part",), "loss of the quorum variable", "loss units"),
    "quorum_accuracy": (("part",), "share of examples that the quorum variable gets right", "1"),
    "batch_loss": (("agent",), "mean loss of the batches of the epoch, with dropout", "loss units"),
    "learning_rate": (("agent",), "learning rate after the epoch", "1"),
    "synchronization": ((), "sum over agents of the squared distance to the mean", "1"),
    "quorum_distance": ((), "sum over agents of the squared distance to the quorum variable", "1"),
    "distortion": ((), "gradient at the mean less the mean gradient, norm", "loss units"),
}
"""Dimensions beside ``epoch``, long name and units of every variable."""


class History:
    """One record an epoch; record 0 is the start.

    Parameters
    ----------
    agents : int
        All of them, p.

    Examples
    --------
    >>> from nets.training.history import History
    >>> history = History(agents=2)
    >>> history.append({"synchronization": 3.0})
    >>> history.append({"synchronization": 1.0, "learning_rate": [0.1, 0.2]})
    >>> history.dataset()["synchronization"].values
    array([3., 1.])
    """

    def __init__(self, agents: int) -> None:
        self._sizes = {"part": len(PARTS), "agent": agents}
        self._records: dict[str, list[NDArray[np.float64]]] = {name: [] for name in WORDS}

    def __len__(self) -> int:
        return len(self._records["synchronization"])

    def append(self, record: Mapping[str, ArrayLike]) -> None:
        """Add a record; what it lacks is kept as NaN.

        Parameters
        ----------
        record : mapping
            Variable -> values, of the dimensions in `WORDS`.
        """
        for name, (dimensions, _, _) in WORDS.items():
            shape = tuple(self._sizes[dimension] for dimension in dimensions)
            values = np.asarray(record.get(name, np.nan), dtype=np.float64)
            self._records[name].append(np.broadcast_to(values, shape).copy())

    def complete(self, record: Mapping[str, ArrayLike]) -> None:
        """Put values into the last record.

        Parameters
        ----------
        record : mapping
            Variable -> values, as for `append`; others stay.
        """
        for name, values in record.items():
            self._records[name][-1][...] = values

    def last(self, name: str) -> NDArray[np.float64]:
        """Return the values of a variable in the last record.

        Parameters
        ----------
        name : str
            Which variable.

        Returns
        -------
        numpy.ndarray
            Of its dimensions without ``epoch``.
        """
        return self._records[name][-1]

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Return all records as tensors."""
        return {name: torch.from_numpy(np.array(rows)) for name, rows in self._records.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from the records of another history.

        Parameters
        ----------
        state : dict
            What `state_dict` returned.
        """
        self._records = {name: [*state[name].numpy().copy()] for name in WORDS}

    def dataset(self) -> xr.Dataset:
        """Return all records.

        Returns
        -------
        xarray.Dataset
            Variables of `WORDS` with dimension ``epoch`` first; ``part`` is train, validation or
            test. What was not measured is NaN.
        """
        variables: dict[str, Any] = {}
        for name, (dimensions, words, units) in WORDS.items():
            shape = (len(self), *(self._sizes[dimension] for dimension in dimensions))
            values = np.reshape(self._records[name], shape)
            variables[name] = (
                ("epoch", *dimensions),
                values,
                {"long_name": words, "units": units},
            )
        coordinates: dict[str, Any] = {
            "epoch": (
                "epoch",
                np.arange(len(self)),
                {"long_name": "passes over the training examples", "units": "epochs"},
            ),
            "part": list(PARTS),
            "agent": np.arange(self._sizes["agent"]),
        }
        return xr.Dataset(variables, coordinates)
