"""The old address of `sandbox.processes`, `sandbox.ports` and `sandbox.servers`; goes when nobody uses it."""

from pathlib import Path

from sandbox.ports import free_port
from sandbox.processes import (
    BIN,
    ROOT,
    Process,
    environment,
    start_module,
    start_process,
    wait_until,
    wait_until_healthy,
)
from sandbox.servers import temporal_server

__all__ = [
    "BIN",
    "ROOT",
    "Process",
    "environment",
    "free_port",
    "start_module",
    "start_process",
    "start_temporal",
    "wait_until",
    "wait_until_healthy",
]


def start_temporal(port: int, folder: Path, metrics_port: int | None = None) -> Process:
    server = temporal_server(folder, port=port, metrics_port=metrics_port)
    server.start()
    assert server.process
    return server.process
