import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from odoo_client import Odoo, OdooUnavailableError
from odoo_client.protocols.client import KEPT_SECONDS
from tests.support.scripted_odoo import ScriptedOdoo, answer, page, when
from tests.unit.conftest import NewClient

Ask = Callable[[Odoo], Awaitable[object]]


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def fields(odoo: Odoo) -> object:
    return await odoo.cached_call("sale.order", "fields_get", ["opportunity_id"], returns=dict[str, object])


async def version(odoo: Odoo) -> object:
    return await odoo.major_version()


OLD, NEW = answer({"server_version_info": [17, 0]}), answer({"server_version_info": [19, 0]})
CASES = pytest.mark.parametrize("ask", [fields, version])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def odoo(new_client: NewClient, server: ScriptedOdoo, clock: Clock) -> Odoo:
    for method in ("version", "sale.order.fields_get"):
        server.always(method, OLD)
    return new_client(clock=clock)


def upgrade(server: ScriptedOdoo) -> None:
    for method in ("version", "sale.order.fields_get"):
        server.always(method, NEW)


def asked(server: ScriptedOdoo) -> int:
    return server.count("version") + server.count("sale.order.fields_get")


async def until_asked(server: ScriptedOdoo, times: int) -> None:
    """Wait until the server has received this number of calls."""
    async with asyncio.timeout(5):
        while asked(server) < times:
            await asyncio.sleep(0)


@CASES
async def test_an_answer_is_kept_for_some_minutes(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock, ask: Ask
) -> None:
    before = await ask(odoo)
    upgrade(server)
    clock.now += KEPT_SECONDS / 2
    assert await ask(odoo) == before
    # a renewal would be sent before this call
    await odoo.cached_call("crm.lead", "fields_get", returns=dict)
    assert asked(server) == 1
    clock.now += KEPT_SECONDS / 2 - 1
    assert await ask(odoo) == before


@CASES
async def test_an_upgraded_odoo_is_known_without_a_restart(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock, ask: Ask
) -> None:
    before = await ask(odoo)
    upgrade(server)
    clock.now += KEPT_SECONDS
    assert await ask(odoo) != before
    assert asked(server) == 2


async def held_renewal(odoo: Odoo, server: ScriptedOdoo, clock: Clock) -> asyncio.Event:
    """Make a version that is about to expire. Its renewal ends when the returned event is set."""
    assert await odoo.major_version() == 17
    released = asyncio.Event()
    server.always("version", when(released, NEW))
    clock.now += KEPT_SECONDS - 1
    return released


async def test_an_answer_in_use_is_renewed_and_nobody_waits(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock
) -> None:
    released = await held_renewal(odoo, server, clock)
    assert await asyncio.gather(*(odoo.major_version() for _ in range(20))) == [17] * 20
    await until_asked(server, 2)
    assert await odoo.major_version() == 17
    released.set()
    clock.now += KEPT_SECONDS / 2
    assert await odoo.major_version() == 19
    assert asked(server) == 2


async def test_a_renewal_that_takes_longer_than_the_answer_is_kept_is_waited_for(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock
) -> None:
    released = await held_renewal(odoo, server, clock)
    assert await odoo.major_version() == 17
    clock.now += 1
    waiting = asyncio.create_task(odoo.major_version())
    await until_asked(server, 2)
    released.set()
    assert await waiting == 19
    assert asked(server) == 2


async def test_a_renewal_that_fails_is_repeated_until_the_answer_expires(
    odoo: Odoo, server: ScriptedOdoo, clock: Clock
) -> None:
    assert await odoo.major_version() == 17
    server.always("version", page(503))
    clock.now += KEPT_SECONDS - 1
    async with asyncio.timeout(5):
        while asked(server) < 3:
            assert await odoo.major_version() == 17
            # a kept answer comes without a pause in which the renewal could run
            await asyncio.sleep(0)
    clock.now += 1
    with pytest.raises(OdooUnavailableError):
        await odoo.major_version()


@CASES
async def test_callers_at_the_same_time_share_one_call(odoo: Odoo, server: ScriptedOdoo, ask: Ask) -> None:
    first, *others = await asyncio.gather(*(ask(odoo) for _ in range(20)))
    assert others == [first] * 19
    assert asked(server) == 1


@CASES
async def test_a_failure_is_not_kept(odoo: Odoo, server: ScriptedOdoo, ask: Ask) -> None:
    for method in ("version", "sale.order.fields_get"):
        server.then(method, page(503))
    outcomes = await asyncio.gather(*(ask(odoo) for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OdooUnavailableError] * 5
    assert await ask(odoo)
    assert asked(server) == 2


async def test_a_caller_that_is_cancelled_cancels_nobody_else(odoo: Odoo, server: ScriptedOdoo) -> None:
    released = asyncio.Event()
    server.always("version", when(released, OLD))
    first, *others = [asyncio.create_task(odoo.major_version()) for _ in range(4)]
    while not server.calls:
        await asyncio.sleep(0)
    first.cancel()
    released.set()
    assert await asyncio.gather(*others) == [17] * 3
    assert asked(server) == 1


async def test_calls_with_other_arguments_are_other_calls(odoo: Odoo, server: ScriptedOdoo) -> None:
    for name in ("a", "b", "a"):
        await odoo.cached_call("sale.order", "fields_get", [name], returns=dict)
    await odoo.cached_call("sale.order", "fields_get", ["a"], returns=dict, attributes=["type"])
    await odoo.cached_call("crm.lead", "fields_get", ["a"], returns=dict)
    assert server.count("execute_kw") == 4
