"""A client of MCP's tasks extension; the SDK has the seam for one and none itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from mcp.client.client import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.session import ClientSession
from mcp_types import CallToolResult, Request, Result
from pydantic import ConfigDict

from gateway.mcp.tasks import IDENTIFIER

Json = dict[str, Any]


class Answer(Result):
    model_config = ConfigDict(extra="allow")


class CreatedTask(Answer):
    result_type: Literal["task"]
    task_id: str
    ttl_ms: int | None


class TaskRequest(Request[Json, str]):
    name_param = "taskId"


class PolledTasks(ClientExtension):
    """Declares the extension, and waits for the end of a task unless its caller wants to see it."""

    identifier = IDENTIFIER

    def claims(self) -> Sequence[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=CreatedTask, resolve=self._resolve)]

    async def _resolve(self, task: CreatedTask, context: ClaimContext) -> CallToolResult:
        final = await ended(context.session, task.task_id)
        return CallToolResult.model_validate(final["result"])


@asynccontextmanager
async def declaring(server: Any, mode: Any = "auto") -> AsyncIterator[Client]:
    """Connect as a client that declares the extension."""
    async with Client(server, mode=mode, extensions=[PolledTasks()]) as client:
        yield client


async def started(client: Client, arguments: Json, environment: str = "dev") -> Json:
    """Start a quotation, and return the task as it came."""
    created = await client.session.call_tool(f"{environment}_create_quotation", arguments, allow_claimed=True)
    assert isinstance(created, CreatedTask), created
    return _wire(created)


async def ask(session: ClientSession, method: str, task_id: str, **params: Any) -> Json:
    """Send a request of the extension, and return its result without the SDK's additions."""
    request = TaskRequest(method=method, params={"taskId": task_id, **params})
    return _wire(await session.send_request(request, Answer))


async def ended(session: ClientSession, task_id: str) -> Json:
    """Ask until the task has ended, and return it."""
    async with asyncio.timeout(30):
        while (task := await ask(session, "tasks/get", task_id))["status"] == "working":
            await asyncio.sleep(0.05)
    return task


def _wire(result: Result) -> Json:
    return result.model_dump(by_alias=True, exclude_unset=True, exclude={"meta"})
