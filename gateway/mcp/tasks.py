"""Quotations as tasks of MCP's extension `io.modelcontextprotocol/tasks` (2026-07-28, SEP-2663).

A task is a view of a quotation: its id is the tracking id, and its state is the quotation's status in the words of
the extension. A client gets tasks if it declares the extension in a request; other clients see no sign of them. A
retry gets a plain result: its task has ended, and a task never begins again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mcp.server.context import CallNext, HandlerResult
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CallToolRequestParams,
    CallToolResult,
    EmptyResult,
    RequestParams,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gateway.errors import FinishedError, GatewayError
from gateway.mcp.calls import CallerOf, Context, refusing, result_of
from gateway.mcp.next_action import poll_after_seconds
from gateway.mcp.tools.results import tool_status
from gateway.mcp.tools.tool import create_tool_name
from gateway.service.quotations import QuotationService
from gateway.spoken import status_sentence
from quotation.status import QuotationStatus, State

IDENTIFIER = "io.modelcontextprotocol/tasks"
"""The extension's name in the capabilities of client and server."""

_ACKNOWLEDGED = EmptyResult(result_type="complete")


class TaskState(StrEnum):
    """The extension's states that a quotation can be in.

    `failed` is not among them: it means an error of the protocol. A quotation that failed is a task that completed
    with an error as its result.
    """

    WORKING = "working"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Task(BaseModel):
    """A task in the extension's own names; times are UTC."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    task_id: str
    status: TaskState
    status_message: str | None
    created_at: datetime
    last_updated_at: datetime
    ttl_ms: int | None
    """How long after its creation the task may be gone; null if that is not known."""
    poll_interval_ms: int | None
    result: dict[str, Any] | None = None
    """The result of the tool call; present in a completed task."""

    def as_result(self, result_type: str) -> dict[str, Any]:
        """Return the task as the result of a request."""
        content = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        # the one key that may be null and must not be absent
        return {"resultType": result_type, "ttlMs": None, **content}


class TaskReference(RequestParams):
    """The parameters of `tasks/get` and `tasks/cancel`."""

    task_id: str


class TaskUpdate(TaskReference):
    """The parameters of `tasks/update`."""

    input_responses: dict[str, Any]


class QuotationTasks(Extension):
    """The extension: its methods, and the task in place of the result of a tool that starts a quotation."""

    identifier = IDENTIFIER

    def __init__(self, service: QuotationService, caller_of: CallerOf) -> None:
        self._service = service
        self._caller_of = caller_of
        self._starting = {create_tool_name(environment) for environment in service.environments}

    def methods(self) -> Sequence[MethodBinding]:
        """Return the methods of the extension."""
        return [
            MethodBinding("tasks/get", TaskReference, self._get),
            MethodBinding("tasks/update", TaskUpdate, self._update),
            MethodBinding("tasks/cancel", TaskReference, self._cancel),
        ]

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: Context, call_next: CallNext
    ) -> HandlerResult:
        """Return the quotation that a call starts as a task, if the client declared the extension."""
        result = await call_next(ctx)
        tracking_id = self._started_by(params.name, result)
        if tracking_id is None or not _is_declared(ctx):
            return result
        try:
            _, status = await self._service.find(self._caller_of(ctx), tracking_id, ask_worker=False)
        except GatewayError:
            # it is started, and a plain result is right for every client
            return result
        # even if a repeated start finds it finished: clients may mistake a final seed for the end, and only
        # tasks/get carries the result
        seed = status.model_copy(update={"status": State.QUEUED, "completed_at": None, "error": None})
        return (await self._task(seed)).as_result("task")

    async def _get(self, context: Context, params: TaskReference) -> dict[str, Any]:
        with _serving(context):
            environment, status = await self._service.find(self._caller_of(context), params.task_id)
            task = await self._task(status)
            if task.status is TaskState.COMPLETED:
                final = result_of(tool_status(status, environment), is_error=status.status is State.FAILED)
                task.result = final.model_dump(mode="json", by_alias=True, exclude_none=True)
            return task.as_result("complete")

    async def _update(self, context: Context, params: TaskUpdate) -> EmptyResult:
        """Ignore the input: no quotation asks for any, and the extension says to ignore what was not asked for."""
        with _serving(context):
            await self._service.find(self._caller_of(context), params.task_id, ask_worker=False)
        return _ACKNOWLEDGED

    async def _cancel(self, context: Context, params: TaskReference) -> EmptyResult:
        """Acknowledge the request, also for a finished quotation, which stays as it is."""
        with _serving(context), suppress(FinishedError):
            await self._service.cancel(self._caller_of(context), params.task_id)
        return _ACKNOWLEDGED

    def _started_by(self, tool: str, result: HandlerResult) -> str | None:
        """Return the tracking id of the quotation that a call started and that a task can follow.

        Refusals and dry runs start none. If a call waited for the end, its result is the final one.
        """
        if tool not in self._starting or not isinstance(result, CallToolResult) or result.is_error:
            return None
        if (result.structured_content or {}).get("completed_at") is not None:
            return None
        tracking_id: str | None = result.structured_content.get("tracking_id")
        return tracking_id

    async def _task(self, status: QuotationStatus) -> Task:
        retention = await self._service.retention.period()
        poll_after = poll_after_seconds(status)
        created_at = status.created_at or datetime.now(UTC)
        return Task(
            task_id=status.tracking_id,
            status=_STATES[status.status],
            status_message=_message(status),
            created_at=created_at,
            last_updated_at=_last_updated_at(status, created_at),
            # Temporal counts from the end of a run, so this is never more than Temporal keeps
            ttl_ms=retention and int(retention.total_seconds() * 1000),
            poll_interval_ms=poll_after and poll_after * 1000,
        )


_STATES = {
    State.QUEUED: TaskState.WORKING,
    State.PROCESSING: TaskState.WORKING,
    State.COMPLETED: TaskState.COMPLETED,
    State.FAILED: TaskState.COMPLETED,
    State.CANCELLED: TaskState.CANCELLED,
}


@contextmanager
def _serving(context: Context) -> Iterator[None]:
    """Serve a method of the extension to clients that declared it in this request, and refuse as it says."""
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        raise MCPError(METHOD_NOT_FOUND, "Method not found", context.method)
    require_client_extension(context, IDENTIFIER)
    with refusing(unknown=MCPError(INVALID_PARAMS, "Task not found")):
        yield


def _is_declared(context: Context) -> bool:
    """Return True if the client declared the extension, which no handshake of earlier versions can do."""
    capabilities = context.session.client_capabilities
    is_modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
    return is_modern and capabilities is not None and IDENTIFIER in (capabilities.extensions or {})


def _message(status: QuotationStatus) -> str:
    if status.error is not None:
        return status.error.message
    if status.retrying is not None or status.status is State.CANCELLED:
        return status_sentence(status)
    return status.progress


def _last_updated_at(status: QuotationStatus, created_at: datetime) -> datetime:
    if status.status is State.QUEUED:
        return created_at
    # nothing records when a step began, so an unfinished state is as of now
    return status.completed_at or datetime.now(UTC)
