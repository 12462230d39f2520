"""What every experiment keeps, whichever package registers it.

Its claims hold at quick scale, but for those listed with a reason; a result read back from its file
is equal and gives the same claims; its picture is complete and nothing on it is cut off; each bug
planted on purpose breaks the claims it names; bad settings are refused in one sentence.
"""

import dataclasses
import functools
import importlib.util
from types import ModuleType
from typing import Any

import pytest
import xarray as xr

import theory.registry
from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Experiment
from sdeopt.experiments import registry
from sdeopt.experiments.statements import statements
from sdeopt.plot.style import house_style
from tests.alike import same
from tests.experiments.planted import Planted, Right, as_it_is
from tests.experiments.quick_results import quick_result

NAMES = [entry.name for entry in registry.entries()]

each_experiment = pytest.mark.parametrize("name", NAMES)


@functools.cache
def case(name: str) -> ModuleType:
    """Return what is planted and refused; of an experiment without a module of its own, nothing."""
    module = f"tests.experiments.{name.replace('-', '_')}"
    if importlib.util.find_spec(module) is None:
        empty = ModuleType(module)
        empty.PLANTED, empty.REFUSED = [], []  # type: ignore[attr-defined]
        return empty
    return importlib.import_module(module)


PLANTED = [
    pytest.param(name, bug, id=f"{name}-{bug.words}")
    for name in NAMES
    for bug in case(name).PLANTED
]
REFUSED = [
    pytest.param(name, settings, words, id=f"{name}-{words}")
    for name in NAMES
    for settings, words in case(name).REFUSED
]


@functools.cache
def experiment_of(name: str) -> Experiment[Any]:
    experiment = registry.find(name)
    for module in experiment.requires:
        pytest.importorskip(module)
    return experiment


@functools.cache
def quick(name: str) -> xr.Dataset:
    return quick_result(experiment_of(name))


@functools.cache
def claims(name: str) -> list[Claim]:
    return experiment_of(name).claims(quick(name))


@functools.lru_cache(4)
def without_bug(name: str, right: Right) -> tuple[xr.Dataset, list[Claim]]:
    """Return the result in which bugs are planted, with its claims: once for all that share it."""
    if right is as_it_is:
        return quick(name), claims(name)
    result = right(quick(name).copy(deep=True))
    return result, experiment_of(name).claims(result)


@pytest.mark.statistical
@each_experiment
def test_claims_hold_at_quick_scale(name: str) -> None:
    for verdict in ("contradicted", "undecided"):
        listed = getattr(case(name), verdict.upper(), {})
        found = [claim.claim for claim in claims(name) if claim.verdict == verdict]
        assert [claim for claim in found if not any(words in claim for words in listed)] == []
        assert [words for words in listed if not any(words in claim for claim in found)] == [], (
            f"listed as {verdict}, but these are not"
        )


@each_experiment
def test_what_is_undecided_has_an_interval(name: str) -> None:
    undecided = [claim for claim in claims(name) if claim.verdict == "undecided"]
    assert [claim.claim for claim in undecided if claim.interval is None] == []


@each_experiment
def test_a_result_is_read_back_equal(name: str, tmp_path: Any) -> None:
    results.save(quick(name), tmp_path / "result.nc")
    loaded = results.load(tmp_path / "result.nc")
    xr.testing.assert_equal(loaded, quick(name))
    # alike but for the last digits: sums depend on how an array lies in memory
    found = experiment_of(name).claims(loaded)
    assert same([vars(claim) for claim in found], [vars(claim) for claim in claims(name)])


@each_experiment
def test_the_work_is_counted(name: str) -> None:
    assert quick(name).attrs["agent_steps"] > 0


@each_experiment
def test_the_picture_is_complete(name: str) -> None:
    with house_style():
        figure = experiment_of(name).draw(quick(name))
        figure.draw_without_rendering()
        canvas = figure.bbox
        panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
        assert all(axes.get_title(loc="left") or axes.get_title() for axes in panels)
        for which in ("x", "y"):
            assert any(getattr(axes, f"get_{which}label")() for axes in panels)
        parts = [
            *figure.legends,
            *(axes.get_legend() for axes in panels if axes.get_legend()),
            *(text for axes in figure.axes for text in (axes.xaxis.label, axes.yaxis.label)),
            *(text for axes in figure.axes for text in (axes.title, axes._left_title)),
            *(text for axes in panels for text in axes.texts),
        ]
        for part in parts:
            if not part.get_visible() or not getattr(part, "get_text", lambda: "x")():
                continue
            box = part.get_window_extent()
            inside = (
                box.x0 >= canvas.x0 - 1
                and box.y0 >= canvas.y0 - 1
                and box.x1 <= canvas.x1 + 1
                and box.y1 <= canvas.y1 + 1
            )
            assert inside, f"{part} reaches beyond the picture: {box} in {canvas}"


@pytest.mark.statistical
@pytest.mark.parametrize(("name", "bug"), PLANTED)
def test_a_planted_bug_breaks_the_claims_it_names(
    name: str, bug: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, (right, found) = experiment_of(name), without_bug(name, bug.right)
    # At reduced settings some claims have other names; those that are there hold without the bug.
    there = [words for words in bug.breaks if any(words in claim.claim for claim in found)]
    holding = [claim.claim for claim in found if claim.holds]
    assert [words for words in there if not any(words in claim for claim in holding)] == []
    assert set(bug.unnoticed(found)) == set(bug.breaks), "these fail without the bug too"
    wrong = experiment.claims(bug.wrong(right.copy(deep=True), monkeypatch))
    assert bug.unnoticed(wrong) == []
    if bug.only:
        listed = {
            **getattr(case(name), "CONTRADICTED", {}),
            **getattr(case(name), "UNDECIDED", {}),
        }
        others = [claim for claim in bug.others(wrong) if claim not in bug.others(found)]
        # Claims tell their numbers, which a bug changes too: what fails anyway is known by its words.
        assert [claim for claim in others if not any(words in claim for words in listed)] == []


@pytest.mark.parametrize(("name", "settings", "words"), REFUSED)
def test_bad_settings_are_refused(name: str, settings: dict[str, Any], words: str) -> None:
    configuration = experiment_of(name).configuration("quick")
    with pytest.raises(InvalidArgumentError, match=words):
        dataclasses.replace(configuration, **settings)


@each_experiment
def test_enough_is_planted_and_refused(name: str) -> None:
    few = f"{case(name).__name__} must plant two bugs (PLANTED) and name a bad setting (REFUSED)"
    assert len(case(name).PLANTED) >= 2, few
    assert len(case(name).REFUSED) >= 1, few


@each_experiment
def test_it_says_what_it_is(name: str) -> None:
    experiment = experiment_of(name)
    assert experiment.name == name
    for words in (experiment.title, experiment.source, experiment.setup, experiment.section):
        assert words
    texts = [claim.claim for claim in claims(name)]
    assert len(set(texts)) == len(texts)


ON_NETWORKS = "Deep networks"
"""The section of experiments whose claims are on Sec. 6, which the table of statements leaves out."""


@each_experiment
def test_the_table_of_statements_fits_the_claims(name: str) -> None:
    """Each reference finds a claim; so does each claim on model losses that rests on a paper."""
    texts = [claim.claim for claim in claims(name)]
    references = [words for each in statements() for words in each.claims.get(name, ())]
    assert [words for words in references if not any(words in text for text in texts)] == []
    experiment = experiment_of(name)
    if experiment.from_paper and experiment.section != ON_NETWORKS:
        free = [
            text for text in texts if not any(each.checked_by(name, text) for each in statements())
        ]
        assert free == [], "no statement refers to these"


def test_statements_refer_to_what_there_is() -> None:
    known = statements()
    assert {name for each in known for name in each.claims} <= {*NAMES}
    assert {name for each in known for name in each.proofs} <= {*theory.registry.names()}
    stated = [(each.where, each.words) for each in known]
    assert len(set(stated)) == len(stated)
