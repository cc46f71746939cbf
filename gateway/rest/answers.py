"""The answers of the REST interface about a quotation, and where to read its status."""

from typing import Annotated

from fastapi import Path

from gateway.service.quotations import CancelRequested
from gateway.service.starts.starting import Accepted
from gateway.spoken import status_sentence
from quotation.identity import TRACKING_ID_PATTERN
from quotation.status import QuotationStatus

TrackingId = Annotated[
    str,
    Path(
        description="As returned by the start, e.g. `quot_abc123def456`.",
        # documented, not checked here: the service refuses another form in words of its own
        json_schema_extra={"pattern": TRACKING_ID_PATTERN},
    ),
]

LOCATION = {"Location": {"description": "The status_url.", "schema": {"type": "string"}}}
"""The header of answers that say where to read the status."""


class AcceptedQuotation(Accepted):
    """A quotation that was started but is not finished, and where to read its status."""

    status_url: str


class AcceptedCancel(CancelRequested):
    """A cancel that was requested, and where to read its outcome."""

    status_url: str


class SpokenStatus(QuotationStatus):
    """A quotation's status, with a sentence about it that a voice agent can say."""

    spoken_status: str


def status_url(tracking_id: str) -> str:
    """Return the path at which the status of a quotation is read."""
    return f"/api/quotation/status/{tracking_id}"


def spoken(status: QuotationStatus) -> SpokenStatus:
    """Return the status with its sentence."""
    return SpokenStatus(**{**dict(status), "spoken_status": status_sentence(status)})
