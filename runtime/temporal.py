"""The connection to Temporal, configured the standard way (`temporalio.envconfig`)."""

import asyncio
import logging
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import temporalio.client
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.envconfig import ClientConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode

from runtime.encryption import data_converter
from runtime.payload_keys import PayloadKey
from runtime.settings import SettingsError
from runtime.tracing import switch

logger = logging.getLogger(__name__)

_ANSWER_SECONDS = 5.0
_PAUSE_SECONDS = 1.0
_ADDRESS = re.compile(r"(\[[^\[\]/]+\]|[^\[\]:/]+):[0-9]+")

_REASONS = {
    "dns error": "the host in TEMPORAL_ADDRESS is unknown",
    "ConnectionRefused": "the server at TEMPORAL_ADDRESS refuses connections",
    "InvalidCertificate": "its certificate is not trusted; see TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "InvalidContentType": "the server at TEMPORAL_ADDRESS does not use TLS",
    "code: Unauthenticated": "it refuses TEMPORAL_API_KEY or the client certificate",
    "code: PermissionDenied": "it refuses TEMPORAL_API_KEY or the client certificate",
    "call error after connection": "TEMPORAL_ADDRESS does not answer like Temporal; it may need TEMPORAL_TLS",
}
"""Signs in the SDK's message about a failed connection, and what they mean to an operator."""


async def create_client(
    keys: Sequence[PayloadKey], *, lazy: bool = True, runtime: Runtime | None = None, identity: str | None = None
) -> temporalio.client.Client:
    """Create a client that encrypts with `keys`.

    It connects at its first call, or at once if it is not `lazy`. Histories name its `identity`: by default the
    process.

    Raises:
        SettingsError: A `TEMPORAL_*` variable, or the profile that one names, is wrong.
    """
    try:
        options = {"target_host": "localhost:7233", **_load_config()}
        return await temporalio.client.Client.connect(
            **options,  # type: ignore[arg-type]  # envconfig types its own keys
            lazy=lazy,
            data_converter=data_converter(keys),
            runtime=runtime or quiet_runtime(),
            identity=identity,
            interceptors=switch.interceptors(),
        )
    except OSError as error:
        raise _wrong(f"{error.strerror}: {error.filename}") from None
    except (RuntimeError, ValueError) as error:
        # further lines may quote a configuration file, keys included
        raise _wrong(str(error).partition("\n")[0]) from None


async def connect(keys: Sequence[PayloadKey], runtime: Runtime | None = None) -> temporalio.client.Client:
    """Return a connected client as soon as Temporal shows its namespace. Raises `SettingsError`."""
    client = await create_client(keys, runtime=runtime)
    await wait_for(client)
    warnings = _WarningsOnce("Temporal does not show the namespace yet; waiting for it")
    while problem := await namespace_problem(client):
        warnings.warn(problem)
        await asyncio.sleep(_PAUSE_SECONDS)
    # a worker takes no lazy client
    return await create_client(keys, lazy=False, runtime=runtime)


async def wait_for(client: temporalio.client.Client) -> None:
    """Return as soon as Temporal answers; log why it does not. Raises `SettingsError`."""
    warnings = _WarningsOnce("Temporal does not answer yet; waiting for it")
    while problem := await connection_problem(client):
        warnings.warn(problem)
        await asyncio.sleep(_PAUSE_SECONDS)
    logger.info("Temporal answers")


async def answers(client: temporalio.client.Client, seconds: float = _ANSWER_SECONDS) -> bool:
    """Return True if Temporal answers within this many seconds. Raises `SettingsError`."""
    return await connection_problem(client, seconds) is None


async def namespace_problem(client: temporalio.client.Client) -> str | None:
    """Return why Temporal does not show the client's namespace, or None if it does.

    Raises:
        SettingsError: Temporal has no such namespace.
    """
    try:
        # read from Temporal's database: other calls know a new namespace only after some seconds
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise SettingsError("TEMPORAL_NAMESPACE is wrong: Temporal has no namespace with that name") from None
        return f"it answers {error.status.name}"
    return None


async def check_namespace(client: temporalio.client.Client, seconds: float = _ANSWER_SECONDS) -> None:
    """Raise `SettingsError` if Temporal says within this many seconds that it has no such namespace."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await namespace_problem(client)


class _WarningsOnce:
    """Warnings with a reason; each reason is logged once."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._reasons: set[str] = set()

    def warn(self, reason: str) -> None:
        if reason not in self._reasons:
            self._reasons.add(reason)
            logger.warning("%s: %s", self._sentence, reason)


def _load_config() -> Mapping[str, object]:
    file = os.environ.get("TEMPORAL_CONFIG_FILE")
    if file and not Path(file).is_file():
        # envconfig would go on without it
        raise ValueError("TEMPORAL_CONFIG_FILE does not name an existing file")
    config: Mapping[str, object] = dict(ClientConfig.load_client_connect_config())
    address = config.get("target_host")
    if isinstance(address, str) and not _ADDRESS.fullmatch(address):
        # a lazy client would take it and wait, without a port for port 80
        raise ValueError("TEMPORAL_ADDRESS must be host:port, without a scheme or a path")
    api_key, metadata = config.get("api_key"), config.get("rpc_metadata")
    headers = [api_key, *(metadata.values() if isinstance(metadata, Mapping) else [])]
    if not all(header is None or _is_header(header) for header in headers):
        # the SDK looks at them only after it has connected
        raise ValueError("TEMPORAL_API_KEY and TEMPORAL_GRPC_META_* must be printable ASCII")
    return config


def _is_header(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


async def connection_problem(client: temporalio.client.Client, seconds: float = _ANSWER_SECONDS) -> str | None:
    """Return why Temporal does not answer within this many seconds, or None if it does."""
    try:
        async with asyncio.timeout(seconds):
            is_serving = await client.service_client.check_health()
    except TimeoutError:
        return f"no answer within {seconds:g} s"
    except RPCError as error:
        return f"it answers {error.status.name}"
    except RuntimeError as error:
        if "ParseError" in str(error):
            raise _wrong("the certificate or the key of TEMPORAL_TLS_CLIENT_* cannot be read") from None
        # its text has the address in it
        return next((reason for sign, reason in _REASONS.items() if sign in str(error)), "no connection")
    except ValueError as error:
        # a lazy client looks at its address only now
        raise _wrong(str(error)) from None
    return None if is_serving else "it is not serving"


def _wrong(reason: str) -> SettingsError:
    return SettingsError(f"the TEMPORAL_* settings are wrong: {reason}")


def quiet_runtime(metrics: PrometheusConfig | None = None) -> Runtime:
    """Create a runtime of the SDK that logs errors only; it has threads of its own."""
    # the core reports each attempt to connect on stderr, address included
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    # as lines of ours
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"), append_log_fields_to_message=False)
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(filter=quiet, forwarding=forwarding), metrics=metrics, attach_service_name=False
        )
    )
