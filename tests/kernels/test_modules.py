"""Generated modules: compiled once per machine, found by the next process."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from sdeopt.errors import OutputError
from sdeopt.kernels import modules

COUNT_HITS = """
import json
import sdeopt as so
from sdeopt import rng
from sdeopt.kernels import generation, modules

seen = []
original = generation.load_driver

def counted(chosen):
    entry, ready = original(chosen)
    seen.append((entry, ready))
    return entry, ready

from sdeopt.simulation import execution
execution.load_driver = counted
start = so.start.Uniform(-1.0, 1.0)
so.simulate(so.losses.Quadratic(1.0), so.SGD(), steps=3, step_size=0.1, start=start)
entry, ready = seen[0]
both = entry.stats, modules.load_source(rng.FILL_STREAMS).fill_streams.stats
counts = [[sum(each.values()) for each in (one.cache_hits, one.cache_misses)] for one in both]
print(json.dumps([*counts, ready]))
"""


def count_hits(folder):
    environment = os.environ | {"SDEOPT_CACHE_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", COUNT_HITS], env=environment, check=True, capture_output=True
    )
    return json.loads(done.stdout)


def test_the_second_process_loads_from_disk(tmp_path):
    """The kernel, and what draws the starts."""
    assert count_hits(tmp_path) == [[0, 1], [0, 1], False]
    assert count_hits(tmp_path) == [[1, 0], [1, 0], True]


def test_the_same_text_is_the_same_module():
    assert modules.load_source("x = 1") is modules.load_source("x = 1")
    assert modules.load_source("x = 1") is not modules.load_source("x = 2")


def test_a_broken_module_is_not_kept():
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            modules.load_source("x = 1 / 0")


def test_a_module_that_needs_another_says_so():
    with pytest.raises(ImportError, match="must be loaded before"):
        modules.load_source("y = 1", requires=("sdeopt_generated_nowhere",))


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SDEOPT_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(OutputError, match="set SDEOPT_CACHE_DIR"):
        modules.load_source("z = 3.0  # not loaded before")


def test_no_thread_sees_a_module_that_is_half_executed():
    text = "import time\ntime.sleep(0.2)\nready = True"
    with ThreadPoolExecutor(2) as threads:
        loaded = list(threads.map(modules.load_source, [text, text]))
    assert [module.ready for module in loaded] == [True, True]
    assert loaded[0] is loaded[1]


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("SDEOPT_CACHE_DIR", str(tmp_path))
    assert modules.cache_folder() == tmp_path
    monkeypatch.delenv("SDEOPT_CACHE_DIR")
    assert modules.cache_folder().name == "kernels"


def test_a_module_beside_one_in_memory_is_in_memory():
    text = "from {module} import number\n"
    name = f"{modules.IN_MEMORY_PREFIX}test"
    modules.memory_module(name, "number = 3")
    beside = modules.load_beside(text.format(module=name), name)
    assert beside.__name__.startswith(modules.IN_MEMORY_PREFIX)
    assert beside.number == 3
    text = "from sdeopt.losses.quadratic import gradient"
    beside = modules.load_beside(text, "sdeopt.losses.quadratic")
    assert beside.__name__.startswith(modules.PREFIX)
