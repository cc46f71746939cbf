import asyncio
import time

import pytest

from odoo_client import (
    Odoo,
    OdooAuthError,
    OdooError,
    OdooLoginRefusedError,
    OdooMissingError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
)
from tests.support.scripted_odoo import UID, Call, Reply, ScriptedOdoo, answer, fault, late, page, when
from tests.unit.conftest import NewClient


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def call(odoo: Odoo) -> bool:
    return await odoo.call("crm.lead", "has_access", [], "create", returns=bool)


async def test_login_sends_the_credentials_and_gives_the_users_id(odoo: Odoo, server: ScriptedOdoo) -> None:
    assert await odoo.login() == UID
    assert server.calls == [Call("/xmlrpc/2/common", "authenticate", ("acme", "robot", "s3cret", {}))]


async def test_an_accepted_login_is_remembered(odoo: Odoo, server: ScriptedOdoo) -> None:
    for _ in range(3):
        assert await odoo.login() == UID
        assert await call(odoo)
    assert server.count("authenticate") == 1


async def test_calls_at_the_same_time_share_one_login(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("authenticate", late(0.05, answer(UID)))
    assert await asyncio.gather(*(call(odoo) for _ in range(10))) == [True] * 10
    assert server.count("authenticate") == 1
    assert server.count("execute_kw") == 10


async def test_calls_at_the_same_time_share_one_refused_login(odoo: Odoo, server: ScriptedOdoo) -> None:
    # after five failures within a minute Odoo refuses this address for another minute
    server.always("authenticate", late(0.05, answer(value=False)))
    outcomes = await asyncio.gather(*(call(odoo) for _ in range(10)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OdooLoginRefusedError] * 10
    assert server.count("authenticate") == 1


async def test_calls_at_the_same_time_share_one_login_that_hangs(
    new_client: NewClient, server: ScriptedOdoo
) -> None:
    # one after another they would wait for hours before anyone notices that Odoo hangs
    server.always("authenticate", late(60, answer(UID)))
    odoo = new_client(timeout=0.2)
    begun = time.monotonic()
    outcomes = await asyncio.gather(*(call(odoo) for _ in range(10)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OdooUnavailableError] * 10
    assert time.monotonic() - begun < 1


async def test_a_wrong_password_is_told_without_it(new_client: NewClient, server: ScriptedOdoo) -> None:
    server.always("authenticate", answer(value=False))
    with pytest.raises(OdooAuthError) as raised:
        await new_client(password="hunter2").login()
    assert "hunter2" not in str(raised.value)


async def test_a_login_that_got_no_answer_is_tried_again_at_once(odoo: Odoo, server: ScriptedOdoo) -> None:
    no_database = fault(1, 'psycopg2.OperationalError: FATAL:  database "acme" does not exist')
    server.then("authenticate", page(503), no_database, page(401), page(404))
    for expected in (OdooUnavailableError, OdooAuthError, OdooAuthError, OdooMissingError):
        with pytest.raises(expected):
            await odoo.login()
    assert await odoo.login() == UID


async def refused(odoo: Odoo) -> None:
    with pytest.raises(OdooLoginRefusedError, match=r"^Odoo refused the user name or the password\. A user "):
        await call(odoo)


async def test_a_refused_login_is_tried_every_thirty_seconds_whatever_waits_for_it(
    new_client: NewClient, server: ScriptedOdoo
) -> None:
    clock = Clock()
    odoo = new_client(clock=clock)
    server.always("authenticate", answer(value=False))
    for asked in (1, 2, 3):
        for seconds in (0, 10, 19.9):
            clock.now += seconds
            await asyncio.gather(*(refused(odoo) for _ in range(10)))
            assert server.count("authenticate") == asked
        clock.now += 0.1
    server.always("authenticate", answer(UID))
    assert await call(odoo)
    assert await call(odoo)
    assert server.count("authenticate") == 4


async def test_a_key_that_expires_is_tried_every_thirty_seconds(
    new_client: NewClient, server: ScriptedOdoo
) -> None:
    clock = Clock()
    odoo = new_client(clock=clock)
    assert await call(odoo)
    server.always("execute_kw", fault(3, "Access Denied"))
    server.always("authenticate", answer(value=False))
    await asyncio.gather(*(refused(odoo) for _ in range(10)))
    denied = server.count("execute_kw")
    for logins in (2, 3, 4):
        await asyncio.gather(*(refused(odoo) for _ in range(10)))
        assert (server.count("authenticate"), server.count("execute_kw")) == (logins, denied)
        clock.now += 30


async def test_a_key_that_is_refused_right_after_the_login_is_tried_every_thirty_seconds(
    new_client: NewClient, server: ScriptedOdoo
) -> None:
    # Odoo counts both failures
    clock = Clock()
    odoo = new_client(clock=clock)
    server.always("execute_kw", fault(3, "Access Denied"))
    for tried in (1, 2, 3):
        for _ in range(5):
            with pytest.raises(OdooLoginRefusedError):
                await call(odoo)
        assert (server.count("authenticate"), server.count("execute_kw")) == (tried, tried)
        clock.now += 30


@pytest.mark.parametrize(
    "refusal",
    [
        fault(3, "Access Denied"),
        fault(2, "Record does not exist or has been deleted.\n(Record: res.users(7,), User: 7)"),
    ],
    ids=["of another user", "of nobody"],
)
async def test_an_id_that_a_restored_database_does_not_know_is_asked_for_again(
    odoo: Odoo, server: ScriptedOdoo, refusal: Reply
) -> None:
    await odoo.login()
    server.then("execute_kw", refusal)
    server.then("authenticate", answer(8))
    assert await call(odoo)
    assert await call(odoo)
    assert server.count("authenticate") == 2
    assert [asked.params[1] for asked in server.calls if asked.method == "execute_kw"] == [UID, 8, 8]


async def test_a_password_that_was_changed_is_refused_once(odoo: Odoo, server: ScriptedOdoo) -> None:
    await odoo.login()
    server.always("execute_kw", fault(3, "Access Denied"))
    server.always("authenticate", answer(value=False))
    with pytest.raises(OdooAuthError):
        await call(odoo)
    assert (server.count("authenticate"), server.count("execute_kw")) == (2, 1)


async def test_a_call_that_is_refused_right_after_the_login_is_not_repeated(
    odoo: Odoo, server: ScriptedOdoo
) -> None:
    server.always("execute_kw", fault(3, "Access Denied"))
    with pytest.raises(OdooAuthError):
        await call(odoo)
    assert (server.count("authenticate"), server.count("execute_kw")) == (1, 1)


@pytest.mark.parametrize("code", [1, 2, 4])
async def test_other_faults_leave_the_login_alone(odoo: Odoo, server: ScriptedOdoo, code: int) -> None:
    server.then("execute_kw", fault(code, "ValueError: x"))
    with pytest.raises(OdooError):
        await call(odoo)
    assert await call(odoo)
    assert server.count("authenticate") == 1


async def test_a_caller_that_goes_away_takes_the_login_from_nobody(odoo: Odoo, server: ScriptedOdoo) -> None:
    released = asyncio.Event()
    server.always("authenticate", when(released, answer(UID)))
    first, *others = [asyncio.create_task(call(odoo)) for _ in range(4)]
    while not server.calls:
        await asyncio.sleep(0)
    first.cancel()
    released.set()
    assert await asyncio.gather(*others) == [True] * 3
    assert first.cancelled()


@pytest.mark.parametrize("strange", ["7", 7.5, [7], {"uid": 7}, True])
async def test_an_answer_that_is_no_id_is_no_wrong_password(
    odoo: Odoo, server: ScriptedOdoo, strange: object
) -> None:
    server.always("authenticate", answer(strange))
    with pytest.raises(OdooUnexpectedError):
        await odoo.login()


async def test_a_fault_at_login_never_shows_the_credentials(new_client: NewClient, server: ScriptedOdoo) -> None:
    server.always("authenticate", fault(2, "robot with hunter2 is not welcome in acme"))
    with pytest.raises(OdooRejectedError) as raised:
        await new_client(password="hunter2").login()
    assert "hunter2" not in str(raised.value)
    assert "robot" not in str(raised.value)


async def test_the_version_is_asked_once_and_needs_no_login(odoo: Odoo, server: ScriptedOdoo) -> None:
    assert [await odoo.major_version() for _ in range(3)] == [19, 19, 19]
    assert [(asked.path, asked.method) for asked in server.calls] == [("/xmlrpc/2/common", "version")]


@pytest.mark.parametrize(
    ("info", "major"),
    [
        ([18, 0, 0, "final", 0, ""], 18),
        ([20, 1, 0, "alpha", 1, ""], 20),
        # Odoo Online (odoo/odoo, pull request 114079)
        (["saas~18", 4, 0, "final", 0, "e"], 18),
        (["16", 4, 0, "final", 0, ""], 16),
    ],
)
async def test_any_version_is_understood(odoo: Odoo, server: ScriptedOdoo, info: list[object], major: int) -> None:
    server.always("version", answer({"server_version_info": info}))
    assert await odoo.major_version() == major


@pytest.mark.parametrize(
    "strange",
    [
        {},
        False,
        {"server_version_info": []},
        {"server_version_info": ["nineteen"]},
        {"server_version_info": ["9" * 5000]},
        {"server_version_info": "19.0"},
    ],
)
async def test_a_version_that_nobody_understands_is_unexpected(
    odoo: Odoo, server: ScriptedOdoo, strange: object
) -> None:
    server.always("version", answer(strange))
    with pytest.raises(OdooUnexpectedError):
        await odoo.major_version()
