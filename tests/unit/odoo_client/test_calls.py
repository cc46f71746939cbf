from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from odoo_client import (
    Blank,
    Odoo,
    OdooUnexpectedError,
    OptionalReference,
    OptionalText,
    Reference,
)
from tests.support.scripted_odoo import UID, Call, ScriptedOdoo, answer

SECRET = "Compañía Secreta"


class Partner(BaseModel):
    id: int
    name: str
    phone: OptionalText
    parent_id: OptionalReference
    children: Annotated[list[int] | None, Blank] = None


async def test_a_call_is_execute_kw_with_the_credentials(odoo: Odoo, server: ScriptedOdoo) -> None:
    await odoo.call("crm.lead", "search", [["id", ">", 5]], 0, returns=object, limit=1, context={"lang": "es_MX"})
    assert server.calls[-1] == Call(
        "/xmlrpc/2/object",
        "execute_kw",
        (
            "acme",
            UID,
            "s3cret",
            "crm.lead",
            "search",
            [[["id", ">", 5]], 0],
            {"limit": 1, "context": {"lang": "es_MX"}},
        ),
    )


@pytest.mark.parametrize(
    "text",
    ["Cotización Robot PUDU", "<b>&amp;</b>", "🤖", "línea\nsegunda\tcon tabulador", "  espacios  ", "]]>", ""],
)
async def test_a_text_arrives_as_it_is_and_comes_back(odoo: Odoo, server: ScriptedOdoo, text: str) -> None:
    server.always("execute_kw", answer(text))
    assert await odoo.call("res.partner", "create", {"name": text}, returns=str) == text
    assert server.calls[-1].params[5] == [{"name": text}]


async def test_none_is_sent_as_nil(odoo: Odoo, server: ScriptedOdoo) -> None:
    await odoo.call("res.partner", "write", [1], {"phone": None}, returns=bool)
    assert server.calls[-1].params[5] == [[1], {"phone": None}]


async def test_an_empty_value_is_false_in_odoo_and_none_here(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always(
        "execute_kw",
        answer([{"id": 1, "name": "Acme", "phone": False, "parent_id": False, "children": False, "more": 5}]),
    )
    assert await odoo.call("res.partner", "read", [1], returns=list[Partner]) == [
        Partner(id=1, name="Acme", phone=None, parent_id=None, children=None)
    ]


async def test_a_relation_is_an_id_with_a_name(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer([{"id": 1, "name": "A", "phone": "55", "parent_id": [9, "Acme Corp"]}]))
    (partner,) = await odoo.call("res.partner", "read", [1], returns=list[Partner])
    assert partner.parent_id == Reference(9, "Acme Corp")
    assert (partner.parent_id.id, partner.parent_id.name, partner.phone) == (9, "Acme Corp", "55")


async def test_nothing_and_zero_are_no_empty_values(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer([{"id": 0, "name": "", "phone": "", "parent_id": None}]))
    (partner,) = await odoo.call("res.partner", "read", [1], returns=list[Partner])
    assert (partner.id, partner.name, partner.phone, partner.parent_id) == (0, "", "", None)


@pytest.mark.parametrize(
    ("value", "returns"),
    [
        (True, bool),
        (5, int),
        (1.5, float),
        (7, float),
        ("x", str),
        ([1, 2], list[int]),
        ([["es_MX", "Español"]], list[tuple[str, str]]),
        ({"a": 1}, dict[str, int]),
        (None, object),
        (False, object),
    ],
)
async def test_an_answer_of_the_right_type_is_given(
    odoo: Odoo, server: ScriptedOdoo, value: object, returns: Any
) -> None:
    server.always("execute_kw", answer(value))
    given = await odoo.call("res.partner", "x", returns=returns)
    assert given == (value if returns != list[tuple[str, str]] else [("es_MX", "Español")])


@pytest.mark.parametrize(
    ("value", "returns"),
    [
        (SECRET, int),
        ([SECRET], list[int]),
        (False, list[Partner]),
        ({"id": 1}, list[Partner]),
        ([{"id": 1, "name": False, "phone": False, "parent_id": False}], list[Partner]),
        ([{"id": SECRET, "name": SECRET, "phone": SECRET, "parent_id": SECRET}], list[Partner]),
        ([{"id": 1, "name": "x", "phone": 5, "parent_id": False}], list[Partner]),
        ([{"id": 1, "name": "x", "phone": "5", "parent_id": [SECRET, 5]}], list[Partner]),
        ([{"id": 1, "name": "x", "phone": "5", "parent_id": [5]}], list[Partner]),
        (None, list[Partner]),
        ({SECRET: 1}, list[int]),
    ],
)
async def test_an_answer_of_another_type_is_unexpected_and_not_told(
    odoo: Odoo, server: ScriptedOdoo, value: object, returns: Any
) -> None:
    server.always("execute_kw", answer(value))
    with pytest.raises(OdooUnexpectedError, match=r"res\.partner\.read") as raised:
        await odoo.call("res.partner", "read", [1], returns=returns)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.__suppress_context__


async def test_a_failed_right_is_false_and_no_error(odoo: Odoo, server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(value=False))
    assert await odoo.call("crm.lead", "has_access", [], "create", returns=bool) is False


def test_credentials_show_no_password(server: ScriptedOdoo) -> None:
    assert "hunter2" not in repr(server.credentials("hunter2"))
