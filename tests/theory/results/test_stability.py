"""The stability borders against the eigenvalues of all p + 1 variables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theory

quick = settings(deadline=None, max_examples=25)
EASGD, NEW, QSGD = (
    theory.load(name) for name in ("easgd_stability", "easgd_new_mean_stability", "qsgd_stability")
)
agents = st.integers(1, 12)
steps = st.floats(0.05, 1.95)
factors = st.floats(0.2, 2.0).filter(lambda factor: abs(factor - 1.0) > 0.01)


def radius(p: int, q: float, alpha: float, *, new_mean: bool = False) -> float:
    """Return the spectral radius of all agents and the quorum variable."""
    step = np.eye(p + 1)
    step[:p, :p] *= 1.0 - q - alpha
    step[:p, p] = alpha
    told = step[:p].mean(axis=0) if new_mean else np.append(np.full(p, 1.0 / p), 0.0)
    quorum = np.eye(p + 1)[p]
    step[p] = quorum + p * alpha * (told - quorum)
    return float(abs(np.linalg.eigvals(step)).max())


@quick
@given(agents, steps, factors)
def test_the_border_of_easgd(p: int, q: float, factor: float) -> None:
    alpha = factor * float(EASGD.bound(agents=p, relative_step=q))
    assert (radius(p, q, alpha) < 1.0) == (factor < 1.0)


@quick
@given(agents, steps, st.floats(0.01, 3.0))
def test_the_margin_with_the_new_mean(p: int, q: float, alpha: float) -> None:
    margin = float(NEW.bound(agents=p, relative_step=q, moving_rate=alpha))
    apart = 1.0 - abs(1.0 - q - alpha) if p > 1 else 1.0
    if min(abs(margin), abs(apart)) > 1e-6:
        assert (radius(p, q, alpha, new_mean=True) < 1.0) == (min(margin, apart) > 0.0)


@quick
@given(st.integers(2, 12), steps, factors)
def test_the_border_of_qsgd(p: int, q: float, factor: float) -> None:
    alpha = factor * float(QSGD.bound(relative_step=q))
    step = (1.0 - q - alpha) * np.eye(p) + alpha / p
    assert (abs(np.linalg.eigvalsh(step)).max() < 1.0) == (factor < 1.0)


def test_the_border_of_easgd_shrinks_with_more_agents() -> None:
    border = EASGD.bound(agents=np.arange(1, 50), relative_step=0.3)
    assert (np.diff(border) < 0.0).all()
    assert border[-1] == pytest.approx(2.0 / 50.0, rel=0.1)


def test_with_the_new_mean_there_are_two_windows() -> None:
    alpha = np.array([0.2, 0.3, 0.5, 0.62, 0.7])
    margin = NEW.bound(agents=10, relative_step=0.5, moving_rate=alpha)
    assert ((margin > 0.0) == [True, False, False, True, False]).all()
