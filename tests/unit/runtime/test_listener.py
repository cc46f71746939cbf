import asyncio
import re
import socket

import pytest

from runtime.serving.listener import listen, url_of
from runtime.settings import SettingsError


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", r"http://127\.0\.0\.1:\d+"),
        ("127.1.2.3", r"http://127\.1\.2\.3:\d+"),
        ("localhost", r"http://127\.0\.0\.1:\d+"),
        ("::1", r"http://\[::1\]:\d+"),
    ],
)
def test_any_loopback_address_may_be_bound(host: str, url: str) -> None:
    with listen(host, 0) as listener:
        assert re.fullmatch(url, url_of(listener))


async def test_answers_are_sent_at_once() -> None:
    delays: list[int] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        delays.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(answer, sock=listen("127.0.0.1", 0)) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await reader.read()
        writer.close()

    assert delays == [1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1"])  # noqa: S104  # refused
def test_without_keys_no_other_address_may_be_bound(host: str) -> None:
    with pytest.raises(SettingsError, match="GATEWAY_HOST must be a loopback address"):
        listen(host, 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])  # noqa: S104  # for a moment, and nobody is served
def test_with_keys_any_address_of_this_machine_may_be_bound(host: str) -> None:
    with listen(host, 0, loopback_only=False) as listener:
        assert url_of(listener).startswith(f"http://{host}:")


def test_with_keys_another_machine_s_address_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="GATEWAY_HOST is not an address of this machine"):
        listen("192.0.2.1", 0, loopback_only=False)


@pytest.mark.parametrize("host", ["", "no such host", "x" * 300, "127.0.0.1:80"])
def test_a_name_that_is_none_is_a_wrong_setting(host: str) -> None:
    with pytest.raises(SettingsError, match="GATEWAY_HOST is not an address or name of this machine"):
        listen(host, 0)


def test_a_port_in_use_is_a_wrong_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(SettingsError, match=f"GATEWAY_PORT {port} is in use by another process"):
            listen("127.0.0.1", port)


def test_a_port_whose_last_connection_is_being_closed_is_free() -> None:
    first = listen("127.0.0.1", 0)
    first.listen()
    port = first.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = first.accept()
        # the side that closes first keeps the port in TIME_WAIT
        accepted.close()
    first.close()

    with listen("127.0.0.1", port) as second:
        assert second.getsockname()[1] == port
