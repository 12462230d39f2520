"""A damaged kernel cache heals itself: machine code, index and text."""

import os
import subprocess
import sys

import pytest

CODE = """
import numba
from numba import njit
from sdeopt.kernels.modules import load_source

TEXT = '''from numba import njit


@njit(cache=True)
def twice(x):
    return 2.0 * x
'''
module = load_source(TEXT)
print(module.twice(1.5), sum(module.twice.stats.cache_hits.values()))
"""


def run(folder):
    """Return the number, and whether it was computed by code from the cache, of another process."""
    environment = os.environ | {"SDEOPT_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, check=True, capture_output=True, text=True
    )
    number, hits = done.stdout.split()
    return float(number), int(hits)


def truncated(content):
    return content[: len(content) // 2]


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [truncated, flipped, lambda content: b""])
def test_damage_is_compiled_anew(tmp_path, damage):
    assert run(tmp_path) == (3.0, 0)
    assert run(tmp_path) == (3.0, 1)
    for pattern in ("*.py", "__pycache__/*.nbi", "__pycache__/*.nbc"):
        (file,) = tmp_path.glob(pattern)
        file.write_bytes(damage(file.read_bytes()))
        number, hits = run(tmp_path)
        assert number == 3.0
        # the text is written again, and the machine code of it is as good as before
        assert hits == 0 or pattern == "*.py"
        assert run(tmp_path) == (3.0, 1), pattern
