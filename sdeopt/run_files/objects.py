"""Objects of a user's own Python files and modules, named as FILE.py:NAME or MODULE:NAME."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from sdeopt.errors import InvalidArgumentError, OutputError, SdeoptError, reason_of, unknown_name


def named_object(place: str) -> Any:
    """Return an object of a Python file or module."""
    where, _, name = place.rpartition(":")
    if not where:
        raise InvalidArgumentError(f"'{place}' names no object; write FILE.py:NAME or MODULE:NAME.")
    try:
        module = _module(where)
    except SdeoptError:
        raise
    except Exception as problem:  # the file may fail in any way
        raise InvalidArgumentError(
            f"{where} cannot be imported: {reason_of(problem)}."
        ) from problem
    if not hasattr(module, name):
        public = [each for each in vars(module) if not each.startswith("_")]
        raise unknown_name(f"object in {where} called", name, public)
    return getattr(module, name)


def _module(where: str) -> ModuleType:
    if not where.endswith(".py"):
        return importlib.import_module(where)
    path = Path(where)
    if not path.is_file():
        raise OutputError(f"there is no file {path}; check the path.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
