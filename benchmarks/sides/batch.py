"""A batch: many quotations that are started without waiting for any."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError

from benchmarks.sides.clients import Rest
from benchmarks.sides.requests import new_request

CONNECTIONS = 8


async def start(client: Rest, number: int) -> AsyncIterator[str]:
    """Start so many quotations, a few at once, and yield their tracking ids."""
    for first in range(0, number, CONNECTIONS):
        size = min(CONNECTIONS, number - first)
        for answer in await asyncio.gather(*(client.start(new_request()) for _ in range(size))):
            yield str(answer["tracking_id"])


async def end(client: Client, ids: Sequence[str]) -> None:
    """End the quotations that have not completed."""
    for first in range(0, len(ids), CONNECTIONS):
        await asyncio.gather(*(_terminate(client, one) for one in ids[first : first + CONNECTIONS]))


async def _terminate(client: Client, tracking_id: str) -> None:
    # some have completed meanwhile
    with suppress(RPCError):
        await client.get_workflow_handle(tracking_id).terminate()
