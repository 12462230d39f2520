"""False theorems whose facts are about another system than the statement: each is refused."""

import dataclasses
from typing import Any

import pytest
import sympy

import theory
from theory.core.expectation import Constant, Expectation, UpperLimit, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, decays, settles
from theory.core.lyapunov import FRESH_NOISE, Iteration, Step
from theory.core.moments import (
    REGULAR,
    CommonNoise,
    Diffusion,
    Stacked,
    drift_of,
    moment_limit,
    noiseless,
    variance_of,
)
from theory.proofs.fact import Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.result import Result, Statement
from theory.results import lemma_3_1, theorem_3_1, theorem_5_1, theorem_5_2, theorem_5_3
from theory.results.lemma_3_1 import SPREAD, gradient, mean, noise, signal, x
from theory.results.lemma_3_2 import v
from theory.symbols import agents, coupling, dimension, negative_curvature, time

i, a, c = sympy.symbols("i a c", integer=True)
y = sympy.IndexedBase("y", real=True)
UNCOUPLED = {"drift": lambda i, a: -gradient[i, a]}
REPELLED = {"drift": lambda i, a: -gradient[i, a] - 5 * coupling * (mean(a) - x[i, a])}
RING = {"drift": lambda i, a: -gradient[i, a] + coupling * (x[i + 1, a] - x[i, a])}
ON_THE_MEAN = {
    "drift": lambda i, a: -gradient[i, a] + coupling * (theorem_5_2.quorum[1, a] - mean(a))
}
REVERSED = {"drift": lambda i, a: v[i, a] - coupling * (mean(a) - x[i, a])}


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        pytest.param("theorem_5_1", UNCOUPLED, id="5.1, not coupled"),
        pytest.param("theorem_5_1", REPELLED, id="5.1, repelled"),
        pytest.param("theorem_5_1", RING, id="5.1, a ring"),
        pytest.param("theorem_3_2", UNCOUPLED, id="3.2, not coupled"),
        pytest.param("theorem_3_2", RING, id="3.2, a ring"),
        pytest.param("theorem_5_2", ON_THE_MEAN, id="5.2, the pull on the mean"),
        pytest.param("theorem_5_2_without_metric", ON_THE_MEAN, id="the same without a metric"),
        pytest.param("theorem_5_3", REVERSED, id="5.3, repelled"),
        pytest.param("theorem_3_1", UNCOUPLED, id="3.1, not coupled"),
        pytest.param("lemma_3_1", UNCOUPLED, id="lemma 3.1, not coupled"),
        pytest.param("lemma_5_5", UNCOUPLED, id="lemma 5.5, another loss"),
    ],
)
def test_a_theorem_about_other_agents(name: str, setting: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        theory.load(name).derive(setting=setting)


def ring_by_citing(proof: Proof, model: Any) -> dict[str, Fact]:
    return {"spread": lemma(proof, lemma_3_1.RESULT, "spread")}


def test_a_ring_does_not_obey_a_lemma_by_citing_it() -> None:
    ring = Diffusion(x, RING["drift"], noise)
    for signals in ((), (signal,)):
        stated = dataclasses.replace(
            lemma_3_1.RESULT, prove=ring_by_citing, system=ring, signals=signals, setting={}
        )
        with pytest.raises(ProofError, match="another system"):
            stated.derive()


def test_a_proof_starts_from_its_setting() -> None:
    """A proof that cites the lemma says nothing about the drift that it was given."""
    for system in (lemma_3_1.RESULT.system, Diffusion(x, lemma_3_1.drift, noise)):
        citing = dataclasses.replace(lemma_3_1.RESULT, prove=ring_by_citing, system=system)
        with pytest.raises(ProofError, match="does not start from"):
            citing.derive()
        with pytest.raises(ProofError):
            citing.derive(setting=RING)
        with pytest.raises(ProofError):
            dataclasses.replace(citing, setting={**citing.setting, **RING}).derive()


def using_and_citing(proof: Proof, model: Any) -> dict[str, Fact]:
    Diffusion(x, model.drift, model.noise).generator(x[1, 1] ** 2)
    return ring_by_citing(proof, model)


def test_the_system_is_that_of_the_setting() -> None:
    ring = {**lemma_3_1.RESULT.setting, **RING}
    with pytest.raises(ProofError, match="another system"):
        dataclasses.replace(lemma_3_1.RESULT, prove=using_and_citing, setting=ring).derive()


def test_a_signal_is_common_free_and_declared() -> None:
    proof = Proof(lemma_3_1.RESULT.assumptions)

    def cite(array: Any, value: Any) -> Fact:
        return lemma(proof, lemma_3_1.RESULT, "spread", signals={array: value})

    assert cite(signal, mean).dynamics
    for array, value in (
        (signal, lambda a: x[i, a]),
        (signal, lambda a: x[i + 1, a]),
        (x, mean),
        (gradient, mean),
        (lemma_3_1.mean_gradient, mean),
        (theorem_5_1.minimizer, mean),
    ):
        with pytest.raises(ProofError):
            cite(array, value)


def test_a_noise_free_system_in_place_of_a_noisy_one() -> None:
    """Handing a noise-free system to the rule would give the spread 0."""

    def prove(proof: Proof, model: Any) -> dict[str, Fact]:
        calm = Diffusion(x, model.drift, noiseless)
        pull = proof.sum_over(proof.assume("curvature bound"), i, agents, "all")
        stronger = proof.assume("coupling exceeds curvature")
        rate = proof.less(0, 2 * (coupling - negative_curvature), "rate", using={stronger: 2})
        growth = proof.at_most(
            calm.generator(SPREAD), -rate.relation.right * SPREAD, "calm", using={pull: 2}
        )
        return {"spread": moment_limit(proof, calm, SPREAD, growth, rate, sympy.S.Zero)}

    silent = dataclasses.replace(
        lemma_3_1.RESULT,
        prove=prove,
        setting={"drift": lemma_3_1.drift},
        system=Diffusion(x, lemma_3_1.drift, noise),
        assumptions=tuple(one for one in lemma_3_1.RESULT.assumptions if one.name != "noise bound"),
        statements={"spread": Statement("", at_most(UpperLimit(Expectation(SPREAD)), 0))},
    )
    with pytest.raises(ProofError, match="another system"):
        silent.derive()
    honest = dataclasses.replace(silent, system=Diffusion(x, lemma_3_1.drift, noiseless))
    assert honest.derive().status == "proved under assumptions"


def test_a_statement_about_solutions_names_its_system() -> None:
    for system in (None, ()):
        with pytest.raises(ProofError, match="of which system"):
            dataclasses.replace(lemma_3_1.RESULT, system=system).derive()


def test_a_fact_of_no_system_is_no_statement_about_one() -> None:
    """That limits keep the order holds for all systems, so it says nothing about this one."""
    value = sympy.Sum(x[1, a] ** 2, (a, 1, dimension))

    def prove(proof: Proof, model: Any) -> dict[str, Fact]:
        order = proof.at_most(value, 2 * value, "a square")
        return {"order": in_the_limit(proof, value, sympy.Integer(2), value, order)}

    relation = at_most(UpperLimit(Expectation(value)), 2 * UpperLimit(Expectation(value)))
    result = Result(
        "order", "0", "", "", {"order": Statement("", relation)}, (REGULAR,), prove,
        system=Diffusion(x, lemma_3_1.drift, noise),
    )  # fmt: skip
    with pytest.raises(ProofError, match="of which system"):
        result.derive()


def sinks(state: Any, speed: int) -> Flow:
    return Flow((Part(state, lambda i, a: -speed * state[i, a], sympy.S.One),))


def test_facts_of_two_systems_are_not_joined() -> None:
    proof = Proof([SOLVED])
    value = x[1, 1] ** 2
    limits = []
    for speed in (1, 2):
        growth = proof.at_most(sinks(x, speed).derivative(value), -2 * speed * value, "exact")
        rate = proof.less(0, 2 * speed, "rate")
        limits.append(settles(proof, sinks(x, speed), value, growth, rate, sympy.S.Zero))
    left = limits[0].relation.left
    with pytest.raises(ProofError, match="different systems"):
        proof.at_most(2 * left, 0, "both", using={limits[0]: 1, limits[1]: 1}, certificate=0)
    with pytest.raises(ProofError, match="different systems"):
        proof.chain(limits[0], proof.take(at_most(0, 0), "", [limits[1]]))
    with pytest.raises(ProofError, match="different systems"):
        proof.product(limits[0], proof.take(at_most(0, 1), "", [limits[1]]), "both")


def test_one_system_has_one_law_for_an_array() -> None:
    part = Diffusion(x, lambda i, a: -x[i, a], noiseless)
    for twice in (
        Stacked((part, part)),
        Flow((Part(x, part.drift), Part(x, lambda i, a: x[i, a]))),
    ):
        with pytest.raises(ProofError, match="two laws"):
            twice.dynamics()
        with pytest.raises(ProofError, match="two laws"):
            Stacked((part, part)).generator(x[1, 1] ** 2)


def test_shared_noise_is_not_independent_noise() -> None:
    alone = Diffusion(x, lambda i, a: -x[i, a], lambda i, a, c: sympy.KroneckerDelta(a, c))
    shared = dataclasses.replace(
        alone, covariance=CommonNoise(lambda a, c: sympy.KroneckerDelta(a, c))
    )
    centre = sympy.Sum(x[i, 1], (i, 1, agents)) / agents
    proof = Proof([])
    own = variance_of(proof, alone, centre, 1 / agents)
    common = variance_of(proof, shared, centre, 1)
    with pytest.raises(ProofError, match="is not zero"):
        variance_of(proof, shared, centre, 1 / agents)
    with pytest.raises(ProofError, match="different systems"):
        proof.product(own, common, "both")


def test_two_noisy_families_have_a_noise_each() -> None:
    model = Iteration(
        (
            Step(x, lambda i, a: x[i, a] / 2, noisy=True),
            Step(y, lambda i, a: y[i, a] / 2, noisy=True),
        ),
        sympy.S.One,
    )
    assert model.after(x[1, 1] * y[1, 1]) == x[1, 1] * y[1, 1] / 4
    assert FRESH_NOISE.relation is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(y[1] * x[1, 1] ** 2, id="a metric that may move"),
        pytest.param(gradient[1, 1] * x[1, 1], id="a gradient, which moves with the agent"),
        pytest.param(signal[1] * x[1, 1], id="a signal"),
        pytest.param(sympy.exp(time) * x[1, 1] ** 2, id="a metric of the time"),
        pytest.param(sympy.Function("m", real=True)(time) * x[1, 1] ** 2, id="a function of it"),
        pytest.param(sympy.Abs(x[1, 1]), id="a kink"),
        pytest.param(sympy.cbrt(x[1, 1] ** 2), id="a root at zero"),
        pytest.param(sympy.Max(x[1, 1], 0), id="a maximum"),
    ],
)
def test_a_function_whose_rate_of_change_is_lost(value: Any) -> None:
    system = Diffusion(x, lambda i, a: -x[i, a], noiseless)
    with pytest.raises(ProofError):
        system.generator(value)
    with pytest.raises(ProofError):
        Flow((Part(x, system.drift),)).derivative(value)
    with pytest.raises(ProofError):
        drift_of(Proof([]), system, value, sympy.S.Zero)
    with pytest.raises(ProofError):
        Iteration((Step(x, lambda i, a: x[i, a]),), sympy.S.One).after(value)


def test_a_constant_metric_is_declared_constant() -> None:
    metric = Constant("m", real=True)
    system = Diffusion(x, lambda i, a: -x[i, a], noiseless)
    assert system.generator(metric[1] * x[1, 1] ** 2) == -2 * metric[1] * x[1, 1] ** 2


def test_a_moment_of_higher_degree_need_not_exist() -> None:
    system = Diffusion(x, lambda i, a: -x[i, a], noiseless, sympy.S.One)
    proof = Proof([REGULAR])
    value = x[1, 1] ** 4
    growth = proof.at_most(system.generator(value), -4 * value, "exact")
    rate = proof.less(0, 4, "rate")
    with pytest.raises(ProofError, match="second degree"):
        moment_limit(proof, system, value, growth, rate, sympy.S.Zero)


def test_a_lemma_keeps_what_is_constant() -> None:
    """A gain that depends on the state is not the gain of the theorem."""
    proof = Proof(theorem_3_1.RESULT.assumptions)
    for gain in (x[1, 1] ** 2, time, coupling * time, Expectation(x[1, 1] ** 2)):
        with pytest.raises(ProofError):
            lemma(proof, theorem_3_1.RESULT, "pair", at={coupling: gain})
    with pytest.raises(ProofError):
        lemma(proof, theorem_3_1.RESULT, "pair", at={x[1, 1]: sympy.S.Zero})


def test_a_lemma_for_all_agents_is_not_taken_for_one() -> None:
    """The hypothesis of Lemma 3.1 is summed over the agents: knowing it for one is not enough."""
    proof = Proof(lemma_3_1.RESULT.assumptions)
    with pytest.raises(ProofError):
        lemma(proof, lemma_3_1.RESULT, "spread", at={lemma_3_1.i: sympy.S.One})
    narrow = [
        dataclasses.replace(one, over=()) if one.name == "curvature bound" else one
        for one in lemma_3_1.RESULT.assumptions
    ]
    with pytest.raises(ProofError, match="one value"):
        lemma(Proof(narrow), lemma_3_1.RESULT, "spread")


def test_the_setting_of_the_proof_is_not_that_of_the_statement() -> None:
    """A proof that ignores the setting it was given still ends at the declared system."""

    def prove(proof: Proof, model: Any) -> dict[str, Fact]:
        flow, value = sinks(x, 3), x[1, 1] ** 2
        growth = proof.at_most(flow.derivative(value), -6 * value, "exact")
        return {"decay": decays(proof, flow, value, sympy.Integer(6), growth)}

    proof = Proof([SOLVED])
    relation = prove(proof, None)["decay"].relation
    result = Result(
        "decay", "0", "", "", {"decay": Statement("", relation)}, (SOLVED,), prove,
        system=sinks(x, 1),
    )  # fmt: skip
    with pytest.raises(ProofError, match="another system"):
        result.derive()
    assert dataclasses.replace(result, system=sinks(x, 3)).derive().conclusions


def test_an_equation_of_the_proof_does_not_replace_the_stated_one() -> None:
    assert theorem_5_3.RESULT.system is theory.load("theorem_5_3_explicit").system
    with pytest.raises(ProofError):
        theory.load("theorem_5_3_explicit").derive(
            statements={"distance": equal(theorem_5_3.BOUND, theorem_5_3.BOUND)}
        )


complex_state = sympy.IndexedBase("w")
BY_NO_NUMBER: dict[str, tuple[Any, Any]] = {
    "an agent that is not real": (complex_state, lambda i, a: -complex_state[i, a]),
    "an imaginary drift": (x, lambda i, a: sympy.I * x[i, a]),
    "a drift that may be imaginary": (x, lambda i, a: sympy.sqrt(x[i, a])),
    "a drift with a pole": (x, lambda i, a: 1 / x[i, a]),
    "a drift with a pole that cancels": (x, lambda i, a: sum(x[j, a] for j in (1, 2)) / x[1, a]),
    "an infinite drift": (x, lambda i, a: sympy.zoo),
    "a drift by an array that is not real": (x, lambda i, a: complex_state[i, a] - x[i, a]),
}


@pytest.mark.parametrize(("state", "drift"), BY_NO_NUMBER.values(), ids=BY_NO_NUMBER)
def test_agents_that_move_by_no_number(state: Any, drift: Any) -> None:
    """What is proved of such a system is proved of none."""
    value = state[1, 1] ** 2
    with pytest.raises(ProofError):
        Diffusion(state, drift, noiseless).generator(value)
    with pytest.raises(ProofError):
        Flow((Part(state, drift),)).derivative(value)
    with pytest.raises(ProofError):
        Iteration((Step(state, drift),), sympy.S.One).after(value)


def test_a_vector_and_a_matrix_are_no_number() -> None:
    system = Diffusion(x, lambda i, a: -x[i, a], noiseless)
    with pytest.raises(ProofError, match="two indices"):
        system.generator(x[1] ** 2)
    proof = Proof([])
    for compare in (proof.at_most, proof.less):
        for left, right in ((-sympy.eye(2), 0), (0, sympy.eye(2)), (-sympy.eye(2), sympy.eye(2))):
            with pytest.raises(ProofError, match="entry"):
                compare(left, right, "a matrix")
