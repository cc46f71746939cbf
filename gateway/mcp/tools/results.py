"""The results of the MCP tools on quotations: the service's, with what a model should do next."""

from typing import Literal

from pydantic import Field

from gateway.access.page_links import LinkedStatus, linked
from gateway.mcp.next_action import next_action, poll_after_seconds
from gateway.mcp.tools.tool import status_tool_name
from gateway.service.quotations import CancelRequested
from gateway.service.starts.starting import Accepted, Started
from quotation.environment import Environment
from quotation.status import QuotationStatus


class ToolAccepted(Accepted):
    """A quotation that was started but is not finished, and how to read its status."""

    check_status_with: str


class ToolStarted(ToolAccepted):
    """The same for a start that may be repeated."""

    replayed: Literal[True] | None = Field(None, exclude_if=lambda value: value is None)
    """Present only if an earlier call started it."""


class ToolStatus(LinkedStatus):
    """A quotation's status, and what a model should do next."""

    poll_after_seconds: int | None
    next_action: str


class ToolStartedStatus(ToolStatus):
    """The status returned by a start that waited for it."""

    message: str
    estimated_time: str | None
    check_status_with: str
    replayed: Literal[True] | None = Field(None, exclude_if=lambda value: value is None)


class ToolCancelRequested(CancelRequested):
    """A cancel that was requested, and how to read its outcome."""

    check_status_with: str


def check_with(environment: Environment, tracking_id: str) -> str:
    """Return the call that reads the status of this quotation."""
    return f"{status_tool_name(environment)}(tracking_id='{tracking_id}')"


def tool_started(start: Started, environment: Environment, *, waited: bool) -> ToolStarted | ToolStartedStatus:
    """Return the answer to a start: the status if the call waited for it."""
    told = {
        **start.accepted.model_dump(),
        "check_status_with": check_with(environment, start.accepted.tracking_id),
        "replayed": start.accepted.is_replayed or None,
    }
    if start.status is None or not waited:
        return ToolStarted(**told)
    return ToolStartedStatus(**{**told, **dict(tool_status(start.status, environment.name))})


def tool_status(status: QuotationStatus, environment_name: str) -> ToolStatus:
    """Return the status as the tool of this environment returns it."""
    return ToolStatus(
        **{
            **dict(linked(status)),
            "poll_after_seconds": poll_after_seconds(status),
            "next_action": next_action(status, environment_name),
        }
    )
