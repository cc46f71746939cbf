"""One log line for each start, cancel and retry of a quotation: who did what, and in which request."""

import logging
from datetime import UTC, datetime
from typing import Literal

from gateway.service.callers import Caller
from runtime.logs.ids import current_request_id
from runtime.logs.lines import Fields

logger = logging.getLogger("gateway.audit")


def record(
    action: Literal["start", "cancel", "retry"],
    caller: Caller,
    environment: str,
    tracking_id: str,
    quotation_owner: str,
) -> None:
    """Log an action that took effect, as one line of JSON.

    `owner` is who acted, and empty for the local caller; `quotation_owner` is another one if an operator acted.
    `request_id` is null over stdio.
    """
    line = Fields(
        time=datetime.now(UTC).isoformat(),
        action=action,
        owner=caller.name,
        environment=environment,
        tracking_id=tracking_id,
        quotation_owner=quotation_owner,
        request_id=current_request_id.get(),
    )
    logger.info(line)
