"""Findings: facts, limits and problems."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The weight of a finding."""

    OK = "ok"
    LIMIT = "limit"
    """Quotations complete, but something does not work."""
    PROBLEM = "problem"
    """Quotations or their logs fail."""


@dataclass(frozen=True)
class Finding:
    """A sentence for an operator; it holds no secret."""

    kind: Kind
    sentence: str


def may_be_wrong(variables: Sequence[str], error: Exception) -> str:
    """Return a sentence that names the variables, one or more, that an error is about."""
    *others, last = variables
    names = f"{', '.join(others)} or {last}" if others else last
    return f"{names} may be wrong: {error}"


def print_findings(findings: Iterable[Finding]) -> int:
    """Print the findings, one a line, and return the number of problems."""
    problems = 0
    for finding in findings:
        problems += finding.kind is Kind.PROBLEM
        print(f"{finding.kind:<8} {finding.sentence}", flush=True)  # noqa: T201  # the output of `--check`
    return problems
