"""The logs in S3, as either version wrote them."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.system import BUCKET, PREFIX

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class Logs:
    """Reads and writes the logs of quotations that started today."""

    def __init__(self, s3: "S3Client") -> None:
        self._s3 = s3

    def get(self, tracking_id: str) -> bytes:
        """Return the bytes of a quotation's log; none if there is no log yet."""
        try:
            return self._s3.get_object(Bucket=BUCKET, Key=_key(tracking_id))["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return b""

    def put(self, tracking_id: str, content: dict[str, Any]) -> None:
        """Put a log there, as a worker of another version would."""
        self._s3.put_object(Bucket=BUCKET, Key=_key(tracking_id), Body=json.dumps(content).encode())

    async def until(self, tracking_id: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the log fulfils the condition, and return it."""
        async with asyncio.timeout(30):
            while not (content := self.get(tracking_id)) or not condition(json.loads(content)):
                await asyncio.sleep(0.1)
        log: dict[str, Any] = json.loads(content)
        return log

    async def final(self, tracking_id: str, status: str) -> dict[str, Any]:
        """Wait for the log of a quotation's end, and return it."""
        return await self.until(tracking_id, lambda log: bool(log["status"] == status))


def _key(tracking_id: str) -> str:
    return f"{PREFIX}/{datetime.now(UTC):%Y/%m}/{tracking_id}.log"
