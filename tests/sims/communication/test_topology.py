"""Graphs on the parabola: what is simulated is stable, at every scale."""

import dataclasses

import pytest

from sdeopt.errors import InvalidArgumentError
from sims.communication import topology


@pytest.mark.parametrize("scale", topology.experiment.scales)
def test_every_scale_is_stable(scale):
    given = topology.experiment.configuration(scale)
    assert len(topology.stable_iterations(given)) == len(topology.GRAPHS) * len(given.coupling)


def test_what_is_not_stable_is_refused_before_anything_runs(monkeypatch):
    monkeypatch.setattr(topology, "on_parabola", None)
    given = dataclasses.replace(topology.QUICK, coupling=(8.0, 12.0))
    with pytest.raises(
        InvalidArgumentError, match=r"of 12 with step_size .* not stable on the graph"
    ):
        topology.simulate(given)
