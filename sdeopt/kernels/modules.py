"""Generated modules: written once under a name that hashes their content, compiled once per machine.

numba keeps compiled code on disk for functions that are in a file. A kernel with the user's loss
therefore becomes a file: its text goes to the cache folder, named by a hash of everything that decides
the machine code. A second process finds the file and its compiled code.
"""

import functools
import hashlib
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import llvmlite.binding
import numba
import platformdirs

from sdeopt.errors import OutputError
from sdeopt.files import atomic_path
from sdeopt.kernels.caching import with_checks

PREFIX = "sdeopt_generated_"

# Modules under this prefix exist in this process only, so nothing that imports one may be cached.
IN_MEMORY_PREFIX = "sdeopt_in_memory_"

_LOADING = threading.RLock()
"""Held while a module is imported, so that no other thread finds it half executed."""


def cache_folder() -> Path:
    """Return the folder that holds generated modules and their compiled code."""
    chosen = os.environ.get("SDEOPT_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("sdeopt")) / "kernels"


def load_source(text: str, requires: tuple[str, ...] = ()) -> ModuleType:
    """Import a module from its text, through a file in the kernel cache."""
    missing = [name for name in requires if name not in sys.modules]
    if missing:
        raise ImportError(f"generated modules {missing} must be loaded before the one using them")
    digest = hashlib.sha256(f"{environment_digest()}\n{text}".encode()).hexdigest()[:24]
    name = PREFIX + digest
    with _LOADING:
        loaded = sys.modules.get(name)
        if loaded is not None:
            return loaded
        return _import_text(_written(cache_folder() / f"{name}.py", text), name, text)


def load_beside(text: str, module: str, *, known: bool = True) -> ModuleType:
    """Return the module made from `text`, which imports the kernel module called `module`."""
    if not known or module.startswith(IN_MEMORY_PREFIX):
        name = IN_MEMORY_PREFIX + hashlib.sha256(text.encode()).hexdigest()[:24]
        return memory_module(name, text.replace("cache=True", "cache=False"))
    importlib.import_module(module)
    return load_source(text, requires=(module,))


def memory_module(
    name: str, text: str, fill: Callable[[ModuleType], None] | None = None
) -> ModuleType:
    """Return the module called `name`, made from its text without a file on the first call."""
    with _LOADING:
        if name not in sys.modules:
            module = ModuleType(name)
            if fill is not None:
                fill(module)
            exec(compile(text, f"<{name}>", "exec"), module.__dict__)
            sys.modules[name] = module
        return sys.modules[name]


def is_kept(module: ModuleType) -> bool:
    """Return whether the cache has machine code of a generated module."""
    return any((cache_folder() / "__pycache__").glob(f"{module.__name__}.*.nbc"))


def _written(path: Path, text: str) -> Path:
    content = text.encode()
    try:
        if path.read_bytes() == content:
            return path
    except OSError:  # it is not there, or cannot be read
        pass
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            temporary.write_bytes(content)
    except OSError as problem:
        raise OutputError(
            f"the kernel cache {path.parent} cannot be written ({problem}); "
            "set SDEOPT_CACHE_DIR to a folder that can."
        ) from problem
    return path


def _import_text(path: Path, name: str, text: str) -> ModuleType:
    """Return the module whose text is in a file; Python's own copy of it is neither read nor kept."""
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None:
        raise ImportError(f"cannot import the generated module {path}")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
        with_checks(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@functools.cache
def environment_digest() -> str:
    """Hash what decides machine code besides the text: our kernels, numba, the processor."""
    digest = hashlib.sha256()
    package = Path(__file__).parent.parent
    sources = [package / "math.py"]
    for folder in ("algorithms", "kernels", "losses", "noise"):
        sources += (package / folder).rglob("*.py")
    for path in sorted(sources):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    processor = llvmlite.binding.get_host_cpu_name()
    features = llvmlite.binding.get_host_cpu_features().flatten()
    digest.update(f"{numba.__version__} {processor} {features} {sys.version}".encode())
    return digest.hexdigest()
