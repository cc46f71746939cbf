"""The status of a quotation, as the workflow holds it and every client reads it (docs/reference.md, Status)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, field_serializer, model_validator

from quotation.errors import ErrorCode
from quotation.stored import Stored
from quotation.warning import QuotationWarning


class State(StrEnum):
    """The states of a quotation: `queued`, `processing`, then one of the three final states."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """True if the run no longer changes its state."""
        return self in (State.COMPLETED, State.FAILED, State.CANCELLED)


class Step(StrEnum):
    """The steps in their order; a quotation is at the first unfinished one."""

    QUEUED = "queued"
    AUTH = "auth"
    PARTNER = "partner"
    LEAD = "lead"
    CONVERT = "convert"
    ORDER = "order"
    LINE = "line"
    DONE = "done"


_STORY = ("partner", "lead", "opportunity", "sale_order", "product")
"""The keys of a result's steps, in the order of the steps."""


class ResultLine(Stored):
    """An order line as stored in Odoo, in the order's currency; `subtotal` is without tax."""

    line_id: int
    product_id: int
    name: str
    quantity: float
    price_unit: float
    discount: float = Field(description="Percent.")
    subtotal: float


class Result(Stored):
    """The records in Odoo so far; null until known. Amounts are in `currency` (ISO 4217)."""

    partner_id: int | None = None
    partner_name: str | None = None
    lead_id: int | None = None
    lead_name: str | None = None
    opportunity_id: int | None = None
    sale_order_id: int | None = None
    sale_order_name: str | None = None
    amount_untaxed: float | None = None
    amount_tax: float | None = None
    amount_total: float | None = None
    currency: str | None = None
    sale_order_url: str | None = None
    lines: list[ResultLine] = Field([])
    steps: dict[str, str] = Field({}, description="A sentence in Spanish for each finished step.")
    environment: str

    @field_serializer("steps")
    def _in_order(self, steps: dict[str, str]) -> dict[str, str]:
        # some steps run concurrently, but people read their sentences as a story
        return {name: steps[name] for name in _STORY if name in steps} | steps


class Retrying(Stored):
    """A step that is being retried."""

    step: Step
    attempt: int
    code: ErrorCode = ErrorCode.ODOO_UNAVAILABLE
    """The code with which the step would fail."""
    last_error: str
    next_attempt_at: datetime | None = Field(description="Null while an attempt is in progress.")


class Failure(Stored):
    """The reason why a quotation failed: a stable code, a sentence for people, and the step."""

    code: ErrorCode
    message: str
    step: Step


class Queue(Stored):
    """How many quotations are ahead of a waiting one."""

    ahead: int
    estimated_seconds: float


class QuotationStatus(Stored):
    """The status of a quotation. Every key is always present, and null until known. Times are UTC."""

    tracking_id: str
    status: State = State.QUEUED
    environment: str
    created_at: datetime | None = None
    completed_at: datetime | None = None
    elapsed_time: str = "0.0s"
    progress: str = "En cola"
    step: Step = Step.QUEUED
    retrying: Retrying | None = None
    result: Result
    error: Failure | None = None
    warnings: list[QuotationWarning] = Field([])
    queue: Queue | None = None

    @model_validator(mode="before")
    @classmethod
    def _put_in_known_words(cls, data: Any) -> Any:
        return _in_known_words(data) if isinstance(data, Mapping) else data

    @classmethod
    def queued(
        cls,
        tracking_id: str,
        environment: str,
        created_at: datetime | None = None,
        existing: Result | None = None,
        warnings: Sequence[QuotationWarning] = (),
    ) -> "QuotationStatus":
        """Return the status of a quotation that no worker has taken yet; `existing` is what earlier runs left."""
        return cls(
            tracking_id=tracking_id,
            environment=environment,
            created_at=created_at,
            result=existing or Result(environment=environment),
            warnings=list(warnings),
        )

    def measured_at(self, now: datetime) -> "QuotationStatus":
        """Return the same status with `elapsed_time` from creation until completion, or until `now`."""
        if self.created_at is None:
            return self
        seconds = ((self.completed_at or now) - self.created_at).total_seconds()
        return self.model_copy(update={"elapsed_time": f"{max(seconds, 0.0):.1f}s"})


def _in_known_words(status: Mapping[str, Any]) -> dict[str, Any]:
    """Replace values that only a newer version knows by documented ones.

    The step follows from what exists in Odoo. A final state becomes `failed` if there is an error, `completed` if
    there is a priced order, and otherwise `cancelled`; any other state becomes `processing`. A code becomes
    `odoo_unexpected` and keeps its sentence.
    """
    known = dict(status)
    result = _mapping(known.get("result"))
    if _is_new(known.get("step"), Step):
        known["step"] = _step_of(result)
    if _is_new(known.get("status"), State):
        known["status"] = _state_of(known, result)
    if error := _mapping(known.get("error")):
        step = known.get("step", Step.QUEUED) if _is_new(error.get("step"), Step) else error.get("step")
        code = ErrorCode.ODOO_UNEXPECTED if _is_new(error.get("code"), ErrorCode) else error.get("code")
        known["error"] = {**error, "step": step, "code": code}
    return known


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_new(value: object, known: type[StrEnum]) -> bool:
    return isinstance(value, str) and value not in set(known)


def _step_of(result: Mapping[str, Any]) -> Step:
    made = [
        ("sale_order_id", Step.LINE),
        ("opportunity_id", Step.ORDER),
        ("lead_id", Step.CONVERT),
        ("partner_id", Step.LEAD),
    ]
    return next((step for record, step in made if result.get(record) is not None), Step.AUTH)


def _state_of(status: Mapping[str, Any], result: Mapping[str, Any]) -> State:
    if status.get("completed_at") is None:
        return State.PROCESSING
    if status.get("error") is not None:
        return State.FAILED
    return State.CANCELLED if result.get("amount_total") is None else State.COMPLETED
