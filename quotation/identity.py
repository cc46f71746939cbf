"""Identities: tracking ids, a request's fingerprint and the external ids that make effects happen once."""

import hashlib
import json
import re
import secrets  # noqa: TID251  # only the gateway makes ids
import unicodedata
from dataclasses import dataclass
from typing import Any

from quotation.stored.request import StoredLine, StoredRequest
from quotation.values import normalized_email

_FORM = "quot_[0-9a-f]{12}"
TRACKING_ID_PATTERN = f"^{_FORM}$"
"""The form of a tracking id, as JSON schemas say it. A tracking id is the Temporal workflow ID."""

MODULE = "durable_quotations"
"""The module part of every external id; Odoo needs no module of that name."""


_DIGITS = 12


def new_tracking_id() -> str:
    """Return a tracking id that cannot be guessed."""
    return tracking_id_of(secrets.token_hex(_DIGITS))


def tracking_id_of(digest: str) -> str:
    """Return the tracking id that begins a digest of at least 12 lower-case hex digits."""
    return f"quot_{digest[:_DIGITS]}"


def is_tracking_id(text: str) -> bool:
    """Return True if `text` has the form of a tracking id."""
    return re.fullmatch(_FORM, text, re.ASCII) is not None


def fingerprint(request: StoredRequest) -> str:
    """Return a digest (SHA-256, hex) that two requests share only if they ask for the same quotation.

    One product is the same in `product_id` and as the only one of `lines`, and so is an e-mail address in another
    case. Fields that an older version did not know count only if they are filled in, so its fingerprints
    stay valid.
    """
    canonical: dict[str, Any] = {
        "partner_name": request.partner_name,
        "contact_name": request.contact_name,
        "email": request.normalized_email,
        "phone": request.phone,
        "lead_name": request.lead_name,
        "user_id": request.user_id,
        "notes": request.notes,
        "lines": [_content(line) for line in request.order_lines],
    }
    if request.currency:
        canonical["currency"] = request.currency
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def conversation_fingerprint(request: StoredRequest) -> str:
    """Return a digest (SHA-256, hex) of what makes a request another one within a conversation.

    These are the customer (e-mail) and the products with quantities and prices, in any order. An agent that
    repeats a request words names, title and notes anew, and writes the same product in another case.
    """
    lines = [{**_content(line), "product": _folded(line.product)} for line in request.order_lines]
    canonical = [request.normalized_email, sorted(json.dumps(line, sort_keys=True) for line in lines)]
    return hashlib.sha256(json.dumps(canonical).encode()).hexdigest()


def _folded(text: str) -> str:
    """Return the text as products are found by it: without regard to case, accents and blanks."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(part for part in decomposed if not unicodedata.combining(part)).split())


def _content(line: StoredLine) -> dict[str, Any]:
    return line.model_dump(mode="json", exclude=None if line.product else {"product"})


@dataclass(frozen=True)
class RecordNames:
    """The external ids of one quotation's own records: lead, order and lines.

    They come from the tracking id and the *first* request's fingerprint, so every attempt and every retry finds
    the same records. Another request with the same tracking id, by chance or after Temporal's retention, gets
    records of its own.
    """

    tracking_id: str
    fingerprint: str

    @property
    def lead(self) -> str:
        """External id of the `crm.lead`."""
        return f"{self._stem}.lead"

    @property
    def order(self) -> str:
        """External id of the `sale.order`."""
        return f"{self._stem}.order"

    def line(self, number: int) -> str:
        """External id of the `sale.order.line` with this number, counted from 1."""
        return f"{self._stem}.line_{number}"

    @property
    def _stem(self) -> str:
        return f"{MODULE}.{self.tracking_id}_{self.fingerprint[:16]}"


@dataclass(frozen=True)
class PartnerNames:
    """The external ids of the partner created for an e-mail address, and of its contact.

    The first quotation for an address creates the record, and all others find it, at the same time or later. If a
    user has archived that partner or changed its address, the `next` generation names the new one.
    """

    address: str
    generation: int = 1

    @property
    def partner(self) -> str:
        """External id of the `res.partner`."""
        # hashed, so that the address is not in a table that every Odoo user can list
        digest = hashlib.sha256(normalized_email(self.address).encode()).hexdigest()[:32]
        suffix = "" if self.generation == 1 else f"_{self.generation}"
        return f"{MODULE}.partner_{digest}{suffix}"

    @property
    def contact(self) -> str:
        """External id of the contact under the partner."""
        return f"{self.partner}.contact"

    @property
    def next(self) -> "PartnerNames":
        """The external ids of the next generation."""
        return PartnerNames(self.address, self.generation + 1)
