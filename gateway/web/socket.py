"""The gateway's socket: bound before anything else, so that a wrong address is told at once."""

import errno
import ipaddress
import os
import socket

from runtime.settings import SettingsError


def listen(host: str, port: int, *, loopback_only: bool = True) -> socket.socket:
    """Give a socket bound to this address; port 0 takes a free one.

    Raises `SettingsError` where the address is taken or not this machine's, or not its loopback though it must be.
    """
    family, address = _address(host, port, loopback_only=loopback_only)
    # asyncio turns Nagle's algorithm off, which costs each answer 40 ms, only where the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # a port whose last connections are still being closed is free
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"GATEWAY_PORT {port} is in use by another process") from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise SettingsError("GATEWAY_HOST is no address of this machine") from None
        raise SettingsError(f"GATEWAY_PORT {port} cannot be used: {os.strerror(error.errno or 0)}") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Give the URL that reaches this socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


def _address(host: str, port: int, *, loopback_only: bool) -> tuple[int, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SettingsError("GATEWAY_HOST is no address or name of this machine") from None
    addresses = [(family, (str(address[0]), int(address[1]))) for family, _, _, _, address in found]
    if loopback_only and not all(ipaddress.ip_address(address).is_loopback for _, (address, _) in addresses):
        raise SettingsError("GATEWAY_HOST must be a loopback address such as 127.0.0.1, since no keys are set")
    # localhost is both on most machines, and clients try IPv4 in any case
    return min(addresses)
