"""Lemma 1 and Corollary 1 of Adilova, Paul & Schlicht (2018): weight noise and linear models."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
import theory
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sdeopt.experiments.measured import Measured
from sims.lemma1.claims import claims
from sims.lemma1.drawing import draw
from sims.lemma1.measuring import LAYERS, Rounds, drift, own_data, shared_data
from sims.shared.configuration import ComparisonConfiguration
from sims.shared.grids import as_part, with_measured, with_numbers

FROM_PAPER = (
    "Lemma 1 and Corollary 1: the expected model is the model without noise",
    "Algorithm 1; the uniform noise on [−0.5, 0.5], divided by the number of the synchronization round "
    "(Sec. 4.1)",
)

RECONSTRUCTED = (
    "the data, all sizes and the Gaussian noise: the paper's own simulation of the lemma, Sec. 4.1, is "
    "of a network of three linear layers, which is not linear in its weights, so that the lemma does "
    "not speak of it",
    "the covariances, the shift by noise with a mean, and the drift of two layers go beyond the "
    "paper",
)

SETUP = (
    "Algorithm 1 on linear models with three weights: a serial learner and four learners on the "
    "same twelve examples, by the engine, with uniform noise on [−0.5, 0.5] and Gaussian noise; "
    "and four learners with batches of their own in every round and noise divided by the number of "
    "the synchronization round, by a loop over the examples, as the engine knows one loss for all. "
    "Models are averaged every five rounds, which are one synchronization round. In every round each "
    "weight is held against the weight without noise, and covariances against their recursion "
    "S' = M (S + ε² Cov ψ) Mᵀ, with M = I − η Σ x xᵀ. All this is "
    "conditional on the data, with fresh noise in each round, gradients summed over the batch. "
    "Then what lies outside of the lemma: noise with a mean, along eigenvectors of Σ x xᵀ, and one "
    "step of a linear network of two layers, from which odd powers of the noise are cancelled by "
    "its negative."
)


Array = NDArray[np.float64]


LAWS = {
    "uniform": so.noise.Uniform(0.5, enters="weights"),
    "Gaussian": so.noise.Gaussian(0.3, enters="weights"),
}
"""Of ψ; the first is the paper's, on [−0.5, 0.5]."""


CASES = ("serial", "learners", "own data")
"""One learner; several on the same examples; several with batches of their own in every round."""


BIAS = 0.25
"""The mean of noise outside the hypothesis of the lemma: half of its half-width."""


@dataclass(frozen=True, kw_only=True)
class Lemma1Configuration(ComparisonConfiguration):
    """Sizes of the Monte Carlo runs.

    Parameters
    ----------
    replicas : int
        Of every case.
    pairs : int
        Draws of the noise on the network of two layers, with their negatives.
    learners, rounds, period : int
        m, T, and the rounds from one averaging to the next.
    band_for_means : float
        By how much of a standard deviation of a weight its mean may differ from the weight without
        noise.
    band : float
        The share by which a variance or a drift may differ from the exact one.
    """

    replicas: int
    pairs: int
    learners: int = 4
    rounds: int = 20
    period: int = 5
    band_for_means: float
    band: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.period > self.rounds:
            raise InvalidArgumentError(
                f"period is {self.period}, but there are {self.rounds} rounds; models must be averaged "
                "at least once."
            )


QUICK = Lemma1Configuration(replicas=40_000, pairs=100_000, band_for_means=0.05, band=0.04)


PAPER = Lemma1Configuration(replicas=150_000, pairs=1_000_000, band_for_means=0.025, band=0.02)


def simulate(configuration: Lemma1Configuration) -> xr.Dataset:
    """Simulate Algorithm 1, and measure means and covariances of the weights in every round."""
    tables: dict[str, list[dict[str, Any]]] = {"mean": [], "spread": [], "entry": []}
    for number, (case, law) in enumerate((case, law) for case in CASES for law in LAWS):
        _measure(tables, configuration, case, law, configuration.seed + number)
    parts = [as_part(with_numbers(xr.Dataset(), rows), name) for name, rows in tables.items()]
    parts += [_biased(configuration), _network(configuration)]
    bands = {"band_for_means": configuration.band_for_means, "band": configuration.band}
    models = len(LAWS) * (1 + 2 * configuration.learners) + 1
    work = models * configuration.rounds * configuration.replicas
    extra = {"period": configuration.period} | bands
    return xr.merge(parts).assign(extra).assign_attrs(agent_steps=work)


def _rounds(configuration: Lemma1Configuration, case: str) -> Rounds:
    given = configuration
    learners = 1 if case == "serial" else given.learners
    make = own_data if case == "own data" else shared_data
    return make(learners, given.rounds, given.period)


def _models(rounds: Rounds, case: str, law: str, replicas: int, seed: int) -> Array:
    """Return noisy models (round, replica, learner, dim), by the engine where data are shared."""
    if case != "own data":
        return rounds.simulated(LAWS[law], replicas, seed)
    random = np.random.default_rng(seed)
    shape = (len(rounds.levels), replicas, rounds.learners, rounds.dim)
    width = np.sqrt(3 * LAWS[law].variance)
    uniform = law == "uniform"
    draws = (
        random.uniform(-width, width, shape)
        if uniform
        else width / np.sqrt(3) * (random.normal(size=shape))
    )
    return rounds.iterated(draws)


def _measure(
    tables: dict[str, list[dict[str, Any]]],
    configuration: Lemma1Configuration,
    case: str,
    law: str,
    seed: int,
) -> None:
    """Add the rows of a case and a law to the tables."""
    rounds = _rounds(configuration, case)
    models = _models(rounds, case, law, configuration.replicas, seed)
    plain, exact = rounds.expected(), rounds.covariance(LAWS[law].variance)
    shape = (rounds.learners, rounds.dim)
    for number in range(1, len(models)):
        what = {"case": case, "law": law, "round": number}
        gaps = models[number].reshape(len(models[number]), -1) - plain[number]
        deviation = np.sqrt(np.diag(exact[number]))
        for place in range(gaps.shape[1]):
            found = Measured.of(gaps[:, place] / deviation[place])
            row = what | {"weight_number": place, "plain": plain[number, place]}
            row |= {"deviation": deviation[place]}
            tables["mean"].append(row | _columns("shift", found))
        apart = gaps.reshape(-1, *shape)
        blocks = exact[number].reshape(*shape, *shape)
        squares = {
            "one model": (
                (apart**2).sum(axis=2).mean(axis=1),
                np.einsum("iaia->", blocks) / shape[0],
            ),
            "average model": (
                (apart.mean(axis=1) ** 2).sum(axis=1),
                np.einsum("iaja->", blocks) / shape[0] ** 2,
            ),
        }
        for name, (samples, value) in squares.items():
            row = what | {"of": name, "exact": float(value)}
            tables["spread"].append(row | _columns("value", Measured.of(samples)))
        found = gaps.T @ gaps / len(gaps)
        off, unit = np.abs(found - exact[number]), np.diag(exact[number]).max()
        squares_of = (gaps**2).T @ gaps**2 / len(gaps) - found**2
        error = np.sqrt(squares_of.flat[off.argmax()] / len(gaps))
        tables["entry"].append(what | {"gap": off.max() / unit, "gap_error": error / unit})


def _columns(name: str, found: Measured) -> dict[str, float]:
    return {
        name: float(found.value),
        f"{name}_error": float(found.error),
        "replicas": float(found.replicas),
    }


def _biased(configuration: Lemma1Configuration) -> xr.Dataset:
    """Measure what noise with a mean does to a serial model, along eigenvectors of the data."""
    given = configuration
    rounds = _rounds(given, "serial")
    draws = np.random.default_rng(given.seed + 100).uniform(
        BIAS - 0.5, BIAS + 0.5, (given.rounds, given.replicas, 1, rounds.dim)
    )
    models = rounds.simulated(LAWS["uniform"], given.replicas, given.seed, draws)[:, :, 0]
    gaps = models - rounds.expected()[:, None]
    values, vectors = np.linalg.eigh(rounds.features[0, 0].T @ rounds.features[0, 0])
    result = theory.load("adilova_biased_noise")
    rows, found = [], []
    for number, (curvature, vector) in enumerate(zip(values, vectors.T, strict=True)):
        for after in range(1, given.rounds + 1):
            expected = result.bound(
                noise_bias=BIAS * vector.sum(),
                data_curvature=curvature,
                step_size=rounds.step_size,
                # the theory counts the start as round 1
                rounds=after + 1,
            )
            rows.append({"eigenvector": number, "round": after, "exact": float(expected)})
            found.append(Measured.of(gaps[after] @ vector))
    return as_part(with_measured(with_numbers(xr.Dataset(), rows), "value", found), "biased")


def _network(configuration: Lemma1Configuration) -> xr.Dataset:
    samples, expected = drift(configuration.pairs, configuration.seed + 200)
    rows, found = [], []
    for name in LAYERS:
        for place, value in enumerate(expected[name]):
            rows.append({"layer": name, "exact": value})
            found.append(Measured.of(samples[name][:, place]))
    table = with_measured(with_numbers(xr.Dataset(), rows), "value", found)
    length = {name: float(np.linalg.norm(value)) for name, value in expected.items()}
    share = [Measured.of(samples[name] @ expected[name] / length[name] ** 2) for name in LAYERS]
    return as_part(table, "layer").assign(
        drift=("drift_layer", [float(one.value) for one in share]),
        drift_error=("drift_layer", [float(one.error) for one in share]),
        drift_replicas=float(configuration.pairs),
    )


experiment = Experiment(
    name="lemma1",
    title="Weight noise leaves linear models where they are on average, as Lemma 1 says, and scatters "
    "them as it does not say",
    source=(
        "Adilova, Paul & Schlicht (2018), Introducing noise in decentralized training of neural "
        "networks, Lemma 1, Corollary 1 and Algorithm 1"
    ),
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Noise injection",
)
