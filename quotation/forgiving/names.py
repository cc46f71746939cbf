"""Names of fields that callers misspell, and those that their hosts add."""

import difflib
import re
from collections.abc import Iterable

_LONGEST = 64
_SURE, _LIKELY = 0.9, 0.75
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+")

_ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "partner_name": ("name", "customer", "customername", "client", "company", "cliente", "nombre", "empresa"),
    "contact_name": ("contact", "contacto"),
    "email": ("mail", "emailaddress", "correo", "correoelectronico"),
    "phone": ("tel", "mobile", "telefono", "celular"),
    "lead_name": ("title", "titulo", "subject", "asunto"),
    "product": ("sku", "code", "barcode", "productname", "producto"),
    "product_qty": ("qty", "quantity", "cantidad"),
    "product_price": ("price", "unitprice", "priceunit", "precio"),
    "currency": ("moneda", "currencycode"),
    "user_id": ("salesperson", "salespersonid", "vendedor"),
    "lines": ("items", "products", "orderlines", "productos", "lineas"),
    "notes": ("note", "comments", "remarks", "notas", "comentarios"),
    "query": ("q", "search", "text", "words", "busqueda"),
    "tracking_id": ("id", "quotationid"),
    "corrections": ("changes", "fields"),
    "dry_run": ("test", "simulate"),
    "wait_seconds": ("wait", "timeout"),
}

# n8n's first, then those of agents and frameworks that pass the context of a call along
_HOST_ADDITIONS = re.compile(
    r"tool|toolname|toolcall|toolcallid|sessionid|action|chatinput|chatid|callid|messageid|requestid|runid|threadid"
    r"|executionid|traceid|invocationid|metadata|meta|securitycontext|callbacks|runmanager|randomstring"
    r"|taskprogress|executionmessage"
)


def is_host_addition(name: str) -> bool:
    """Return True for an argument that hosts add to every tool call, in any spelling."""
    return _HOST_ADDITIONS.fullmatch(plain(name)) is not None


def unknown_field(name: str, fields: Iterable[str]) -> str:
    """Return the message for a field that is not among these, with the one that was probably meant."""
    meant = _meant(name, list(fields))
    return f"is not a known field; did you mean {meant}?" if meant else "is not a known field"


def _meant(name: str, fields: list[str]) -> str | None:
    name = name[:_LONGEST]
    known = {plain(field): field for field in fields}
    known |= {other: field for field in fields for other in _ALSO_CALLED.get(field, ()) if other not in known}
    # the last word says what it is: customer_email is an address
    words = [word.lower() for word in reversed(_WORD.findall(name)) if word.lower() in known]
    for candidates in (_alike(name, known, _SURE), words, _alike(name, known, _LIKELY)):
        if candidates:
            return known[candidates[0]]
    return None


def _alike(name: str, known: Iterable[str], cutoff: float) -> list[str]:
    return difflib.get_close_matches(plain(name), list(known), n=1, cutoff=cutoff)


def plain(name: str) -> str:
    """Return the name in lower case without its separators: spellings of one name are the same."""
    return re.sub(r"[\W_]", "", name).lower()
