"""Running the proof of a result: the verdict, and every step for a reader."""

import dataclasses
import time
from dataclasses import dataclass, field
from typing import Any

from sdeopt.errors import SdeoptError, reason_of

FAILED = "FAILED"
"""The status of a result that is not derived; others are in `theory.proofs.result.Status`."""


@dataclass(frozen=True)
class Verdict:
    """What came of one result."""

    name: str
    number: str = ""
    source: str = ""
    title: str = ""
    status: str = FAILED
    steps: int = 0
    seconds: float = 0.0
    cites: tuple[str, ...] = ()
    problem: str = ""

    @property
    def derived(self) -> bool:
        """Whether all that is stated was reached."""
        return not self.problem

    @classmethod
    def of(cls, result: Any) -> "Verdict":
        """Derive a result."""
        return _derived(result)[0]

    @classmethod
    def failed(cls, name: str, problem: Exception, **known: Any) -> "Verdict":
        """Return the verdict on a result that is not derived."""
        return cls(name, problem=reason_of(problem), **known)


@dataclass(frozen=True)
class Details:
    """One result with every step of its derivation."""

    verdict: Verdict
    statements: list[dict[str, Any]] = field(default_factory=list)
    assumptions: list[dict[str, Any]] = field(default_factory=list)
    cited: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    planted: list[dict[str, Any]] = field(default_factory=list)
    instance: dict[str, float] = field(default_factory=dict)
    in_words: list[str] = field(default_factory=list)
    remarks: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        # All steps stand where the verdict has their number, and `cited` says more than `cites`.
        document = {**dataclasses.asdict(self.verdict), **dataclasses.asdict(self)}
        return {key: value for key, value in document.items() if key not in ("verdict", "cites")}

    @classmethod
    def of(cls, result: Any) -> "Details":
        """Derive a result, and try the errors planted in it."""
        verdict, derivation = _derived(result)
        return cls(
            verdict=verdict,
            statements=[
                {"name": name, "words": statement.words, **_formula(statement.relation)}
                for name, statement in result.statements.items()
            ],
            assumptions=[
                {
                    "name": assumption.name,
                    "words": assumption.words,
                    **_formula(assumption.relation),
                    "through": [fact.name for fact in assumption.through],
                }
                for assumption in result.assumptions
            ],
            cited=[dataclasses.asdict(fact) for fact in derivation.cites] if derivation else [],
            steps=[
                {
                    "kind": fact.kind,
                    "words": fact.words,
                    **_formula(fact.relation),
                    "rests_on": sorted(fact.rests_on),
                    "cites": sorted(cited.name for cited in fact.cites),
                }
                for fact in (derivation.facts if derivation else ())
            ],
            planted=[_planted(result, error) for error in result.planted],
            instance=dict(derivation.instance.values) if derivation else {},
            in_words=list(derivation.in_words) if derivation else [],
            remarks=result.remarks,
        )


def _derived(result: Any) -> tuple[Verdict, Any]:
    known = {"number": result.number, "source": result.source, "title": result.title}
    start = time.perf_counter()
    try:
        derivation = result.derive()
    except Exception as problem:  # whatever goes wrong, the result is not derived
        seconds = time.perf_counter() - start
        return Verdict.failed(result.name, problem, seconds=seconds, **known), None
    verdict = Verdict(
        result.name,
        status=derivation.status,
        steps=derivation.steps,
        seconds=derivation.seconds,
        cites=tuple(fact.name for fact in derivation.cites),
        **known,
    )
    return verdict, derivation


def _formula(relation: Any) -> dict[str, str]:
    if relation is None:
        return {"relation": "", "latex": ""}
    # sympy prints a matrix on several lines
    return {"relation": " ".join(str(relation).split()), "latex": relation.latex()}


def _planted(result: Any, error: Any) -> dict[str, Any]:
    """Derive with an error planted; it is noticed when a step refuses it."""
    change = {"statements": error.statements, "without": error.without, "setting": error.setting}
    try:
        result.derive(**change)
    except SdeoptError as problem:
        return {"words": error.words, "noticed": True, "refusal": " ".join(str(problem).split())}
    return {"words": error.words, "noticed": False, "refusal": ""}
