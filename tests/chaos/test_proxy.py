"""Each fault as a client sees it, in front of a tiny upstream."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx2
import pytest

from sandbox.fault_proxy import Fault, FaultProxy, Rules

TIMEOUT = 0.2
HANG = 0.5


@dataclass
class Upstream:
    """Answers every request with `done`, and remembers what has arrived."""

    port: int = 0
    arrived: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        _, has_length, rest = head.lower().partition(b"content-length: ")
        self.arrived.append(await reader.readexactly(int(rest.split(b"\r\n")[0])) if has_length else b"")
        if head.startswith(b"GET /without-length"):
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndone")
        elif head.startswith(b"GET /chunked"):
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndone\r\n0\r\n\r\n")
        else:
            body = b"" if head.startswith(b"HEAD") else b"done"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        writer.close()

    async def has(self, number: int) -> None:
        """Return when this many requests have arrived."""
        async with asyncio.timeout(5):
            while len(self.arrived) < number:
                await asyncio.sleep(0.01)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.port = server.sockets[0].getsockname()[1]
    yield upstream
    server.close()


@pytest.fixture
async def proxy(upstream: Upstream) -> AsyncIterator[FaultProxy]:
    rules = Rules(delay=0.05, refuse=0.3, hang=HANG)
    async with FaultProxy(upstream.port, seed=1, rules=rules) as proxy:
        yield proxy


@pytest.fixture
async def http(proxy: FaultProxy) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=proxy.url, timeout=5) as client:
        yield client


def always(proxy: FaultProxy, fault: Fault) -> None:
    proxy.rules.rate, proxy.rules.faults = 1.0, [fault]


async def test_without_faults_everything_passes(
    proxy: FaultProxy, upstream: Upstream, http: httpx2.AsyncClient
) -> None:
    for path in ("/", "/without-length", "/chunked"):
        assert (await http.get(path)).content == b"done"
    assert (await http.head("/")).headers["content-length"] == "4"
    assert (await http.post("/", content=b"order", headers={"Expect": "100-continue"})).content == b"done"
    assert upstream.arrived == [b"", b"", b"", b"", b"order"]
    assert (proxy.passed, proxy.met) == (5, {})


async def test_a_delayed_call_succeeds(proxy: FaultProxy, http: httpx2.AsyncClient) -> None:
    always(proxy, Fault.DELAY)
    assert (await http.get("/")).content == b"done"
    assert proxy.met == {Fault.DELAY: 1}


async def test_a_refused_call_finds_nobody_listening_until_later(
    proxy: FaultProxy, upstream: Upstream, http: httpx2.AsyncClient
) -> None:
    always(proxy, Fault.REFUSE)
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        await http.get("/")
    with pytest.raises(httpx2.ConnectError):
        await http.get("/")
    assert upstream.arrived == []
    proxy.rules.rate = 0.0
    assert (await _once_it_listens(http)).content == b"done"


@pytest.mark.parametrize(
    ("fault", "arrived"), [(Fault.CUT_BEFORE, []), (Fault.CUT_AFTER_COMMIT, [b""]), (Fault.CUT_IN_REPLY, [b""])]
)
async def test_a_cut_call_breaks(
    proxy: FaultProxy, upstream: Upstream, http: httpx2.AsyncClient, fault: Fault, arrived: list[bytes]
) -> None:
    always(proxy, fault)
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        await http.get("/")
    assert upstream.arrived == arrived


@pytest.mark.parametrize(("fault", "status"), [(Fault.BAD_GATEWAY, 502), (Fault.UNAVAILABLE, 503)])
async def test_an_error_page_keeps_the_connection(
    proxy: FaultProxy, upstream: Upstream, http: httpx2.AsyncClient, fault: Fault, status: int
) -> None:
    always(proxy, fault)
    assert [(await http.get("/")).status_code for _ in range(2)] == [status] * 2
    assert upstream.arrived == []


async def test_garbage_looks_like_success(proxy: FaultProxy, http: httpx2.AsyncClient) -> None:
    always(proxy, Fault.GARBAGE)
    reply = await http.get("/")
    assert (reply.status_code, reply.content) == (200, b"<html>oops</html>")


async def test_noise_is_no_http(proxy: FaultProxy, http: httpx2.AsyncClient) -> None:
    always(proxy, Fault.NOISE)
    with pytest.raises(httpx2.RemoteProtocolError):
        await http.get("/")


async def test_a_hanging_call_never_arrives(
    proxy: FaultProxy, upstream: Upstream, http: httpx2.AsyncClient
) -> None:
    always(proxy, Fault.HANG)
    with pytest.raises(httpx2.ReadTimeout):
        await http.get("/", timeout=TIMEOUT)
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        await http.get("/")
    assert upstream.arrived == []


async def test_a_late_call_arrives_when_nobody_waits_for_it(
    proxy: FaultProxy, upstream: Upstream, http: httpx2.AsyncClient
) -> None:
    always(proxy, Fault.LATE)
    with pytest.raises(httpx2.ReadTimeout):
        await http.get("/", timeout=TIMEOUT)
    await upstream.has(1)


async def test_while_away_connections_are_refused_and_open_ones_cut(
    proxy: FaultProxy, http: httpx2.AsyncClient
) -> None:
    assert (await http.get("/")).content == b"done"
    always(proxy, Fault.HANG)
    waiting = asyncio.create_task(http.get("/"))
    while not proxy.met:
        await asyncio.sleep(0.01)
    proxy.rules.rate = 0.0
    async with proxy.away():
        with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
            await waiting
        with pytest.raises(httpx2.ConnectError):
            await http.get("/")
    assert (await http.get("/")).content == b"done"


async def test_an_upstream_that_is_gone_cuts_the_call(proxy: FaultProxy, http: httpx2.AsyncClient) -> None:
    # no server listens on port 1
    proxy.upstream_port = 1
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        await http.get("/")


async def test_the_same_seed_gives_the_same_faults(upstream: Upstream) -> None:
    async def fates(seed: int) -> list[str]:
        quick = [Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.GARBAGE, Fault.CUT_BEFORE]
        seen = []
        async with (
            FaultProxy(upstream.port, seed, Rules(rate=0.4, faults=quick)) as proxy,
            httpx2.AsyncClient(base_url=proxy.url) as http,
        ):
            for _ in range(40):
                try:
                    reply = await http.get("/")
                    seen.append(f"{reply.status_code} {reply.text}")
                except httpx2.TransportError:
                    seen.append("cut")
        return seen

    first = await fates(7)
    assert first == await fates(7)
    assert first != await fates(8)
    assert len(set(first)) == 5


async def _once_it_listens(http: httpx2.AsyncClient) -> httpx2.Response:
    async with asyncio.timeout(5):
        while True:
            try:
                return await http.get("/")
            except httpx2.ConnectError:
                await asyncio.sleep(0.05)
