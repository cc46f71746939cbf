"""The form with the fields of a request that a retry may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.service.stories import Correctable
from quotation.stored.request import StoredLine, StoredRequest

_LABELS = {
    "partner_name": "Customer",
    "contact_name": "Contact person",
    "email": "E-mail",
    "phone": "Telephone",
    "lead_name": "Title",
    "user_id": "Salesperson's user id (0: Odoo assigns one)",
    "currency": "Currency of agreed prices",
    "notes": "Notes",
    "product_id": "Product id",
    "product": "Product by code or words",
    "product_qty": "Quantity",
    "product_price": "Unit price (-1: the price list decides)",
}
_OF_LINES = ("product_id", "product", "product_qty", "product_price")


@dataclass(frozen=True)
class FormField:
    """A field: its name in the form, its label, what it holds now, and whether it cannot change."""

    name: str
    label: str
    value: str
    is_fixed: bool
    is_long: bool = False


def fields(found: Correctable, sent: Mapping[str, str]) -> list[FormField]:
    """Return the fields of the form, with the values that were `sent` if it comes back with problems."""
    return [
        FormField(name, label, value if is_fixed else sent.get(name, value), is_fixed, name == "notes")
        for name, label, value, is_fixed in _current(found)
    ]


def changes(found: Correctable, sent: Mapping[str, str]) -> dict[str, Any]:
    """Return the corrections: the fields whose text is another one now. Lines are replaced as a whole."""
    changed = {
        name: _unix(sent[name])
        for name, _, value, _ in _current(found)
        if name in sent and _unix(sent[name]).strip() != value.strip()
    }
    corrections: dict[str, Any] = {name: text for name, text in changed.items() if "." not in name}
    if len(corrections) < len(changed):
        corrections["lines"] = [
            {name: sent.get(f"lines.{number}.{name}", value) for name, value in _texts(line).items()}
            for number, line in enumerate(found.request.lines or ())
        ]
    return corrections


def _current(found: Correctable) -> list[tuple[str, str, str, bool]]:
    request, fixed = found.request, found.fixed
    texts = _texts(request)
    lines: Sequence[StoredLine] | None = request.lines
    names = [name for name in _LABELS if lines is None or name not in _OF_LINES]
    current = [(name, _LABELS[name], texts[name], name in fixed) for name in names]
    for number, line in enumerate(lines or ()):
        current += [
            (f"lines.{number}.{name}", f"Line {number + 1}: {_LABELS[name]}", text, "lines" in fixed)
            for name, text in _texts(line).items()
        ]
    return current


def _texts(model: StoredRequest | StoredLine) -> dict[str, str]:
    names = _OF_LINES if isinstance(model, StoredLine) else _LABELS
    return {name: _text(name, getattr(model, name)) for name in names}


def _text(name: str, value: object) -> str:
    if value is None or (name == "product_id" and not value):
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return _unix(str(value))


def _unix(text: str) -> str:
    # browsers send each line break of a form as two characters
    return text.replace("\r\n", "\n")
