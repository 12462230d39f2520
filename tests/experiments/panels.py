"""Results with a panel for each coupling, changed."""

import functools

import numpy as np


@functools.cache  # bugs that name the same share its result
def more(times, dim="replica"):
    """Return what makes a result several times as large: every replica so many times.

    For claims that our sample fulfils, but is too small to decide.
    """

    def right(result):
        return result.isel({dim: np.tile(np.arange(result.sizes[dim]), times)})

    return right


def with_panel(result, coupling, **variables):
    """Return the result with the data of one panel replaced."""
    for name, values in variables.items():
        result[name].loc[{"coupling": coupling}] = values
    return result


def replacing(coupling, source, *names):
    """Return a planted bug: one panel shows what another does."""

    def wrong(result, monkeypatch):
        panel = result.sel(coupling=source).copy(deep=True)
        return with_panel(result, coupling, **{name: panel[name].values for name in names})

    return wrong


def uncoupled(*names):
    """Return a planted bug: every panel shows what there is without coupling."""

    def wrong(result, monkeypatch):
        alone = result.sel(coupling=0.0)
        for name in names:
            alike = alone[name].broadcast_like(result[name])
            result[name] = alike.transpose(*result[name].dims)
        return result

    return wrong


ORDER = "must begin with 0, with which the others are compared, and rise"

COUPLINGS = [
    ({"coupling": (3.0, 8.0)}, ORDER),
    ({"coupling": (0.0, 0.0, 8.0)}, ORDER),
    ({"coupling": (0.0, 9.0, 8.0)}, ORDER),
    ({"coupling": (0.0, 8.0, 8.0)}, ORDER),
    ({"coupling": ()}, ORDER),
    ({"replicas": 1}, "give at least 2"),
]
"""What every figure with panels refuses."""

MIDDLE = [
    ({"middle": (9.0, 8.0)}, "middle is .* two couplings, the lower first"),
    ({"middle": (9.0,)}, "middle is .* two couplings, the lower first"),
]
