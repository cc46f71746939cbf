"""How long a right of Odoo's user is taken for granted."""

import asyncio

import pytest

from odoo_client import Odoo, OdooAccessDeniedError, create_once, is_member, may_create
from odoo_client.protocols.client import GRANTED_SECONDS
from tests.support.scripted_odoo import ScriptedOdoo, answer, fault
from tests.unit.conftest import NewClient
from tests.unit.odoo_client.test_cache import Clock

RIGHT = "crm.lead.has_access"
REFUSAL = "You are not allowed to create 'Lead' (crm.lead) records."


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def odoo(new_client: NewClient, clock: Clock) -> Odoo:
    return new_client(clock=clock)


async def test_a_right_is_not_asked_for_again_within_a_minute(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock
) -> None:
    assert all(await asyncio.gather(*(may_create(odoo, "crm.lead") for _ in range(20))))
    clock.now += GRANTED_SECONDS / 2
    assert await may_create(odoo, "crm.lead")
    # a renewal would be sent before this call
    assert await may_create(odoo, "sale.order")
    assert server.count(RIGHT) == 1


async def test_a_right_that_was_taken_away_is_missed_after_a_minute(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock
) -> None:
    assert await may_create(odoo, "crm.lead")
    server.always(RIGHT, answer(value=False))
    clock.now += GRANTED_SECONDS
    assert not await may_create(odoo, "crm.lead")


async def test_a_missing_right_is_asked_for_each_time(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always(RIGHT, answer(value=False))
    assert not await may_create(odoo, "crm.lead")
    assert not await may_create(odoo, "crm.lead")
    server.always(RIGHT, answer(value=True))
    assert await may_create(odoo, "crm.lead")
    assert server.count(RIGHT) == 3


async def test_each_right_is_a_question_of_its_own(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("sale.order.has_access", answer(value=False))
    assert await may_create(odoo, "crm.lead")
    assert not await may_create(odoo, "sale.order")
    assert await is_member(odoo, "a.group")
    server.always("res.users.has_group", answer(value=False))
    assert not await is_member(odoo, "another.group")


async def test_a_refused_call_makes_every_right_doubtful(odoo: Odoo, server: ScriptedOdoo) -> None:
    assert await may_create(odoo, "crm.lead")
    server.then("crm.lead.write", fault(4, REFUSAL))
    with pytest.raises(OdooAccessDeniedError):
        await odoo.call("crm.lead", "write", [1], {}, returns=bool)
    server.always(RIGHT, answer(value=False))
    assert not await may_create(odoo, "crm.lead")


async def test_a_refused_load_does_too(odoo: Odoo, server: ScriptedOdoo) -> None:
    assert await may_create(odoo, "crm.lead")
    server.then("crm.lead.load", answer({"ids": False, "messages": [{"type": "error", "message": REFUSAL}]}))
    with pytest.raises(OdooAccessDeniedError):
        await create_once(odoo, "crm.lead", [{"id": "m.x", "name": "x"}])
    server.always(RIGHT, answer(value=False))
    assert not await may_create(odoo, "crm.lead")


async def test_another_error_leaves_the_rights_alone(odoo: Odoo, server: ScriptedOdoo) -> None:
    assert await may_create(odoo, "crm.lead")
    server.then("crm.lead.load", answer({"ids": False, "messages": [{"type": "error", "message": "Wrong."}]}))
    with pytest.raises(Exception, match="Wrong"):
        await create_once(odoo, "crm.lead", [{"id": "m.x", "name": "x"}])
    assert await may_create(odoo, "crm.lead")
    assert server.count(RIGHT) == 1
