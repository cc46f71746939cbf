"""The end of an API key as the operator reads it."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from prometheus_client import REGISTRY

from activities.report import Finding, Kind, watch_key
from activities.report.keys import WARNED, inspect_key
from odoo_client import Json2Odoo, Odoo
from tests.support.scripted_odoo import Reply, ScriptedOdoo, json_answer, json_error
from tests.unit.conftest import NewClient

KEYS = "res.users.apikeys.search_read"
NEVER = ""


@pytest.fixture
def odoo(new_client: NewClient) -> Odoo:
    return new_client(protocol=Json2Odoo)


def later(**difference: float) -> str:
    """Return a time from now on as Odoo writes it."""
    return f"{datetime.now(UTC) + timedelta(**difference):%Y-%m-%d %H:%M:%S}"


def keys(*ends: str) -> Reply:
    return json_answer([{"id": number, "expiration_date": end or False} for number, end in enumerate(ends)])


async def test_a_key_without_an_end_is_fine(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always(KEYS, keys(NEVER))
    assert await inspect_key("dev", odoo) == Finding(Kind.OK, "dev: ODOO__DEV__API_KEY does not end.")


@pytest.mark.parametrize(
    ("days", "kind", "advice"),
    [
        (15, Kind.OK, "."),
        (13.9, Kind.LIMIT, ". REPLACE IT BEFORE: after it, no quotation completes."),
        (0.01, Kind.LIMIT, ". REPLACE IT BEFORE: after it, no quotation completes."),
    ],
)
async def test_a_key_that_ends_within_14_days_is_a_limit(
    odoo: Odoo, server: ScriptedOdoo, days: float, kind: Kind, advice: str
) -> None:
    end = later(days=days)
    server.always(KEYS, keys(end))
    day, time = end.split()
    said = f"dev: ODOO__DEV__API_KEY ends on {day} at {time[:5]} UTC{advice}"
    assert await inspect_key("dev", odoo) == Finding(kind, said)
    assert timedelta(days=14) == WARNED


async def test_of_several_keys_the_first_end_counts(odoo: Odoo, server: ScriptedOdoo) -> None:
    ended = later(days=-1)
    server.always(KEYS, keys(NEVER, later(days=40), later(days=20), ended))
    finding = await inspect_key("dev", odoo)
    day = later(days=20).split()[0]
    assert finding.kind is Kind.OK
    assert finding.sentence.startswith(
        f"dev: one of the user's 3 API keys, perhaps ODOO__DEV__API_KEY, ends on {day}"
    )


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (keys(), "Odoo shows no key of its user."),
        (
            json_error(403, "odoo.exceptions.AccessError", "You are not allowed to access"),
            "Odoo's service user is not allowed to run res.users.apikeys.search_read.",
        ),
        (
            json_error(404, "werkzeug.exceptions.NotFound", "the model 'res.users.apikeys' does not exist"),
            "Odoo has no res.users.apikeys: a module is not installed.",
        ),
    ],
)
async def test_an_end_that_cannot_be_read_is_told(
    odoo: Odoo, server: ScriptedOdoo, reply: Reply, why: str
) -> None:
    server.always(KEYS, reply)
    assert await inspect_key("dev", odoo) == Finding(
        Kind.LIMIT, f"dev: the end of ODOO__DEV__API_KEY cannot be read: {why}"
    )


@pytest.mark.parametrize(("end", "environment"), [(NEVER, "endless"), ("2120-05-06 07:08:09", "ending")])
async def test_the_gauge_has_the_end(odoo: Odoo, server: ScriptedOdoo, end: str, environment: str) -> None:
    server.always(KEYS, keys(end))

    def told() -> float | None:
        return REGISTRY.get_sample_value("worker_odoo_api_key_end_timestamp_seconds", {"environment": environment})

    watching = asyncio.create_task(watch_key(environment, odoo))
    while told() is None:
        await asyncio.sleep(0.01)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    assert told() == (datetime(2120, 5, 6, 7, 8, 9, tzinfo=UTC).timestamp() if end else inf)
    (domain,) = [call.params[0]["domain"] for call in server.calls if call.path.endswith("apikeys/search_read")]
    assert domain == [["user_id", "=", 7], ["scope", "in", [False, "rpc"]]]
