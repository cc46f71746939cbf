"""The company's default terms (`account.use_invoice_terms`), which an order with a note of its own would lose."""

from activities.company.company import Company
from odoo_client import Odoo, OdooRejectedError, OdooUnknownMethodError, preview


async def default_terms(odoo: Odoo, company: Company, partner_id: int) -> str:
    """Return the terms that Odoo would put on the partner's order, as HTML; empty if there are none."""
    order = {"company_id": company.id}
    try:
        # whether there are terms at all is the same for every quotation; their language is the partner's
        general = await preview(odoo, "sale.order", order, {"note": {}}, company.context, is_cached=True)
        if not general.get("note"):
            return ""
        of_partner = order | {"partner_id": partner_id}
        own = await preview(odoo, "sale.order", of_partner, {"note": {}}, company.context)
    except (OdooRejectedError, OdooUnknownMethodError):
        # a form that requires more than Odoo's own must not fail the quotation
        return ""
    return str(own.get("note") or "")
