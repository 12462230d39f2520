"""Gradient descent with decaying noise on a parabola (the large-batch paper, eqs. (1), (2), Sec. 6).

Full-batch descent on f = h x²/2 with noise α_t ξ_t in the gradient, α_t = α/(t₀ + t)^γ, t = 1, 2, ...,

    x_{t+1} = x_t − η (h x_t + α_t ξ_t),

leaves the mean what it is without noise. With r = 1 − ηh and c = r² the variance obeys V_{t+1} =
c V_t + η² α_t², and stays within

    η² α_t²/(1 − c) + c^{t−1} (V_1 − η² α_1²/(1 − c)) <= V_t <= η² α_t²/(ρ − c) + c^{t−1} V_1

for every ρ > c up to ((t₀ + 1)/(t₀ + 2))^{2γ}. So it is that of constant noise of the present size,
η² α_t²/(1 − c), up to what decays like c^t and to a factor that tends to 1 as t₀ grows: the noise
vanishes as slowly as its schedule says, by t^{−2γ}, and the error of the start exponentially.
"""

from typing import Any

import sympy

from theory.core.cited import LARGE_BATCH
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Recurrent, Recursion, by_induction, stepped
from theory.core.inequalities import cancelled, powers
from theory.core.random_arrays import (
    Independence,
    RandomArray,
    averaged,
    covariance,
    covaried,
    factorised,
)
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import added_noise, decay_exponent, hessian_eigenvalue, noise_ratio
from theory.symbols import kept_share as r
from theory.symbols import past_steps as t_0
from theory.symbols import step_size as eta

t = sympy.Symbol("t", integer=True, positive=True)
x = RandomArray("x", real=True)
"""The parameter: x[t], x[1] the start."""
noise = RandomArray("xi", real=True)
"""The noise of a step: xi[t]."""
size = sympy.IndexedBase("alpha", real=True)
"""The standard deviation of the noise in the gradient: alpha[t]."""

KEPT = r**2
"""c: what a step keeps of the variance."""


def scheduled(t: Any) -> Any:
    """Return α (t₀ + t)^{−γ}."""
    return added_noise * (t_0 + t) ** (-decay_exponent)


def noisy(t: Any) -> Any:
    """Return the parameter after a step."""
    return x[t] - eta * (hessian_eigenvalue * x[t] + size[t] * noise[t])


def variance(t: Any) -> Any:
    """Return V_t."""
    return covariance(x[t], x[t])


def transient(t: Any) -> Any:
    """Return c^{t−1}."""
    return r ** (2 * t - 2)


def at_constant_noise(t: Any) -> Any:
    """Return η² α_t²/(1 − c), what the variance tends to when the noise stays as it is."""
    return eta**2 * size[t] ** 2 / (1 - KEPT)


def upper(t: Any) -> Any:
    """Return the upper bound."""
    return eta**2 * size[t] ** 2 / (noise_ratio - KEPT) + transient(t) * variance(1)


def lower(t: Any) -> Any:
    """Return the lower bound."""
    return at_constant_noise(t) + transient(t) * (variance(1) - at_constant_noise(1))


def after_a_step(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the mean and the variance of a step."""
    step = stepped(proof, Recursion(x, model.noisy), t)
    centred, unit = proof.assume("centred noise"), proof.assume("unit noise")
    mean = rewritten(proof, averaged(proof, step, "the mean"), [centred], "noise of mean zero")
    share = proof.assume("share kept")
    using = {mean: 1, share: -Expectation(x[t])}
    mean = combined(proof, Expectation(x[t + 1]), r * Expectation(x[t]), using, "collected")
    fact = factorised(proof, covaried(proof, step, step), "fresh noise", "the noise is fresh")
    fact = rewritten(proof, fact, [centred, unit], "the moments of the noise")
    after = KEPT * variance(t) + eta**2 * size[t] ** 2
    using = {fact: 1, share: -(r + 1 - eta * hessian_eigenvalue) * variance(t)}
    return {"mean": mean, "variance": combined(proof, variance(t + 1), after, using, "collected")}


def schedule(proof: Proof) -> tuple[Fact, Fact]:
    """Show that the noise falls, and that it falls slowly: ρ α_t² <= α_{t+1}²."""
    now, then = proof.assume("schedule"), proof.assume("schedule", {t: t + 1})
    squares = {now: -size[t] - now.relation.right, then: size[t + 1] + then.relation.right}
    later = proof.at_most(1 / (t_0 + t + 1), 1 / (t_0 + t), "a later step")
    falls = powers(proof, later, 2 * decay_exponent, "the noise falls")
    falls = proof.at_most(
        size[t + 1] ** 2,
        size[t] ** 2,
        "of noise α",
        using={falls: added_noise**2, **squares},
        certificate=0,
    )
    first, ratio = (t_0 + 1) / (t_0 + 2), (t_0 + t) / (t_0 + t + 1)
    slower = proof.at_most(first, ratio, "the first ratio is the least")
    slower = powers(proof, slower, 2 * decay_exponent, "the ratio of variances")
    least = proof.chain(proof.assume("a slow schedule"), slower)
    squares[now] *= noise_ratio
    slowly = proof.at_most(
        noise_ratio * size[t] ** 2,
        size[t + 1] ** 2,
        "the noise falls slowly",
        using={least: now.relation.right**2, **{one: -factor for one, factor in squares.items()}},
        certificate=0,
    )
    return falls, slowly


def bounded_below(proof: Proof, after: Fact, falls: Fact) -> Fact:
    """Show (1 − c) L_t <= (1 − c) V_t by induction, L the lower bound."""
    rest = (1 - KEPT) * variance(1) - eta**2 * size[1] ** 2
    claim = at_most(eta**2 * size[t] ** 2 + transient(t) * rest, (1 - KEPT) * variance(t))
    base = proof.at_most(claim.left.subs(t, 1), claim.right.subs(t, 1), "at the start")

    def step(inner: Proof, known: Fact) -> Fact:
        using = {after: KEPT - 1, known: KEPT, falls: eta**2}
        left, right = claim.left.subs(t, t + 1), claim.right.subs(t, t + 1)
        return inner.at_most(left, right, "one step more", using=using, certificate=0)

    return by_induction(proof, claim, t, base, step)


def bounded_above(proof: Proof, after: Fact, slowly: Fact) -> Fact:
    """Show (ρ − c) V_t <= (ρ − c) U_t by induction, U the upper bound."""
    rest = (noise_ratio - KEPT) * variance(1)
    claim = at_most((noise_ratio - KEPT) * variance(t), eta**2 * size[t] ** 2 + transient(t) * rest)
    base = proof.at_most(claim.left.subs(t, 1), claim.right.subs(t, 1), "at the start")

    def step(inner: Proof, known: Fact) -> Fact:
        using = {after: noise_ratio - KEPT, known: KEPT, slowly: eta**2}
        left, right = claim.left.subs(t, t + 1), claim.right.subs(t, t + 1)
        return inner.at_most(left, right, "one step more", using=using, certificate=0)

    return by_induction(proof, claim, t, base, step)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Show the recursion of the variance, and both bounds by induction."""
    falls, slowly = schedule(proof)
    steps = after_a_step(proof, model)
    least = bounded_below(proof, steps["variance"], falls)
    most = bounded_above(proof, steps["variance"], slowly)
    stable, below = proof.assume("stable descent"), proof.assume("slower than the descent")
    q, share = eta * hessian_eigenvalue, proof.assume("share kept")
    room = proof.less(0, 1 - KEPT, "c < 1", using={stable: q, share: 1 - q + r})
    larger = proof.less(0, noise_ratio - KEPT, "c < ρ", using={below: 1})
    return {
        **steps,
        "lower bound": cancelled(
            proof, room, lower(t), variance(t), least, "divided by a positive number"
        ),
        "upper bound": cancelled(
            proof, larger, variance(t), upper(t), most, "divided by a positive number"
        ),
    }


RESULT = Result(
    name="decaying_noise_steps",
    number="Eqs. (1), (2) and Sec. 6",
    source=LARGE_BATCH,
    title="full-batch descent with decaying noise on a parabola",
    statements={
        "mean": Statement(
            "noise leaves the expected parameter as it is without",
            equal(Expectation(x[t + 1]), r * Expectation(x[t])),
        ),
        "variance": Statement(
            "the variance after a step",
            equal(variance(t + 1), KEPT * variance(t) + eta**2 * size[t] ** 2),
        ),
        "lower bound": Statement(
            "the variance is at least that of constant noise of the present size, up to a transient",
            at_most(lower(t), variance(t)),
        ),
        "upper bound": Statement(
            "and at most that times (1 − c)/(ρ − c), up to a transient",
            at_most(variance(t), upper(t)),
        ),
    },
    assumptions=(
        Independence(
            "fresh noise",
            "the noise of a step is independent of the parameters at its start; second moments are "
            "finite",
            families=((x[t],), (noise[t],)),
            shared=(t,),
        ),
        Assumption(
            "centred noise", "the noise has mean zero", equal(Expectation(noise[t]), 0), (t,)
        ),
        Assumption(
            "unit noise", "the noise has variance one", equal(Expectation(noise[t] ** 2), 1), (t,)
        ),
        Assumption("schedule", "α_t = α/(t₀ + t)^γ, eq. (2)", equal(size[t], scheduled(t)), (t,)),
        Assumption("share kept", "r = 1 − ηh", equal(r, 1 - eta * hessian_eigenvalue)),
        Assumption(
            "stable descent",
            "descent without noise is stable: ηh < 2",
            less(eta * hessian_eigenvalue, 2),
        ),
        Assumption(
            "a slow schedule",
            "ρ is at most the ratio of the first two variances, ((t₀ + 1)/(t₀ + 2))^{2γ}",
            at_most(
                noise_ratio,
                (t_0 + 1) ** (2 * decay_exponent) * (t_0 + 2) ** (-2 * decay_exponent),
            ),
        ),
        Assumption(
            "slower than the descent",
            "the noise falls by less in a step than descent contracts: r² < ρ",
            less(KEPT, noise_ratio),
        ),
    ),
    setting={"noisy": noisy},
    system=Recurrent(Recursion(x, noisy), (t,)),
    prove=prove,
    planted=(
        Planted(
            "the noise is outside the learning rate",
            setting={
                "noisy": lambda t: (
                    noisy(t) + (eta - 1) / eta * (noisy(t) - (1 - eta * hessian_eigenvalue) * x[t])
                )
            },
        ),
        Planted("noise of any sizes", without=("schedule",)),
        Planted(
            "the gradient has the wrong sign",
            setting={"noisy": lambda t: noisy(t) + 2 * eta * hessian_eigenvalue * x[t]},
        ),
        Planted(
            "the variance is that of the present noise, as if the schedule stood still",
            statements={
                "upper bound": at_most(
                    variance(t), at_constant_noise(t) + transient(t) * variance(1)
                )
            },
        ),
        Planted(
            "the error of the start is forgotten at once",
            statements={"lower bound": at_most(at_constant_noise(t), variance(t))},
        ),
        Planted("noise that depends on the parameters", without=("fresh noise",)),
        Planted(
            "the noise falls faster than descent contracts", without=("slower than the descent",)
        ),
    ),
    remarks=(
        "Beyond the paper, which states nothing of its schedule. With γ = 0 and ρ = 1 both bounds are "
        "the stationary variance ηα²/(h(2 − ηh)) of constant noise, up to the transient: constant noise "
        "keeps the parameter away from the minimum for ever, decaying noise lets it in as t^{−2γ}, "
        "that is t^{−1.1} for the paper’s γ = 0.55. On a quadratic loss each eigenvector of the Hessian "
        "is such a parabola. The noise of minibatches would add its own variance to each step."
    ),
)
