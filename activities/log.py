"""The activities that write and read quotations' logs."""

from dataclasses import dataclass

from temporalio import activity

from log_store import LogStore
from quotation import lookups, steps
from quotation.document import Log
from quotation.lookups import FoundLog, LogQuery


@dataclass(frozen=True)
class Logs:
    """The logs of one environment's quotations."""

    store: LogStore
    environment: str

    async def write(self, log: Log) -> None:
        """Write a log of the calling run, unless a later one of the quotation is there. Raises `LogStoreError`."""
        await self.store.write(log.placed(_namespace(), self.environment))

    async def find(self, tracking_id: str) -> Log | None:
        """Return the last log of a quotation in this environment and the calling run's namespace.

        Logs of older versions name neither, and count as its own. Raises `LogStoreError`.
        """
        namespace = _namespace()

        def is_own(log: Log) -> bool:
            return log.namespace in (None, namespace) and log.environment_name in (None, self.environment)

        return await self.store.find(tracking_id, is_own)


@dataclass
class LogActivities:
    """Writes and reads the logs of one environment."""

    logs: Logs

    @activity.defn(name=steps.LOG_TO_S3)
    async def log_to_s3(self, document: Log) -> None:
        """Write the log, unless a later one of the same quotation is there. Raises `LogStoreError`."""
        await self.logs.write(document)

    @activity.defn(name=lookups.READ_LOG)
    async def read_log(self, query: LogQuery) -> FoundLog:
        """Return the quotation's last log, if this environment has one. Raises `LogStoreError`."""
        return FoundLog(log=await self.logs.find(query.tracking_id))


def _namespace() -> str:
    return activity.info().namespace
