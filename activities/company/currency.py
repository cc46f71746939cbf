"""The currency of an order, known before there is one."""

from typing import Any

from pydantic import BaseModel

from activities.company.company import Company
from activities.company.fields import CompanyFields
from odoo_client import Odoo, OdooRejectedError, OdooUnknownMethodError, Reference, preview

PRICE_LIST = "property_product_pricelist"
"""The field of a partner with its price list, from which the order takes its currency."""


class _PriceListRow(BaseModel):
    currency_id: Reference


async def currency_of(odoo: Odoo, company: Company, price_list: Reference | None) -> str:
    """Return the currency (ISO 4217) of orders with this price list, or with none."""
    if price_list is None:
        return company.currency
    rows = await odoo.cached_call(
        "product.pricelist", "read", [price_list.id], ["currency_id"], returns=list[_PriceListRow]
    )
    return rows[0].currency_id.name if rows else company.currency


async def price_list_of_new_partners(odoo: Odoo, company: Company, fields: CompanyFields) -> Reference | None:
    """Return the price list that Odoo would give to a new partner: it depends on the country, if any."""
    values: dict[str, Any] = {"name": "x", "is_company": True}
    country = (await fields.missing_in(values, "res.partner")).get("country_id/.id")
    if country:
        values["country_id"] = int(country)
    try:
        computed = await preview(odoo, "res.partner", values, {PRICE_LIST: {}}, company.context, is_cached=True)
    except (OdooRejectedError, OdooUnknownMethodError):
        return None
    found = computed.get(PRICE_LIST)
    # Odoo 16 answers with id and name
    price_list = found[0] if isinstance(found, list) else found
    return Reference(price_list, "") if price_list else None
