"""Ports of 127.0.0.1 for servers that a test or the sandbox starts."""

import secrets
import socket

PORTS = range(18000, 32000)
"""Below the range of outgoing connections: none of them takes a server's port while the server is down."""


def free_port() -> int:
    """Return a port of `PORTS` that is free now."""
    while True:
        port = secrets.choice(PORTS)
        if port_is_free(port):
            return port


def choose_port(preferred: int) -> int:
    """Return the preferred port if it is free, otherwise another one."""
    return preferred if port_is_free(preferred) else free_port()


def port_is_free(port: int) -> bool:
    """Return True if a server could listen on 127.0.0.1 at `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
