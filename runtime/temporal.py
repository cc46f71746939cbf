"""The connection to Temporal, configured the standard way (`temporalio.envconfig`)."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import temporalio.client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from runtime.encryption import data_converter
from runtime.payload_keys import PayloadKey
from runtime.settings import SettingsError

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 5.0
_PAUSE_SECONDS = 1.0


async def create_client(keys: Sequence[PayloadKey], *, lazy: bool = True) -> temporalio.client.Client:
    """Give a client that encrypts with `keys`, and connects at its first call or, where not `lazy`, at once.

    Raises `SettingsError` where a `TEMPORAL_*` variable or the profile they name is wrong.
    """
    try:
        config: Mapping[str, object] = dict(ClientConfig.load_client_connect_config())
        options = {"target_host": "localhost:7233", **config}
        return await temporalio.client.Client.connect(
            **options,  # type: ignore[arg-type]  # envconfig types its own keys
            lazy=lazy,
            data_converter=data_converter(keys),
            runtime=_quiet_runtime(),
        )
    except (RuntimeError, ValueError, OSError) as error:
        # further lines may quote a configuration file, keys included
        reason = str(error).partition("\n")[0]
        raise SettingsError(f"the TEMPORAL_* settings are wrong: {reason}") from None


async def connect(keys: Sequence[PayloadKey]) -> temporalio.client.Client:
    """Give a connected client as soon as Temporal answers. Raises `SettingsError` as `create_client`."""
    await wait_for(await create_client(keys))
    # a worker takes no lazy client
    return await create_client(keys, lazy=False)


async def wait_for(client: temporalio.client.Client) -> None:
    """Return as soon as Temporal answers; say so while it does not."""
    told = False
    while not await answers(client):
        if not told:
            logger.warning("Temporal does not answer yet; waiting for it")
            told = True
        await asyncio.sleep(_PAUSE_SECONDS)
    logger.info("Temporal answers")


async def answers(client: temporalio.client.Client) -> bool:
    """Tell whether Temporal answers now, within 5 seconds."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await client.service_client.check_health()
    except (RPCError, RuntimeError, TimeoutError):
        return False
    except ValueError as error:
        # a lazy client looks at its address only now
        raise SettingsError(f"the TEMPORAL_* settings are wrong: {error}") from None


def _quiet_runtime() -> Runtime:
    # the core reports each attempt to connect on stderr, address included
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=quiet)))
