"""Strategies for every valid request, and for changes of its texts."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from quotation.request import QuotationRequest

_characters = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
# texts that XML-RPC can carry, without blanks at their ends; long ones only take time
_lines_of_text = st.text(_characters, max_size=30).map(lambda text: f"¡{text}!")
_notes = st.text(_characters | st.sampled_from("\n\r\t"), max_size=60)


def _numerals(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    # a numeral with three decimals has two readings
    certain = numbers.map(str).filter(lambda numeral: not re.fullmatch(r"\d+\.\d{3}", numeral))
    return numbers | certain


_ids = _numerals(st.integers(1, 2**31 - 1)) | st.integers(1, 2**31 - 1).map(float)
_quantities: st.SearchStrategy[Any] = st.integers(1, 10**8).map(lambda cents: Decimal(cents) / 100)
_quantities = _numerals(_quantities) | _quantities.map(float)
_prices = st.just(-1) | _numerals(st.floats(0, 1e12)) | st.integers(0, 10**12)
_products = st.fixed_dictionaries({"product_id": _ids}) | st.fixed_dictionaries({"product": _lines_of_text})
_amounts = {"product_qty": _quantities, "product_price": _prices}
_line = st.tuples(_products, st.fixed_dictionaries({}, optional=_amounts)).map(lambda parts: parts[0] | parts[1])
_lines = st.lists(_line, min_size=1, max_size=4)
_emails = st.from_regex(r"[A-Za-z0-9]{1,12}(\.[A-Za-z0-9]{1,5})?@[a-z]{1,10}\.(mx|com|test)", fullmatch=True)
_required: dict[str, st.SearchStrategy[Any]] = {
    "partner_name": _lines_of_text,
    "email": _emails,
    "lead_name": _lines_of_text,
}
_optional: dict[str, st.SearchStrategy[Any]] = {
    "contact_name": st.none() | st.just("") | _lines_of_text,
    "phone": st.none() | _lines_of_text,
    "currency": st.none() | st.sampled_from(["", "MXN", "usd"]),
    "user_id": st.none() | st.integers(0, 2**31 - 1),
    "notes": _notes,
}

bodies: st.SearchStrategy[dict[str, Any]] = st.tuples(
    st.fixed_dictionaries(_required, optional=_optional), _line | st.fixed_dictionaries({"lines": _lines})
).map(lambda parts: parts[0] | parts[1])
"""Every kind of valid request, as callers may send it."""

requests: st.SearchStrategy[QuotationRequest] = bodies.map(QuotationRequest.model_validate)

changes: dict[str, Callable[[str], Any]] = {
    "partner_name": lambda text: text + "x",
    "contact_name": lambda text: text + "x",
    "email": lambda text: "x" + text,
    "phone": lambda text: text + "0",
    "lead_name": lambda text: text + "x",
    "notes": lambda text: text + "x",
}
"""For each text of a request, a change that makes it another text."""
