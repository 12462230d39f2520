"""The share of time that agents or means spend in each of some sets."""

from collections.abc import Sequence
from dataclasses import dataclass

from sdeopt.errors import InvalidArgumentError
from sdeopt.statistics.counted import Counted
from sdeopt.statistics.regions import Labels, Region


@dataclass(frozen=True)
class Occupancy(Counted):
    """The share of time, and of agents, in each of some sets, for every replica.

    Parameters
    ----------
    regions : sequence of Region, or Labels
        The sets, e.g. a box for every basin: a state counts for the first of them in which it lies. Or
        a function of one's own that numbers them.
    of : {"agents", "mean"}
        Whose states.
    name : str, optional
        Of the variable in the result; ``"agents_occupancy"`` by default.

    Notes
    -----
    The last share, with the label −1, is that of states in none of the sets. States that are not finite
    count nowhere.

    Examples
    --------
    >>> import sdeopt as so
    >>> halves = [so.statistics.Box(high=0.0), so.statistics.Box(low=0.0)]
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SGD(), steps=100, step_size=0.1,
    ...                   start=so.start.Point(2.0), statistics=[so.statistics.Occupancy(halves)])
    >>> run["agents_occupancy"].values
    array([[0., 1., 0.]])
    """

    regions: Sequence[Region] | Labels
    of: str = "agents"
    name: str = ""

    stem = "occupancy"

    def __post_init__(self) -> None:
        self.settle_name()
        given = self.regions
        if isinstance(given, Labels):
            return
        sets = [given] if isinstance(given, Region) else given
        known = isinstance(sets, list | tuple) and len(sets) > 0
        if not known or not all(
            isinstance(one, Region) and not isinstance(one, Labels) for one in sets
        ):
            raise InvalidArgumentError(
                f"regions of Occupancy is {given!r:.80}; give a list of statistics.Box, Sublevel or "
                "Where, or one statistics.Labels."
            )
        object.__setattr__(self, "regions", tuple(sets))

    def sets(self) -> tuple[Region, ...]:
        """Return the sets, or what numbers them.

        Returns
        -------
        tuple of Region
            One `Labels`, or the sets in their order.
        """
        return (self.regions,) if isinstance(self.regions, Labels) else tuple(self.regions)

    def cells(self, dim: int) -> int:
        """Return one for each set, and one for what lies in none, of each replica."""
        chosen = self.regions
        return 1 + (chosen.count if isinstance(chosen, Labels) else len(chosen))

    def check(self, dim: int) -> None:
        """Refuse sets that do not fit the dimension of the loss."""
        for one in self.sets():
            one.check(dim)
