"""`load` creates a record once, even if the record changes in between."""

import pytest

from tests.odoo.client import CONFLICT, ONCE, Session, at_once


def test_the_same_row_again_gives_the_same_record(salesperson: Session, word: str) -> None:
    first = salesperson.load_id("res.partner", id_=f"tests.p_{word}", name=word)
    assert salesperson.load_id("res.partner", id_=f"tests.p_{word}", name=word) == first
    assert salesperson.call("res.partner", "search", [["name", "=", word]]) == [first]


def test_answer_has_ids_messages_and_nextrow(salesperson: Session, word: str) -> None:
    answer = salesperson.load("res.partner", {"id": f"tests.p_{word}", "name": word})
    assert answer == {"ids": answer["ids"], "messages": [], "nextrow": 0}


def test_a_module_that_does_not_exist_and_dots_in_the_name_are_fine(salesperson: Session, word: str) -> None:
    record = salesperson.load_id("res.partner", id_=f"nowhere.a.b.{word}", name=word)
    found = salesperson.call("ir.model.data", "check_object_reference", "nowhere", f"a.b.{word}")
    assert found == ["res.partner", record]


def test_an_external_id_without_module_gets_one(salesperson: Session, word: str) -> None:
    record = salesperson.load_id("res.partner", id_=word, name=word)
    found = salesperson.call("ir.model.data", "check_object_reference", "__import__", word)
    assert found == ["res.partner", record]


@pytest.mark.usefixtures("overlapping")
def test_ten_at_once_make_one_record(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word}
    answers = at_once(10, lambda _: salesperson.load("res.partner", row))
    (record,) = salesperson.call("res.partner", "search", [["name", "=", word]])
    for answer in answers:
        if answer["ids"] is False:
            assert [message["message"] for message in answer["messages"]] == [CONFLICT]
            assert [message["type"] for message in answer["messages"]] == ["error"]
        else:
            assert answer["ids"] == [record]
    assert any(answer["ids"] for answer in answers)
    assert salesperson.load_ids("res.partner", row) == [record]


@pytest.mark.usefixtures("overlapping")
def test_ten_at_once_that_repeat_after_a_conflict_all_get_the_record(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.l_{word}", "name": word, "type": "lead"}

    def load_until_done(_: int) -> int:
        for _attempt in range(10):
            answer = salesperson.load("crm.lead", row)
            if answer["ids"]:
                return int(answer["ids"][0])
        raise AssertionError(answer)

    assert len(set(at_once(10, load_until_done))) == 1
    assert salesperson.call("crm.lead", "search_count", [["name", "=", word]]) == 1


@pytest.mark.usefixtures("overlapping")
def test_different_records_at_once_do_not_collide(salesperson: Session, word: str) -> None:
    def load(number: int) -> dict[str, object]:
        return salesperson.load("res.partner", {"id": f"tests.p{number}_{word}", "name": word})

    answers = at_once(6, load)
    assert [answer["messages"] for answer in answers] == [[]] * 6
    assert salesperson.call("res.partner", "search_count", [["name", "=", word]]) == 6


@pytest.mark.usefixtures("overlapping")
def test_lines_for_one_order_at_once_collide_and_succeed_when_repeated(
    salesperson: Session, order: int, word: str
) -> None:
    def load_until_done(number: int) -> int:
        row = {
            "id": f"tests.s{number}_{word}",
            "order_id/.id": str(order),
            "product_id/.id": "26176",
            "product_uom_qty": "1",
        }
        for _attempt in range(20):
            answer = salesperson.load("sale.order.line", row)
            if answer["ids"]:
                return int(answer["ids"][0])
            assert [message["message"] for message in answer["messages"]] == [CONFLICT]
        raise AssertionError(answer)

    lines = at_once(4, load_until_done)
    assert sorted(salesperson.value("sale.order", order, "order_line")) == sorted(lines)
    assert salesperson.value("sale.order", order, "amount_untaxed") == 4 * 890.0


def test_a_persons_edit_stays(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.l_{word}", "name": word, "type": "lead"}
    (lead,) = salesperson.load_ids("crm.lead", row)
    salesperson.call("crm.lead", "write", [lead], {"name": f"edited {word}"})
    assert salesperson.load_ids("crm.lead", row) == [lead]
    assert salesperson.value("crm.lead", lead, "name") == f"edited {word}"


def test_an_archived_record_is_found_and_stays_archived(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word}
    (partner,) = salesperson.load_ids("res.partner", row)
    salesperson.call("res.partner", "write", [partner], {"active": False})
    assert salesperson.load_ids("res.partner", row) == [partner]
    assert salesperson.value("res.partner", partner, "active") is False


@pytest.mark.parametrize("model", ["crm.lead", "sale.order"])
def test_a_record_given_to_a_colleague_is_found_and_stays(
    salesperson: Session, all_leads: Session, colleague: Session, partner: int, word: str, model: str
) -> None:
    row = {"id": f"tests.r_{word}", "partner_id/.id": str(partner)}
    if model == "crm.lead":
        row["name"] = word
    (record,) = salesperson.load_ids(model, row)
    all_leads.call(model, "write", [record], {"user_id": colleague.uid})
    assert salesperson.call(model, "search", [["id", "=", record]]) == []
    assert salesperson.load_ids(model, row) == [record]
    assert all_leads.value(model, record, "user_id")[0] == colleague.uid


@pytest.mark.real_only
def test_a_deleted_record_is_made_anew(salesperson: Session, administrator: Session, word: str) -> None:
    row = {"id": f"tests.l_{word}", "name": word}
    (lead,) = salesperson.load_ids("crm.lead", row)
    administrator.call("crm.lead", "unlink", [lead])
    (again,) = salesperson.load_ids("crm.lead", row)
    assert again != lead
    assert salesperson.call("crm.lead", "read", [lead], ["name"]) == []


def test_without_the_context_it_writes_again(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word}
    first = salesperson.load("res.partner", row, context={})
    (partner,) = first["ids"]
    salesperson.call("res.partner", "write", [partner], {"name": f"edited {word}"})
    assert salesperson.load("res.partner", row, context={})["ids"] == [partner]
    assert salesperson.value("res.partner", partner, "name") == word


def test_a_record_made_without_the_context_is_not_protected_by_it(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word}
    (partner,) = salesperson.load("res.partner", row, context={})["ids"]
    salesperson.load_ids("res.partner", row | {"name": f"again {word}"})
    assert salesperson.value("res.partner", partner, "name") == f"again {word}"


def test_without_the_context_a_colleagues_record_is_refused(
    salesperson: Session, all_leads: Session, colleague: Session, word: str
) -> None:
    row = {"id": f"tests.l_{word}", "name": word}
    (lead,) = salesperson.load_ids("crm.lead", row)
    all_leads.call("crm.lead", "write", [lead], {"user_id": colleague.uid})
    answer = salesperson.load("crm.lead", row, context={})
    assert answer["ids"] is False
    assert "doesn't have 'read' access" in answer["messages"][0]["message"]


def test_several_rows_are_made_in_one_call_or_none_of_them(salesperson: Session, word: str) -> None:
    good = {"id": f"tests.a_{word}", "name": word, "lang": "es_MX"}
    bad = {"id": f"tests.b_{word}", "name": word, "lang": "xx_XX"}
    assert salesperson.load("res.partner", good, bad)["ids"] is False
    assert salesperson.call("res.partner", "search_count", [["name", "=", word]]) == 0
    ids = salesperson.load_ids("res.partner", good, bad | {"lang": "en_US"})
    assert [salesperson.value("res.partner", one, "lang") for one in ids] == ["es_MX", "en_US"]
    # the ids are in the order of the rows, even if some records exist
    again = salesperson.load_ids("res.partner", bad | {"lang": "en_US"}, good | {"id": f"tests.c_{word}"}, good)
    assert again[0] == ids[1]
    assert again[2] == ids[0]


def test_blank_cells_are_empty_values_not_defaults(salesperson: Session, word: str) -> None:
    lead = salesperson.load_id("crm.lead", id_=f"tests.l_{word}", name=word, user_id__id="", phone="")
    assert salesperson.read("crm.lead", lead, "user_id", "phone") == {"user_id": False, "phone": False}


@pytest.mark.real_only
def test_relations_by_database_id_external_id_and_name(salesperson: Session, word: str) -> None:
    partner = salesperson.load_id("res.partner", id_=f"tests.p_{word}", name=word)
    by_id = {"id": f"tests.a_{word}", "name": word, "partner_id/.id": str(partner)}
    by_external_id = {"id": f"tests.b_{word}", "name": word, "partner_id/id": f"tests.p_{word}"}
    by_name = {"id": f"tests.c_{word}", "name": word, "partner_id": word}
    for row in (by_id, by_external_id, by_name):
        (lead,) = salesperson.load_ids("crm.lead", row)
        assert salesperson.value("crm.lead", lead, "partner_id") == [partner, word]


def test_context_can_be_combined_with_a_language(salesperson: Session, word: str) -> None:
    row = {"id": f"tests.p_{word}", "name": word}
    answer = salesperson.load("res.partner", row, context=ONCE | {"lang": "es_MX"})
    assert answer["messages"] == []


def test_check_object_reference_finds_only_what_the_user_can_search(
    salesperson: Session, all_leads: Session, colleague: Session, word: str
) -> None:
    def reference() -> list[object]:
        found: list[object] = salesperson.call("ir.model.data", "check_object_reference", "tests", f"l_{word}")
        return found

    lead = salesperson.load_id("crm.lead", id_=f"tests.l_{word}", name=word)
    assert reference() == ["crm.lead", lead]
    salesperson.call("crm.lead", "write", [lead], {"active": False})
    assert reference() == ["crm.lead", False]
    salesperson.call("crm.lead", "write", [lead], {"active": True})
    assert reference() == ["crm.lead", lead]
    all_leads.call("crm.lead", "write", [lead], {"user_id": colleague.uid})
    assert reference() == ["crm.lead", False]
