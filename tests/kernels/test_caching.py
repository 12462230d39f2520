"""A damaged kernel cache heals itself: machine code, index and text."""

import os
import subprocess
import sys

CODE = """
import numba
from numba import njit
from sdeopt.kernels.modules import load_source

TEXT = '''from numba import njit


@njit(cache=True)
def times(x):
    return {}.0 * x
'''
for factor in (2, 3, 4):
    times = load_source(TEXT.format(factor)).times
    print(times(1.5), sum(times.stats.cache_hits.values()))
"""


def run(folder):
    """Return each number, and whether it was computed by code from the cache, of another process."""
    environment = os.environ | {"SDEOPT_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, check=True, capture_output=True, text=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [float(number) for number, _ in lines], [int(hits) for _, hits in lines]


def truncated(content):
    return content[: len(content) // 2]


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def emptied(content):
    return b""


DAMAGES = {2: truncated, 3: flipped, 4: emptied}
"""Of the module with each factor."""


def test_damage_is_compiled_anew(tmp_path):
    numbers = [3.0, 4.5, 6.0]
    assert run(tmp_path) == (numbers, [0, 0, 0])
    assert run(tmp_path) == (numbers, [1, 1, 1])
    names = {
        factor: path.stem
        for factor in DAMAGES
        for path in tmp_path.glob("*.py")
        if f"return {factor}.0" in path.read_text()
    }
    for pattern in ("{}.py", "__pycache__/{}*.nbi", "__pycache__/{}*.nbc"):
        for factor, damage in DAMAGES.items():
            (file,) = tmp_path.glob(pattern.format(names[factor]))
            file.write_bytes(damage(file.read_bytes()))
        found, hits = run(tmp_path)
        assert found == numbers
        # the text is written again, and the machine code of it is as good as before
        assert hits == [0, 0, 0] or pattern == "{}.py"
        assert run(tmp_path) == (numbers, [1, 1, 1]), pattern
