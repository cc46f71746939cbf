"""Odoo without Temporal: a quotation's necessary calls, made as fast as the same Odoo allows.

The user id is known, each thread keeps its connection, and calls that do not need each other's result run side by
side. It creates records with `load` and external ids as the product does, but nothing repeats a call that failed.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from xmlrpc.client import ServerProxy

from benchmarks.sides.requests import new_request
from sandbox.processes import SandboxError
from sandbox.real_odoo import OdooAccess

_ONCE = {"noupdate": True, "mode": "update"}
_ORDER: dict[str, Any] = {
    "name": {},
    "amount_untaxed": {},
    "amount_tax": {},
    "amount_total": {},
    "currency_id": {"fields": {"name": {}}},
    "order_line": {"fields": {"name": {}, "price_unit": {}, "price_subtotal": {}}},
}
_THREADS = 16

T = TypeVar("T")


class BareOdoo:
    """A direct client of one database."""

    def __init__(self, odoo: OdooAccess) -> None:
        self._odoo = odoo
        with ServerProxy(f"{odoo.url}/xmlrpc/2/common", allow_none=True) as common:
            self._uid = common.authenticate(odoo.db, odoo.username, odoo.password, {})
        if not self._uid:
            raise SandboxError("Odoo refuses the login")
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(_THREADS)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    async def quote(self) -> None:
        """Make one quotation for a new customer, and read its amounts."""
        request = new_request()
        _, known = await asyncio.gather(
            self._call("product.product", "search_read", [["id", "=", request["product_id"]]], ["sale_ok"]),
            self._call("res.partner", "search", [["email_normalized", "=", request["email"]]]),
        )
        if known:
            raise SandboxError("The new customer is known")
        word = request["email"].partition("@")[2].replace(".", "-")
        partner = await self._load(
            "res.partner",
            id=f"bench.partner-{word}",
            name=request["partner_name"],
            email=request["email"],
            phone=request["phone"],
            is_company="1",
        )
        lead = {"id": f"bench.lead-{word}", "name": request["lead_name"], "type": "lead"}
        lead_id = await self._load("crm.lead", **lead, **{"partner_id/.id": str(partner)})
        await asyncio.gather(self._convert(lead_id), self._order(word, partner, lead_id, request))

    async def _convert(self, lead_id: int) -> None:
        context = {"active_model": "crm.lead", "active_id": lead_id, "active_ids": [lead_id]}
        values = {"name": "convert", "lead_id": lead_id, "action": "exist", "partner_id": False}
        model = "crm.lead2opportunity.partner"
        wizard = await self._call(model, "create", values, context=context)
        await self._call(model, "action_apply", [wizard], context=context)

    async def _order(self, word: str, partner_id: int, lead_id: int, request: dict[str, Any]) -> None:
        row = {
            "id": f"bench.order-{word}",
            "partner_id/.id": str(partner_id),
            "opportunity_id/.id": str(lead_id),
            "origin": request["lead_name"],
            "order_line/id": f"bench.line-{word}",
            "order_line/product_id/.id": str(request["product_id"]),
            "order_line/product_uom_qty": str(request["product_qty"]),
        }
        order_id = await self._load("sale.order", **row)
        await self._call("sale.order", "web_read", [order_id], _ORDER)

    async def _load(self, model: str, **row: str) -> int:
        answer = await self._call(model, "load", list(row), [list(row.values())], context=_ONCE)
        if not answer["ids"]:
            raise SandboxError(f"Odoo refused a {model}: {answer['messages']}")
        record_id: int = answer["ids"][0]
        return record_id

    async def _call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        return await self._in_thread(
            lambda: self._models().execute_kw(
                self._odoo.db, self._uid, self._odoo.password, model, method, list(arguments), named
            )
        )

    def _in_thread(self, call: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _models(self) -> ServerProxy:
        if not hasattr(self._local, "models"):
            self._local.models = ServerProxy(f"{self._odoo.url}/xmlrpc/2/object", allow_none=True)
        models: ServerProxy = self._local.models
        return models
