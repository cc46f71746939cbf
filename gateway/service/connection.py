"""The gateway's client of Temporal."""

import asyncio
from contextlib import suppress

from temporalio.client import Client

from gateway.settings import GatewaySettings
from quotation.messages import WORKFLOW
from runtime import temporal
from runtime.encryption import check_readable

_FIRST_LOOK_SECONDS = 1.0


async def connect(settings: GatewaySettings) -> Client:
    """Give a client of Temporal, which may well be away.

    Raises `SettingsError` where its address cannot be one, and where running quotations are encrypted with keys
    that are not in the settings. A lazy client looks at its address at its first call, and that should not be a
    customer's.
    """
    client = await temporal.create_client(settings.payload_keys)
    with suppress(TimeoutError):
        async with asyncio.timeout(_FIRST_LOOK_SECONDS):
            is_there = await temporal.answers(client)
        if is_there:
            await check_readable(client, settings.payload_keys, WORKFLOW)
    return client
