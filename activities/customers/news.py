"""Facts from a caller that a customer's record does not hold: a salesperson reads them in the lead."""

import re
from collections.abc import Sequence

from activities.customers.rows import PartnerRow, partner_fields
from activities.search import fold
from odoo_client import Odoo
from quotation import texts
from quotation.messages import Said

_MOST_CONTACTS = 1000
_BLANKS = re.compile(r"\s+")
_NO_DIGIT = re.compile(r"\D")
_LOCAL_DIGITS = 8
"""Two numbers with this many equal last digits differ only in how country and area are written."""


def is_named(row: PartnerRow, name: str) -> bool:
    """Return True if the record has this name, without regard to case and accents."""
    return _bare(row.name or "") == _bare(name)


def has_another_name(row: PartnerRow, name: str) -> bool:
    """Return True if neither the record nor the company to which it belongs has this name."""
    company = row.commercial_partner_id
    return not is_named(row, name) and (company is None or _bare(company.name) != _bare(name))


async def missing_facts(
    odoo: Odoo, partner_id: int, said: Said | None, row: PartnerRow | None = None
) -> list[str]:
    """Return a sentence for each fact that neither the customer's record nor its contacts hold.

    `row` is the record, if it is known, and `said` is None if an older version asks. Raises `OdooError`.
    """
    if said is None:
        return []
    if row is not None and not _unknown_contact(said, [row]) and not _unknown_phone(said, [row]):
        rows = [row]
    else:
        rows = await odoo.call(
            "res.partner",
            "search_read",
            ["|", ["id", "=", partner_id], ["parent_id", "=", partner_id]],
            await partner_fields(odoo),
            limit=_MOST_CONTACTS,
            order="id",
            returns=list[PartnerRow],
        )
    own = next((one for one in rows if one.id == partner_id), row)
    return facts_missing_in(rows, own, said)


def facts_missing_in(rows: Sequence[PartnerRow], own: PartnerRow | None, said: Said) -> list[str]:
    """Return a sentence for each fact that no row holds; the name must be that of the customer's `own` row."""
    facts = []
    if own is not None and has_another_name(own, said.partner_name):
        facts.append(texts.said_name(said.partner_name))
    if _unknown_contact(said, rows):
        facts.append(texts.said_contact(said.contact_name))
    if _unknown_phone(said, rows):
        facts.append(texts.said_phone(said.phone))
    return facts


def _unknown_contact(said: Said, rows: Sequence[PartnerRow]) -> bool:
    return bool(said.contact_name) and not any(is_named(row, said.contact_name) for row in rows)


def _unknown_phone(said: Said, rows: Sequence[PartnerRow]) -> bool:
    held = [phone for row in rows for phone in (row.phone, row.mobile) if phone]
    return bool(said.phone) and not any(_is_same_number(said.phone, phone) for phone in held)


def _is_same_number(one: str, other: str) -> bool:
    if one.strip() == other.strip():
        return True
    shorter, longer = sorted((_NO_DIGIT.sub("", one), _NO_DIGIT.sub("", other)), key=len)
    return len(shorter) >= _LOCAL_DIGITS and longer.endswith(shorter)


def _bare(name: str) -> str:
    return fold(_BLANKS.sub(" ", name).strip())
