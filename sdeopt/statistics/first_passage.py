"""The first step at which the mean or an agent enters or leaves a set."""

from dataclasses import dataclass

from sdeopt.arguments import flag, one_of
from sdeopt.errors import InvalidArgumentError
from sdeopt.statistics.counted import Counted
from sdeopt.statistics.regions import Labels, Region

DIRECTIONS = ("enters", "leaves")


@dataclass(frozen=True)
class FirstPassage(Counted):
    """The first step, of every replica, at which a set is entered or left. Looked at after every step.

    Parameters
    ----------
    region : Box, Sublevel or Where
        The set.
    of : {"mean", "agents"}
        Whose passage: of the mean, or of every agent.
    when : {"enters", "leaves"}
        Whether the first state in the set counts, or the first one outside. The start is step 0.
    ends : bool
        Whether a replica ends with it (with the passage of its last agent): from there on it keeps its
        state, and costs no more once all that are computed with it have ended.
    name : str, optional
        Of the variable in the result; ``"mean_first_passage"`` by default.

    Notes
    -----
    The variable holds steps, −1 where nothing has passed by the end of the run. Such a time is
    *censored*: it is longer than the run, and leaving it out makes passages look faster than they are.

    Examples
    --------
    >>> import sdeopt as so
    >>> passage = so.statistics.FirstPassage(so.statistics.Box(high=1.0), ends=True)
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SGD(), steps=100, step_size=0.1,
    ...                   start=so.start.Point(2.0), statistics=[passage])
    >>> run["mean_first_passage"].item(), round(run["agents"].item(), 4)
    (7, 0.9566)
    """

    region: Region
    of: str = "mean"
    when: str = "enters"
    ends: bool = False
    name: str = ""

    stem = "first_passage"

    def __post_init__(self) -> None:
        self.settle_name()
        if not isinstance(self.region, Region) or isinstance(self.region, Labels):
            raise InvalidArgumentError(
                f"region of FirstPassage is {self.region!r:.80}; give a statistics.Box, Sublevel or "
                "Where."
            )
        one_of(self.when, "kind of passage called", DIRECTIONS)
        object.__setattr__(self, "ends", flag(self.ends, "ends of FirstPassage"))

    def check(self, dim: int) -> None:
        """Refuse a set that does not fit the dimension of the loss."""
        self.region.check(dim)
