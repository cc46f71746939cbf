"""A gRPC relay in front of Temporal, whose calls a test counts, fails, or holds."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import grpc
import grpc.aio

Interference = Callable[[], Awaitable[grpc.StatusCode | None]]
"""Runs before a call is relayed; a status that it returns is the answer, and Temporal is not asked."""

VISIBILITY = ("CountWorkflowExecutions", "ListWorkflowExecutions")


class Relay(grpc.GenericRpcHandler):
    """Relays every unary call, of which Temporal's services have no other."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.address = ""
        self.calls: Counter[str] = Counter()
        """How often each method was called, whatever came of it."""
        self._channel = channel
        self._interferences: dict[str, Interference] = {}

    def interfere(self, interference: Interference, *methods: str) -> None:
        """Run this before each call of these methods."""
        self._interferences |= dict.fromkeys(methods, interference)

    def fail(self, status: grpc.StatusCode, *methods: str) -> None:
        """Answer calls of these methods with this status."""

        async def answer() -> grpc.StatusCode:
            return status

        self.interfere(answer, *methods)

    def mend(self) -> None:
        """Relay everything again."""
        self._interferences.clear()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Return what serves a method; requests and answers pass as bytes."""
        return grpc.unary_unary_rpc_method_handler(partial(self._relay, handler_call_details.method))

    async def _relay(
        self, method: str, request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]"
    ) -> bytes:
        name = method.rpartition("/")[2]
        self.calls[name] += 1
        interference = self._interferences.get(name)
        status = await interference() if interference else None
        if status is not None:
            await context.abort(status, "as the test wants it")
        try:
            call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(method)
            answer: bytes = await call(request, timeout=context.time_remaining())
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details() or "", tuple(error.trailing_metadata()))
        return answer


@asynccontextmanager
async def relay_to(temporal_address: str) -> AsyncIterator[Relay]:
    """Serve a relay in this event loop, which must not be blocked meanwhile."""
    async with grpc.aio.insecure_channel(temporal_address) as channel:
        relay = Relay(channel)
        server = grpc.aio.server(handlers=[relay])
        relay.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        try:
            yield relay
        finally:
            await server.stop(None)
