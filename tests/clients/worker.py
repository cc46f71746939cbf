"""A worker as a process: the real workflows, with activities that all succeed."""

import asyncio

from runtime import process, temporal
from tests.clients.settings import ENVIRONMENT
from tests.support.script import Script
from tests.support.serving import serving


async def main(stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    client = await temporal.connect(())
    async with serving(client, ENVIRONMENT, Script().activities()):
        await stop.wait()


if __name__ == "__main__":
    process.run(main)
