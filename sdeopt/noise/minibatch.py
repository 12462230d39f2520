"""True minibatch noise: the gradient of a finite sum at drawn examples."""

from dataclasses import dataclass

from sdeopt.arguments import flag, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import NoiseLaw


@dataclass(frozen=True)
class Minibatch(NoiseLaw):
    """Each agent takes the gradient at examples of its own at every step; nothing is added to it.

    Needs a loss that is a finite sum (`sdeopt.losses.LogisticRegression`,
    `sdeopt.losses.LeastSquares`) and the iteration clock.

    Parameters
    ----------
    examples : int
        b, the number drawn; this replaces `batch_size` of `sdeopt.simulate`.
    replacement : bool
        Whether an example can be drawn twice in a batch. Without, the covariance of the
        gradient noise is (1/b − 1/N) N/(N − 1) Σ instead of Σ/b.

    Examples
    --------
    >>> from sdeopt.noise import Minibatch
    >>> sorted(Minibatch(32).switches())
    ['MINIBATCH']
    """

    examples: int
    replacement: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        count = whole_number(self.examples, "examples of noise.Minibatch", minimum=1)
        object.__setattr__(self, "examples", count)
        again = flag(self.replacement, "replacement of noise.Minibatch")
        object.__setattr__(self, "replacement", again)
        if self.enters != "gradient" or self.level_schedule.configuration().get("value") != 1.0:
            raise InvalidArgumentError(
                "noise.Minibatch is the gradient's own noise: it takes no level and enters there."
            )

    def switches(self) -> set[str]:
        """Draw examples instead of adding noise."""
        return {"MINIBATCH"}
