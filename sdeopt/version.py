"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["__version__"]

try:
    __version__ = version("sdeopt")
except PackageNotFoundError:  # a checkout on the path, not installed
    __version__ = "0+unknown"
