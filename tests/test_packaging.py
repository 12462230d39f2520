"""What a user gets from ``pip install``: built from the sources, used outside of the checkout."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("sdeopt", "theory", "sims", "nets")
CODE_NEXT_TO_THEM = ("tests", "benchmarks", "notebooks")
DESCRIPTION = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE")


def _run(*command: object, folder: Path, **environment: str) -> str:
    """Run a command in a folder and return what it printed; a failure shows all of it."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _pip(*arguments: object, folder: Path) -> None:
    _run(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, folder=folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from a copy, because setuptools leaves a build folder in the sources."""
    copy = tmp_path_factory.mktemp("sources")
    for name in (*PACKAGES, *CODE_NEXT_TO_THEM):
        if (ROOT / name).exists():
            shutil.copytree(
                ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
    for name in DESCRIPTION:
        shutil.copy(ROOT / name, copy)
    # no isolation: the build uses the setuptools installed here, and no network
    _pip("wheel", "--no-deps", "--no-build-isolation", "-w", copy / "dist", ".", folder=copy)
    (built,) = (copy / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which the wheel was installed; on PYTHONPATH it hides the checkout."""
    folder = tmp_path_factory.mktemp("site")
    _pip("install", "--no-deps", "--no-index", "--target", folder, wheel, folder=folder)
    return folder


def _python(site: Path, folder: Path, program: str) -> str:
    return _run(sys.executable, "-c", program, folder=folder, PYTHONPATH=str(site))


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert shipped == sources
    assert {f"{package}/py.typed" for package in PACKAGES} <= shipped


def test_the_wheel_runs_on_any_platform_and_carries_its_licence(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_every_package_comes_from_the_wheel(site: Path, tmp_path: Path) -> None:
    program = f"for name in {PACKAGES}: print(__import__(name).__file__)"
    found = _python(site, tmp_path, program).split()
    assert [Path(path).parent for path in found] == [site / package for package in PACKAGES]


def test_the_command_lists_experiments_outside_of_the_checkout(site: Path, tmp_path: Path) -> None:
    command = next((site / "bin").glob("sdeopt*"))
    listing = _run(command, "list", folder=tmp_path, PYTHONPATH=str(site))
    assert "fig1" in listing
    version = _run(command, "--version", folder=tmp_path, PYTHONPATH=str(site))
    assert version.split() == ["sdeopt", importlib.metadata.version("sdeopt")]


@pytest.mark.parametrize(
    ("use", "spared"),
    [
        ("", {"numba", "xarray", "scipy"}),
        ("for name in sdeopt.__all__: getattr(sdeopt, name)", set()),
    ],
    ids=["import alone", "every name"],
)
def test_importing_sdeopt_imports_nothing_heavy(
    site: Path, tmp_path: Path, use: str, spared: set[str]
) -> None:
    program = f"import sys, sdeopt\n{use}\nprint(*sys.modules, sep='\\n')"
    loaded = {name.partition(".")[0] for name in _python(site, tmp_path, program).split()}
    assert "sdeopt" in loaded
    never = {"torch", "sympy", "matplotlib", "theory", "sims", "nets", "pytest"}
    assert not loaded & (never | spared)


def _only_in_extras() -> list[str]:
    """Return the packages that ``pip install sdeopt`` alone does not bring."""
    wanted = [
        (re.match(r"[\w-]+", line), "extra ==" in line)
        for line in importlib.metadata.requires("sdeopt") or []
    ]
    return sorted({name.group() for name, extra in wanted if name and extra} - {"sdeopt"})


def test_a_simulation_needs_no_extra(site: Path, tmp_path: Path) -> None:
    blocked = _only_in_extras()
    assert {"sympy", "matplotlib", "torch"} <= set(blocked)
    program = f"""
import sys
sys.modules.update(dict.fromkeys({blocked}))  # None: importing them fails
import sdeopt as so
run = so.simulate(so.losses.RuggedWell(), so.QSGD(coupling=8.0), noise=so.noise.Uniform(7.0),
                  agents=3, replicas=2, steps=4, step_size=0.04, start=so.start.Uniform(-3, 3))
so.results.save(run, "run.nc")
print(*so.results.load("run.nc")["agents"].shape)
"""
    assert _python(site, tmp_path, program).split() == ["2", "3", "1"]
