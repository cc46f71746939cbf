"""Times, counts and traces the calls to Odoo. No label or attribute holds a value of a call."""

import contextlib
import re
import time
from collections.abc import Iterator

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import Counter, Gauge, Histogram

from odoo_client.errors import OdooError, OdooUnknownReferenceError
from odoo_client.traffic.slots import Slots

_CALL_SECONDS = Histogram(
    "worker_odoo_call_seconds",
    "From a request to Odoo to the end of its answer or its failure, without the waiting for a slot.",
    ["environment", "call"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_FAULTS = Counter(
    "worker_odoo_faults", "Calls to Odoo that failed, by the kind of the fault.", ["environment", "kind"]
)
_SLOTS = Gauge("worker_odoo_slots", "Calls to Odoo that may run at once in this worker.", ["environment"])
_RUNNING = Gauge("worker_odoo_calls_running", "Calls to Odoo that run now.", ["environment"])
_WAITING = Gauge("worker_odoo_calls_waiting", "Calls to Odoo that wait for a slot now.", ["environment"])

_tracer = trace.get_tracer("odoo_client")


class Meter:
    """Measures the calls of one client; its Odoo is that of this environment."""

    def __init__(self, environment: str, slots: Slots) -> None:
        self._environment = environment
        _SLOTS.labels(environment).set_function(lambda: slots.most)
        _RUNNING.labels(environment).set_function(lambda: slots.in_use)
        _WAITING.labels(environment).set_function(lambda: slots.waiting)
        for kind in _kinds(OdooError):
            # Prometheus sees the first fault only if it saw the zero before
            _FAULTS.labels(environment, kind)

    @contextlib.contextmanager
    def timed(self, call: str) -> Iterator[None]:
        """Measure the time of a call, e.g. `crm.lead.write`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            _CALL_SECONDS.labels(self._environment, call).observe(time.perf_counter() - began)

    @contextlib.contextmanager
    def counted(self, model: str, method: str) -> Iterator[None]:
        """Count the fault of one call, and make a span of the call, with the waiting for a slot."""
        attributes = {"odoo.environment": self._environment, "odoo.model": model, "odoo.method": method}
        with _tracer.start_as_current_span(
            f"odoo {model}.{method}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except OdooError as error:
                kind = _kind(type(error))
                _FAULTS.labels(self._environment, kind).inc()
                span.set_attribute("odoo.fault", kind)
                # a record that is not there is an answer
                if not isinstance(error, OdooUnknownReferenceError):
                    span.set_status(StatusCode.ERROR)
                raise


def _kinds(error: type[OdooError]) -> Iterator[str]:
    for kind in error.__subclasses__():
        yield _kind(kind)
        yield from _kinds(kind)


def _kind(error: type[OdooError]) -> str:
    """Return the name of an error in metrics, e.g. `login_refused` of `OdooLoginRefusedError`."""
    words = re.findall(r"[A-Z][a-z]+", error.__name__)
    return "_".join(words[1:-1]).lower()
