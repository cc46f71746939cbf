"""Look-ups of products and customers for callers who prepare a quotation; nothing is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import activity

from odoo_client import Odoo, OptionalReference, OptionalText
from quotation import lookups
from quotation.lookups import Partner, PartnerPage, Product, ProductPage, Search, cursor_after

Row = TypeVar("Row", bound=BaseModel)

_WILDCARD = re.compile(r"[\\%_]")


class _ProductRow(BaseModel):
    id: int
    name: str
    default_code: OptionalText
    barcode: OptionalText
    list_price: float
    currency_id: OptionalReference


class _PartnerRow(BaseModel):
    id: int
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
        """Return active products for sale that have every word in name, code or barcode. Raises `OdooError`."""
        domain = [
            ["active", "=", True],
            ["sale_ok", "=", True],
            *having_words(query.words, ["name", "default_code", "barcode"]),
        ]
        rows, more = await self._page("product.product", domain, query, _ProductRow)
        items = [
            Product(
                id=row.id,
                name=row.name,
                default_code=row.default_code,
                barcode=row.barcode,
                list_price=row.list_price,
                currency=row.currency_id and row.currency_id.name,
            )
            for row in rows
        ]
        return ProductPage(items=items, next_cursor=cursor_after(items, more=more))

    @activity.defn(name=lookups.FIND_PARTNERS)
    async def find_partners(self, query: Search) -> PartnerPage:
        """Return active partners that have every word in name or e-mail. Raises `OdooError`."""
        domain = [["active", "=", True], *having_words(query.words, ["name", "email"])]
        rows, more = await self._page("res.partner", domain, query, _PartnerRow)
        items = [
            # the bare address, which a request for a quotation accepts
            Partner(id=row.id, name=row.name, email=row.email_normalized or row.email, is_company=row.is_company)
            for row in rows
        ]
        return PartnerPage(items=items, next_cursor=cursor_after(items, more=more))

    async def _page(self, model: str, domain: list[Any], query: Search, kind: type[Row]) -> tuple[list[Row], bool]:
        """Return a page of records by id, and True if there are more."""
        # ids never change, so no record is skipped or repeated when others are created or renamed meanwhile
        after = [["id", ">", query.after_id]] if query.after_id else []
        rows: list[Row] = await self.odoo.call(
            model,
            "search_read",
            [*after, *domain],
            list(kind.model_fields),
            limit=query.limit + 1,
            order="id",
            context={"lang": self.lang} if self.lang else {},
            returns=list[kind],  # type: ignore[valid-type]
        )
        return rows[: query.limit], len(rows) > query.limit


def having_words(words: Sequence[str], fields: Sequence[str]) -> list[Any]:
    """Return the domain of the records that have each word in one of the fields, in any case."""
    domain: list[Any] = []
    for word in words:
        pattern = _WILDCARD.sub(r"\\\g<0>", word)
        domain += ["|"] * (len(fields) - 1)
        domain += [[field, "ilike", pattern] for field in fields]
    return domain
