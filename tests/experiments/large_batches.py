"""What the planted bugs of the experiments on large batches share: results with other numbers."""

import numpy as np


def ending(values, name="accuracy"):
    """Return a function that gives trainings other last values; the runs differ a little.

    Keys are the beginnings of the names of plans; a value is one number, or one for each plan found.
    """

    def change(result, monkeypatch=None):
        result = result.copy(deep=True)
        plans = [str(plan) for plan in result["plan"].values]
        for start, wanted in values.items():
            places = [place for place, plan in enumerate(plans) if plan.startswith(start)]
            assert places, f"no training is called {start}"
            numbers = np.broadcast_to(wanted, len(places))
            for place, number in zip(places, numbers, strict=True):
                for run in range(result.sizes["run"]):
                    cell = {"plan": place, "run": run}
                    last = np.flatnonzero(np.isfinite(result["accuracy"][cell].values))[-1]
                    # neither in step with the place nor with the other plans
                    jitter = 1e-4 * ((run * (place + 2)) % 5)
                    result[name][{**cell, "epoch": last}] = number + jitter
        return result

    return change


def curves(**values):
    """Return a function that gives trainings whole curves, one list a plan; the runs differ a little."""

    def change(result, monkeypatch=None):
        result = result.copy(deep=True)
        for plan, wanted in values.items():
            epochs = result.sizes["epoch"]
            curve = np.interp(np.arange(epochs), np.linspace(0, epochs - 1, len(wanted)), wanted)
            place = [str(each) for each in result["plan"].values].index(plan)
            tested = np.isfinite(result["accuracy"].isel(plan=place, run=0).values)
            for run in range(result.sizes["run"]):
                result["accuracy"][{"plan": place, "run": run}] = np.where(
                    tested, curve * (1 + 1e-3 * run), np.nan
                )
        return result

    return change
