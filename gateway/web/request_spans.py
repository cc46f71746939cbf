"""Which spans FastAPI makes of requests, if traces are on (`runtime.tracing`)."""

from collections.abc import MutableMapping
from typing import Any

from fastapi.telemetry import TelemetryConfig

_PROBES = ("/healthz", "/readyz", "/metrics")


def _is_probe(scope: MutableMapping[str, Any]) -> bool:
    # before a prefix and a trailing slash are removed
    return str(scope["path"]).rstrip("/").endswith(_PROBES)


TELEMETRY = TelemetryConfig(
    metrics=False,
    logs=False,
    # one span for a request, not one more for each of its parts
    operation_spans=False,
    auto_configure=False,
    exclude=_is_probe,
)
"""FastAPI's settings: neither metrics, which we have ourselves, nor logs, which quote what was sent."""
