"""Trainings of single agents; at desk scale they are those of one agent in the other figures."""

from typing import TYPE_CHECKING

from nets.figures.task import OPTIMIZERS, Plan, SingleAgents

if TYPE_CHECKING:
    import xarray as xr

METHODS = {"EASGD-WM": "EASGD", "EASGD": "EASGD", "MSGD": "QSGD"}
"""The coupling rule by which one agent is each of `OPTIMIZERS`: its own mean pulls it nowhere."""


def plan_of(configuration: SingleAgents, optimizer: str, rate: float, momentum: float) -> Plan:
    """Return the training of one agent by an optimizer; without momentum it has none to vary."""
    return Plan(
        method=METHODS[optimizer],
        coupling=configuration.coupling,
        learning_rate=rate,
        momentum=0.0 if optimizer == "EASGD-WM" else momentum,
    )


def every_setting(configuration: SingleAgents) -> list[Plan]:
    """Return the trainings with every optimizer at every learning rate and momentum, each once."""
    plans = [
        plan_of(configuration, optimizer, rate, momentum)
        for momentum in configuration.momenta
        for rate in configuration.rates
        for optimizer in OPTIMIZERS
    ]
    return list(dict.fromkeys(plans))


def simulate(configuration: SingleAgents) -> "xr.Dataset":
    """Train with every optimizer at every learning rate and momentum.

    What is kept is trained one by one, as other experiments share it.
    """
    if configuration.kept:
        from nets.figures.comparison import trainings

        return trainings(configuration, every_setting(configuration))
    from nets.figures.alone import alone_at

    return alone_at(configuration)


def by_optimizer(result: "xr.Dataset") -> "xr.Dataset":
    """Return what is tested by optimizer, learning rate and momentum.

    It is the position of MSGD, and the quorum variable of EASGD.
    """
    import xarray as xr

    if "plan" not in result.dims:
        return result
    own = {name: result[f"plan_{name}"].values for name in ("learning_rate", "momentum")}
    rates = sorted(set(own["learning_rate"].tolist()))
    momenta = sorted(set(own["momentum"].tolist()) - {0.0})
    place = {
        key: number
        for number, key in enumerate(
            zip(result["method"].values, own["learning_rate"], own["momentum"], strict=True)
        )
    }
    places = [
        [
            [place[METHODS[o], rate, 0.0 if o == "EASGD-WM" else delta] for delta in momenta]
            for rate in rates
        ]
        for o in OPTIMIZERS
    ]
    coordinates = {"optimizer": list(OPTIMIZERS), "learning_rate": rates, "momentum": momenta}
    names = [f"{who}_{name}" for who in ("mean", "quorum") for name in ("loss", "accuracy")]
    of_plan = [name for name in result.coords if "plan" in result[name].dims]
    chosen = (
        result[[*names, "diverged"]]
        .drop_vars(of_plan)
        .isel(plan=xr.DataArray(places, coordinates, tuple(coordinates)))
    )
    alone = chosen["optimizer"] == "MSGD"
    tested = {
        name: chosen[f"mean_{name}"].where(alone, chosen[f"quorum_{name}"])
        for name in ("loss", "accuracy")
    }
    return xr.Dataset({**tested, "diverged": chosen["diverged"]}, attrs=result.attrs)
