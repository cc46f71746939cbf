"""The records of an Odoo, as its administrator sees them."""

import xmlrpc.client
from typing import Any

from sandbox.real_odoo import OdooAccess


class OdooView:
    """Reads and edits an Odoo over XML-RPC."""

    def __init__(self, access: OdooAccess) -> None:
        self._access = access
        with xmlrpc.client.ServerProxy(f"{access.url}/xmlrpc/2/common") as common:
            self._uid = common.authenticate(access.db, access.admin_username, access.admin_password, {})
        self._object = xmlrpc.client.ServerProxy(f"{access.url}/xmlrpc/2/object", allow_none=True)

    def close(self) -> None:
        """Close the connection."""
        self._object("close")()

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        access = self._access
        return self._object.execute_kw(access.db, self._uid, access.admin_password, model, method, args, kwargs)

    def find(self, model: str, *domain: list[Any], fields: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Records, archived ones too."""
        rows: list[dict[str, Any]] = self.call(
            model, "search_read", list(domain), list(fields), context={"active_test": False}, order="id"
        )
        return rows

    def counts(self, request: dict[str, Any]) -> tuple[int, int, int, int]:
        """How many partners, leads, orders and lines there are for one request, whose title is unique."""
        title = request["lead_name"]
        return (
            len(self.find("res.partner", ["email", "=ilike", request["email"]])),
            len(self.find("crm.lead", ["name", "=", title])),
            len(self.find("sale.order", ["origin", "=", title])),
            len(self.find("sale.order.line", ["order_id.origin", "=", title])),
        )

    def user_id(self, login: str) -> int:
        [user] = self.find("res.users", ["login", "=", login], fields=("login",))
        return int(user["id"])
