"""Datasets with names and provenance, that files hold unchanged."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.results import build_dataset, load, save

CONFIGURATION = {"loss": {"name": "RuggedWell", "λ": 0.1}, "agents": 3, "noise": None}


def a_run(series=True, seed=2**64 - 1):
    random = np.random.default_rng(1)
    variables = {
        "agents": (("replica", "agent", "dim"), random.random((2, 3, 4)), {"units": "1"}),
        "diverged_at": (("replica",), np.array([-1, 7]), {"units": "steps"}),
        "agents_histogram": (
            ("dim", "agents_histogram_bin"),
            np.ones((4, 3), np.int64),
            {"units": "1"},
        ),
    }
    if series:
        kept = random.random((2, 2, 4))
        kept[0, 0, 0] = np.nan
        variables["mean"] = (("step", "replica", "dim"), kept, {"long_name": "mean", "units": "1"})
    return build_dataset(
        variables,
        steps=np.array([0, 10]),
        times=np.array([0.0, 2.5]),
        configuration=CONFIGURATION,
        seed=seed,
        seconds=2.0,
        agent_steps=60,
        bins={"agents_histogram_bin": np.array([-np.inf, 0.0, 1.0])},
        iterations=np.array([0, 10]),
    )


def test_every_dimension_has_a_coordinate_and_every_variable_units():
    run = a_run()
    assert set(run.sizes) == {"step", "replica", "agent", "dim", "agents_histogram_bin"}
    for dimension in run.sizes:
        assert dimension in run.coords
    assert all("units" in run[name].attrs for name in run.variables)
    assert run.time.dims == ("step",)
    assert run.time.attrs["units"] == "time"
    assert run.iteration.attrs["units"] == "iterations"
    np.testing.assert_array_equal(run.step, [0, 10])
    np.testing.assert_array_equal(run.agents_histogram_bin, [-np.inf, 0, 1])


def test_without_a_series_there_is_no_step():
    run = a_run(series=False)
    assert "step" not in run.dims
    assert "time" not in run.coords


def test_the_provenance_is_complete():
    attributes = a_run(seed=7).attrs
    assert json.loads(attributes["configuration"]) == CONFIGURATION
    assert attributes["seed"] == 7
    assert attributes["run_seconds"] == 2.0
    assert attributes["agent_steps_per_second"] == 30.0
    age = datetime.now(UTC) - datetime.fromisoformat(attributes["created"])
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)
    for name in ("sdeopt_version", "python_version", "numpy_version", "numba_version", "machine"):
        assert attributes[name]


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
@pytest.mark.parametrize("series", [True, False])
def test_what_is_saved_is_read_back_identical(tmp_path, suffix, series):
    run = a_run(series)
    path = tmp_path / f"run.{suffix}"
    for _ in range(2):  # the second time it replaces the first
        save(run, path)
        back = load(str(path))
        assert back.identical(run)
        for name in run.variables:
            assert back[name].dtype == run[name].dtype
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_sweeps_with_text_and_seconds_are_read_back_identical(tmp_path, suffix):
    sweep = xr.concat([a_run(), a_run()], xr.Variable("algorithm", ["SGD", "QSGD"]))
    sweep = sweep.assign_coords(wait=("algorithm", [1.0, 2.0], {"units": "seconds"}))
    save(sweep, tmp_path / f"sweep.{suffix}")
    assert load(tmp_path / f"sweep.{suffix}").identical(sweep)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_attributes_that_files_cannot_hold_are_translated(tmp_path, suffix):
    run = a_run()
    run.attrs |= {"flag": True, "other": np.False_, "nothing": None, "nested": {"a": [1]}}
    run["agents"].attrs["masked"] = False
    before = run.copy(deep=True)
    save(run, tmp_path / f"run.{suffix}")
    assert run.identical(before)
    back = load(tmp_path / f"run.{suffix}")
    assert back.attrs["flag"] == "true"
    assert back.attrs["other"] == "false"
    assert json.loads(back.attrs["nested"]) == {"a": [1]}
    assert "nothing" not in back.attrs
    assert back["agents"].attrs["masked"] == "false"


@pytest.mark.parametrize("name", ["run.csv", "run", "run.nc.txt"])
def test_another_ending_is_refused(tmp_path, name):
    for attempt in (lambda: save(a_run(), tmp_path / name), lambda: load(tmp_path / name)):
        with pytest.raises(InvalidArgumentError, match=r"kept in \.nc or \.zarr"):
            attempt()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match="could not write"):
        save(a_run(), tmp_path / "absent" / "run.nc")


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_a_missing_file_is_named(tmp_path, suffix):
    with pytest.raises(OutputError, match="there is no file"):
        load(tmp_path / f"run.{suffix}")


@pytest.mark.parametrize("keep", [0, 10, 1000, -1])
def test_a_damaged_netcdf_file_is_named(tmp_path, keep):
    path = tmp_path / "run.nc"
    save(a_run(), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(OutputError, match=r"run.nc cannot be read as a netCDF file"):
        load(path)


@pytest.mark.parametrize("damage", [".zgroup", "agents/.zarray", "agents/0.0.0"])
def test_a_damaged_zarr_folder_is_named(tmp_path, damage):
    path = tmp_path / "run.zarr"
    save(a_run(), path)
    (path / damage).write_bytes(b"{]")
    with pytest.raises(OutputError, match=r"run.zarr cannot be read as a Zarr folder"):
        load(path)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path, full_disk, suffix):
    path = tmp_path / f"run.{suffix}"
    run = a_run()
    save(run, path)
    larger = xr.Dataset({"x": ("replica", np.random.default_rng(0).random(400_000))})
    with full_disk(200_000), pytest.raises(OutputError, match=r"could not write .*too large"):
        save(larger, path)
    assert load(path).identical(run)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


KEPT = [np.str_("a"), "", 2**64 - 1, -(2**63), 1.5, [1, 2], (1.5, 2.0), ["a", "b"], np.arange(3)]
REFUSED = [
    [True, False], [None, 1], Path("/a"), datetime(2020, 1, 1, tzinfo=UTC), 2**64, [2**64], b"a", 1j,
    [1, "a"], [], [[1], [2]], {"a": {1}}, np.datetime64("2020"), np.array(2.0),
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
@pytest.mark.parametrize("value", KEPT, ids=repr)
def test_attributes_are_kept(tmp_path, suffix, value):
    path = tmp_path / f"run.{suffix}"
    save(xr.Dataset({"a": ("m", [1.0], {"z": value})}, attrs={"z": value}), path)
    back = load(path)
    for found in (back.attrs["z"], back["a"].attrs["z"]):
        assert np.array_equal(found, value)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_attributes_that_cannot_be_kept_are_refused(tmp_path, suffix, value):
    with pytest.raises(InvalidArgumentError, match=r"^the attribute 'z' of 'a' is [^\n]*, which a"):
        save(xr.Dataset({"a": ("m", [1.0], {"z": value})}), tmp_path / f"run.{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
@pytest.mark.parametrize(
    "name", ["_FillValue", "scale_factor", "add_offset", "missing_value", "coordinates", "NAME"]
)
def test_attributes_with_a_meaning_of_their_own(tmp_path, suffix, name):
    """They are kept, or refused; never do they change numbers or get lost."""
    path = tmp_path / f"run.{suffix}"
    for value in (2.0, "text"):
        run = xr.Dataset({"a": ("m", [1.0, 2.0], {name: value})})
        try:
            save(run, path)
        except InvalidArgumentError as problem:
            assert "cannot be kept" in str(problem)  # noqa: PT017
        else:
            assert load(path).identical(run)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_units_like_those_of_dates_stay_numbers(tmp_path, suffix):
    path = tmp_path / f"run.{suffix}"
    for units in ("steps since start", "days since 2000-01-01", "seconds"):
        run = xr.Dataset({"a": ("m", [1.0], {"units": units})})
        save(run, path)
        assert load(path).identical(run)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_times_stay_times(tmp_path, suffix):
    path = tmp_path / f"run.{suffix}"
    times = np.array(["2020-01-01", "2021-03-01T01:02:03.123456"], "datetime64[ns]")
    run = xr.Dataset({"wait": ("t", times - times[0], {"z": 1})}, {"t": times})
    save(run, path)
    assert load(path).identical(run)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
@pytest.mark.parametrize("name", ["a/b", "", ".a", "..", 3])
def test_names_that_cannot_be_kept_are_refused(tmp_path, suffix, name):
    with pytest.raises(InvalidArgumentError, match=r"^the name .* cannot be kept in a file"):
        save(xr.Dataset({name: ("m", [1.0])}), tmp_path / f"run.{suffix}")


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_what_a_link_points_to_is_replaced(tmp_path, suffix):
    target, link = tmp_path / f"run.{suffix}", tmp_path / f"link.{suffix}"
    save(a_run(), target)
    link.symlink_to(target.name)
    save(xr.Dataset({"a": ("m", [1.0])}), link)
    assert link.is_symlink()
    assert list(load(target)) == ["a"]


@pytest.mark.parametrize("values", [[1j], [{}]])
def test_values_that_files_cannot_hold(tmp_path, values):
    with pytest.raises(InvalidArgumentError, match=r"complex numbers|cannot be kept in \.nc"):
        save(xr.Dataset({"a": ("m", np.array(values))}), tmp_path / "run.nc")


@pytest.mark.parametrize("given", [xr.DataArray([1.0], name="a"), [1.0], None])
def test_what_is_no_dataset_is_refused_in_one_sentence(given, tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"but must be an xarray\.Dataset"):
        save(given, tmp_path / "run.nc")


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_a_name_with_a_null_is_refused(suffix, tmp_path):
    with pytest.raises(InvalidArgumentError, match="give a text without '/' and null"):
        save(xr.Dataset({"a\0": ("m", [1.0])}), tmp_path / f"run{suffix}")


def test_bytes_lose_no_dimension(tmp_path):
    held = xr.Dataset({"a": ("m", np.array([b"a", b"b"]))})
    save(held, tmp_path / "run.nc")
    assert load(tmp_path / "run.nc").a.values.tolist() == [b"a", b"b"]
    with pytest.raises(InvalidArgumentError, match="lose a dimension"):
        save(held, tmp_path / "run.zarr")


@pytest.mark.parametrize("name", ["mine.zarr", "mine.nc"])
def test_a_folder_of_other_things_stays(name, tmp_path):
    (tmp_path / name).mkdir()
    (tmp_path / name / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something else than results"):
        save(xr.Dataset({"a": ("m", [1.0])}), tmp_path / name)
    assert (tmp_path / name / "notes.txt").read_text() == "mine"


def test_an_empty_folder_and_an_older_result_are_replaced(tmp_path):
    (tmp_path / "run.zarr").mkdir()
    for number in (1.0, 2.0):
        save(xr.Dataset({"a": ("m", [number])}), tmp_path / "run.zarr")
        assert load(tmp_path / "run.zarr").a.item() == number
