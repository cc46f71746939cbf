"""Finds the products that a request names by words, code or barcode instead of an id."""

import asyncio
from collections.abc import Sequence

from activities.failures import RequestError
from activities.search.products import Candidate, ProductSearch
from quotation.errors import ErrorCode

_CANDIDATES = 5
_LONGEST_NAME = 80


async def find_named_products(search: ProductSearch, names: Sequence[str]) -> dict[str, int]:
    """Return the id for each name; `names` has one for each line of the order, empty if the line has an id.

    Raises:
        RequestError: A name fits no product, or several.
        OdooError: as in `Odoo.call`.
    """
    lines = {name: names.index(name) + 1 for name in names if name}
    found = await asyncio.gather(*(search.named(name, _CANDIDATES) for name in lines))
    ids: dict[str, int] = {}
    for (name, line), (candidates, more) in zip(lines.items(), found, strict=True):
        where = f"Line {line}: " if len(names) > 1 else ""
        if not candidates:
            sentence = f"{where}no product for sale in Odoo has this code or barcode, or these words in its name."
            raise RequestError(ErrorCode.PRODUCT_NOT_FOUND, sentence[0].upper() + sentence[1:])
        if len(candidates) > 1 or more is not None:
            listed = "; ".join([*map(_text, candidates), *(["and others"] if more is not None else [])])
            sentence = (
                f"{where}several products match: {listed}. Ask which one is meant, and send its id as product_id."
            )
            raise RequestError(ErrorCode.PRODUCT_AMBIGUOUS, sentence[0].upper() + sentence[1:])
        ids[name] = candidates[0].id
    return ids


def _text(product: Candidate) -> str:
    code = f"code {product.default_code}, " if product.default_code else ""
    currency = product.currency_id.name if product.currency_id else ""
    price = f"{product.list_price:.2f} {currency}".strip()
    return f"{product.id} {product.name[:_LONGEST_NAME]} ({code}{price})"
