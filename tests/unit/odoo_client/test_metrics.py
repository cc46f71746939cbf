"""The metrics of the calls to an Odoo."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from odoo_client import OdooAuthError, OdooUnavailableError
from tests.support.scripted_odoo import ScriptedOdoo, answer, page, when
from tests.unit.conftest import NewClient


def value(name: str, environment: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"environment": environment, **labels}) or 0


async def test_slots_in_use_and_waiting_calls_are_told(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(max_calls=4, environment="slots")
    await odoo.login()
    released = asyncio.Event()
    server.always("execute_kw", when(released, answer(5)))
    calls = [asyncio.create_task(odoo.call("crm.lead", "read", returns=int)) for _ in range(5)]
    while server.count("execute_kw") < 3:
        await asyncio.sleep(0.01)

    def told() -> tuple[float, ...]:
        names = ("worker_odoo_slots", "worker_odoo_calls_running", "worker_odoo_calls_waiting")
        return tuple(value(name, "slots") for name in names)

    # a quarter is for calls in a hurry
    assert told() == (4, 3, 2)
    released.set()
    await asyncio.gather(*calls)
    assert told() == (4, 0, 0)
    assert value("worker_odoo_call_seconds_count", "slots", call="crm.lead.read") == 5


async def test_each_fault_is_counted_once_by_its_kind(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(environment="faults")
    await odoo.login()
    server.always("execute_kw", page(502))
    with pytest.raises(OdooUnavailableError):
        await odoo.call("crm.lead", "read", returns=int)

    kinds = {
        sample.labels["kind"]: sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == "worker_odoo_faults_total" and sample.labels["environment"] == "faults"
    }
    assert {kind: count for kind, count in kinds.items() if count} == {"unavailable": 1}
    assert {"busy", "login_refused", "access_denied", "unknown_reference"} <= kinds.keys()


async def test_a_refused_login_is_counted_when_odoo_was_asked(new_client: NewClient, server: ScriptedOdoo) -> None:
    odoo = new_client(environment="login")
    server.always("authenticate", answer(value=False))
    for _ in range(3):
        with pytest.raises(OdooAuthError):
            await odoo.call("crm.lead", "read", returns=int)

    assert value("worker_odoo_faults_total", "login", kind="login_refused") == server.count("authenticate") == 1
