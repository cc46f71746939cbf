"""Temporal without the product: a workflow with activities that do nothing, and one that is held open.

`python -m benchmarks.sides.bare_temporal ADDRESS` is the worker.
"""

import argparse
import asyncio
import secrets
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

TASK_QUEUE = "bare"
READY = "bare worker is ready"

_SECONDS = timedelta(seconds=60)


@activity.defn
async def do_nothing() -> None:
    """Return at once."""


@workflow.defn
class BareWorkflow:
    """Runs so many activities, one after the other."""

    def __init__(self) -> None:
        self._done = 0

    @workflow.run
    async def run(self, activities: int) -> int:
        """Return the number of activities."""
        for _ in range(activities):
            await workflow.execute_activity(do_nothing, start_to_close_timeout=_SECONDS)
            self._done += 1
        return self._done

    @workflow.query
    def status(self) -> int:
        """Return how many activities have ended."""
        return self._done


@workflow.defn
class HeldWorkflow:
    """Stays open until it is terminated."""

    @workflow.run
    async def run(self) -> None:
        """Wait."""
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def status(self) -> int:
        """Return a number."""
        return 0


class BareTemporal:
    """A client of the bare worker."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, activities: int) -> WorkflowHandle[BareWorkflow, int]:
        """Start a workflow."""
        return await self._client.start_workflow(
            BareWorkflow.run, activities, id=f"bare-{secrets.token_hex(6)}", task_queue=TASK_QUEUE
        )

    async def run(self, activities: int) -> None:
        """Run a workflow to its end."""
        await (await self.start(activities)).result()

    async def hold(self) -> WorkflowHandle[HeldWorkflow, None]:
        """Start a workflow that stays open until it is terminated."""
        return await self._client.start_workflow(
            HeldWorkflow.run, id=f"held-{secrets.token_hex(6)}", task_queue=TASK_QUEUE
        )


async def _work(address: str) -> None:
    client = await Client.connect(address)
    workflows = [BareWorkflow, HeldWorkflow]
    async with Worker(client, task_queue=TASK_QUEUE, workflows=workflows, activities=[do_nothing]):
        print(READY, flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    asyncio.run(_work(parser.parse_args().address))
