"""Limits on what connections may hold, one by one and together, so that no client can block the others.

They need no proxy. Limits for each address are a proxy's work (`docs/security.md`).
"""

import resource
from dataclasses import dataclass
from typing import Protocol

PROBES = frozenset({"/healthz", "/readyz"})
"""Paths that work under any host name, without a key and even when the gateway is full."""

_OTHER_FILES = 128
"""Open files that are not connections of clients."""


@dataclass(frozen=True)
class Limits:
    """The limits of one connection, and of all together."""

    connections: int = 2000
    spare_connections: int = 64
    """Connections beyond `connections`; they can ask only `PROBES`."""
    body_bytes: int = 64 * 1024 * 1024
    """The bodies of all requests that are not answered yet."""
    head_seconds: float = 10
    """From the connection, or the first byte of a later request, to the end of its header."""
    head_bytes: int = 32 * 1024
    fields: int = 100
    """Header and trailer fields of a request."""
    message_bytes: int = 512 * 1024
    """A body as the client sends it, with chunk headers and trailers."""
    chunks: int = 1000
    pipelined: int = 16
    """Requests that wait while an earlier one on the same connection is answered."""
    idle_seconds: float = 75
    """Between two requests. Balancers reuse a connection for up to 60 seconds (docs/reference.md, Processes)."""
    linger_seconds: float = 2
    """The time for which a refused client can go on sending before its connection is cut."""
    linger_bytes: int = 32 * 1024 * 1024


class Connection(Protocol):
    """A client's connection."""

    def cut(self) -> None:
        """Close the connection at once."""


class Capacity:
    """Counts what the connections of one server hold."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._connections: set[Connection] = set()
        self._body_bytes = 0
        # both in the order of their waiting: connections without a request yet, and between two requests
        self._silent: dict[Connection, None] = {}
        self._idle: dict[Connection, None] = {}

    @property
    def is_full(self) -> bool:
        """True while only probes are answered."""
        return len(self._connections) > self.limits.connections

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._connections)

    @property
    def body_bytes(self) -> int:
        """The bytes held of bodies."""
        return self._body_bytes

    def admit(self, connection: Connection) -> bool:
        """Count a new connection. Return False if there is no room for it.

        If the server is full, the connection that has waited longest is cut to make room.
        """
        self._connections.add(connection)
        if self.is_full:
            waiting = next(iter(self._silent), None) or next(iter(self._idle), None)
            if waiting is not None:
                self.forget(waiting)
                waiting.cut()
        return len(self._connections) <= self.limits.connections + self.limits.spare_connections

    def wait(self, connection: Connection, *, is_silent: bool) -> None:
        """Record that a connection has no request in progress."""
        (self._silent if is_silent else self._idle)[connection] = None

    def work(self, connection: Connection) -> None:
        """Record that a connection has a request in progress, so that it is not cut for another one."""
        self._silent.pop(connection, None)
        self._idle.pop(connection, None)

    def forget(self, connection: Connection) -> None:
        """Record that a connection has ended."""
        self.work(connection)
        self._connections.discard(connection)

    def take(self, size: int) -> bool:
        """Count bytes of a body. Return False if there is no room for them."""
        self._body_bytes += size
        return self._body_bytes <= self.limits.body_bytes

    def give_back(self, size: int) -> None:
        """Count bytes of a body as released."""
        self._body_bytes -= size


def affordable_connections(wanted: int) -> int:
    """Return the number of connections that this process can have, `wanted` at most.

    The soft limit on open files is raised as far as the hard limit allows.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - _OTHER_FILES))
