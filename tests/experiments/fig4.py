"""Planted bugs of Figure 4."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.coupled import fig4
from tests.experiments.panels import COUPLINGS, more, uncoupled
from tests.experiments.planted import Planted

UNDECIDED = {
    "from the best coupling on, no step of k lowers the loss": "32 replicas do not tell neighbouring "
    "couplings apart; that at k = 14 and 20 is the same to within 0.6",
}

REFUSED = [*COUPLINGS, ({"coupling": (0.0,)}, "2 or more in all")]


def lifted(coupling, height, step=None):
    """Return a planted bug: the loss of the mean at one coupling is moved up, at one step or all."""

    def wrong(result, monkeypatch):
        where = {"coupling": coupling} | ({} if step is None else {"step": step})
        result["loss_of_mean"].loc[where] += height
        return result

    return wrong


def _almost_no_noise(result, monkeypatch):
    quiet = dataclasses.replace(
        fig4.QUICK, replicas=4, steps=400, half_width=0.5, coupling=(0.0, 0.25, 0.5, 4.0, 20.0)
    )
    return fig4.simulate(quiet)


def _wrong_power(result, monkeypatch):
    """A term in x_i + x_j is smoothed twice; once is the formula of one dimension."""
    convolved = so.losses.CoupledWells.convolved

    def once(self, noise, scale=1.0):
        smooth = convolved(self, noise, scale)
        smooth.amplitudes = np.sign(self.amplitudes) * np.sqrt(
            np.abs(self.amplitudes * smooth.amplitudes)
        )
        return smooth

    monkeypatch.setattr(so.losses.CoupledWells, "convolved", once)
    return fig4.simulate(
        dataclasses.replace(fig4.QUICK, replicas=2, steps=2, coupling=(0.0, 0.5, 4.0, 20.0))
    )


PLANTED = [
    Planted("no coupling at all", uncoupled("loss_of_mean"), ["is inside", "minimizes"]),
    Planted(
        "the best coupling at the end",
        lambda result, monkeypatch: result.sel(coupling=slice(0.0, 4.0)),
        ["is inside"],
    ),
    Planted("a rise before the best coupling", lifted(2.0, 4.0), ["raises the loss"]),
    Planted("a rise at a small coupling", lifted(0.5, 3.0), ["raises the loss"]),
    Planted(
        "a fall beyond the best coupling", lifted(8.0, 3.0), ["lowers the loss"], right=more(8)
    ),
    Planted("a fall at a large coupling", lifted(14.0, -1.0), ["lowers the loss"], right=more(8)),
    Planted(
        "a large rise at the smallest coupling",
        lifted(0.25, 1.0),
        ["the U is not strict"],
        only=True,
    ),
    Planted(
        "a loss that no coupling minimizes",
        lambda result, monkeypatch: result.assign(lowest=result["lowest"] - 20.0),
        ["k = 4 minimizes"],
    ),
    Planted(
        "a mean that is at the minimum without coupling",
        lifted(0.0, -6.0, step=5000),
        ["k = 0 fails"],
    ),
    Planted("almost no noise", _almost_no_noise, ["much simpler", "minimizes"]),
    Planted("a convolution with the wrong power of sinc", _wrong_power, ["closed form"]),
]
