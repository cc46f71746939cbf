"""The metrics of Temporal's SDK, which serves them itself, on an address of its own."""

import asyncio
import http.client
import socket

from temporalio.runtime import PrometheusConfig, Runtime

from runtime.temporal import quiet_runtime

_HOST = "127.0.0.1"
_ATTEMPTS = 5
_ANSWER_SECONDS = 2.0

_BUCKETS = {
    "activity_schedule_to_start_latency": (0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600),
    # with all attempts: a step is tried for a day
    "activity_succeed_endtoend_latency": (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
}
"""Upper bounds in seconds, where the SDK's own are too few for dashboards."""


class SdkMetrics:
    """A runtime of the SDK, and its metrics for one scrape with our own."""

    def __init__(self) -> None:
        self._port, self.runtime = _create_runtime()

    async def exposition(self) -> bytes:
        """Return the SDK's metrics in Prometheus's text format; nothing if it does not answer in 2 seconds."""
        return await asyncio.to_thread(self._fetch)

    def _fetch(self) -> bytes:
        # not urllib: it would use a proxy
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return b""
        finally:
            connection.close()


def _create_runtime() -> tuple[int, Runtime]:
    for _ in range(_ATTEMPTS - 1):
        # another process may take the port before the SDK does
        try:
            return _create_runtime_at(_free_port())
        except RuntimeError:
            continue
    return _create_runtime_at(_free_port())


def _create_runtime_at(port: int) -> tuple[int, Runtime]:
    config = PrometheusConfig(
        bind_address=f"{_HOST}:{port}",
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=_BUCKETS,
    )
    return port, quiet_runtime(config)


def _free_port() -> int:
    # the SDK does not say which port it took if it is asked to choose one
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
