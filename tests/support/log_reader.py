"""Workers that read logs and do nothing else, beside whatever other workers a test starts."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from quotation import lookups, messages
from quotation.document import Log
from quotation.lookups import FoundLog, LogQuery
from workflows.lookup import LogLookupWorkflow
from workflows.runner import RUNNER


class LogReader:
    """The logs that the workers find; tests put them here."""

    def __init__(self) -> None:
        self.logs: dict[str, Log | Exception] = {}
        """The log of a tracking id, or the error of reading it."""
        self.asked: list[tuple[str, str]] = []
        """The task queue and the tracking id of each look-up."""

    @activity.defn(name=lookups.READ_LOG)
    async def read_log(self, query: LogQuery) -> FoundLog:
        self.asked.append((activity.info().task_queue, query.tracking_id))
        log = self.logs.get(query.tracking_id)
        if isinstance(log, Exception):
            raise log
        queue = messages.log_queue(messages.task_queue(log.environment_name or "")) if log else ""
        is_own = log is not None and (not log.environment_name or queue == activity.info().task_queue)
        return FoundLog(log=log if is_own else None)

    @contextlib.contextmanager
    def serving(self, address: str, *environments: str) -> Iterator[None]:
        """Run the workers in a thread of their own, since the fixtures of a session have no event loop."""
        loop = asyncio.new_event_loop()
        started, stop = threading.Event(), asyncio.Event()

        async def work() -> None:
            client = await Client.connect(address, data_converter=pydantic_data_converter)
            async with contextlib.AsyncExitStack() as stack:
                for environment in environments:
                    worker = Worker(
                        client,
                        task_queue=messages.log_queue(messages.task_queue(environment)),
                        workflows=[LogLookupWorkflow],
                        activities=[self.read_log],
                        workflow_runner=RUNNER,
                        # a test's own workers write logs
                        no_remote_activities=True,
                    )
                    await stack.enter_async_context(worker)
                started.set()
                await stop.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=[work()])
        thread.start()
        try:
            assert started.wait(30)
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()
