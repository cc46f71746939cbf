"""OpenTelemetry's SDK as our processes use it: spans wait in a bounded queue, and one thread sends them."""

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from runtime import VERSION
from runtime.tracing.discreet import DiscreetExporter

_INHERITED = ("temporalWorkflowID", "temporalAttempt")


def begin(process: str) -> None:
    """Send the spans of this process to the collector. Raises the SDK's exceptions if a variable is wrong."""
    ours = Resource.create({"service.name": f"quotations-{process}", "service.version": VERSION})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(_Inheritance())
    provider.add_span_processor(BatchSpanProcessor(DiscreetExporter(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    # no baggage: it is whatever a caller likes, and would reach Temporal's histories
    propagate.set_global_textmap(TraceContextTextMapPropagator())


class _Inheritance(SpanProcessor):
    """Adds to a span in an activity which quotation and which attempt it belongs to."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Copy these attributes of the parent."""
        parent = trace.get_current_span(parent_context)
        if isinstance(parent, ReadableSpan) and parent.attributes:
            span.set_attributes(
                {name: parent.attributes[name] for name in _INHERITED if name in parent.attributes}
            )
