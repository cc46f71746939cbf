"""A worker keeps running while its Odoo is upgraded or set up anew."""

import pytest

from activities.checks import CheckActivities
from activities.order import OrderActivities
from odoo_client import OdooRejectedError
from odoo_client.protocols.client import KEPT_SECONDS
from quotation.messages import CheckRequest, NewOrder
from tests.support.scripted_odoo import ScriptedOdoo, answer, fault
from tests.unit.conftest import NewClient

ORDER = NewOrder(external_id="m.order", partner_id=1, opportunity_id=2, origin="x", user_id=None, notes="")
PLACED = {
    "id": 7,
    "name": "S7",
    "amount_untaxed": 0.0,
    "amount_tax": 0.0,
    "amount_total": 0.0,
    "currency_id": {"id": 33, "display_name": "MXN"},
    "order_line": [],
}
REQUEST = CheckRequest(normalized_email="a@b.test", product_ids=[5], user_id=0)


def with_version(server: ScriptedOdoo, major: int, **fields: dict[str, str]) -> None:
    server.always("version", answer({"server_version_info": [major, 0]}))
    server.always("sale.order.fields_get", answer(fields))


async def test_orders_fit_an_odoo_that_was_upgraded(new_client: NewClient, server: ScriptedOdoo) -> None:
    now = [0.0]
    orders = OrderActivities(new_client(clock=lambda: now[0]), "https://odoo.test")
    server.always("sale.order.load", answer({"ids": [7], "messages": []}))
    server.always("sale.order.web_read", answer([PLACED]))
    with_version(server, 17)
    before = await orders.create_sale_order(ORDER)

    with_version(server, 19, opportunity_id={"type": "many2one"})
    now[0] = KEPT_SECONDS
    after = await orders.create_sale_order(ORDER)

    assert "/web#id=7" in before.url
    assert after.url == "https://odoo.test/odoo/sales/7"
    columns = [call.params[5][0] for call in server.calls if "sale.order.load" in call.names]
    assert ["opportunity_id/.id" in names for names in columns] == [False, True]


async def test_a_language_is_known_as_soon_as_it_is_installed(new_client: NewClient, server: ScriptedOdoo) -> None:
    checks = CheckActivities(new_client(), "es_MX")
    server.always("product.product.search_read", answer([{"id": 5, "name": "Robot", "default_code": False}]))
    server.always("res.partner.search_read", answer([]))
    server.always("ir.model.data.check_object_reference", fault(1, "\nValueError: External ID not found"))
    server.always("res.lang.get_installed", answer([["en_US", "English"]]))
    with pytest.raises(OdooRejectedError, match="es_MX"):
        await checks.check_request(REQUEST)

    server.always("res.lang.get_installed", answer([["en_US", "English"], ["es_MX", "Español"]]))
    assert [product.id for product in (await checks.check_request(REQUEST)).products] == [5]
