"""The answers of the REST interface about a quotation, and where to read its status."""

from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, BeforeValidator

from gateway.access.page_links import LinkedStatus, linked, page_url
from gateway.service.bulk_retries import Retried
from gateway.service.lookups import CheckedQuotation
from gateway.service.quotations import CancelRequested
from gateway.service.starts.starting import Accepted, Started
from gateway.spoken import status_sentence
from gateway.web.path_prefix import prefix_of
from quotation.forgiving.absent import nothing_is_none
from quotation.forgiving.numerals import to_number
from quotation.identity import TRACKING_ID_PATTERN
from quotation.status import QuotationStatus

TrackingId = Annotated[
    str,
    Path(
        description="As returned by the start, e.g. `quot_abc123def456`.",
        # documented, not checked here: the service refuses other forms with its own message
        json_schema_extra={"pattern": TRACKING_ID_PATTERN},
    ),
]

_MOST_WAIT_SECONDS = 60.0


def _seconds(value: object) -> Decimal:
    return to_number(0 if nothing_is_none(value) is None else value)


Wait = Annotated[
    float,
    Query(
        ge=0,
        allow_inf_nan=False,
        description="Seconds to wait for a final status; more than 60 counts as 60.",
    ),
    BeforeValidator(_seconds),
    AfterValidator(lambda seconds: min(seconds, _MOST_WAIT_SECONDS)),
]


async def _prefix(request: Request) -> str:
    return prefix_of(request.scope)


Prefix = Annotated[str, Depends(_prefix)]
"""The path prefix of the addresses in an answer."""

LOCATION = {"Location": {"description": "The `status_url`.", "schema": {"type": "string"}}}
"""The header of answers that say where to read the status."""


class AcceptedQuotation(Accepted):
    """A quotation that was started but is not finished, and where to read its status."""

    status_url: str
    page_url: str | None
    spoken_status: str


class AcceptedCancel(CancelRequested):
    """A cancel that was requested, and where to read its outcome."""

    status_url: str
    spoken_status: str


class SpokenRetried(Retried):
    """The quotations that run again, with a sentence that a voice agent can say."""

    spoken_status: str


class SpokenCheck(CheckedQuotation):
    """A request that was checked, with a sentence that a voice agent can say."""

    spoken_status: str


class SpokenStatus(LinkedStatus):
    """A quotation's status, with a sentence about it that a voice agent can say."""

    spoken_status: str


class StartedStatus(SpokenStatus):
    """The status returned by a start with `wait`, and where to read it again."""

    message: str
    estimated_time: str | None
    status_url: str


def status_url(tracking_id: str, prefix: str) -> str:
    """Return the path at which the status of a quotation is read."""
    return f"{prefix}/api/quotation/status/{tracking_id}"


def spoken(status: QuotationStatus) -> SpokenStatus:
    """Return the status with its sentence."""
    return SpokenStatus(**{**dict(linked(status)), "spoken_status": status_sentence(status)})


def accepted(start: Accepted, prefix: str, status: QuotationStatus | None = None) -> AcceptedQuotation:
    """Return the answer to a start or a retry, with the sentence of its status."""
    known = status or QuotationStatus.queued(start.tracking_id, start.environment)
    sentence = status_sentence(known)
    return AcceptedQuotation(
        **start.model_dump(),
        status_url=status_url(start.tracking_id, prefix),
        page_url=page_url(start.tracking_id),
        spoken_status=sentence,
    )


def started(start: Started, prefix: str, *, waited: bool) -> AcceptedQuotation | StartedStatus:
    """Return the answer to a start: the status if the call waited for it."""
    if start.status is None or not waited:
        return accepted(start.accepted, prefix, start.status)
    return StartedStatus(
        **{
            **dict(spoken(start.status)),
            "message": start.accepted.message,
            "estimated_time": start.accepted.estimated_time,
            "status_url": status_url(start.accepted.tracking_id, prefix),
        }
    )
