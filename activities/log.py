"""The activity that writes a quotation's log."""

from dataclasses import dataclass

from temporalio import activity

from log_store import LogStore
from quotation import steps
from quotation.document import Log


@dataclass
class LogActivities:
    """Writes logs to one store."""

    store: LogStore

    @activity.defn(name=steps.LOG_TO_S3)
    async def log_to_s3(self, document: Log) -> None:
        """Write the log, unless a later one of the same quotation is there. Raises `LogStoreError`."""
        await self.store.write(document)
