"""Activities keep the names, arguments and results that runs and workers of other versions rely on."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.histories.signatures import TABLE, WHAT_TO_DO, breaks, signatures

SAVED = json.loads(TABLE.read_text())


def test_no_activity_changed_so_that_another_version_cannot_read_it() -> None:
    problems = breaks(SAVED, signatures())
    assert not problems, "\n".join([*problems, WHAT_TO_DO])


def test_the_table_has_every_activity_and_field() -> None:
    assert signatures() == SAVED, (
        "If other versions can read the change, record it: python -m tests.histories.signatures"
    )


def rename_activity(table: dict[str, Any]) -> None:
    table["make_lead"] = table.pop("create_lead")


def drop_field(table: dict[str, Any]) -> None:
    del table["create_lead"]["argument"]["properties"]["missing_facts"]


def require_new_field(table: dict[str, Any]) -> None:
    argument = table["create_lead"]["argument"]
    argument["properties"]["team"] = {"type": "string"}
    argument["required"].append("team")


def require_old_field(table: dict[str, Any]) -> None:
    table["create_lead"]["argument"]["required"].append("missing_facts")


def change_type(table: dict[str, Any]) -> None:
    table["create_sale_order"]["argument"]["properties"]["lines"]["items"]["properties"]["number"] = {
        "type": "string"
    }


def change_result(table: dict[str, Any]) -> None:
    table["get_or_create_partner"]["result"] = {"type": "string"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (rename_activity, "The activity create_lead is gone."),
        (drop_field, "create_lead: argument.missing_facts is gone."),
        (require_new_field, "create_lead: argument.team must be there"),
        (require_old_field, "create_lead: argument.missing_facts must be there"),
        (change_type, "create_sale_order: argument.lines"),
        (change_result, "get_or_create_partner: result"),
    ],
)
def test_a_change_that_another_version_cannot_read_is_named(
    change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    changed = copy.deepcopy(SAVED)
    change(changed)
    [problem] = breaks(SAVED, changed)
    assert problem.startswith(sentence)


def test_a_new_field_with_a_default_and_a_new_activity_are_no_obstacle() -> None:
    changed = copy.deepcopy(SAVED)
    changed["create_lead"]["argument"]["properties"]["team"] = {"type": "string"}
    changed["send_mail"] = changed["create_lead"]
    assert breaks(SAVED, changed) == []
