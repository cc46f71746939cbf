"""The step `auth`: everything that is known before the first write, and the log of the start."""

import asyncio
from dataclasses import dataclass, field

from temporalio import activity

from activities.checks import CheckActivities
from activities.failures import RequestError
from activities.log import Logs
from log_store import LogStoreError
from quotation import steps
from quotation.document import LogDocument
from quotation.messages import OpenedRequest, Opening


@dataclass
class OpeningActivities:
    """Opens quotations: logs in to Odoo, checks their requests and writes their first logs."""

    checks: CheckActivities
    logs: Logs
    _writing: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    @activity.defn(name=steps.AUTHENTICATE)
    async def authenticate(self, opening: Opening | None = None) -> OpenedRequest | int:
        """Check rights and request, and write the log meanwhile; never wait for the log.

        Without an argument, return the user's id: a run of an older version checks its request in an activity of
        its own. Raises as `CheckActivities.log_in` and `CheckActivities.check_request`.
        """
        if opening is None:
            return await self.checks.log_in()
        writing = self._write(opening.log)
        login, check = await asyncio.gather(
            self.checks.log_in(), self.checks.check_request(opening.looked_up), return_exceptions=True
        )
        # a wrong request fails at once: nothing that may pass by itself delays it
        if isinstance(login, BaseException) and not isinstance(check, RequestError):
            raise login
        if isinstance(check, BaseException):
            raise check
        is_logged = writing.done() and writing.exception() is None
        return OpenedRequest(**dict(check), is_logged=is_logged)

    def _write(self, document: LogDocument) -> asyncio.Task[None]:
        """Start to write the log; it goes on after the activity, whose next attempts may be hours away."""
        task = asyncio.create_task(self.logs.write(document))
        self._writing.add(task)
        task.add_done_callback(self._written)
        return task

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        if not task.cancelled() and not isinstance(task.exception(), LogStoreError | None):
            task.get_loop().call_exception_handler({"message": "a log could not be written", "task": task})
