"""Quotations as tasks of MCP's extension `io.modelcontextprotocol/tasks` (2026-07-28, SEP-2663).

A task is no thing of its own: its id is the tracking id, and what is told of it is the quotation's status in the
extension's words. Whoever declares the extension in a request may get one; all others never learn of it. A retry
is answered plainly: its task has ended, and no task begins again.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolRequestParams,
    CallToolResult,
    EmptyResult,
    ListToolsResult,
    PaginatedRequestParams,
    RequestParams,
    Tool,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from gateway.errors import FinishedError, GatewayError
from gateway.mcp.calls import CallerOf, Context, refusing, result_of
from gateway.mcp.next_action import poll_after_seconds
from gateway.mcp.tools.quotations import ToolStatus, told
from gateway.mcp.tools.tool import create_tool
from gateway.schemas import either, output_schema
from gateway.service.quotations import QuotationService
from gateway.spoken import status_sentence
from quotation.status import QuotationStatus, State

IDENTIFIER = "io.modelcontextprotocol/tasks"
"""The extension's name in the capabilities of client and server."""

_ACKNOWLEDGED = EmptyResult(result_type="complete")


class TaskState(StrEnum):
    """The extension's states that a quotation can be in.

    `failed` is none of them: it means an error of the protocol, and a quotation that failed is a task that
    completed with an error as its result.
    """

    WORKING = "working"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Task(BaseModel):
    """What is told of a task, in the extension's own names; times are UTC."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    task_id: str
    status: TaskState
    status_message: str | None
    created_at: datetime
    last_updated_at: datetime
    ttl_ms: int | None
    """How long after its creation it may be gone; null where that is not known."""
    poll_interval_ms: int | None
    result: dict[str, Any] | None = None
    """What the tool call ends with; there in a completed one."""

    def as_result(self, result_type: str) -> dict[str, Any]:
        """Give it as the result of a request."""
        content = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        # the one key that may be null and must not be absent
        return {"resultType": result_type, "ttlMs": None, **content}


class TaskReference(RequestParams):
    """The parameters of `tasks/get` and `tasks/cancel`."""

    task_id: str


class TaskUpdate(TaskReference):
    """The parameters of `tasks/update`."""

    input_responses: dict[str, Any]


def install(server: Server[Any], service: QuotationService, caller_of: CallerOf) -> None:
    """Let a server that has tools give those that start a quotation as tasks, and serve the methods for them."""
    tasks = _Tasks(server, service, caller_of)
    server.extensions[IDENTIFIER] = {}
    server.add_request_handler("tools/list", PaginatedRequestParams, tasks.list_tools)
    server.add_request_handler("tools/call", CallToolRequestParams, tasks.call_tool)
    server.add_request_handler("tasks/get", TaskReference, tasks.get)
    server.add_request_handler("tasks/update", TaskUpdate, tasks.update)
    server.add_request_handler("tasks/cancel", TaskReference, tasks.cancel)


class _Tasks:
    """The handlers, around those for tools that the server had before."""

    def __init__(self, server: Server[Any], service: QuotationService, caller_of: CallerOf) -> None:
        self._service = service
        self._caller_of = caller_of
        self._starting = {create_tool(environment.name) for environment in service.environments}
        self._plain_list = _handler(server, "tools/list")
        self._plain_call = _handler(server, "tools/call")

    async def list_tools(self, context: Context, params: PaginatedRequestParams) -> ListToolsResult:
        """List the tools; whoever gets tasks is told what they end with, for clients check it."""
        listed: ListToolsResult = await self._plain_list(context, params)
        if not _is_declared(context):
            return listed
        return listed.model_copy(update={"tools": [self._with_final_result(tool) for tool in listed.tools]})

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult | dict[str, Any]:
        """Call a tool; a quotation that it starts is a task for whoever declared the extension."""
        result: CallToolResult = await self._plain_call(context, params)
        tracking_id = self._started_by(params.name, result)
        if tracking_id is None or not _is_declared(context):
            return result
        try:
            _, status = await self._service.find(self._caller_of(context), tracking_id, ask_worker=False)
        except GatewayError:
            # it is started, and a plain result is right for every client
            return result
        # also where a repeated start finds it finished: clients may take a final seed for the end, and only
        # tasks/get carries the result
        seed = status.model_copy(update={"status": State.QUEUED, "completed_at": None, "error": None})
        return (await self._task(seed)).as_result("task")

    async def get(self, context: Context, params: TaskReference) -> dict[str, Any]:
        """Answer `tasks/get`: how far the quotation is, and in the end what the status tool tells of it."""
        with _serving(context):
            environment, status = await self._service.find(self._caller_of(context), params.task_id)
            task = await self._task(status)
            if task.status is TaskState.COMPLETED:
                final = result_of(told(status, environment), is_error=status.status is State.FAILED)
                task.result = final.model_dump(mode="json", by_alias=True, exclude_none=True)
            return task.as_result("complete")

    async def update(self, context: Context, params: TaskUpdate) -> EmptyResult:
        """Answer `tasks/update`: no quotation asks for input, and what was not asked for is to be ignored."""
        with _serving(context):
            await self._service.find(self._caller_of(context), params.task_id, ask_worker=False)
        return _ACKNOWLEDGED

    async def cancel(self, context: Context, params: TaskReference) -> EmptyResult:
        """Answer `tasks/cancel`: a finished quotation stays what it is, and the request is acknowledged."""
        with _serving(context), suppress(FinishedError):
            await self._service.cancel(self._caller_of(context), params.task_id)
        return _ACKNOWLEDGED

    def _started_by(self, tool: str, result: CallToolResult) -> str | None:
        """Give the tracking id of the quotation that a call started; a refusal and a dry run have started none."""
        if tool not in self._starting or result.is_error:
            return None
        tracking_id: str | None = result.structured_content.get("tracking_id")
        return tracking_id

    def _with_final_result(self, tool: Tool) -> Tool:
        if tool.name not in self._starting or tool.output_schema is None:
            return tool
        return tool.model_copy(update={"output_schema": either(tool.output_schema, output_schema(ToolStatus))})

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
            # Temporal counts from the end of a run, so that this is never more than it keeps
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
    """Serve a method of the extension to those who declared it in this request, and refuse as it says."""
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        raise MCPError(METHOD_NOT_FOUND, "Method not found", context.method)
    if not _is_declared(context):
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY,
            "Missing required client capability",
            {"requiredCapabilities": {"extensions": {IDENTIFIER: {}}}},
        )
    with refusing(unknown=MCPError(INVALID_PARAMS, "Task not found")):
        yield


def _is_declared(context: Context) -> bool:
    """Tell whether the client declared the extension, which no handshake of earlier versions can do."""
    capabilities = context.session.client_capabilities
    is_modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
    return is_modern and capabilities is not None and IDENTIFIER in (capabilities.extensions or {})


def _handler(server: Server[Any], method: str) -> Callable[[Context, Any], Awaitable[Any]]:
    entry = server.get_request_handler(method)
    if entry is None:
        raise ValueError(f"the server has no {method}")
    return entry.handler


def _message(status: QuotationStatus) -> str:
    if status.error is not None:
        return status.error.message
    if status.retrying is not None or status.status is State.CANCELLED:
        return status_sentence(status)
    return status.progress


def _last_updated_at(status: QuotationStatus, created_at: datetime) -> datetime:
    if status.status is State.QUEUED:
        return created_at
    # nobody notes when a step began; what is told of one that is under way is as of now
    return status.completed_at or datetime.now(UTC)
