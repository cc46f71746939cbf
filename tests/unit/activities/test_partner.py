import pytest

from activities.partner import PartnerActivities
from odoo_client import XmlRpcOdoo
from quotation.messages import NewPartner
from tests.support.requests import request
from tests.support.scripted_odoo import ScriptedOdoo, answer


def email_normalized(address: str) -> str:
    """Return the form in which Odoo keeps an address: only ASCII local parts are lowered (odoo/tools/mail.py)."""
    local_part, at, domain = address.rpartition("@")
    return (local_part.lower() if local_part.isascii() else local_part) + at + domain.lower()


@pytest.mark.parametrize("address", ["acme@corp.com", "ACME@Corp.com", "Compras.Ñandú@Acme.MX", "ÁLVARO@ÑANDÚ.mx"])
async def test_a_new_partner_is_found_again_by_its_address(address: str) -> None:
    # one that is not found though its external id is taken gets a second record, and a third
    server = ScriptedOdoo()
    await server.start()
    server.always("execute_kw", answer({"ids": [9], "messages": []}))
    odoo = XmlRpcOdoo(server.credentials())
    asked = request(email=address)
    new = NewPartner(name="Acme Corp", email=asked.email, phone="", contact_name="", generation=1)
    assert await PartnerActivities(odoo).get_or_create_partner(new) == 9
    columns, (row,) = server.calls[-1].params[5]
    assert email_normalized(dict(zip(columns, row, strict=True))["email"]) == asked.normalized_email
    await odoo.close()
    await server.stop()
