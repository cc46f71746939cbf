from typing import Any

import pytest

from odoo_client import (
    Odoo,
    OdooBusyError,
    OdooRejectedError,
    OdooUnexpectedError,
    create_once,
)
from tests.support.scripted_odoo import ScriptedOdoo, answer

NAME = "Compañía Secreta"
ROW = {"id": "durable_quotations.x.lead", "name": NAME, "partner_id/.id": "9"}


def refusal(*messages: str, kind: str = "error") -> dict[str, Any]:
    """Return the answer of a refused `load`."""
    details = {"rows": {"from": 0, "to": 0}, "record": 0, "field": "name"}
    return {
        "ids": False,
        "messages": [{"type": kind, "message": text} | details for text in messages],
        "nextrow": 0,
    }


async def test_records_are_loaded_in_the_context_that_overwrites_nothing(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer({"ids": [27414], "messages": [], "nextrow": 0}))
    assert await create_once(odoo, "crm.lead", [ROW]) == [27414]
    assert server.calls[-1].params[3:] == (
        "crm.lead",
        "load",
        [["id", "name", "partner_id/.id"], [["durable_quotations.x.lead", NAME, "9"]]],
        {"context": {"noupdate": True, "mode": "update"}},
    )


async def test_several_records_go_in_one_call_with_their_columns_in_one_order(
    odoo: Odoo, server: ScriptedOdoo
) -> None:
    server.always("execute_kw", answer({"ids": [5, 3, 4], "messages": []}))
    rows = [{"id": "m.a", "name": "A"}, {"name": "B", "id": "m.b"}, {"id": "m.c", "name": "C"}]
    assert await create_once(odoo, "sale.order.line", rows) == [5, 3, 4]
    assert server.calls[-1].params[5] == [["id", "name"], [["m.a", "A"], ["m.b", "B"], ["m.c", "C"]]]
    assert server.count("execute_kw") == 1


async def test_rows_with_other_columns_are_no_table(odoo: Odoo, server: ScriptedOdoo) -> None:
    with pytest.raises(KeyError):
        await create_once(odoo, "crm.lead", [ROW, {"id": "m.b"}])
    assert server.calls == []


async def test_a_warning_beside_the_ids_is_no_error(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(refusal("Odd.", kind="warning") | {"ids": [7]}))
    assert await create_once(odoo, "crm.lead", [ROW]) == [7]


async def test_a_conflict_among_other_messages_is_a_conflict(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(refusal("Odd.", "could not serialize access due to concurrent update")))
    with pytest.raises(OdooBusyError):
        await create_once(odoo, "crm.lead", [ROW])


async def test_only_errors_are_reasons(odoo: Odoo, server: ScriptedOdoo) -> None:
    messages = refusal("Odd.", kind="warning")["messages"] + refusal("Wrong.")["messages"]
    server.always("execute_kw", answer({"ids": False, "messages": messages}))
    with pytest.raises(OdooRejectedError, match=r"Wrong\.") as raised:
        await create_once(odoo, "crm.lead", [ROW])
    assert "Odd" not in str(raised.value)


@pytest.mark.parametrize(
    "strange",
    [
        False,
        [27414],
        {},
        {"ids": "x", "messages": []},
        {"ids": ["x"]},
        {"ids": [False]},
        {"ids": False, "messages": []},
        refusal("Odd.", kind="warning"),
    ],
)
async def test_an_answer_that_says_nothing_is_unexpected(
    odoo: Odoo, server: ScriptedOdoo, strange: object
) -> None:
    server.always("execute_kw", answer(strange))
    with pytest.raises(OdooUnexpectedError):
        await create_once(odoo, "crm.lead", [ROW])
