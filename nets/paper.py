"""What all experiments on one paper on networks have in common. Nothing here imports torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sdeopt.experiment import Claim, Configuration, Experiment

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

T = TypeVar("T", bound=Configuration)


@dataclass(frozen=True)
class Paper:
    """A paper on networks, and the words that all experiments on it share.

    Parameters
    ----------
    source : str
        The paper; an experiment adds its place there.
    section : str
        Where its experiments stand in tables.
    setup : str
        What follows the setup of an experiment.
    from_paper, reconstructed : sequence of str
        What precedes those of an experiment.
    """

    source: str
    section: str
    setup: str = ""
    from_paper: Sequence[str] = ()
    reconstructed: Sequence[str] = ()

    def experiment(
        self,
        name: str,
        title: str,
        place: str,
        *,
        setup: str,
        from_paper: Sequence[str] = (),
        reconstructed: Sequence[str] = (),
        quick: T,
        desk: T,
        paper: T,
        simulate: Callable[[T], "xr.Dataset"],
        draw: Callable[["xr.Dataset"], "Figure"],
        claims: Callable[["xr.Dataset"], list[Claim]],
    ) -> Experiment[T]:
        """Return the experiment on a place of the paper."""
        return Experiment(
            name=name,
            title=title,
            source=f"{self.source}, {place}",
            setup=f"{setup} {self.setup}".rstrip(),
            from_paper=(*self.from_paper, *from_paper),
            reconstructed=(*self.reconstructed, *reconstructed),
            scales={"quick": quick, "desk": desk, "paper": paper},
            simulate=simulate,
            draw=draw,
            claims=claims,
            section=self.section,
            requires=("torch",),
            extra="sdeopt[nets]",
        )
