"""Modules with generated block functions: a file where another process can use it, else memory."""

import hashlib
import importlib
from types import ModuleType

from sdeopt.kernels.modules import IN_MEMORY_PREFIX, load_source, memory_module

__all__ = ["load_beside"]


def load_beside(text: str, module: str) -> ModuleType:
    """Return the module made from `text`, which imports the kernel module called `module`.

    Examples
    --------
    >>> from sdeopt.losses.generated import load_beside
    >>> text = "from sdeopt.losses.quadratic import gradient"
    >>> load_beside(text, "sdeopt.losses.quadratic").__name__.startswith("sdeopt_generated_")
    True
    """
    if module.startswith(IN_MEMORY_PREFIX):
        name = IN_MEMORY_PREFIX + hashlib.sha256(text.encode()).hexdigest()[:24]
        return memory_module(name, text.replace("cache=True", "cache=False"))
    importlib.import_module(module)
    return load_source(text, requires=(module,))
