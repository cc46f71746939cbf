"""Traces are on if the standard `OTEL_*` variables name a collector. If not, the SDK for them is not loaded."""

import importlib
import os
import threading
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import trace
from temporalio.client import Interceptor

from runtime.settings import SettingsError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"

_LAST_SECONDS = 2.0
"""How long a process that ends waits for the collector to take the last spans."""


def begin(process: str) -> None:
    """Send the spans of this process, e.g. `worker`, to the collector, if there is one. Call it once, and first.

    Raises:
        SettingsError: An `OTEL_*` variable is wrong.
    """
    if not _is_wanted():
        return
    try:
        importlib.import_module("runtime.tracing.sdk").begin(process)
    except (OSError, RuntimeError, ValueError) as error:
        # its text may quote a value
        raise SettingsError(f"the OTEL_* settings are wrong ({type(error).__name__})") from None


def is_on() -> bool:
    """Return True if spans are sent."""
    return hasattr(trace.get_tracer_provider(), "shutdown")


def interceptors() -> list[Interceptor]:
    """Return what makes Temporal's client, and the workers that use it, trace."""
    if not is_on():
        return []
    interceptor: Interceptor = importlib.import_module("temporalio.contrib.opentelemetry").TracingInterceptor()
    return [interceptor]


def finish() -> None:
    """Send the last spans, within 2 seconds."""
    if is_on():
        provider: Any = trace.get_tracer_provider()
        sending = threading.Thread(target=provider.shutdown, daemon=True)
        sending.start()
        sending.join(_LAST_SECONDS)


def _is_wanted() -> bool:
    exporter, endpoint = _value("OTEL_TRACES_EXPORTER"), next(filter(None, map(_value, _ENDPOINTS)), "")
    if _value("OTEL_SDK_DISABLED").lower() == "true" or exporter == "none" or not (exporter or endpoint):
        return False
    if exporter not in ("", "otlp"):
        raise SettingsError("OTEL_TRACES_EXPORTER must be otlp or none")
    if next(filter(None, map(_value, _PROTOCOLS)), _PROTOCOL) != _PROTOCOL:
        raise SettingsError(f"OTEL_EXPORTER_OTLP_PROTOCOL must be {_PROTOCOL}")
    if endpoint and not _is_url(endpoint):
        raise SettingsError("OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL")
    return True


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.hostname)
