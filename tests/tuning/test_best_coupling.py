"""The best coupling of a loss: beside the phase diagram, and what is refused."""

import json

import numpy as np
import pytest
import sympy
from typer.testing import CliRunner

import sdeopt as so
from sdeopt.cli import app
from sdeopt.errors import InvalidArgumentError
from sdeopt.simulation import engine
from sims.phase.experiment import experiment as phase
from tests.experiments.quick_results import quick_result

NOISE = so.noise.Uniform(9.0)
LOSS = so.losses.RuggedWell.robust()

FOUND = so.best_coupling(LOSS, NOISE, agents=20, step_size=0.05, seed=1)


def test_it_agrees_with_the_phase_diagram():
    """The best of the diagram's couplings at this noise is one that may be the best here.

    The diagram's grid has three couplings an octave, and 20 replicas: its best may be a neighbour.
    """
    cell = quick_result(phase)["loss"].sel(half_width=9.0, step_size=0.05, agent_count=20)
    # 1.2 standard errors of the paired differences is what 20 replicas leave open
    theirs = float(cell.mean("replica").idxmin("coupling"))
    low, high = FOUND.interval
    step = 2.0 ** (1 / 3)
    assert low / step <= theirs <= high * step
    assert FOUND.clear
    assert FOUND.settled
    # and what it reaches is what the diagram says, within three joint standard errors
    positive = cell["coupling"].values[1:]
    at = positive[np.argmin(abs(np.log(positive / FOUND.coupling)))]
    mine = FOUND.runs["loss_of_mean"].sel(coupling=FOUND.coupling).dropna("replica")
    other = cell.sel(coupling=at)
    error = np.hypot(*(float(one.std(ddof=1)) / np.sqrt(one.size) for one in (mine, other)))
    assert abs(float(mine.mean() - other.mean())) < 3 * error + 0.02


def test_the_runs_are_those_of_simulate():
    length = 1200
    k = float(FOUND.runs["coupling"].sel(coupling=5.0, method="nearest"))
    run = so.simulate(
        LOSS, so.QSGD(coupling=k), noise=NOISE, agents=20, replicas=32, steps=length,
        step_size=0.05, start=so.start.Uniform(-3, 3), seed=1, statistics=["loss_of_mean"],
        statistics_every=5, record=so.record.At([int(0.8 * length), length], ["mean"]),
    )  # fmt: skip
    mine = FOUND.runs["loss_of_mean"].sel(coupling=k)[:32]
    np.testing.assert_array_equal(mine, run["loss_of_mean"].isel(step=-1))


def test_it_says_what_it_found():
    low, high = FOUND.interval
    assert (
        str(FOUND) == f"best coupling {FOUND.coupling:.4g}, between {low:.4g} and {high:.4g} (95%)"
    )
    axes = FOUND.draw()
    assert f"{FOUND.coupling:.3g}" in axes.get_legend().get_texts()[-1].get_text()
    assert FOUND.runs.attrs["seed"] == 1
    # the picture shows the interval of the search, not one of a single look at the last replicas
    (band,) = axes.patches
    ends = band.get_x(), band.get_x() + band.get_width()
    np.testing.assert_allclose(ends, FOUND.interval)


def test_a_bowl_has_no_clear_best_coupling():
    """The mean of agents on a parabola does not depend on their coupling."""
    found = so.best_coupling(
        so.losses.Quadratic(1.0), so.noise.Gaussian(0.5), agents=4, step_size=0.1,
        replicas=16, most_replicas=32,
    )  # fmt: skip
    assert not found.clear
    assert "not clear" in str(found)


def test_a_run_that_is_too_short_says_so():
    found = so.best_coupling(
        so.losses.Quadratic(1.0), so.noise.Gaussian(0.1), agents=4, step_size=0.01, steps=60,
        replicas=16, most_replicas=16, start=so.start.Uniform(2, 3),
    )  # fmt: skip
    assert not found.settled
    assert "give more steps than 60" in str(found)


SMALL = {
    "loss": so.losses.RuggedWell(),
    "noise": so.noise.Uniform(9.0),
    "agents": 4,
    "step_size": 0.1,
    "steps": 20,
}


def test_searches_with_neighbouring_seeds_share_no_replicas():
    """Up to a hash of seed and batch, batch n of a seed was batch n − 1 of the next."""
    first, second = (
        so.best_coupling(**SMALL, replicas=4, most_replicas=16, error=1e-9, seed=seed).runs
        for seed in (3, 4)
    )
    assert first.sizes["replica"] == 16
    assert not np.isin(first["loss_of_mean"].dropna("coupling"), second["loss_of_mean"]).any()


def test_the_largest_seed_has_batches_too():
    found = so.best_coupling(**SMALL, replicas=4, most_replicas=8, error=1e-9, seed=2**64 - 1)
    assert found.runs.sizes["replica"] == 8


def test_an_interrupted_search_goes_on_to_the_same(tmp_path, monkeypatch):
    search = SMALL | {"replicas": 4, "most_replicas": 8, "error": 1e-9}
    whole = so.best_coupling(**search)
    simulate, left = engine.simulate, 7

    def stopped(*arguments, **options):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return simulate(*arguments, **options)

    monkeypatch.setattr(engine, "simulate", stopped)
    with pytest.raises(KeyboardInterrupt, match="the same sweep continues from what is kept in"):
        so.best_coupling(**search, folder=tmp_path)
    left = 1000
    resumed = so.best_coupling(**search, folder=tmp_path)
    assert left > 1000 - whole.runs["loss_of_mean"].notnull().sum() / 4
    assert resumed.runs.drop_attrs().identical(whole.runs.drop_attrs())


def test_a_coupling_at_which_some_replicas_diverge_has_no_loss():
    """Of the survivors alone it would be the lowest of all."""
    x = sympy.Symbol("x")
    found = so.best_coupling(
        so.losses.from_sympy(x**4 / 4 - x**2 / 2, [x]), so.noise.Gaussian(2.0), agents=3,
        step_size=0.2, steps=200, replicas=16, most_replicas=16, seed=3,
    )  # fmt: skip
    lost = found.runs["loss_of_mean"].isnull().any("replica")
    alive = found.runs["loss_of_mean"].notnull().any("replica")
    assert (lost & alive).any()
    np.testing.assert_array_equal(found.runs["diverged"], lost)
    for k in found.runs["coupling"].values[lost]:
        assert found.document["loss_of_mean"][str(float(k))] is None
    assert "a replica diverged" in found._repr_html_()


def test_json_has_no_number_for_a_coupling_that_diverges():
    found = so.best_coupling(
        **SMALL | {"steps": 2000}, replicas=4, most_replicas=4, couplings=(1, 64)
    )
    document = json.loads(json.dumps(found.document, allow_nan=False))
    assert document["loss_of_mean"]["64.0"] is None
    assert np.isfinite(document["loss_of_mean"]["1.0"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"loss": "x**2"}, "must be one of so.losses"),
        ({"noise": 3.0}, "must be one of so.noise"),
        ({"agents": 1}, "agents is 1"),
        ({"step_size": 0}, "step_size is 0"),
        ({"steps": 3}, "steps is 3"),
        ({"couplings": (0, 3)}, "the least of couplings is 0"),
        ({"couplings": 3}, "couplings is 3"),
        ({"replicas": 1}, "replicas is 1"),
        ({"most_replicas": 8}, "most_replicas is 8"),
        ({"error": -1.0}, "error is -1"),
        ({"algorithm": so.SGD}, "algorithm is SGD, which has no coupling; give a class such as"),
        (
            {"algorithm": so.PeriodicAveraging},
            "algorithm is PeriodicAveraging, which has no coupling",
        ),
        (
            {"algorithm": so.ArbitraryQuorum},
            "ArbitraryQuorum, which is not made from a coupling alone",
        ),
        ({"algorithm": "QSGD"}, "algorithm is 'QSGD', which is no class or function"),
        ({"algorithm": so.QSGD(1.0)}, r"algorithm is QSGD\(.*, which is no class or function"),
        ({"algorithm": lambda: so.SGD()}, "not made from a coupling alone"),
        ({"algorithm": lambda k: k}, "which makes 0.0 and no algorithm"),
        ({"algorithm": lambda k: so.QSGD(1.0)}, "makes the same of the couplings 0 and 20"),
        ({"seed": None}, "seed is None"),
        ({"seed": "a"}, "seed is 'a'"),
        ({"start": 0.0}, "^start is 0.0, but must be one of so.start"),
        ({"start": so.start.Point([0.0, 1.0])}, "^at coupling = 0.0: "),
        (
            {"loss": so.losses.Quadratic(100.0), "steps": 400},
            "at every coupling a replica diverges",
        ),
    ],
)
def test_bad_arguments_are_refused(changed, words):
    arguments = {"loss": LOSS, "noise": NOISE, "agents": 2, "step_size": 0.05} | changed
    with pytest.raises(InvalidArgumentError, match=words):
        so.best_coupling(**arguments)


FILE = """
agents = 4
step_size = 0.1
steps = 100
replicas = 8
most_replicas = 8
[loss]
name = "Quadratic"
matrix = 1.0
[noise]
name = "Gaussian"
standard_deviation = 0.5
"""


def test_the_command_writes_what_it_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(FILE)
    done = CliRunner().invoke(app, ["tune", "mine.toml", "--set", "algorithm.name=EASGD"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("best coupling")
    assert (tmp_path / "mine" / "couplings.png").stat().st_size > 0
    runs = so.results.load(tmp_path / "mine" / "result.nc")
    assert runs["loss_of_mean"].dims == ("coupling", "replica")


def test_a_program_gets_what_was_found_as_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(FILE)
    done = CliRunner().invoke(app, ["tune", "mine.toml", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    low, high = found["interval"]
    assert low <= found["coupling"] <= high
    assert found["steps"] == 100
    runs = so.results.load(tmp_path / "mine" / "result.nc")
    of_file = runs["loss_of_mean"].mean("replica")
    assert found["loss_of_mean"] == {
        str(float(k)): float(v) for k, v in zip(of_file["coupling"], of_file, strict=True)
    }
    assert all((tmp_path / path).is_file() for path in found["files"])


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("algorithm.coupling=3", "leave the coupling out"),
        ("algorithm.name=QSG", "did you mean 'QSGD'"),
        ("agent=3", "did you mean 'agents'"),
    ],
)
def test_the_command_refuses_in_one_sentence(tmp_path, monkeypatch, setting, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(FILE + '[algorithm]\nname = "QSGD"\n')
    done = CliRunner().invoke(app, ["tune", "mine.toml", "--set", setting])
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "mine").exists()
