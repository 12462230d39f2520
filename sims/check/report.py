"""What a check found: rows, constants, what was run."""

from dataclasses import dataclass
from typing import Any

from sdeopt.configuration import describe
from sdeopt.errors import unknown_name
from sims.check.case import Case
from sims.check.measurement import Plan
from sims.check.row import BROKEN, Row

__all__ = ["Report"]


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found.

    Parameters
    ----------
    case : Case
        The problem with its constants.
    plan : Plan
        How it was simulated.
    rows : list of Row
        One for each theorem, those that apply first.
    notes : list of str
        What a reader should know.
    """

    case: Case
    plan: Plan
    rows: list[Row]
    notes: list[str]

    def row(self, name: str) -> Row:
        """Return the row of a theorem.

        Parameters
        ----------
        name : str
            As in `sims.check.registry.names`.

        Returns
        -------
        Row
            Its numbers and the verdict.
        """
        rows = {row.name: row for row in self.rows}
        if name not in rows:
            raise unknown_name("row of the check called", name, rows)
        return rows[name]

    @property
    def broken(self) -> list[Row]:
        """The rows whose theorem applies and does not hold."""
        return [row for row in self.rows if row.verdict == BROKEN]

    @property
    def title(self) -> str:
        """What was checked, in one line."""
        problem = self.case.problem
        coupling = f"k = {problem.number('coupling'):g}, "
        return (
            f"{problem.kind} on {problem.loss.name}, n = {problem.loss.dim}: "
            f"{'' if problem.kind == 'SGD' else coupling}p = {problem.agents}, "
            f"η = {problem.step_size:g}, b = {problem.batch_size}"
        )

    @property
    def method(self) -> str:
        """How it was measured, in one line."""
        plan = self.plan
        clock = "the iteration" if self.case.problem.discrete else f"the SDE, dt = {plan.dt:.3g}"
        return (
            f"{clock}; {plan.replicas} replicas, {plan.early} steps thrown away, "
            f"{plan.steps - plan.early} averaged over"
        )

    @property
    def document(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        problem = self.case.problem
        names = ("loss", "algorithm", "noise", "step_size", "agents", "batch_size", "seed")
        constants = {
            name: {"value": describe(entry.value), "origin": entry.origin, "words": entry.words}
            for name, entry in self.case.constants.entries.items()
        }
        return {
            "problem": {name: describe(getattr(problem, name)) for name in names},
            "constants": constants,
            "simulation": {
                "clock": describe(self.plan.clock),
                "steps": self.plan.steps,
                "thrown_away": self.plan.early,
                "replicas": self.plan.replicas,
            },
            "rows": [row.document for row in self.rows],
            "notes": self.notes,
        }
