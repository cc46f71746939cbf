"""The log: one JSON document a quotation (docs/reference.md, Log)."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import Field

from quotation.status import Failure, Result, State, Step
from quotation.stored import Stored
from quotation.stored.request import StoredRequest
from quotation.warning import QuotationWarning

_STEP_MAPS = "steps"
"""The name of the maps from a step, whose keys come and go with the runs of a quotation."""

_OTHER_LINE_BREAKS = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}
"""Line breaks to some readers that JSON does not escape by itself."""

_STEPS = frozenset({*Step, "opportunity", "sale_order", "product"})


def _is_none(value: object) -> bool:
    return value is None


def object_name(tracking_id: str, created: date) -> str:
    """Return where a log goes below the bucket's prefix, by the date of its quotation's creation (UTC)."""
    return f"{created:%Y/%m}/{tracking_id}.log"


def file_name(tracking_id: str, created: date) -> str:
    """Return the name of a log's local copy, by the date of its quotation's creation (UTC)."""
    return f"{created:%Y-%m-%d}_{tracking_id}.log"


class StepTimes(Stored):
    """When a step began and ended, UTC; `finished_at` is null for a step that did not end well."""

    started_at: datetime
    finished_at: datetime | None = None


class Log(Stored):
    """A log of any version: the fields that decide where it goes, which of two is valid and who may read it.

    All other fields are carried along as they are, so a worker writes a newer one's log without loss. Every
    version must write these fields. It must write each of its fields every time: an absent one counts as unknown.
    """

    tracking_id: str
    status: str
    environment: str
    created_at: datetime
    completed_at: datetime | None
    written_at: datetime
    owner: str | None = Field(None, exclude_if=_is_none)
    """Who started the quotation; empty for the local caller, and None in a log of an older version."""
    # the worker adds both when it writes the log: they need not be in the history of each run
    namespace: str | None = Field(None, exclude_if=_is_none)
    """The namespace in Temporal where the quotation ran; None in a log of an older version."""
    environment_name: str | None = Field(None, exclude_if=_is_none)
    """The environment's name, e.g. `dev`; None in a log of an older version."""

    def placed(self, namespace: str, environment_name: str) -> Self:
        """Return the log with the place where its quotation ran."""
        return self.model_copy(update={"namespace": namespace, "environment_name": environment_name})

    def supersedes(self, other: "Log") -> bool:
        """Return True if this log may replace `other`, which is one of the same quotation.

        The later `written_at` wins, and at the same time the final log. It is workflow time, which never runs
        backwards within a quotation, so a late or repeated write is noticed whichever version wrote it.
        """
        return (self.written_at, self.is_final) > (other.written_at, other.is_final)

    def keeping_unknown_fields_of(self, other: "Log") -> "Log":
        """Return this log with those fields of an earlier one that this version does not know."""
        content = self.model_dump(mode="json")
        return Log.model_validate(_with_missing(content, other.model_dump(mode="json")))

    def to_bytes(self) -> bytes:
        """Return the log as it is stored: one line of UTF-8 JSON, for query engines."""
        return self.model_dump_json().translate(_OTHER_LINE_BREAKS).encode() + b"\n"

    @property
    def object_name(self) -> str:
        """Where the log goes below the bucket's prefix: `YYYY/MM/{tracking_id}.log`."""
        return object_name(self.tracking_id, self.created_at)

    @property
    def file_name(self) -> str:
        """The local copy's name: `YYYY-MM-DD_{tracking_id}.log`."""
        return file_name(self.tracking_id, self.created_at)

    @property
    def is_final(self) -> bool:
        """True if no later log of the same run can follow."""
        # a state that only a newer version knows is final if the quotation has ended
        return self.completed_at is not None or self.status in {state for state in State if state.is_final}


class LogDocument(Log):
    """Request, result, error and times of one quotation at one moment, as this version writes them."""

    status: State
    elapsed_time: str
    request: StoredRequest
    result: Result
    error: Failure | None
    steps: dict[Step, StepTimes]
    warnings: list[QuotationWarning] = Field([])


def _with_missing(ours: Any, theirs: Any, *, are_steps: bool = False) -> Any:
    """Return `ours` with the fields that only `theirs` has, at every level."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [_with_missing(one, other) for one, other in zip(ours, theirs, strict=True)]
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        return ours
    both = {
        name: _with_missing(value, theirs.get(name), are_steps=name == _STEP_MAPS) for name, value in ours.items()
    }
    # the times of a step that an earlier run had reached are not this run's
    missing = {
        name: value for name, value in theirs.items() if name not in ours and not (are_steps and name in _STEPS)
    }
    return both | missing
