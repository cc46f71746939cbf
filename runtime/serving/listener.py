"""The socket that a process listens on. It is bound first, so that a wrong address ends the process at once."""

import errno
import ipaddress
import os
import socket

from runtime.settings import SettingsError

ACCEPTED_AT_ONCE = 8
"""The connections that asyncio accepts in a row, before it serves anything else."""

QUEUED_CONNECTIONS = 2048
"""The connections that the kernel keeps until they are accepted."""


def listen(host: str, port: int, *, loopback_only: bool = True, settings: str = "GATEWAY") -> socket.socket:
    """Return a socket bound to this address; port 0 means any free port.

    Raises:
        SettingsError: The address is taken or is not this machine's, or it must be loopback and is not. The
            sentence names the variables `{settings}_HOST` and `{settings}_PORT`.
    """
    family, address = _address(host, port, loopback_only=loopback_only, variable=f"{settings}_HOST")
    # Nagle's algorithm delays each answer by 40 ms; asyncio turns it off only if the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # a port is free while its last connections are still closing
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"{settings}_PORT {port} is in use by another process") from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise SettingsError(f"{settings}_HOST is not an address of this machine") from None
        raise SettingsError(f"{settings}_PORT {port} cannot be used: {os.strerror(error.errno or 0)}") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL of this socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Return True if this name or address, without brackets, is always this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(host: str, port: int, *, loopback_only: bool, variable: str) -> tuple[int, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsError(f"{variable} is not an address or name of this machine") from None
    addresses = [(family, (str(address[0]), int(address[1]))) for family, _, _, _, address in found]
    if loopback_only and not all(is_loopback(address) for _, (address, _) in addresses):
        raise SettingsError(f"{variable} must be a loopback address such as 127.0.0.1, because no keys are set")
    # on most machines localhost is both an IPv4 and an IPv6 address, and clients always try IPv4
    return min(addresses)
