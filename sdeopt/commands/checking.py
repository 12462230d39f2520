"""``sdeopt check``: a loss and an algorithm of one's own against every bound that applies.

The work is done by an upper package, which is reached through an entry point: nothing here imports it.
"""

from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

from sdeopt.commands.extras import with_extra
from sdeopt.errors import InvalidArgumentError

GROUP = "sdeopt.checks"
"""The entry-point group: each names a function with the parameters of `check`."""


def check(
    target: str,
    *,
    loss: str | None = None,
    constants: Sequence[str] = (),
    replicas: int | None = None,
    seed: int | None = None,
    out: Path,
    as_json: bool = False,
) -> bool:
    """Check a loss and an algorithm, print what was found and write a picture."""
    points = {point.value: point for point in entry_points(group=GROUP)}
    if not points:
        raise InvalidArgumentError(
            "no bounds to check against are installed; install them with pip install 'sdeopt[sims]'."
        )
    point = next(iter(points.values()))
    return with_extra(
        lambda: bool(
            point.load()(
                target,
                loss=loss,
                constants=constants,
                replicas=replicas,
                seed=seed,
                out=out,
                as_json=as_json,
            )
        ),
        "a check",
        "sdeopt[sims]",
    )
