"""The log: one JSON document a quotation (contract, section 4)."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from quotation.request import QuotationRequest
from quotation.status import Failure, Result, State, Step


class StepTimes(BaseModel):
    """When a step began and ended, UTC; `finished_at` is null for one that did not end well."""

    model_config = ConfigDict(hide_input_in_errors=True)

    started_at: datetime
    finished_at: datetime | None = None


class LogDocument(BaseModel):
    """Request, result, error and times of one quotation, at one moment.

    Of two documents of the same quotation the one with the later `written_at` is the valid one, at the same time
    the final one. It is workflow time, which never runs backwards within a quotation, so that a late or repeated
    write is noticed.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    tracking_id: str
    status: State
    environment: str
    created_at: datetime
    completed_at: datetime | None
    elapsed_time: str
    request: QuotationRequest
    result: Result
    error: Failure | None
    steps: dict[Step, StepTimes]
    written_at: datetime

    def supersedes(self, other: "LogDocument") -> bool:
        """Tell whether this document may replace `other`."""
        return (self.written_at, self.status.is_final) > (other.written_at, other.status.is_final)

    def to_bytes(self) -> bytes:
        """Give the document as it is stored: indented UTF-8 JSON."""
        return self.model_dump_json(indent=2).encode() + b"\n"

    @property
    def object_name(self) -> str:
        """Where the document goes below the bucket's prefix: `YYYY/MM/{tracking_id}.log`."""
        return f"{self.created_at:%Y/%m}/{self.tracking_id}.log"

    @property
    def file_name(self) -> str:
        """The local copy's name: `YYYY-MM-DD_{tracking_id}.log`."""
        return f"{self.created_at:%Y-%m-%d}_{self.tracking_id}.log"
