"""What Sec. 4.3 says about the best coupling, as claims; `sims.phase.diagram` has the conventions."""

from functools import partial

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.phase.diagram import CLEAR, GOOD, Diagram
from sims.phase.prefactor import claims_on_prefactor


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the best coupling, and what follows from it, checked."""
    diagram = Diagram(result)
    return [
        # Sec. 4.3: there is an optimal coupling at each noise level; it grows with the noise;
        *_optimum(diagram),
        *_movement(diagram),
        # it is very small with little noise, and limited by stability only with much.
        *_extremes(diagram),
        # So it does with the prefactor of the loss, which sets the size of the gradients.
        *claims_on_prefactor(result, diagram),
        # Beyond the paper: it follows a power law, which infinitely many agents explain.
        *_law(diagram),
        *_theory(diagram),
    ]


def _optimum(diagram: Diagram) -> list[Claim]:
    """Claim that there is an optimum, and that both sides of it are worse."""
    many = {"agent_count": diagram.most_agents}
    region = diagram.region.sel(many)
    where = f"p = {diagram.most_agents}, {int(region.sum())} cells that explore and have room"
    sides = {
        "too little coupling is worse: the best k beats k = 0": diagram.too_little,
        "too much is worse: the best k beats the strongest, k = 1/η": diagram.too_much,
    }
    return [
        Claim.clear(
            f"there is an optimum; {words} ({where})",
            margin.sel(many).where(region).min().item(),
            1.0,
            CLEAR,
            "least difference / its standard error",
        )
        for words, margin in sides.items()
    ]


def _movement(diagram: Diagram) -> list[Claim]:
    """Claim that the best coupling rises with the noise and with the step."""
    many = {"agent_count": diagram.most_agents}

    def least(again: Diagram, dim: str) -> float:
        inside = again.middle.where(diagram.region).sel(many)
        return float((inside / inside.shift({dim: 1})).min())

    return [
        diagram.sampled(
            Claim.above,
            f"the best k rises with the {words} (p = {diagram.most_agents})",
            partial(least, dim=dim),
            1.0,
            "least ratio of neighbours on the grid",
        )
        for dim, words in (("half_width", "width of the noise"), ("step_size", "step size"))
    ]


def _extremes(diagram: Diagram) -> list[Claim]:
    """Claim that strong noise leaves nothing but stability to limit k, and weak noise little k."""
    many = {"agent_count": diagram.most_agents}

    def product(again: Diagram) -> float:
        products = again.middle["step_size"] * again.middle
        return float(products.where(diagram.region).sel(many).min())

    def share(again: Diagram) -> float:
        shares = (again.strongest / again.value).where(diagram.is_tight)
        return float(shares.sel(many).min())

    return [
        diagram.sampled(
            Claim.at_most,
            "with narrow noise and small steps the best k is very small "
            f"(p = {diagram.most_agents})",
            product,
            0.1,
            "ηk, of at most 1",
        ),
        diagram.sampled(
            Claim.at_least,
            "with very wide noise, stability gives out before performance does: the strongest "
            f"coupling, k = 1/η, is still good (p = {diagram.most_agents}, one step's noise "
            f"{diagram.freeing / np.sqrt(2):.2f} to {diagram.freeing:.2f} wide)",
            share,
            GOOD,
            "least descent there / at the best k",
        ),
    ]


def _law(diagram: Diagram) -> list[Claim]:
    """Claim the power law; for the most agents, against theory in the same cells."""
    law, at_most = diagram.law(), diagram.law(diagram.most_agents)
    expected = _expected_power(diagram)
    heat = at_most.powers["step_size"]
    return [
        Claim.between(
            "noise and step act on κ* = k*(1 − ηk*/2) through the temperature ηW² alone: the power of "
            f"W less twice that of η is {law.anisotropy} (κ* = {law}; {law.cells} cells, 95% intervals "
            "by bootstrap)",
            law.anisotropy.value,
            -0.25,
            0.25,
            "difference",
            interval=law.anisotropy.ends,
        ),
        Claim.between(
            f"κ* hardly depends on the number of agents: power {law.powers['agent_count']}",
            law.powers["agent_count"].value,
            -0.25,
            0.25,
            "power",
            interval=law.powers["agent_count"].ends,
        ),
        Claim.between(
            f"p = {diagram.most_agents}: κ* goes with the temperature to the power {heat} "
            f"({at_most.cells} cells); infinitely many agents would give {expected:.2f}, clouds of one "
            "width on a flat loss 1",
            heat.value - expected,
            -0.25,
            0.25,
            "power − expected power",
            interval=(heat.low - expected, heat.high - expected),
        ),
    ]


def _expected_power(diagram: Diagram) -> float:
    """Return the power of ηW² that theory gives the middle of the window, in the cells of the law."""
    many = {"agent_count": diagram.most_agents}
    middle = (diagram.predicted.prod("end", skipna=False) ** 0.5).where(diagram.has_law.sel(many))
    heat = (middle["step_size"] * middle["half_width"] ** 2).transpose(*middle.dims)
    chosen = middle.notnull().values
    x, y = np.log(heat.values[chosen]), np.log(middle.values[chosen])
    return float(np.polyfit(x, y, 1)[0]) if np.unique(x.round(9)).size > 1 else float("nan")


def _theory(diagram: Diagram) -> list[Claim]:
    """Claim that coupling becomes too strong where infinitely many agents would have it."""
    many = {"agent_count": diagram.most_agents}
    taken, predicted = diagram.has_law, diagram.predicted

    def ratio(again: Diagram, end: int) -> float:
        ratios = (again.measured / predicted).where(taken).sel(many)
        return _geometric_mean(ratios.isel(end=end))

    return [
        diagram.sampled(
            Claim.between,
            "the greatest good coupling, beyond which the mean is caught at its start, is that of "
            f"infinitely many agents, nothing fitted (p = {diagram.most_agents}; the least good one is "
            f"{ratio(diagram, 0):.2f} times what that theory has, in which the agents are always in "
            "equilibrium: a weak coupling is too slow for that)",
            lambda again: ratio(again, 1),
            0.8,
            1.25,
            "measured / expected κ, geometric mean",
        )
    ]


def _geometric_mean(ratios: xr.DataArray) -> float:
    """Return the geometric mean of what is there; NaN of nothing."""
    present = ratios.values[np.isfinite(ratios.values)]
    return float(np.exp(np.log(present).mean())) if present.size else float("nan")
