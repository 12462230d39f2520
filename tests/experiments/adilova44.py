"""Planted bugs of noise on networks that read digits, and what our small sample says otherwise."""

from tests.experiments import injections
from tests.experiments.injections import as_if
from tests.experiments.planted import Planted

UNDECIDED = {
    "serial, uniform: ε = 1 destroys": "to 22% from 44%, about the half that is asked",
    "serial, Gaussian: ε = 1 destroys": "to 23% from 44%, about the half that is asked",
    "serial, m = 4, Gaussian: noise can raise": "−6 to 20 points, of five runs",
    "averaged, m = 4, uniform: noise can raise": "−4 to 5 points, of five runs",
    "averaged, m = 4, Gaussian: noise can raise": "−20 to 7 points, of five runs",
    "gains more where models are averaged": "−20 to 4 points, of five runs",
    "closer to the serial one": "−4 to 27 points, of five runs",
}
REFUSED = injections.REFUSED


def _stated(plan):
    kind, level = plan["kind"], plan["level"]
    if level >= 1:
        return 0.1
    small = {"serial": 0.02, "averaged": 0.06, "alone": 0.0}[kind]
    return {"serial": 0.8, "averaged": 0.7, "alone": 0.4}[kind] + small * (level > 0)


def _harmless(plan):
    return {"serial": 0.8, "averaged": 0.7, "alone": 0.4}[plan["kind"]] - 0.05 * (
        plan["level"] > 0
    ) * (1 + (plan["kind"] == "averaged"))


def _worse_than_alone(plan):
    return {"serial": 0.8, "averaged": 0.4, "alone": 0.7}[plan["kind"]]


PLANTED = [
    Planted(
        "noise that neither destroys nor helps",
        as_if(_harmless),
        [
            *["destroys the accuracy"] * 4,
            *["noise can raise the median accuracy"] * 4,
            "gains more where models are averaged",
        ],
        right=as_if(_stated),
    ),
    Planted(
        "averaged models that are worse than local ones",
        as_if(_worse_than_alone),
        ["averaging beats no synchronization", "closer to the serial one"],
        right=as_if(_stated),
    ),
]
