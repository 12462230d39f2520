"""What laws have in common that correlate the draws of a Gaussian law."""

from typing import TYPE_CHECKING

from sdeopt.errors import InvalidArgumentError
from sdeopt.noise.law import Array, NoiseLaw

if TYPE_CHECKING:
    import sympy


class OfGaussian(NoiseLaw):
    """A law of which each single draw is that of another, which is Gaussian, but draws depend."""

    law: NoiseLaw

    variates = ("sdeopt.kernels.variates", "gaussian_pair")

    def settle_law(self) -> None:
        """Refuse a law that is not Gaussian, or has a level or an entrance of its own."""
        label, law = f"noise.{type(self).__name__}", self.law
        if not (isinstance(law, NoiseLaw) and law.gaussian):
            raise InvalidArgumentError(
                f"law of {label} is {law!r:.80}, but must be noise.Gaussian or noise.StateDependent, "
                "or, for noise.Coloured, noise.Correlated."
            )
        if law.level_schedule.configuration().get("value") != 1.0 or law.enters != "gradient":
            raise InvalidArgumentError(
                f"the law inside {label} has a level or an entrance of its own; give level= and "
                f"enters= to {label}."
            )
        object.__setattr__(self, "state_dependent", law.state_dependent)

    @property
    def scale(self) -> float:
        """That of the law."""
        return self.law.scale

    def functions(self) -> dict[str, tuple[str, str]]:
        """Return the factor of the law."""
        return self.law.functions()

    def parameters(self) -> tuple[Array, ...]:
        """Return those of the law."""
        return self.law.parameters()

    def check(self, dim: int) -> None:
        """Refuse what the law refuses."""
        self.law.check(dim)

    def raw_moment(self, order: int) -> float:
        """Return that of the law: single draws are its own."""
        return self.law.raw_moment(order)

    def characteristic(self, argument: "sympy.Expr") -> "sympy.Expr":
        """Return that of the law."""
        return self.law.characteristic(argument)

    def quadrature(self, points: int) -> tuple[Array, Array]:
        """Return that of the law."""
        return self.law.quadrature(points)
