"""What a file can hold of a dataset, so that it is read back equal; all else is refused by name."""

import json
from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
import xarray as xr

from sdeopt.errors import InvalidArgumentError

TIMES = "sdeopt_times"
"""The attribute of variables that are times: only these are decoded when they are read."""

ADVICE = "give a number, text, a list of one of them, a bool, a dictionary or None"

WHOLE = range(-(2**63), 2**64)


def storable(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with attributes that files can hold; the given one stays as it is."""
    if not isinstance(dataset, xr.Dataset):
        raise InvalidArgumentError(
            f"what is saved is a {type(dataset).__name__}, but must be an xarray.Dataset; of a "
            "DataArray to_dataset(name=...) makes one."
        )
    copy = dataset.copy().drop_encoding()
    for name in (*copy.variables, *copy.dims):
        if not isinstance(name, str) or not name or set("/\0") & set(name) or name.startswith("."):
            raise InvalidArgumentError(
                f"the name {name!r} cannot be kept in a file; give a text without '/' and null that "
                "does not begin with a dot."
            )
    copy.attrs = _plain(copy.attrs, "the dataset")
    for name in copy.variables:
        attributes = _plain(copy[name].attrs, f"'{name}'")
        kind = copy[name].dtype.kind
        if kind == "c":
            raise InvalidArgumentError(
                f"'{name}' holds complex numbers, which files cannot; save its real and "
                "imaginary parts."
            )
        copy[name].attrs = attributes | ({TIMES: kind} if kind in "mM" else {})
    return copy


def check_kept(stored: xr.Dataset, found: xr.Dataset) -> None:
    """Compare names, types and attributes of what was written with what can be read of it."""
    lost = [name for name in stored.variables if name not in found.variables]
    if lost or set(stored.variables) != set(found.variables):
        raise InvalidArgumentError(
            f"the variable {(lost or list(found.variables))[0]!r} cannot be kept in this file; "
            "give it another name."
        )
    for name in stored.variables:
        if stored[name].sizes != found[name].sizes:
            raise InvalidArgumentError(
                f"the {stored[name].dtype} of {name!r} cannot be kept in this file, where they lose a "
                "dimension; give numbers or text, or the other ending."
            )
    pairs = [("the dataset", stored.attrs, found.attrs)]
    pairs += [(f"'{n}'", stored[n].attrs, found[n].attrs) for n in stored.variables]
    for where, before, after in pairs:
        # how times are encoded is written beside them
        for name in dict.fromkeys([*before, *(() if TIMES in before else after)]):
            if name not in before or name not in after or not _equal(before[name], after[name]):
                raise InvalidArgumentError(
                    f"the attribute '{name}' of {where} cannot be kept in this file, where it has a "
                    "meaning of its own or no place; give it another name or value."
                )


def with_times(dataset: xr.Dataset) -> xr.Dataset:
    """Decode the variables that were times when they were saved, and no others."""
    names = [name for name in dataset.variables if TIMES in dataset[name].attrs]
    if not names:
        return dataset
    # as plain variables, also those that are coordinates
    held = xr.Dataset({f"{name} held": dataset[name].variable for name in names})
    decoded = xr.decode_cf(held, decode_timedelta=True)
    variables = {}
    for name in names:
        variable = decoded[f"{name} held"].variable
        attributes = {key: entry for key, entry in variable.attrs.items() if key != TIMES}
        variables[name] = xr.Variable(variable.dims, variable.values, attributes)
    return dataset.assign_coords(
        {n: v for n, v in variables.items() if n in dataset.coords}
    ).assign({n: v for n, v in variables.items() if n not in dataset.coords})


def _plain(attributes: Mapping[Any, Any], where: str) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in attributes.items():
        if value is None:
            continue
        if not isinstance(name, str) or not name or name == TIMES:
            raise InvalidArgumentError(
                f"an attribute of {where} is called {name!r}; give it another name, a text."
            )
        try:
            plain[name] = _held(value)
        except (TypeError, ValueError, OverflowError):
            raise InvalidArgumentError(
                f"the attribute '{name}' of {where} is {value!r:.80}, which a file cannot hold; "
                f"{ADVICE}."
            ) from None
    return plain


def _held(value: Any) -> Any:
    """Return an attribute as files hold it; raise a TypeError where they cannot."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple | np.ndarray):
        entries = list(value)
        kinds = {_kind(entry) for entry in entries}
        if len(kinds) != 1 or np.ndim(value) != 1:
            raise TypeError
        return [str(entry) for entry in entries] if kinds == {"text"} else np.asarray(value)
    if _kind(value) != "number":
        raise TypeError
    return value


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    known = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    whole = isinstance(value, Integral)
    plain = isinstance(value, int | float | np.integer | np.floating)
    if not (known and plain and not isinstance(value, np.timedelta64)):
        raise TypeError
    if whole and int(value) not in WHOLE:
        raise OverflowError
    return "number"


def _equal(before: Any, after: Any) -> bool:
    one, other = (list(_flat(value)) for value in (before, after))
    if len(one) != len(other):
        return False
    return all(a == b or (a != a and b != b) for a, b in zip(one, other, strict=True))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple | np.ndarray):
        yield from np.ravel(value).tolist()
    else:
        yield value
