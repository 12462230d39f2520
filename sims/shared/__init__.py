"""What several experiments use: losses, settings, averages, linear theory, verdicts, drawing."""

SOURCE = "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient"
"""The paper that is reproduced."""

BEYOND = "this experiment goes beyond its figures"

FORM = "the form of the loss and the iteration, eqs. (40) and (42)"

ROBUST = "every number of the loss: f(x) = 0.1 (x⁴ − 4x² − 0.4x − 2.5 cos 4.5x − 0.3 cos 40x)"
"""`sdeopt.losses.RuggedWell.robust`, on which results depend less on each number."""
