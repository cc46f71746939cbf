"""The original flow, started over MCP as a model would, with its steps shown as they happen."""

import asyncio
import time
from typing import Any

from mcp import Client
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.mcp.tools.results import ToolStatus
from quotation.document import LogDocument
from quotation.status import QuotationStatus, State, Step
from sandbox.processes import SandboxError
from sandbox.system import BUCKET, PREFIX, System

REQUEST: dict[str, Any] = {
    "partner_name": "Acme Corp",
    "contact_name": "John Doe",
    "email": "acme@corp.com",
    "phone": "+52 55 1234 5678",
    "lead_name": "Cotización Robot PUDU",
    "product_id": 26174,
    "product_qty": 1,
    "product_price": -1,
    "user_id": 0,
}
"""The request of the original flow, step 4."""

_STEPS = list(Step)
_POLL_SECONDS = 0.2
_PATIENCE_SECONDS = 120.0


def show_quotation(system: System, console: Console) -> bool:
    """Create one quotation and show it. Return True if it completed."""
    status, accepted_after = asyncio.run(_quote(f"{system.gateway_url}/mcp", console))
    console.print()
    if status.status is not State.COMPLETED:
        reason = status.error.message if status.error else status.progress
        console.print(f"[red]{status.tracking_id} is {status.status}:[/] {reason}")
        return False
    console.print(_result_table(status, accepted_after, _log_place(system, status)))
    # a table would break the address in its signature
    console.print(f"\nPage  {status.page_url}", soft_wrap=True)
    return True


async def _quote(address: str, console: Console) -> tuple[ToolStatus, float]:
    async with Client(address) as client:
        before = time.monotonic()
        accepted = await _call(client, "dev_create_quotation", REQUEST)
        accepted_after = time.monotonic() - before
        console.print(
            f"\n[bold]dev_create_quotation[/] → [cyan]{accepted['tracking_id']}[/], {accepted['message']}"
        )
        columns = (SpinnerColumn(), TextColumn("{task.description:<30}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task(accepted["message"], total=len(_STEPS) - 1)
            deadline = before + _PATIENCE_SECONDS
            while time.monotonic() < deadline:
                read = await _call(client, "dev_get_quotation_status", {"tracking_id": accepted["tracking_id"]})
                status = ToolStatus.model_validate(read)
                progress.update(bar, description=_progress(status), completed=_STEPS.index(status.step))
                if status.status.is_final:
                    return status, accepted_after
                await asyncio.sleep(_POLL_SECONDS)
    raise SandboxError(f"{accepted['tracking_id']} did not finish within {_PATIENCE_SECONDS:g} s")


async def _call(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    if answer.is_error or not answer.structured_content:
        raise SandboxError(f"{tool} answered: {answer.content}")
    content: dict[str, Any] = answer.structured_content
    return content


def _progress(status: QuotationStatus) -> str:
    if status.retrying is not None:
        return f"{status.progress} (intento {status.retrying.attempt})"
    return status.progress


def _log_place(system: System, status: QuotationStatus) -> str:
    """Return the address of the final log, after reading it back from S3."""
    key = f"{PREFIX}/{status.created_at:%Y/%m}/{status.tracking_id}.log"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            content = system.s3().get_object(Bucket=BUCKET, Key=key)["Body"].read()
        except system.s3().exceptions.NoSuchKey:
            content = b""
        if content and LogDocument.model_validate_json(content).status is status.status:
            return f"s3://{BUCKET}/{key}"
        time.sleep(_POLL_SECONDS)
    raise SandboxError(f"The log of {status.tracking_id} did not reach S3")


def _result_table(status: ToolStatus, accepted_after: float, log: str) -> Table:
    result = status.result
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for text in result.steps.values():
        table.add_row("", f"[green]✓[/] {text}")
    table.add_row("Total", f"[bold]{result.amount_total:,.2f} {result.currency}[/] (tax {result.amount_tax:,.2f})")
    table.add_row("Times", f"accepted in {accepted_after * 1000:.0f} ms, completed after {status.elapsed_time}")
    table.add_row("Log", log)
    return table
