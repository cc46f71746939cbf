"""Odoos that lack a method of Odoo 19 or call it in another form, behind a relay that answers as they do."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from xmlrpc.client import Fault

import pytest

from activities.checks import CheckActivities
from activities.company.setup import MODELS
from activities.failures import RequestError
from activities.lead import LeadActivities
from odoo_client import OdooAccessDeniedError, XmlRpcOdoo, is_member
from quotation.messages import CheckRequest, LeadToConvert, Said
from sandbox import catalogue
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session
from tests.support.odoo_relay import FORWARD, OdooRelay, relay_to, unknown_method

# odoo/orm/models.py of the next version: the method, deprecated since 18, is gone
NO_CHECK_ACCESS_RIGHTS = unknown_method(
    "AttributeError: The method 'res.users.check_access_rights' does not exist"
)
# odoo/api.py of 16.0 and 17.0: call_kw() takes the method from the model's class
NO_HAS_ACCESS = unknown_method("AttributeError: type object 'res.users' has no attribute 'has_access'")


@pytest.fixture
def relay(odoo: OdooAccess) -> Iterator[OdooRelay]:
    with relay_to(odoo) as relay:
        yield relay


@pytest.fixture
async def client(relay: OdooRelay) -> AsyncIterator[XmlRpcOdoo]:
    client = XmlRpcOdoo(relay.credentials)
    yield client
    await client.close()


def newer(relay: OdooRelay) -> None:
    for model in ("res.users", *MODELS):
        relay.answers[f"{model}.check_access_rights"] = NO_CHECK_ACCESS_RIGHTS


def without_trees(relay: OdooRelay) -> None:
    """Answer as Odoo 16.0, whose `addons/web/models/models.py` has neither `web_read` nor `web_save`."""
    relay.answers["version"] = lambda *_: {"server_version_info": [16, 0, 0, "final", 0, ""]}
    for name in ("crm.lead2opportunity.partner.web_save", "sale.order.web_read"):
        model, _, method = name.rpartition(".")
        text = f"AttributeError: type object '{model}' has no attribute '{method}'"
        relay.answers[name] = unknown_method(text)


def older(relay: OdooRelay, salesperson: Session) -> None:
    """Answer as Odoo 16.0 and 17.0: `odoo/models.py` and `odoo/addons/base/models/res_users.py` there."""

    def has_group(args: list[Any], _: dict[str, Any]) -> bool:
        if len(args) > 1:
            unknown_method("TypeError: Users.has_group() takes 2 positional arguments but 3 were given")(args, {})
        answer: bool = salesperson.call("res.users", "has_group", [salesperson.uid], *args)
        return answer

    for model in ("res.users", *MODELS):
        relay.answers[f"{model}.has_access"] = NO_HAS_ACCESS
    relay.answers["res.users.has_group"] = has_group


@pytest.mark.parametrize("version", ["newer", "older"])
async def test_rights_are_known_before_the_first_write(
    relay: OdooRelay, client: XmlRpcOdoo, salesperson: Session, version: str
) -> None:
    if version == "newer":
        newer(relay)
    else:
        older(relay, salesperson)
    assert await CheckActivities(client).log_in() == salesperson.uid
    assert await is_member(client, catalogue.GROUP_SALESPERSON)
    assert not await is_member(client, catalogue.GROUP_SALES_ALL_LEADS)


async def test_the_salesperson_of_a_customer_is_checked_in_an_older_odoo(
    relay: OdooRelay,
    client: XmlRpcOdoo,
    administrator: Session,
    salesperson: Session,
    colleague: Session,
    word: str,
) -> None:
    older(relay, salesperson)
    administrator.create("res.partner", name=word, email=f"{word}@acme.test", user_id=colleague.uid)
    request = CheckRequest(normalized_email=f"{word}@acme.test", product_ids=[26174], user_id=0)
    assert (await CheckActivities(client).check_request(request)).own_user_id == salesperson.uid
    with pytest.raises(RequestError, match=f"user {colleague.uid}"):
        await CheckActivities(client).check_request(request.model_copy(update={"user_id": colleague.uid}))


async def test_the_form_of_a_question_is_found_once(
    relay: OdooRelay, client: XmlRpcOdoo, salesperson: Session
) -> None:
    older(relay, salesperson)
    checks = CheckActivities(client)
    for _ in range(3):
        await checks.log_in()
        # as after a refused call: otherwise the rights are not asked for again
        client.forget_grants()
    assert relay.counted["res.users.has_access"] == 1
    assert sum(relay.counted[f"{model}.has_access"] for model in MODELS) == 0
    assert sum(relay.counted[f"{model}.check_access_rights"] for model in MODELS) == 3 * len(MODELS)


async def test_an_odoo_that_was_upgraded_is_asked_in_its_new_form(
    relay: OdooRelay, client: XmlRpcOdoo, salesperson: Session
) -> None:
    older(relay, salesperson)
    checks = CheckActivities(client)
    await checks.log_in()
    client.forget_grants()
    relay.answers.clear()
    newer(relay)
    assert await checks.log_in() == salesperson.uid


async def test_a_lead_is_converted_and_its_facts_are_noted_without_trees(
    relay: OdooRelay, client: XmlRpcOdoo, salesperson: Session, partner: int, word: str
) -> None:
    without_trees(relay)
    said = Said(partner_name=f"Cliente {word}", contact_name="Ana")
    lead = salesperson.create("crm.lead", name=word, type="lead", partner_id=partner)
    for _ in range(2):
        assert await LeadActivities(client).convert_to_opportunity(LeadToConvert(lead_id=lead, said=said)) == lead
    found = salesperson.read("crm.lead", lead, "type", "description", "partner_id")
    assert found["type"] == "opportunity"
    assert found["description"].count("Contacto: Ana") == 1
    assert found["partner_id"][0] == partner
    # the second time it was an opportunity already
    assert relay.counted["crm.lead2opportunity.partner.action_apply"] == 1
    assert relay.counted["crm.lead2opportunity.partner.web_save"] == 0


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        # addons/event_sale and addons/event_booth_sale: product_template.py of 16.0, and of 18.0
        ("detailed_type", "event"),
        ("detailed_type", "event_booth"),
        ("service_tracking", "event"),
        ("service_tracking", "event_booth"),
    ],
)
async def test_tickets_and_booths_of_events_are_not_quotable(
    relay: OdooRelay, client: XmlRpcOdoo, field: str, kind: str
) -> None:
    def fields_get(args: list[Any], _: dict[str, Any]) -> Any:
        return {name: {"type": "selection"} for name in args[0] if name in (field, "type")}

    def search_read(args: list[Any], _: dict[str, Any]) -> Any:
        assert field in args[1]
        values = {"id": 26174, "name": "Entrada", "default_code": False, "type": "service", field: kind}
        return [{name: values[name] for name in ("id", *args[1])}]

    relay.answers |= {"product.product.fields_get": fields_get, "product.product.search_read": search_read}
    request = CheckRequest(normalized_email="nadie@acme.test", product_ids=[26174], user_id=0)
    with pytest.raises(RequestError, match=r"^Product 26174 cannot be ordered by quantity alone") as caught:
        await CheckActivities(client).check_request(request)
    assert caught.value.code == "product_not_quotable"


async def test_a_missing_right_is_not_a_missing_method(relay: OdooRelay, client: XmlRpcOdoo) -> None:
    def refuse(args: list[Any], _: dict[str, Any]) -> Any:
        return False if args[1:] == ["create"] else FORWARD

    relay.answers["crm.lead.has_access"] = refuse
    with pytest.raises(OdooAccessDeniedError, match=r"not allowed to create crm\.lead\.$"):
        await CheckActivities(client).log_in()


def test_the_relay_forwards_what_it_does_not_answer(relay: OdooRelay, salesperson: Session) -> None:
    access = OdooAccess(relay.url, relay.odoo.db)
    through = Session(access, salesperson.login, salesperson.password)
    assert through.uid == salesperson.uid
    with pytest.raises(Fault, match="nope"):
        through.call("res.partner", "nope")
