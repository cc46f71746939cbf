# ruff: noqa: E501  # a reply is a line
import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo_client import (
    Credentials,
    Odoo,
    OdooCrowdedError,
    OdooError,
    OdooMissingError,
    OdooUnavailableError,
    XmlRpcOdoo,
    in_a_hurry,
    unreserved,
)
from sandbox.ports import free_port
from tests.support.scripted_odoo import (
    UID,
    Reply,
    ScriptedOdoo,
    answer,
    cut,
    late,
    page,
    raw,
    reset,
    trickle,
    when,
)
from tests.unit.conftest import NewClient
from tests.unit.odoo_client.cases import kind_of, row_named

PASSWORD = "hunter2-the-password"


async def call(odoo: Odoo) -> int:
    return await odoo.call("crm.lead", "search_count", [], returns=int)


def assert_is_clean(error: OdooError) -> None:
    """Check that an error is one short sentence without address, password or a library's own text."""
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    assert not any(
        word in text for word in (PASSWORD, "127.0.0.1", "http:", "httpx", "Traceback", "acme", "robot")
    )
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


# failed calls


@pytest.mark.parametrize(
    "reply",
    [
        raw(b""),
        reset(),
        cut(0.01),
        cut(0.5),
        cut(0.99),
        page(200),
        page(200, b"<html><body>Bad gateway</body></html>"),
        page(200, b'{"jsonrpc": "2.0", "result": 7}'),
        page(200, b"<?xml version='1.0'?><methodResponse><params></params></methodResponse>"),
        page(200, b"<?xml version='1.0'?><methodResponse><params><param><value><int>7</int></value>"),
        page(200, b"<methodResponse><params><param><value><int>x</int></value></param></params></methodResponse>"),
        page(200, b"<methodResponse><params><param><value><boolean>7</boolean></value></param></params></methodResponse>"),
        page(200, b"<methodResponse><params><param><value><bigdecimal>x</bigdecimal></value></param></params></methodResponse>"),
        page(200, b"<methodResponse><params><param><value></array></value></param></params></methodResponse>"),
        page(200, b"<?xml version='1.0' encoding='x-none'?><methodResponse/>"),
        page(200, b"\xff\xfe\x00garbage"),
        page(200, b"this is no gzip", "Content-Encoding: gzip"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        raw(b"HTTP/1.1 900 Strange\r\n\r\n"[:12]),
    ],
    ids=[
        "closed", "reset", "cut in head", "cut in half", "cut at the end", "empty", "html", "json", "no params",
        "half", "no int", "no boolean", "no decimal", "no xmlrpc", "unknown encoding", "garbage", "no gzip",
        "no chunk", "no http", "half a status",
    ],
)  # fmt: skip
async def test_a_reply_that_cannot_be_read_is_an_outage(
    new_client: NewClient, server: ScriptedOdoo, reply: Reply
) -> None:
    odoo = new_client(password=PASSWORD)
    for method in ("authenticate", "execute_kw"):
        server.then(method, reply)
        with pytest.raises(OdooUnavailableError) as raised:
            await call(odoo)
        assert_is_clean(raised.value)
    assert (server.count("authenticate"), server.count("execute_kw")) == (2, 1)
    # the next call is not affected
    server.always("execute_kw", answer(5))
    assert await call(odoo) == 5


STATUSES = {
    408: "server in trouble",
    425: "server in trouble",
    429: "server in trouble",
    500: "server in trouble",
    501: "server in trouble",
    502: "server in trouble",
    503: "server in trouble",
    504: "server in trouble",
    507: "server in trouble",
    520: "server in trouble",
    522: "server in trouble",
    530: "server in trouble",
    401: "proxy wants a login",
    407: "proxy wants a login",
    413: "too large",
    301: "redirected",
    302: "redirected",
    307: "redirected",
    308: "redirected",
    403: "forbidden by a proxy",
    404: "not found",
    405: "not found",
    410: "not found",
    204: "other status",
    400: "other status",
    418: "other status",
    451: "other status",
}
"""HTTP statuses, and the row of the table for each."""


@pytest.mark.parametrize(("status", "row"), STATUSES.items())
async def test_an_http_status_is_told(new_client: NewClient, server: ScriptedOdoo, status: int, row: str) -> None:
    server.always("execute_kw", page(status, b"" if status == 204 else f"<html>{PASSWORD}</html>".encode()))
    odoo = new_client(password=PASSWORD)
    with pytest.raises(OdooError, match=str(status)) as raised:
        await call(odoo)
    assert type(raised.value) is kind_of(row)
    assert str(raised.value) == row_named(row).sentence.format(
        status=status, deed="run crm.lead.search_count", protocol="XML-RPC"
    )
    assert_is_clean(raised.value)


async def test_the_password_follows_no_redirect(new_client: NewClient, server: ScriptedOdoo) -> None:
    server.always("authenticate", page(307, b"", f"Location: {server.url}/xmlrpc/2/object"))
    with pytest.raises(OdooMissingError):
        await new_client().login()
    assert len(server.calls) == 1


CONNECTIONS = {
    "time-out": "Odoo did not answer within 0.5 seconds.",
    "wrong certificate": "Odoo's TLS certificate is not valid.",
    "TLS error": "The TLS connection to Odoo failed.",
    "unknown host": "The host name in Odoo's address is unknown.",
    "refused connection": "Odoo refused the connection.",
    "unreachable": "Odoo could not be reached.",
    "broken connection": "The connection to Odoo was lost.",
}
"""Rows of the table for faults of the network, and their sentences."""


@pytest.fixture
async def addresses(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Return an address for each row, at which the network fails in this way."""
    async with AsyncExitStack() as stack:

        async def listen(answer_all: Callable[[asyncio.StreamWriter], Awaitable[None]], **options: Any) -> str:
            async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.read(100)
                await answer_all(writer)
                writer.close()

            other = await asyncio.start_server(accept, "127.0.0.1", 0, **options)
            await stack.enter_async_context(other)
            return f"127.0.0.1:{other.sockets[0].getsockname()[1]}"

        yield {
            "time-out": f"http://{await listen(late(5, answer(1)))}",
            "wrong certificate": f"https://{await listen(reset(), ssl=self_signed(tmp_path))}",
            "TLS error": f"https://{await listen(raw(b'HTTP/1.1 400 Bad Request'))}",
            "unknown host": "http://odoo.invalid:8069",
            "refused connection": f"http://127.0.0.1:{free_port()}",
            "unreachable": "http://255.255.255.255:8069",
            "broken connection": f"http://{await listen(reset())}",
        }


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a TLS context with an untrusted certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "odoo.test")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    encoding = serialization.Encoding.PEM
    path = folder / "odoo.pem"
    path.write_bytes(key.private_bytes(encoding, *plain) + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize(("row", "sentence"), CONNECTIONS.items())
async def test_what_the_network_does_is_an_outage(addresses: dict[str, str], row: str, sentence: str) -> None:
    odoo = XmlRpcOdoo(Credentials(addresses[row], "acme", "robot", PASSWORD), timeout=0.5)
    with pytest.raises(OdooUnavailableError) as raised:
        await call(odoo)
    assert type(raised.value) is kind_of(row)
    assert str(raised.value) == sentence
    assert_is_clean(raised.value)
    await odoo.close()


async def test_a_host_with_several_addresses_that_all_refuse_is_an_outage() -> None:
    odoo = XmlRpcOdoo(Credentials(f"http://localhost:{free_port()}", "acme", "robot", PASSWORD))
    with pytest.raises(OdooUnavailableError, match=r"^Odoo refused the connection\.$"):
        await call(odoo)
    await odoo.close()


async def test_odoo_is_reached_again_after_it_was_away(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(5))
    assert await call(odoo) == 5
    await server.stop()
    with pytest.raises(OdooUnavailableError):
        await call(odoo)
    await server.start()
    assert await call(odoo) == 5


@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_proxy_of_the_machine_gets_no_password(
    monkeypatch: pytest.MonkeyPatch, new_client: NewClient, server: ScriptedOdoo, proxy: str
) -> None:
    monkeypatch.setenv(proxy, f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.always("execute_kw", answer(5))
    assert await call(new_client()) == 5


# time


async def test_a_call_that_takes_too_long_is_an_outage(new_client: NewClient, server: ScriptedOdoo) -> None:
    server.always("execute_kw", late(60, answer(5)))
    begun = time.monotonic()
    with pytest.raises(OdooUnavailableError, match=r"0\.2 seconds") as raised:
        await call(new_client(timeout=0.2, password=PASSWORD))
    assert 0.2 <= time.monotonic() - begun < 2
    assert_is_clean(raised.value)


async def test_the_time_is_that_of_the_whole_call(new_client: NewClient, server: ScriptedOdoo) -> None:
    server.always("execute_kw", trickle("x" * 500, 0.05))
    begun = time.monotonic()
    with pytest.raises(OdooUnavailableError):
        await call(new_client(timeout=0.3))
    assert time.monotonic() - begun < 2


async def test_a_late_answer_never_reaches_another_call(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(timeout=0.2, max_calls=1)
    await odoo.login()
    server.then("execute_kw", late(0.3, answer(1)), answer(2), answer(3))
    with pytest.raises(OdooUnavailableError):
        await call(odoo)
    assert await call(odoo) == 2
    await asyncio.sleep(0.2)
    assert await call(odoo) == 3


async def test_a_cancelled_call_leaves_its_place_to_the_next(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=1)
    await odoo.login()
    server.then("execute_kw", late(60, answer(1)), answer(2))
    first = asyncio.create_task(call(odoo))
    while server.count("execute_kw") < 1:
        await asyncio.sleep(0.01)
    first.cancel()
    assert await asyncio.wait_for(call(odoo), 2) == 2


# concurrency


@pytest.mark.parametrize(("most", "unhurried"), [(1, 1), (2, 1), (3, 2), (8, 6)])
async def test_no_more_calls_than_allowed_reach_odoo_at_once(
    new_client: NewClient, server: ScriptedOdoo, most: int, unhurried: int
) -> None:
    odoo = new_client(max_calls=most)
    server.always("execute_kw", late(0.02, answer(5)))
    assert await asyncio.gather(*(call(odoo) for _ in range(12))) == [5] * 12
    assert server.busiest == unhurried == unreserved(most)
    with in_a_hurry():
        assert await asyncio.gather(*(call(odoo) for _ in range(12))) == [5] * 12
    assert server.busiest == most
    assert server.connections <= most


@asynccontextmanager
async def occupied(odoo: Odoo, server: ScriptedOdoo, calls: int) -> AsyncIterator[None]:
    """Hold so many calls at Odoo, with one more waiting for a slot; all later calls are answered with 5."""
    await odoo.login()
    released = asyncio.Event()
    server.then("execute_kw", *[when(released, answer(1))] * calls)
    server.always("execute_kw", answer(5))
    before = server.count("execute_kw")
    held = [asyncio.create_task(call(odoo)) for _ in range(calls + 1)]
    while server.count("execute_kw") < before + calls:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        released.set()
        assert sorted(await asyncio.gather(*held)) == [1] * calls + [5]


async def test_a_call_in_a_hurry_does_not_wait_behind_others(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=4)
    async with occupied(odoo, server, 3):
        with in_a_hurry(1):
            assert await call(odoo) == 5


async def test_what_all_calls_share_does_not_wait_behind_others(
    new_client: NewClient, server: ScriptedOdoo
) -> None:
    odoo = new_client(max_calls=4, patience=1)

    async def right() -> bool:
        return await call(odoo) == 5

    async with occupied(odoo, server, 3):
        assert await odoo.cached("a fact", lambda: call(odoo)) == 5
        assert await odoo.granted("a right", right)


async def test_a_call_in_a_hurry_hears_that_odoo_is_busy(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=1)
    async with occupied(odoo, server, 1):
        with in_a_hurry(0.1), pytest.raises(OdooCrowdedError, match="busy with other calls"):
            await call(odoo)


async def test_waiting_for_a_turn_is_no_time_out(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=1, timeout=0.3)
    server.always("execute_kw", late(0.1, answer(5)))
    assert await asyncio.gather(*(call(odoo) for _ in range(6))) == [5] * 6


async def test_waiting_for_a_turn_ends_some_time(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=1, patience=0.2)
    await odoo.login()
    server.then("execute_kw", late(1, answer(1)), answer(2))
    first = asyncio.create_task(call(odoo))
    while server.count("execute_kw") < 1:
        await asyncio.sleep(0.01)
    with pytest.raises(OdooUnavailableError, match="busy with other calls"):
        await call(odoo)
    assert await first == 1
    assert await call(odoo) == 2


async def test_a_failed_call_leaves_its_place_to_the_next(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=2)
    await odoo.login()
    server.then("execute_kw", page(502), reset(), page(502), cut(0.5))
    server.always("execute_kw", answer(5))
    outcomes = await asyncio.gather(*(call(odoo) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, OdooUnavailableError) for outcome in outcomes) == 4
    assert outcomes.count(5) == 4


# connections


async def test_calls_in_a_row_share_one_connection(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(5))
    for _ in range(20):
        assert await call(odoo) == 5
    assert await odoo.major_version() == 19
    assert server.connections == 1


async def test_a_fault_keeps_the_connection(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.then("execute_kw", page(502, b"<html>"), page(404), answer(5))
    for _ in range(2):
        with pytest.raises(OdooError):
            await call(odoo)
    assert await call(odoo) == 5
    assert server.connections == 1


async def test_a_connection_that_odoo_closed_is_replaced(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(5))
    assert await call(odoo) == 5
    await server.drop_connections()
    await asyncio.sleep(0.05)
    assert await call(odoo) == 5
    assert server.connections == 2
    assert server.count("authenticate") == 1


async def test_close_closes_every_connection(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client()
    server.always("execute_kw", late(0.02, answer(5)))
    await asyncio.gather(*(call(odoo) for _ in range(5)))
    assert server.open_connections == 5
    await odoo.close()
    await odoo.close()
    async with asyncio.timeout(2):
        while server.open_connections:
            await asyncio.sleep(0.01)


async def test_two_clients_share_nothing(new_client: NewClient, server: ScriptedOdoo) -> None:
    server.then("authenticate", answer(UID), answer(8))
    one, other = new_client(), new_client()
    assert (await one.login(), await other.login()) == (UID, 8)


async def test_a_call_waits_only_for_its_own_answer(odoo: Odoo, server: ScriptedOdoo) -> None:
    await odoo.login()
    released = asyncio.Event()
    server.then("execute_kw", when(released, answer(1)), answer(2))
    slow = asyncio.create_task(call(odoo))
    while server.count("execute_kw") < 1:
        await asyncio.sleep(0.01)
    assert await call(odoo) == 2
    released.set()
    assert await slow == 1
