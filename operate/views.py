"""The contents of the tables about quotations."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.service.lists.listing import ListedQuotation
from gateway.service.stories import Story
from operate.printing import moment
from quotation.document import LogDocument
from quotation.status import QuotationStatus, Result, ResultLine, Retrying

LISTED = ("tracking id", "status", "order, error or step", "env", "owner", "time (UTC)")
FAILED = ("tracking id", "step", "error", "env", "owner", "failed (UTC)")
COUNTED = ("error", "failed", "message of the last one")
LINES = ("product", "name", "quantity", "price", "discount", "subtotal")
STEPS = ("step", "started (UTC)", "finished (UTC)", "seconds")

_LOCAL = "–"
"""In place of an owner, if there were no keys at the start."""


def listed(item: ListedQuotation, environment: str) -> list[str]:
    """Return a row of `LISTED`; the name of the environment is how commands know it."""
    why = item.error or item.retrying
    what = why.code if why else item.sale_order_name or item.step
    status = "retrying" if item.retrying else item.status
    # the time that `--since` is about
    at = item.completed_at or item.created_at
    return [item.tracking_id, status, what, environment, item.owner or _LOCAL, _short(at)]


def listed_fields(item: ListedQuotation) -> dict[str, Any]:
    """Return the same for programs."""
    retrying = item.retrying and item.retrying.model_dump(mode="json")
    return {**item.model_dump(mode="json"), "owner": item.owner, "retrying": retrying}


def failed(story: Story) -> list[str]:
    """Return a row of `FAILED`."""
    status = story.status
    error = [status.error.step, status.error.code] if status.error else ["", ""]
    return [status.tracking_id, *error, story.environment, story.owner or _LOCAL, _short(status.completed_at)]


def story_fields(story: Story) -> list[tuple[str, str]]:
    """Return what an operator wants to know of a quotation, without the lines of its order."""
    status = story.status
    queue = status.queue
    return [
        ("tracking id", status.tracking_id),
        ("status", status.status),
        ("step", "" if status.status.is_final else status.step),
        *_error_fields(status),
        *(_retrying_fields(status.retrying) if status.retrying else []),
        ("queue", f"{queue.ahead} ahead, about {queue.estimated_seconds:.0f} s" if queue else ""),
        ("environment", story.environment),
        ("owner", story.owner or _LOCAL),
        ("started (UTC)", moment(status.created_at)),
        ("ended (UTC)", moment(status.completed_at)),
        ("took" if status.completed_at else "so far", status.elapsed_time),
        *_result_fields(status.result),
        ("warnings", "\n".join(f"{warning.code}: {warning.message}" for warning in status.warnings)),
        ("source", "" if story.run_id else "the log: Temporal no longer holds it"),
    ]


def line(one: ResultLine) -> list[str]:
    """Return a row of `LINES`."""
    return [
        str(one.product_id),
        one.name,
        f"{one.quantity:g}",
        f"{one.price_unit:,.2f}",
        f"{one.discount:g}%",
        f"{one.subtotal:,.2f}",
    ]


def log_fields(document: LogDocument) -> list[tuple[str, str]]:
    """Return what a log document says, without its steps."""
    request = document.request.model_dump(mode="json", exclude_defaults=True)
    return [
        ("tracking id", document.tracking_id),
        ("status", document.status),
        *_error_fields(document),
        ("environment", document.environment),
        ("started (UTC)", moment(document.created_at)),
        ("ended (UTC)", moment(document.completed_at)),
        ("written (UTC)", moment(document.written_at)),
        ("", ""),
        ("request", "\n".join(f"{name}: {_text(value)}" for name, value in request.items())),
        *_result_fields(document.result),
    ]


def steps(document: LogDocument) -> Sequence[Sequence[str]]:
    """Return the rows of `STEPS`."""
    return [
        [
            step,
            moment(times.started_at),
            moment(times.finished_at),
            f"{(times.finished_at - times.started_at).total_seconds():.2f}" if times.finished_at else "",
        ]
        for step, times in document.steps.items()
    ]


def _short(value: datetime | None) -> str:
    return f"{value.astimezone(UTC):%m-%d %H:%M}" if value else ""


def _error_fields(of: QuotationStatus | LogDocument) -> list[tuple[str, str]]:
    if of.error is None:
        return []
    return [("error", f"{of.error.code}, at step {of.error.step}"), ("", of.error.message)]


def _retrying_fields(retrying: Retrying) -> list[tuple[str, str]]:
    at = moment(retrying.next_attempt_at)
    next_attempt = f"next attempt at {at[-8:]} UTC" if at else "an attempt is in progress"
    return [
        ("retrying", f"{retrying.code}, at step {retrying.step}, attempt {retrying.attempt}; {next_attempt}"),
        ("", retrying.last_error),
    ]


def _result_fields(result: Result) -> list[tuple[str, str]]:
    amounts = [
        f"{name} {value:,.2f}"
        for name, value in (
            ("untaxed", result.amount_untaxed),
            ("tax", result.amount_tax),
            ("total", result.amount_total),
        )
        if value is not None
    ]
    return [
        ("customer", _record(result.partner_name, result.partner_id)),
        ("lead", _record(result.lead_name, result.lead_id)),
        ("opportunity", _record("", result.opportunity_id)),
        ("sale order", _record(result.sale_order_name, result.sale_order_id)),
        ("", result.sale_order_url or ""),
        ("amounts", f"{', '.join(amounts)} {result.currency or ''}".strip() if amounts else ""),
    ]


def _record(name: str | None, number: int | None) -> str:
    return "" if number is None else f"{name or ''} (id {number})".strip()


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
