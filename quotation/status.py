"""The status of a quotation, as a workflow holds it and every client reads it (contract, section 2)."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from quotation.errors import ErrorCode


class State(StrEnum):
    """How far a quotation is: `queued`, `processing`, then one of the three final states."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """True where no later change can come in this run."""
        return self in (State.COMPLETED, State.FAILED, State.CANCELLED)


class Step(StrEnum):
    """The steps in their order; a quotation's is the first unfinished one."""

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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ResultLine(_Part):
    """An order line as Odoo holds it; prices are in the order's currency, without tax."""

    line_id: int
    product_id: int
    name: str
    quantity: float
    price_unit: float
    discount: float = Field(description="Percent.")
    subtotal: float


class Result(_Part):
    """What exists in Odoo so far; null until known. Amounts are in `currency` (ISO 4217)."""

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
    lines: list[ResultLine] = []
    steps: dict[str, str] = Field({}, description="A sentence in Spanish for each finished step.")
    environment: str

    @field_serializer("steps")
    def _in_order(self, steps: dict[str, str]) -> dict[str, str]:
        # some run side by side, and who reads them reads a story
        return {name: steps[name] for name in _STORY if name in steps} | steps


class Retrying(_Part):
    """A step that is being tried again."""

    step: Step
    attempt: int
    last_error: str
    next_attempt_at: datetime | None = Field(description="Null while an attempt is under way.")


class Failure(_Part):
    """Why a quotation failed: a stable code, a sentence for people and the step it happened in."""

    code: ErrorCode
    message: str
    step: Step


class QuotationStatus(_Part):
    """One quotation's status; every key is always there, null until known. Times are UTC."""

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

    @classmethod
    def queued(
        cls,
        tracking_id: str,
        environment: str,
        created_at: datetime | None = None,
        existing: Result | None = None,
    ) -> "QuotationStatus":
        """The status of a quotation that no worker has taken yet; `existing` is what earlier runs have left."""
        return cls(
            tracking_id=tracking_id,
            environment=environment,
            created_at=created_at,
            result=existing or Result(environment=environment),
        )

    def measured_at(self, now: datetime) -> "QuotationStatus":
        """The same status with `elapsed_time` from creation until completion, or until `now`."""
        if self.created_at is None:
            return self
        seconds = ((self.completed_at or now) - self.created_at).total_seconds()
        return self.model_copy(update={"elapsed_time": f"{max(seconds, 0.0):.1f}s"})
