"""The bounds on a client of the gateway's port, with limits that a test reaches."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.web.capacity import Capacity, Limits
from gateway.web.middleware import BodyLimit
from gateway.web.protocol import BoundedHttp
from gateway.web.request_ids import RequestIds
from runtime.serving.listener import ACCEPTED_AT_ONCE, QUEUED_CONNECTIONS, listen

LIMITS = replace(Limits(), connections=8, spare_connections=2, head_seconds=60)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
ONE_BYTE_CHUNKS = b"1\r\na\r\n" * 4000
FIELD_OF_1_KIB = b"X: " + b"x" * 1024 + b"\r\n"


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it was sent; `/wait` when it is let."""
    request = Request(scope, receive)
    body = await request.body()
    if scope["path"] == "/wait":
        await released.wait()
    fields = {name: value for name, value in request.headers.items() if name.startswith("x-")}
    await JSONResponse({"path": scope["path"], "size": len(body), "fields": fields})(scope, receive, send)


def application(body_seconds: float) -> Any:
    """`echo`; `/early`, which answers without reading the body; `/late`, which reads it when it is let."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/late":
            await released.wait()
        app = JSONResponse({}, 401) if scope["path"] == "/early" else BodyLimit(echo, seconds=body_seconds)
        await app(scope, receive, send)

    return RequestIds(serve)


released = asyncio.Event()


@dataclass
class Answer:
    status: int
    fields: dict[str, str]
    body: bytes


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *data: bytes) -> None:
        for part in data:
            self.writer.write(part)
            await self.writer.drain()

    async def send_for_ever(self, data: bytes) -> None:
        async with asyncio.timeout(20):
            while True:
                await self.send(data)
                await asyncio.sleep(0)

    async def send_on(self) -> None:
        """Send up to 400 kB more, which the server reads a part at a time."""
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                await self.send(b"x" * 20_000)
                await asyncio.sleep(0.01)

    async def answer(self) -> Answer:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)).decode().split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = await self.reader.readexactly(int(fields["content-length"]))
        return Answer(int(head[0].split()[1]), fields, body)

    async def is_ended(self) -> bool:
        """Wait until the server has ended its side, and return whether it said nothing more."""
        try:
            return await asyncio.wait_for(self.reader.read(), 20) == b""
        except ConnectionError:
            return True

    async def refusal(self, status: int) -> Answer:
        """Return the answer after asserting that it is a refusal and the last one."""
        answer = await self.answer()
        assert answer.status == status, answer
        assert answer.fields["connection"] == "close"
        assert answer.fields["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["status"] == status
        assert len(answer.fields["x-request-id"]) == 32
        assert await self.is_ended()
        return answer


@dataclass
class Port:
    capacity: Capacity
    address: tuple[str, int]
    clients: list[Client] = field(default_factory=list)

    async def connect(self, *data: bytes) -> Client:
        client = Client(*await asyncio.open_connection(*self.address, limit=2**20))
        self.clients.append(client)
        await client.send(*data)
        return client

    def knock(self, number: int, data: bytes) -> list[socket.socket]:
        """Return connections that the kernel has accepted, with `data` sent; the server has seen none of them."""
        sockets = [socket.create_connection(self.address) for _ in range(number)]
        for each in sockets:
            each.sendall(data)
        return sockets

    async def close(self) -> None:
        """Close the connections of all clients."""
        for client in self.clients:
            client.writer.close()
            with contextlib.suppress(ConnectionError):
                await client.writer.wait_closed()


Serve = Callable[..., Awaitable[Port]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with contextlib.AsyncExitStack() as stack:

        async def serve(body_seconds: float = 60, **limits: Any) -> Port:
            capacity = Capacity(replace(LIMITS, **limits))
            config = uvicorn.Config(
                application(body_seconds),
                backlog=ACCEPTED_AT_ONCE,
                http=partial(BoundedHttp, capacity),  # type: ignore[arg-type]
                lifespan="off",
                log_config=None,
                ws="none",
                timeout_graceful_shutdown=1,
            )
            server = Server(config)
            listener = listen("127.0.0.1", 0)
            serving = asyncio.create_task(server.serve([listener]))

            async def stop() -> None:
                server.should_exit = True
                await serving

            stack.push_async_callback(stop)
            while not server.started:
                await asyncio.sleep(0.01)
            listener.listen(QUEUED_CONNECTIONS)
            port = Port(capacity, listener.getsockname())
            stack.push_async_callback(port.close)
            return port

        released.clear()
        yield serve
        released.set()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


# early answers


async def test_a_body_is_not_parsed_for_a_client_who_is_refused(serve: Serve) -> None:
    client = await (await serve(chunks=10)).connect(CHUNKED.replace(b"/ ", b"/early ") + ONE_BYTE_CHUNKS)
    assert (await client.answer()).status == 401


@pytest.mark.parametrize("split", [1, 2, 3, 4, 5, len(CHUNKED)])
async def test_nor_if_the_header_arrives_in_parts(serve: Serve, split: int) -> None:
    head = b"\r\n\r\n" + CHUNKED.replace(b"/ ", b"/early ")
    client = await (await serve(chunks=10)).connect(head[:-split])
    await asyncio.sleep(0.05)
    await client.send(head[-split:] + ONE_BYTE_CHUNKS)
    assert (await client.answer()).status == 401


async def test_a_client_is_not_read_while_its_body_waits(serve: Serve) -> None:
    port = await serve()
    client = await port.connect(POST.replace(b"/ ", b"/late ") + b"Content-Length: 100000000\r\n\r\n")
    sending = asyncio.create_task(client.send(*[b" " * 1_000_000] * 100))
    await asyncio.sleep(0.3)

    assert 0 < port.capacity.body_bytes <= LIMITS.message_bytes
    assert not sending.done()
    released.set()
    await client.refusal(413)
    with contextlib.suppress(ConnectionError):
        await sending
    await until(lambda: port.capacity.body_bytes == 0)


async def test_a_body_that_waits_is_read_when_it_is_asked_for(serve: Serve) -> None:
    port = await serve()
    client = await port.connect(CHUNKED.replace(b"/ ", b"/late ") + b"1\r\na\r\n" * 10)
    await asyncio.sleep(0.05)
    await client.send(b"1\r\na\r\n" * 10 + b"0\r\n\r\n" + GET)
    released.set()

    assert json.loads((await client.answer()).body)["size"] == 20
    assert json.loads((await client.answer()).body)["size"] == 0


async def test_a_client_that_leaves_while_its_body_waits_does_no_harm(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    port = await serve()
    client = await port.connect(POST.replace(b"/ ", b"/late ") + b"Content-Length: 100\r\n\r\n" + b" " * 50)
    await until(lambda: port.capacity.body_bytes == 50)
    client.writer.transport.abort()
    await asyncio.sleep(0.05)
    released.set()
    await until(lambda: (port.capacity.body_bytes, port.capacity.connections) == (0, 0))
    await asyncio.sleep(0.05)
    assert "Exception" not in caplog.text


async def test_a_refused_client_that_stays_is_cut(serve: Serve) -> None:
    port = await serve(linger_seconds=0.2)
    client = await port.connect(b"GET / HTTP/1.1\r\n\r\n")

    assert (await client.answer()).status == 400
    assert await client.is_ended()
    await until(lambda: port.capacity.connections == 0)


async def test_a_client_that_leaves_as_it_is_refused_does_no_harm(serve: Serve) -> None:
    port = await serve(head_seconds=0.2)
    failures: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    client = socket.create_connection(port.address)
    client.sendall(GET[:-2])
    await until(lambda: port.capacity.connections == 1)
    # both in one turn of the loop, so that the server cannot know it yet
    loop.call_later(0.15, client.close)
    time.sleep(0.3)  # noqa: ASYNC251

    await until(lambda: port.capacity.connections == 0)
    assert failures == []


async def test_a_refused_client_s_endless_chunks_are_not_parsed(serve: Serve) -> None:
    port = await serve(linger_seconds=0.3)
    client = await port.connect(CHUNKED.replace(b"/ ", b"/early "))
    answer = await client.answer()

    assert (answer.status, answer.fields["connection"]) == (401, "close")
    with pytest.raises(ConnectionError):
        await client.send_for_ever(ONE_BYTE_CHUNKS)
    await until(lambda: port.capacity.connections == 0)


async def test_a_refused_client_gets_its_answer_though_it_goes_on_sending(serve: Serve) -> None:
    port = await serve()
    client = await port.connect(POST.replace(b"/ ", b"/early ") + b"Content-Length: 8000000\r\n\r\n")
    await client.send(b" " * 8_000_000)

    assert (await client.answer()).status == 401
    assert await client.is_ended()


async def test_a_refused_client_sends_no_more_than_a_limit(serve: Serve) -> None:
    port = await serve(linger_bytes=100_000, linger_seconds=60)
    client = await port.connect(POST.replace(b"/ ", b"/early ") + b"Content-Length: 90000000\r\n\r\n")
    with pytest.raises(ConnectionError):
        await client.send(*[b" " * 100_000] * 900)


async def test_an_early_answer_after_the_whole_body_keeps_the_connection(serve: Serve) -> None:
    port = await serve()
    client = await port.connect(POST.replace(b"/ ", b"/early ") + b"Content-Length: 2\r\n\r\n{}", GET)

    assert "connection" not in (await client.answer()).fields
    assert (await client.answer()).status == 200


# chunks, bodies, headers


async def test_chunks_are_counted(serve: Serve) -> None:
    port = await serve(chunks=100)
    allowed = await port.connect(CHUNKED, b"1\r\na\r\n" * 99, b"0\r\n\r\n")
    refused = await port.connect(CHUNKED, b"1\r\na\r\n" * 101)

    assert json.loads((await allowed.answer()).body)["size"] == 99
    await refused.refusal(400)


@pytest.mark.parametrize(
    "endless",
    [
        CHUNKED + b"1;" + b"x" * 40_000,
        CHUNKED + b"1\r\na\r\n0\r\nX: " + b"x" * 40_000,
        CHUNKED + b"1\r\na\r\n0\r\n" + b"X: x\r\n" * 10_000,
    ],
)
async def test_what_comes_beside_a_body_is_bounded(serve: Serve, endless: bytes) -> None:
    port = await serve(message_bytes=100_000)
    client = await port.connect(endless)
    await client.send_on()
    assert (await client.answer()).status in (413, 431)
    assert await client.is_ended()


async def test_a_slow_body_is_given_up(serve: Serve) -> None:
    port = await serve(body_seconds=0.2)
    client = await port.connect(POST + b"Content-Length: 100\r\n\r\n", b"half")

    await client.refusal(408)
    await until(lambda: port.capacity.body_bytes == 0)


async def test_bodies_together_are_bounded_and_released(serve: Serve) -> None:
    port = await serve(body_bytes=250_000)
    half = POST + b"Content-Length: 200001\r\n\r\n" + b" " * 200_000
    first = await port.connect(half)
    await until(lambda: port.capacity.body_bytes == 200_000)
    second = await port.connect(half)

    answer = await second.refusal(503)
    assert answer.fields["retry-after"]
    await first.send(b" ")
    assert json.loads((await first.answer()).body)["size"] == 200_001
    await until(lambda: port.capacity.body_bytes == 0)
    third = await port.connect(half, b" ")
    assert (await third.answer()).status == 200


async def test_a_body_whose_client_has_gone_is_released(serve: Serve) -> None:
    port = await serve()
    client = await port.connect(POST + b"Content-Length: 200001\r\n\r\n" + b" " * 200_000)
    await until(lambda: port.capacity.body_bytes == 200_000)
    client.writer.close()
    await until(lambda: (port.capacity.body_bytes, port.capacity.connections) == (0, 0))


@pytest.mark.parametrize(
    "data",
    [
        b"G",
        GET[:-2],
        POST + b"X: " + b"x" * 1000,
        GET + GET[:-2],
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n" + b"a" + b"GET /",
    ],
)
async def test_a_slow_header_is_given_up(serve: Serve, data: bytes) -> None:
    port = await serve(head_seconds=0.2)
    client = await port.connect(data)
    if data.count(b"HTTP/1.1") == 2 or data.endswith(b"GET /"):
        assert (await client.answer()).status == 200

    await client.refusal(408)


@pytest.mark.parametrize("data", [b"", b"\r\n"])
async def test_a_client_that_asks_nothing_is_not_kept(serve: Serve, data: bytes) -> None:
    port = await serve(head_seconds=0.2)
    client = await port.connect(data)
    assert await client.is_ended()


@pytest.mark.parametrize(
    "data",
    [
        GET[:-2] + FIELD_OF_1_KIB * 40 + b"\r\n",
        GET[:-2] + b"X: " + b"x" * 40_000,
        b"GET /" + b"x" * 40_000,
    ],
)
async def test_a_large_header_is_refused(serve: Serve, data: bytes) -> None:
    client = await (await serve()).connect(data)
    await client.send_on()
    await client.refusal(431)


async def test_empty_lines_are_counted(serve: Serve) -> None:
    client = await (await serve()).connect(b"\r\n" * 20_000)
    await client.refusal(431)


async def test_fields_are_counted(serve: Serve) -> None:
    port = await serve()
    allowed = await port.connect(GET[:-2] + b"X: x\r\n" * 99 + b"\r\n")
    refused = await port.connect(GET[:-2] + b"X: x\r\n" * 100 + b"\r\n")

    assert (await allowed.answer()).status == 200
    await refused.refusal(431)


async def test_a_header_of_30_kib_is_read(serve: Serve) -> None:
    client = await (await serve()).connect(GET[:-2] + FIELD_OF_1_KIB * 30 + b"\r\n")
    assert (await client.answer()).status == 200


async def test_blanks_around_a_field_are_not_part_of_it(serve: Serve) -> None:
    client = await (await serve()).connect(b"GET / HTTP/1.1\r\nHost: a\r\nX-Field: \t a b \t\r\n\r\n")
    assert json.loads((await client.answer()).body)["fields"] == {"x-field": "a b"}


async def test_few_requests_are_sent_ahead(serve: Serve) -> None:
    port = await serve(pipelined=4)
    allowed = await port.connect(GET * 5)
    assert [(await allowed.answer()).status for _ in range(5)] == [200] * 5
    refused = await port.connect(GET.replace(b"/ ", b"/wait ") + GET * 5)
    released.set()
    assert (await refused.answer()).status == 200
    assert await refused.is_ended()


# connections


async def test_many_newcomers_do_not_delay_a_client_that_is_there(serve: Serve) -> None:
    port = await serve(connections=300, linger_seconds=60)
    kept = await port.connect(GET)
    assert (await kept.answer()).status == 200
    newcomers = port.knock(200, POST.replace(b"/ ", b"/early ") + b"Content-Length: 9\r\n\r\nhalf")
    before = port.capacity.connections
    await kept.send(GET)
    assert (await kept.answer()).status == 200

    assert port.capacity.connections - before < 100
    await until(lambda: port.capacity.connections > 200)
    for newcomer in newcomers:
        newcomer.close()


async def test_a_connection_is_kept_for_a_while(serve: Serve) -> None:
    port = await serve(idle_seconds=0.5)
    client = await port.connect(GET)
    assert (await client.answer()).status == 200
    await asyncio.sleep(0.1)
    await client.send(GET)

    assert (await client.answer()).status == 200
    async with asyncio.timeout(4):
        assert await client.is_ended()
    await until(lambda: port.capacity.connections == 0)


def test_a_connection_is_kept_for_longer_than_balancers_reuse_it() -> None:
    assert Limits().idle_seconds > 60


async def test_the_longest_waiting_connection_makes_room(serve: Serve) -> None:
    port = await serve()
    kept = await port.connect(GET)
    assert (await kept.answer()).status == 200
    halves = [await port.connect(GET[:-2]) for _ in range(30)]
    newcomer = await port.connect(GET)

    assert (await newcomer.answer()).status == 200
    assert port.capacity.connections <= LIMITS.connections
    assert all([await half.is_ended() for half in halves[:20]])
    # one that has asked something is the last to go
    await kept.send(GET)
    assert (await kept.answer()).status == 200


async def test_a_full_server_answers_probes_and_nothing_else(serve: Serve) -> None:
    port = await serve()
    busy = [await port.connect(GET.replace(b"/ ", b"/wait ")) for _ in range(LIMITS.connections)]
    await until(lambda: port.capacity.connections == LIMITS.connections)
    probe = await port.connect(GET.replace(b"/ ", b"/healthz "))
    other = await port.connect(GET)

    assert (await probe.answer()).status == 200
    answer = await other.answer()
    assert (answer.status, answer.fields["retry-after"]) == (503, "5")
    assert answer.fields["x-request-id"]
    half_probe = POST.replace(b"/ ", b"/healthz ") + b"Content-Length: 9\r\n\r\nhalf"
    more = [await port.connect(half_probe) for _ in range(10)]
    assert sum([await client.is_ended() for client in more[-5:]]) == 5
    assert port.capacity.connections == LIMITS.connections + LIMITS.spare_connections
    released.set()
    assert [(await client.answer()).status for client in busy] == [200] * len(busy)
    for client in (probe, other, *more, *busy):
        client.writer.close()
    await until(lambda: port.capacity.connections == 0)


# two readings of one request


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (400, CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n0\r\n\r\n"),
        (400, POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
        (400, POST + b"Content-Length: +3\r\n\r\nabc"),
        (400, POST + b"Content-Length: 3, 3\r\n\r\nabc"),
        (501, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        (501, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        (400, CHUNKED + b"fffffffffffffffff\r\n"),
        (400, CHUNKED + b"1\na\n0\n\n"),
        (400, GET[:-2] + b"Host: b\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\n\r\n"),
        (400, GET[:-2] + b"X : a\r\n\r\n"),
        (400, GET[:-2] + b"X: a\r\n b\r\n\r\n"),
        (400, GET[:-2] + b"X: a\0b\r\n\r\n"),
        (400, GET[:-2] + b"X: a\rb\r\n\r\n"),
        (400, GET.replace(b"\r\n", b"\n")),
        (505, b"GET /\r\n\r\n"),
        (400, b"GET / HTTP/3.7\r\nHost: a\r\n\r\n"),
        (400, b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        (400, b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, b"\x16\x03\x01\x02\x00"),
    ],
)
async def test_a_request_that_can_be_read_in_two_ways_ends_the_connection(
    serve: Serve, status: int, data: bytes
) -> None:
    client = await (await serve()).connect(data + GET)
    await client.refusal(status)


async def test_an_address_that_is_not_percent_encoded_is_refused_in_words_that_help(serve: Serve) -> None:
    client = await (await serve()).connect("GET /?query=instalación HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    refused = await client.refusal(400)
    assert "percent-encoded" in json.loads(refused.body)["detail"]


async def test_a_trailer_is_no_header(serve: Serve) -> None:
    client = await (await serve()).connect(CHUNKED.replace(b"/ ", b"/wait ") + b"1\r\na\r\n0\r\nX-A: b\r\n\r\n")
    released.set()
    assert json.loads((await client.answer()).body) == {"path": "/wait", "size": 1, "fields": {}}


@pytest.mark.parametrize(("body", "split"), [(b"", 0), (b"abc", 0), (b"abc", 2)])
async def test_an_offer_of_another_protocol_is_declined(serve: Serve, body: bytes, split: int) -> None:
    # Java's client makes it with every request
    head = POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nX-A: b\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    client = await (await serve()).connect(head + body[:split], body[split:])

    assert json.loads((await client.answer()).body) == {"path": "/", "size": len(body), "fields": {"x-a": "b"}}
    assert await client.is_ended()
