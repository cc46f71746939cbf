"""The HTTP side: XML-RPC at Odoo's addresses, a health check, and a switch for the latency."""

import asyncio
import xmlrpc.client
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.standin_odoo.faults import fault_of
from sandbox.standin_odoo.latency import AUTHENTICATE, Call, parse_latency
from sandbox.standin_odoo.service import VERSION, VERSION_INFO, Service


class Server:
    """Serves a `Service`, each call after the time that `latency` (see `parse_latency`) gives it.

    A call takes effect at the end of its time, whether its client is still there or not: a client that
    is gone by then has lost the reply, not the effect. `authenticate_seconds` come on top for that call,
    which Odoo makes slow on purpose. Without `conflicts` calls in flight together never collide.
    """

    def __init__(
        self,
        service: Service,
        *,
        latency: str = "0",
        authenticate_seconds: float = 0.0,
        conflicts: bool = True,
    ) -> None:
        self._service = service
        self._spec = latency
        self._latency = parse_latency(latency)
        self._authenticate_seconds = authenticate_seconds
        self._conflicts = conflicts
        self.app = Starlette(
            routes=[
                Route("/xmlrpc/2/common", self._common, methods=["POST"]),
                Route("/xmlrpc/2/object", self._object, methods=["POST"]),
                Route("/web/version", self._version),
                Route("/standin/latency", self._control, methods=["GET", "POST"]),
            ]
        )

    async def _common(self, request: Request) -> Response:
        body = await request.body()

        async def answer() -> Any:
            params, method = _loads(body)
            await asyncio.sleep(self._seconds(Call("common", method)))
            return self._service.common(method, params)

        return await _reply(answer)

    async def _object(self, request: Request) -> Response:
        body = await request.body()

        async def answer() -> Any:
            params, method = _loads(body)
            began = self._service.store.commits
            await asyncio.sleep(self._seconds(_describe(params)))
            snapshot = began if self._conflicts else self._service.store.commits
            return self._service.object(method, params, snapshot)

        return await _reply(answer)

    def _seconds(self, call: Call) -> float:
        extra = self._authenticate_seconds if call.method == AUTHENTICATE else 0.0
        return self._latency(call) + extra

    async def _version(self, _: Request) -> Response:
        return JSONResponse({"version_info": VERSION_INFO, "version": VERSION})

    async def _control(self, request: Request) -> Response:
        if request.method == "POST":
            spec = str((await request.json())["latency"])
            try:
                self._latency = parse_latency(spec)
            except ValueError as error:
                return JSONResponse({"error": str(error)}, status_code=422)
            self._spec = spec
        return JSONResponse({"latency": self._spec})


def _loads(body: bytes) -> tuple[tuple[Any, ...], str]:
    params, method = xmlrpc.client.loads(body, use_datetime=True)
    return params, str(method)


def _describe(params: tuple[Any, ...]) -> Call:
    model, method, *arguments = params[3:]
    columns = arguments[0][0] if method == "load" else ()
    return Call(model, method, columns)


async def _reply(answer: Callable[[], Any]) -> Response:
    # whatever goes wrong, the marshalling of None included, is a fault in an answer of status 200
    try:
        text = xmlrpc.client.dumps((await answer(),), methodresponse=True, allow_none=False)
    except Exception as error:  # noqa: BLE001 - as Odoo does
        text = xmlrpc.client.dumps(fault_of(error), methodresponse=True)
    return Response(text, media_type="text/xml")
