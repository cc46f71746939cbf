"""The gateway's client of Temporal, and the settings that only Temporal can check."""

import asyncio
import logging

from temporalio.client import Client

from gateway.errors import TemporalAwayError
from gateway.settings import GatewaySettings
from quotation.messages import WORKFLOW
from runtime import temporal
from runtime.encryption import check_readable
from runtime.process import Stop

logger = logging.getLogger(__name__)

_FIRST_LOOK_SECONDS = 1.0


async def connect(settings: GatewaySettings, stop: Stop) -> Client:
    """Create a client of Temporal, which may be away; the settings are checked as soon as it answers.

    A setting that turns out to be wrong after this returned sets `stop`.

    Raises:
        SettingsError: Temporal's address cannot be one, or Temporal answered within a second and its namespace
            does not exist or has running quotations that are encrypted with other keys.
    """
    client = await temporal.create_client(settings.payload_keys)
    checking = asyncio.create_task(_check(client, settings))
    # a wrong address shows at the first call, and that should not be a customer's
    await asyncio.wait([checking], timeout=_FIRST_LOOK_SECONDS)
    if checking.done():
        checking.result()
    else:
        stop.set_if_fails(checking)
    return client


async def connect_now(settings: GatewaySettings, identity: str) -> Client:
    """Create a client of Temporal for one command; histories name its `identity`.

    Raises:
        SettingsError: As `connect`.
        TemporalAwayError: Temporal does not answer within 5 seconds.
    """
    client = await temporal.create_client(settings.payload_keys, identity=identity)
    problem = await temporal.connection_problem(client)
    if problem:
        raise TemporalAwayError(problem)
    await _check_namespace(client, settings)
    return client


async def _check(client: Client, settings: GatewaySettings) -> None:
    await temporal.wait_for(client)
    await _check_namespace(client, settings)


async def _check_namespace(client: Client, settings: GatewaySettings) -> None:
    problem = await temporal.namespace_problem(client)
    if problem:
        # a caller that may start workflows need not be allowed to read about the namespace
        logger.warning("TEMPORAL_NAMESPACE could not be checked: %s", problem)
    await check_readable(client, settings.payload_keys, WORKFLOW)
