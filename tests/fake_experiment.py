"""An experiment that takes no time, and a registry that holds what a test puts into it."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim, Configuration, Experiment
from sdeopt.plot import style as plotting


@dataclass(frozen=True, kw_only=True)
class FakeConfiguration(Configuration):
    size: int = 4
    level: float = 0.5
    couplings: tuple[float, ...] = (0.0, 3.0)
    label: str = "plain"
    smooth: bool = False
    limit: float | None = None
    way: Literal["loop", "batched"] = "loop"


def simulate(configuration):
    values = np.random.default_rng(configuration.seed).uniform(size=configuration.size)
    data = xr.Dataset({"x": ("replica", values), "level": configuration.level})
    return data.assign_attrs(agent_steps=1000, run_seconds=0.5)


def draw(result):
    figure, panels = plotting.grid_of_panels(1, 1)
    panels[0, 0].plot(result["x"])
    return figure


def claims(result):
    return [
        Claim.at_least("numbers are not negative", float(result["x"].min()), 0),
        Claim.at_most("the level is <low>", float(result["level"]), 0.9, "level"),
    ]


FAKE = Experiment(
    name="fake",
    title="Numbers & their <level>",
    source="No paper, Fig. 0",
    setup="Draw some numbers.",
    from_paper=["nothing"],
    reconstructed=["everything: 1 < 2"],
    scales={"quick": FakeConfiguration(), "paper": FakeConfiguration(size=8)},
    simulate=simulate,
    draw=draw,
    claims=claims,
)


def fake(**changes: Any) -> Experiment[FakeConfiguration]:
    return dataclasses.replace(FAKE, **changes)


class Point:
    """An entry point of a package that is not installed."""

    def __init__(self, name, found):
        self.name, self.value, self._found = name, f"stranger:{name}", found

    def load(self):
        if isinstance(self._found, BaseException):
            raise self._found
        return self._found


def register(monkeypatch, **found):
    """Let the registry hold these and nothing else; an exception stands for a broken package."""
    points = [Point(name, thing) for name, thing in found.items()]
    monkeypatch.setattr("sdeopt.experiments.registry.entry_points", lambda group: points)
