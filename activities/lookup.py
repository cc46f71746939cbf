"""Look-ups of products and customers for callers who prepare a quotation; nothing is written."""

from dataclasses import dataclass

from temporalio import activity

from activities.company import NOTHING, Setup, find_company
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
    """Searches what orders of one company may hold; products are named in the language `lang`, if one is set."""

    odoo: Odoo
    lang: str | None = None
    setup: Setup = NOTHING

    @activity.defn(name=lookups.FIND_PRODUCTS)
    async def find_products(self, query: Search) -> ProductPage:
        """Return active products for sale that match, by id. Raises `OdooError`."""
        company = await find_company(self.odoo, self.setup.company)
        products = ProductSearch(self.odoo, self.lang, company)
        found, more = await products.page(query.query, query.limit, query.after_id)
        return ProductPage(items=[_product(row) for row in found], next_cursor=_cursor(more))

    @activity.defn(name=lookups.FIND_PARTNERS)
    async def find_partners(self, query: Search) -> PartnerPage:
        """Return active partners that have every word in name or e-mail, by id. Raises `OdooError`."""
        company = await find_company(self.odoo, self.setup.company)
        context = company.context | ({"lang": self.lang} if self.lang else {})
        usable = [["active", "=", True], company.may_own]
        partners = Table(self.odoo, "res.partner", usable, ["name", "email"], _PartnerRow, context)
        words = said(query.query)
        page = await partners.page_if_known(words, query.limit, query.after_id)
        found, more = page or await partners.with_any_letter().page(words, query.limit, query.after_id)
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
