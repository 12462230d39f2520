"""Planted bugs of Figure 10, and what our small sample says otherwise."""

from tests.experiments.planted import Planted

UNDECIDED = {
    "EASGD-WM tests better than EASGD with momentum": "−0.57 points apart, error 0.37",
}
REFUSED = [({"rates": ()}, "at least one number"), ({"runs": 1}, "at least 2")]


def ranked(**accuracy):
    """Return a function that sets the accuracies of the optimizers, the runs differing a little."""

    def change(result, monkeypatch=None):
        best = max(accuracy, key=accuracy.__getitem__)
        rank = sum(
            value * (result["optimizer"] == name.replace("_", "-"))
            for name, value in accuracy.items()
        )
        spread = 0.001 * result["run"] * (1 + (result["optimizer"] == best.replace("_", "-")))
        result["accuracy"] = (
            (rank + spread).broadcast_like(result["accuracy"]).transpose(*result["accuracy"].dims)
        )
        return result

    return change


PLANTED = [
    Planted(
        "SGD with momentum is the best",
        ranked(MSGD=0.9, EASGD=0.8, EASGD_WM=0.7),
        [
            "EASGD tests better than SGD with momentum",
            "EASGD without momentum (EASGD-WM) tests better than MSGD",
            "EASGD-WM tests better than EASGD with momentum",
        ],
        right=ranked(MSGD=0.7, EASGD=0.8, EASGD_WM=0.9),
    ),
    Planted(
        "all three are the same",
        ranked(MSGD=0.8, EASGD=0.8, EASGD_WM=0.8),
        ["EASGD tests better than SGD with momentum", "(EASGD-WM) tests better than MSGD"],
    ),
]
