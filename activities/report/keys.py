"""The end of an Odoo's API key: a finding for the operator, and a gauge for Prometheus."""

import asyncio
import math
from datetime import UTC, datetime, timedelta

from prometheus_client import Gauge

from activities.report.findings import Finding, Kind
from odoo_client import Odoo, OdooError, key_ends

WARNED = timedelta(days=14)
"""How long before its end a key is told as a limit; the alert `OdooKeyEnds` has the same time."""

_READ_AGAIN_SECONDS = 3600.0
_TRY_AGAIN_SECONDS = 60.0

_END = Gauge(
    "worker_odoo_api_key_end_timestamp_seconds",
    "When the first API key of Odoo's user ends, in Unix time; +Inf if none ends.",
    ["environment"],
)


async def inspect_key(environment: str, odoo: Odoo) -> Finding:
    """Return the finding about the end of `ODOO__{NAME}__API_KEY`: a limit if it is near or cannot be read."""
    name = f"ODOO__{environment.upper()}__API_KEY"
    try:
        ends = await key_ends(odoo)
    except OdooError as error:
        return Finding(Kind.LIMIT, f"{environment}: the end of {name} cannot be read: {error}")
    if not ends:
        return Finding(
            Kind.LIMIT, f"{environment}: the end of {name} cannot be read: Odoo shows no key of its user."
        )
    first = ends[0]
    if first is None:
        return Finding(Kind.OK, f"{environment}: {name} does not end.")
    subject = name if len(ends) == 1 else f"one of the user's {len(ends)} API keys, perhaps {name},"
    sentence = f"{environment}: {subject} ends on {first:%Y-%m-%d} at {first:%H:%M} UTC"
    if first - datetime.now(UTC) > WARNED:
        return Finding(Kind.OK, f"{sentence}.")
    return Finding(Kind.LIMIT, f"{sentence}. REPLACE IT BEFORE: after it, no quotation completes.")


async def watch_key(environment: str, odoo: Odoo) -> None:
    """Keep the gauge up to date, without end: keys are created and removed while a worker runs."""
    while True:
        try:
            first = next(iter(await key_ends(odoo)), None)
        except OdooError:
            await asyncio.sleep(_TRY_AGAIN_SECONDS)
            continue
        _END.labels(environment).set(math.inf if first is None else first.timestamp())
        await asyncio.sleep(_READ_AGAIN_SECONDS)
