"""Keeps what callers and customers said out of the spans that leave the process.

The instrumentation of FastAPI, MCP and Temporal's SDK adds addresses with their parameters, and exceptions with
their texts. Only attributes that are named here are sent, no events, and no texts of errors.
"""

import logging
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

logger = logging.getLogger(__name__)

_SENT = frozenset(
    {
        "error.type",
        "gen_ai.operation.name",
        "gen_ai.tool.name",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "mcp.method.name",
        "network.protocol.version",
        "odoo.environment",
        "odoo.fault",
        "odoo.method",
        "odoo.model",
        "rpc.response.status_code",
        "s3.bucket",
        "s3.operation",
        "temporalActivityID",
        "temporalAttempt",
        "temporalRunID",
        "temporalWorkflowID",
        "url.scheme",
    }
)

_POLLS = "HandleQuery:"
"""Each poll of a status would add such a span to the quotation's trace."""


class DiscreetExporter(SpanExporter):
    """Sends spans without what they must not tell. It logs when spans begin to be lost, and when that is over."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_lossy = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send the spans."""
        result = self._exporter.export([_discreet(span) for span in spans if not span.name.startswith(_POLLS)])
        is_lossy = result is not SpanExportResult.SUCCESS
        if is_lossy and not self._is_lossy:
            logger.warning("spans are lost: the collector of OTEL_EXPORTER_OTLP_ENDPOINT does not take them")
        elif self._is_lossy and not is_lossy:
            logger.info("Resolved: the collector takes spans")
        self._is_lossy = is_lossy
        return result

    def shutdown(self) -> None:
        """Close the connection to the collector."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Return True: nothing waits here."""
        return self._exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    attributes = dict(span.attributes or {})
    for event in span.events:
        attributes.setdefault("error.type", (event.attributes or {}).get("exception.type", event.name))
    return ReadableSpan(
        span.name,
        span.context,
        span.parent,
        span.resource,
        {name: value for name, value in attributes.items() if name in _SENT},
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
