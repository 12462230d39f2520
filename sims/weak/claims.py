"""What measured and exact weak errors say of eqs. (1) and (2), as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured, Slope, has_slope, log_slope
from sims.shared.verdicts import equal
from sims.weak.measuring import MOMENTS

WORDS = {"mean": "E x", "square": "E x²", "exponential": "E exp(−x)", "variance": "Var x"}
EQUATIONS = {"order 1": ("eq. (2)", 1.0), "order 2": ("eq. (1)", 2.0)}


def measured_errors(result: xr.Dataset, model: str, moment: str) -> Measured:
    """Return the sizes of the weak errors of a model over η."""
    chosen = result.sel(model=model, moment=moment)
    value = np.abs(chosen["error"].values)
    return Measured(
        value, chosen["error_error"].values, np.full(value.shape, float(result["replicas"]))
    )


def exact_slope(result: xr.Dataset, model: str, moment: str) -> Slope:
    """Return the power of η with which a weak error goes that is known."""
    errors = result["exact_error"].sel(exact_model=model, exact_moment=moment)
    sizes = errors["exact_step_size"].values
    slope = np.polyfit(np.log(sizes), np.log(np.abs(errors.values)), 1)[0]
    return Slope(float(slope), 0.0)


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the theory says of weak orders, checked."""
    return [*_gaussian(result), *_noise(result), *_minibatch(result), *_footnote(result)]


def _slope(result: xr.Dataset, model: str, moment: str) -> Slope:
    return log_slope(result["step_size"], measured_errors(result, model, moment))


def _gaussian(result: xr.Dataset) -> list[Claim]:
    band = float(result["band"])
    return [
        has_slope(
            f"Gaussian noise: the error of {equation} in {WORDS[moment]} is of order {order:g}",
            _slope(result, model, moment),
            order,
            band,
        )
        for model, (equation, order) in EQUATIONS.items()
        for moment in (("mean", "exponential") if order == 1 else MOMENTS)
    ]


def _noise(result: xr.Dataset) -> list[Claim]:
    """Claim what tells a model with noise from one without."""
    least = int(result["step_size"].values.argmin())
    errors = {model: measured_errors(result, model, "variance") for model in ("flow", "order 1")}
    shares = {
        model: [
            float((each / result["variance"].values)[least])
            for each in (error.lower(), error.value, error.upper())
        ]
        for model, error in errors.items()
    }
    return [
        has_slope(
            "without noise, dx = −f′ dt is of order 1 too: its error in E x",
            _slope(result, "flow", "mean"),
            1.0,
            float(result["band"]),
        ),
        Claim.at_most(
            "so the noise is tested by the variance: the flow misses all of it, and eq. (2), whose "
            "second moments are better than its order asks, a part that falls with η (its error goes "
            f"with the power {_slope(result, 'order 1', 'variance').value:.2f})",
            shares["order 1"][2],
            0.05,
            "upper 99.9% confidence limit of the error in Var x at the least η / Var x",
            estimate=shares["order 1"][1],
            interval=(shares["order 1"][0], shares["order 1"][2]),
        ),
        Claim.above(
            "control: the flow would fail that test",
            shares["flow"][0],
            0.05,
            "lower 99.9% confidence limit of the same",
            estimate=shares["flow"][1],
            interval=(shares["flow"][0], shares["flow"][2]),
        ),
    ]


def _minibatch(result: xr.Dataset) -> list[Claim]:
    found = [
        has_slope(
            f"minibatches on least squares: the exact error of {equation} in {WORDS[moment]} is of "
            f"order {order:g}",
            exact_slope(result, model, moment),
            order,
            0.05,
        )
        for model, (equation, order) in EQUATIONS.items()
        for moment in ("mean", "square")
    ]
    shape = result["sampled"].shape
    sampled = Measured(
        result["sampled"].values,
        result["sampled_error"].values,
        np.full(shape, float(result["sampled_replicas"])),
    )
    return [
        *found,
        equal(
            "and SGD as simulated has the moments that these errors are computed from",
            sampled,
            result["known"],
            float(result["band_for_moments"]),
        ),
    ]


def _footnote(result: xr.Dataset) -> list[Claim]:
    """Claim what footnote 9 says of eq. (2) with a constant B; all of it is exact."""
    errors = abs(result["noise_error"])
    sizes = result["exact_step_size"].values
    least = errors.isel(exact_step_size=int(sizes.argmin()))
    constant = least.isel(noise_model=slice(1, None)) / sizes.min()
    square = constant.sel(noise_moment="square").values
    slopes = [
        float(np.polyfit(np.log(sizes), np.log(one), 1)[0])
        for one in errors.sel(noise_moment="square").transpose("noise_model", ...).values[1:]
    ]
    own = {
        moment: float(least.sel(noise_moment=moment).isel(noise_model=0)) / sizes.min()
        for moment in ("square", "variance")
    }
    words = ", ".join(
        f"{name} {value:.3f}"
        for name, value in zip(result["noise_model"].values[1:], square, strict=True)
    )
    return [
        Claim.at_most(
            "footnote 9: with any constant B eq. (2) is of order 1 too, by its exact error in E x²",
            float(np.abs(np.array(slopes) - 1).max()),
            0.05,
            "largest |slope − 1|",
        ),
        Claim.at_least(
            f"but the constant depends on B: error in E x² / η at the least η, BBᵀ {words}",
            float(square.max() / square.min()),
            1.5,
            "largest / least",
        ),
        Claim.at_most(
            "footnote 9: with B(x) the constant is lower, in Var x, whose leading term it has right",
            own["variance"] / float(constant.sel(noise_moment="variance").min()),
            1.0,
            "error / least error with a constant B",
        ),
        Claim.at_most(
            "footnote 9: with B(x) the constant is lower in E x² too (it is "
            f"{own['square']:.3f}: E x, whose error no B changes, is off in one direction, and a wrong "
            "variance that is off in the other takes part of it away)",
            own["square"] / float(square.min()),
            1.0,
            "error / least error with a constant B",
        ),
    ]
