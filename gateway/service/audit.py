"""One log line for each start, cancel and retry of a quotation: who did what, and in which request."""

import json
import logging
from datetime import UTC, datetime
from typing import Literal

from gateway.service.callers import Caller
from runtime.request_ids import current_request_id

logger = logging.getLogger("gateway.audit")


def record(
    action: Literal["start", "cancel", "retry"], caller: Caller, environment: str, tracking_id: str
) -> None:
    """Log an action that took effect, as one line of JSON.

    `owner` is empty for the local caller, and `request_id` null over stdio.
    """
    line = {
        "time": datetime.now(UTC).isoformat(),
        "action": action,
        "owner": caller.name,
        "environment": environment,
        "tracking_id": tracking_id,
        "request_id": current_request_id.get(),
    }
    logger.info("%s", json.dumps(line))
