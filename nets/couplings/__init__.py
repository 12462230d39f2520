"""How agents are coupled, one rule a file. To add one, subclass `Coupling` in a file of this package.

>>> from nets import couplings
>>> couplings.load("EASGD", coupling=0.5, delay=3).configuration()
{'name': 'EASGD', 'coupling': {'name': 'Constant', 'value': 0.5}, 'period': 1, 'delay': 3}
"""

import inspect
from dataclasses import fields
from typing import Any

from nets.catalogue import modules
from nets.couplings.averaging import PeriodicAveraging
from nets.couplings.coupled_step import coupled_step
from nets.couplings.easgd import EASGD
from nets.couplings.none import Uncoupled
from nets.couplings.positions import change_rate, positions, rates_of
from nets.couplings.qsgd import QSGD
from nets.couplings.rule import Coupling, Pulling
from nets.couplings.sdqsgd import SDQSGD
from nets.couplings.user_defined import UserDefined
from sdeopt.errors import InvalidArgumentError, unknown_name

__all__ = [
    "EASGD",
    "QSGD",
    "SDQSGD",
    "Coupling",
    "PeriodicAveraging",
    "Pulling",
    "Uncoupled",
    "UserDefined",
    "change_rate",
    "coupled_step",
    "load",
    "names",
    "positions",
    "rates_of",
]


def names() -> list[str]:
    """Return the names of all coupling rules.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> from nets import couplings
    >>> "SD-QSGD" in couplings.names()
    True
    """
    return sorted(_rules())


def load(name: str, **settings: Any) -> Coupling:
    """Return a coupling rule by its name, with those of the settings that it has.

    So one set of settings serves all rules that are compared.

    Parameters
    ----------
    name : str
        One of `names`.
    **settings
        Such as ``coupling``, ``period``, ``memory`` and ``epoch_steps``.

    Returns
    -------
    Coupling
        A new one.

    Raises
    ------
    InvalidArgumentError
        If there is no such rule, or a setting that it needs is missing or invalid.

    Examples
    --------
    >>> from nets import couplings
    >>> couplings.load("averaging", coupling=0.5, period=10)
    PeriodicAveraging(period=10)
    """
    rules = _rules()
    if name not in rules:
        raise unknown_name("coupling rule", name, sorted(rules))
    for each in inspect.signature(rules[name]).parameters.values():
        needed = each.default is each.empty and each.kind not in (
            each.VAR_POSITIONAL,
            each.VAR_KEYWORD,
        )
        if needed and each.name not in settings:
            raise InvalidArgumentError(
                f"the coupling rule '{name}' needs {each.name}, which was not given; add it to the "
                f"settings of the rule, as in {each.name} = ..."
            )
    own = {field.name for field in fields(rules[name])}
    return rules[name](**{key: value for key, value in settings.items() if key in own})


def _rules() -> dict[str, type[Coupling]]:
    every = (thing for module in modules(__name__).values() for thing in vars(module).values())
    kinds = (thing for thing in every if isinstance(thing, type) and issubclass(thing, Coupling))
    return {kind.name: kind for kind in kinds if kind.name}
