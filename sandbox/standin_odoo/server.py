"""The HTTP side: XML-RPC and JSON-2 at Odoo's addresses, health checks, and a switch for the latency."""

import asyncio
import json
import random
import xmlrpc.client
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.standin_odoo.faults import body_of, fault_of
from sandbox.standin_odoo.service import DATABASE, VERSION, Service

Latency = Callable[[str, str], float]
"""Return the seconds that a call of a model's method takes; the model of `authenticate` is `common`."""

_LONGEST_SECONDS = 3600

_NO_DATABASE = """\
<!DOCTYPE html>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>
<!-- Alternatively, use the X-Odoo-Database header. -->
"""

# the whole time of a step lies on the call that writes; its reads take no time
_ORIGINAL = {
    ("common", "authenticate"): 2.0,
    ("res.partner", "load"): 3.0,
    ("crm.lead", "load"): 3.0,
    ("crm.lead2opportunity.partner", "action_apply"): 2.0,
    ("sale.order", "load"): 4.0,
    ("sale.order.line", "load"): 3.0,
}


def latency(spec: str) -> Latency:
    """Return the latency for `0.05` (seconds), `2-4` (a random time between them) or `original`.

    Raises:
        ValueError: `spec` is not one of these.
    """
    if spec == "original":
        return lambda model, method: _ORIGINAL.get((model, method), 0.0)
    low, dash, high = spec.partition("-")
    shortest, longest = float(low), float(high if dash else low)
    if not (0 <= shortest <= _LONGEST_SECONDS and 0 <= longest <= _LONGEST_SECONDS):
        raise ValueError(f"A call cannot take {spec} seconds")
    return lambda _model, _method: random.uniform(shortest, longest)  # noqa: S311 - not a secret


class Server:
    """Serves a `Service`, each call after the time that its latency gives, at first `initial`.

    A call takes effect at the end of its time, even if its client is gone: then the client has lost the reply
    only.
    """

    def __init__(self, service: Service, initial: Latency) -> None:
        self._service = service
        self._latency = initial
        self.app = Starlette(
            routes=[
                Route("/xmlrpc/2/{service:path}", self._call, methods=["POST"]),
                Route("/json/2/{model}/{method}", self._json2, methods=["POST"]),
                Route("/web/version", lambda _: JSONResponse(VERSION)),
                Route("/web/health", lambda _: JSONResponse({"status": "pass", "db_server_status": True})),
                Route("/standin/latency", self._set_latency, methods=["POST"]),
            ]
        )

    async def _call(self, request: Request) -> Response:
        service = request.path_params["service"]
        began = self._service.store.commits
        body = await request.body()
        # every error is a fault with status 200, a None that XML-RPC cannot carry included
        try:
            params, method = xmlrpc.client.loads(body)
            model, name = map(str, params[3:5] if service == "object" else ("common", method))
            await asyncio.sleep(self._latency(model, name))
            if service == "object":
                answer = self._service.object(str(method), params, began)
            else:
                answer = self._service.common(str(method), params)
            text = xmlrpc.client.dumps((answer,), methodresponse=True)
        except Exception as error:  # noqa: BLE001 - as Odoo does
            text = xmlrpc.client.dumps(fault_of(error), methodresponse=True)
        return Response(text, media_type="text/xml")

    async def _json2(self, request: Request) -> Response:
        began = self._service.store.commits
        model, method = request.path_params["model"], request.path_params["method"]
        body = await request.json()
        if request.headers.get("X-Odoo-Database") != DATABASE:
            return HTMLResponse(_NO_DATABASE, status_code=404)
        key = request.headers.get("Authorization", "").partition(" ")[2]
        await asyncio.sleep(self._latency(model, method))
        try:
            answer = self._service.json2(key, model, method, body, began)
        except Exception as error:  # noqa: BLE001 - as Odoo does
            status, told = body_of(error)
            return JSONResponse(told, status)
        return Response(json.dumps(answer), media_type="application/json")

    async def _set_latency(self, request: Request) -> Response:
        try:
            self._latency = latency(str((await request.json())["latency"]))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        return Response(status_code=204)
