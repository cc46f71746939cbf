"""Finds products as people say them: by words, code or barcode (docs/reference.md, Odoo)."""

import asyncio
from dataclasses import dataclass
from typing import Any

from activities.company import Company
from activities.search.like import literal
from activities.search.table import FoundRow, Table
from activities.search.words import plain, said
from odoo_client import Odoo, OptionalReference, OptionalText

_FOR_SALE = (["active", "=", True], ["sale_ok", "=", True])
_SEARCHED = ("name", "default_code", "barcode")


class Candidate(FoundRow):
    """A product that is active and for sale."""

    name: str
    default_code: OptionalText
    barcode: OptionalText
    list_price: float
    currency_id: OptionalReference


class _ExactRow(Candidate):
    company_id: OptionalReference
    active: bool
    sale_ok: bool


@dataclass
class ProductSearch:
    """Searches one Odoo's products, those of a company if one is given; `lang` is the language of their names."""

    odoo: Odoo
    lang: str | None = None
    company: Company | None = None

    async def page(self, query: str, limit: int, after: int = 0) -> tuple[list[Candidate], int | None]:
        """Return products by id, and the id after which there may be more.

        They have every word of the query. If no product has, articles and plurals give way first, and then
        accents on rarely accented letters and the words that no product has. Raises `OdooError`.
        """
        words = said(query)
        simpler = plain(words)
        for wanted in [words, simpler] if simpler not in ([], words) else [words]:
            if page := await self._table.page_if_known(wanted, limit, after):
                return page
        any_letter = self._table.with_any_letter()
        rest = simpler or words
        known = await asyncio.gather(*(any_letter.has([word]) for word in rest))
        left = [word for word, is_known in zip(rest, known, strict=True) if is_known]
        return await any_letter.page(left, limit, after) if left else ([], None)

    async def named(self, text: str, limit: int) -> tuple[list[Candidate], int | None]:
        """Return the products that `text` can mean: a code or barcode that is exactly it, otherwise its words.

        Raises `OdooError`.
        """
        exact = await self._exact(text)
        if not exact:
            return await self.page(text, limit)
        # an archived product's code must not become a part of another product's code
        usable = [row for row in exact if row.active and row.sale_ok]
        usable = [row for row in usable if self.company is None or self.company.may_use(row.company_id)] or usable
        return list(usable[:limit]), usable[limit - 1].id if len(usable) > limit else None

    async def _exact(self, text: str) -> list[_ExactRow]:
        rows = await self.odoo.call(
            "product.product",
            "search_read",
            [
                *self._of_company,
                "|",
                ["default_code", "=ilike", literal(text)],
                ["barcode", "=ilike", literal(text)],
            ],
            list(_ExactRow.model_fields),
            order="id",
            context=self._language | {"active_test": False},
            returns=list[_ExactRow],
        )
        return [row for row in rows if text in (row.default_code, row.barcode)] or rows

    @property
    def _table(self) -> Table[Candidate]:
        return Table(
            self.odoo, "product.product", [*_FOR_SALE, *self._of_company], _SEARCHED, Candidate, self._context
        )

    @property
    def _context(self) -> dict[str, object]:
        return self._language | (self.company.context if self.company else {})

    @property
    def _language(self) -> dict[str, object]:
        return {"lang": self.lang} if self.lang else {}

    @property
    def _of_company(self) -> list[Any]:
        return [self.company.may_own] if self.company else []
