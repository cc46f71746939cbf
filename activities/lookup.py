"""Look-ups of products and customers for callers who prepare a quotation; nothing is written."""

from dataclasses import dataclass

from temporalio import activity

from activities.search import Candidate, FoundRow, ProductSearch, Table, said
from odoo_client import Odoo, OptionalText
from quotation import lookups
from quotation.lookups import Partner, PartnerPage, Product, ProductPage, Search


class _PartnerRow(FoundRow):
    name: OptionalText
    email: OptionalText
    email_normalized: OptionalText
    is_company: bool


@dataclass
class LookupActivities:
    """Searches one Odoo; products are named in the language `lang`, if one is set."""

    odoo: Odoo
    lang: str | None = None

    @activity.defn(name=lookups.FIND_PRODUCTS)
    async def find_products(self, query: Search) -> ProductPage:
        """Return active products for sale that match, by id. Raises `OdooError`."""
        found, more = await ProductSearch(self.odoo, self.lang).page(query.query, query.limit, query.after_id)
        return ProductPage(items=[_product(row) for row in found], next_cursor=_cursor(more))

    @activity.defn(name=lookups.FIND_PARTNERS)
    async def find_partners(self, query: Search) -> PartnerPage:
        """Return active partners that have every word in name or e-mail, by id. Raises `OdooError`."""
        context = {"lang": self.lang} if self.lang else {}
        active = [["active", "=", True]]
        partners = Table(self.odoo, "res.partner", active, ["name", "email"], _PartnerRow, context)
        found, more = await partners.page(said(query.query), query.limit, query.after_id)
        items = [
            # the bare address, which a request for a quotation accepts
            Partner(id=row.id, name=row.name, email=row.email_normalized or row.email, is_company=row.is_company)
            for row in found
        ]
        return PartnerPage(items=items, next_cursor=_cursor(more))


def _product(row: Candidate) -> Product:
    return Product(
        id=row.id,
        name=row.name,
        default_code=row.default_code,
        barcode=row.barcode,
        list_price=row.list_price,
        currency=row.currency_id and row.currency_id.name,
    )


def _cursor(more: int | None) -> str | None:
    return None if more is None else str(more)
