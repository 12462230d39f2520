"""What the four experiments say of their paper. Nothing here imports torch."""

from nets.noise_injection.configuration import SOURCE
from nets.paper import Paper

FROM_PAPER = (
    "Algorithm 1: models begin at one random point, noise is added to the weights of each learner "
    "and stays, gradients are taken there, and models are averaged every b steps; the last averaged "
    "model, one random local model and the serial model are tested",
    "box plots over the runs: quartiles, median, whiskers, outliers",
)

RECONSTRUCTED = (
    "b, the steps between two synchronizations: 10 (8 at quick scale where steps are few)",
    "noise comes after the averaging of a round, as the text says of Sec. 4.2 (Algorithm 1 adds it "
    "before a step); the averaged model that is tested has none on it",
    "“Gaussian noise in the same range”: of the standard deviation of the uniform noise, 0.289",
    "SUSY is MAGIC where its 2.4 GB are missing (desk scale; --set data=susy takes SUSY), with its "
    "own parts for training and test; digits that are even or odd at quick scale",
    "a run that diverges counts as chance accuracy, and is crossed out in the picture",
    "claims: 95% bootstrap intervals over the runs, drawn together for all trainings, since they "
    "share initial points, shares, orders and noise; the spread is the mean distance from the median",
)

ADILOVA = Paper(SOURCE, "Noise injection", from_paper=FROM_PAPER, reconstructed=RECONSTRUCTED)
