"""What defines a run, as plain JSON: for provenance, and to tell two configurations apart."""

import dataclasses
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

WRITTEN_OUT = 64
"""Arrays of at most this many entries are written out; larger ones are named by their hash."""


class Configured:
    """A frozen dataclass that can say what it is."""

    def configuration(self) -> dict[str, Any]:
        """Return the name of the class and its fields as plain JSON values.

        Returns
        -------
        dict
            ``{"name": class name, field: value, ...}``, nested where a field is itself configured.

        Examples
        --------
        >>> from sdeopt.schedules import Ramp
        >>> Ramp(0, 1, over=100).configuration()
        {'name': 'Ramp', 'start': 0.0, 'end': 1.0, 'over': 100.0}
        """
        assert dataclasses.is_dataclass(self)
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"name": type(self).__name__} | {key: describe(fields[key]) for key in fields}


def describe(value: object) -> Any:
    """Return a value in the words of JSON."""
    if isinstance(value, Configured) or callable(getattr(value, "configuration", None)):
        return value.configuration()  # type: ignore[attr-defined]
    if isinstance(value, np.ndarray):
        return describe_array(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): describe(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [describe(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{value!r} has no description in JSON")


def describe_array(array: NDArray[Any]) -> Any:
    """Return a small array as nested lists, a large one as its shape and hash."""
    if array.size <= WRITTEN_OUT:
        return array.tolist()
    return {
        "shape": list(array.shape),
        "type": array.dtype.str,
        "sha256": hashlib.sha256(np.ascontiguousarray(array).data.cast("B")).hexdigest(),
    }
