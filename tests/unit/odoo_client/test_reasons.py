import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo_client.reasons import reason

# ruff: noqa: E501  # a reason is a line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # texts of Odoo 19
        ("Contacts require a name", "Contacts require a name"),
        ("The operation cannot be completed: Contacts require a name", "Contacts require a name"),
        ("You can not delete a sent quotation. You must first cancel it.", "You can not delete a sent quotation. You must first cancel it."),
        ("Missing required value for the field 'Opportunity' (name).\nModel: 'Lead' (crm.lead)\n- create/update: a mandatory field is not set", "Missing required value for the field 'Opportunity' (name). Model: 'Lead' (crm.lead)"),
        ("No matching record found for external id 'a.b' in field 'Order Lines/Product'", "No matching record found for external id '…' in field 'Order Lines/Product'"),
        ("'dos' does not seem to be a number for field 'Quantity'", "'…' does not seem to be a number for field 'Quantity'"),
        ("No se encontraron registros que coincidan con id de la base de datos '1' en el campo 'Referencia de la orden'", "No se encontraron registros que coincidan con id de la base de datos '…' en el campo 'Referencia de la orden'"),
        ("Record does not exist or has been deleted.\n(Record: crm.lead(27414,), User: 7)", "Record does not exist or has been deleted. (Record: crm.lead(27414,), User: 7)"),
        (
            "Uh-oh! You’ve got some company inconsistencies here:\n- “S00003” belongs to company “Mi Empresa” while “Customer” (partner_id: 'Cliente Ajeno') belongs to another company.\nTo avoid a mess, no company crossover is allowed!",
            "Uh-oh! You’ve got some company inconsistencies here: - “…” belongs to company “…” while “Customer” (partner_id: '…') belongs to another company. To avoid a mess, no company crossover is allowed!",
        ),
        # texts of Odoo 17
        (
            "Incompatible companies on records:\n- 'S00001' belongs to company 'Uno' and 'Customer' (partner_id: 'O'Brien & Hijos') belongs to another company.",
            "Incompatible companies on records: - '…' belongs to company '…' and 'Customer' (partner_id: '…') belongs to another company.",
        ),
        ("The value for 'login' (Login) already exists.\n\nDetail: Key (login)=(juan@x.mx) already exists.", "The value for … already exists."),
        ('new row violates check constraint "x"\nDETAIL:  Failing row contains (1, null, Juan).\n', 'new row violates check constraint "…"'),
        # texts of a custom module
        ("El cliente Comercial Ajena SA está bloqueado", "El cliente … está bloqueado"),
        ("Comercial Ajena está bloqueada", "… está bloqueada"),
        ("Llame a Juan Pérez, (55) 1234 5678 o juan.perez@ajena.mx, de inmediato", "Llame a … o … de inmediato"),
        ("RFC XAXX010101000 is blocked", "RFC … is blocked"),
        ("see <a href='x'>the page</a> at https://ajena.mx/juan &amp; co", "see the page at … & co"),
        ("the name 'Juan is not closed", "the name '…'"),
        ('«Ajena» y “Ajena” y "Ajena"', '«…» y “…” y "…"'),
        ("", "it gave no reason."),
        ("\n \t", "it gave no reason."),
    ],
)  # fmt: skip
def test_a_reason_keeps_labels_and_leaves_out_data(text: str, told: str) -> None:
    assert reason(text, []) == told


def test_what_was_sent_is_left_out_in_any_letters_and_from_html() -> None:
    assert reason("the lead robot &amp; co is taken, ROBOT & CO", [{"name": ["Robot & Co"]}]) == (
        "the lead … is taken, …"
    )


def test_a_reason_is_short() -> None:
    assert len(reason("very wrong " * 1000, [])) == 300


NAMES = st.text(string.ascii_letters + "áéñÑ' &.,@-0123456789", min_size=3, max_size=30).map(str.strip)


@given(
    NAMES.filter(lambda name: len(name) >= 3),
    st.sampled_from(["{}", "'{}'", "“{}”", "«{}»", "a {} b", "<p>{}</p>"]),
)
def test_a_value_that_was_sent_is_never_told(name: str, form: str) -> None:
    # the marks of the form are not part of the value
    told = reason(f"something about {form.format(name)}", [name])
    assert name.casefold() not in told.removeprefix("something about ").casefold()


@given(NAMES.filter(lambda name: len(name.strip("'")) >= 3), st.sampled_from(["'{}'", '"{}"', "“{}”", "«{}»"]))
def test_a_quoted_value_is_never_told(name: str, form: str) -> None:
    quoted = form.format(name.replace("' ", " "))
    told = reason(f"something about {quoted} is wrong", [])
    assert name.strip("' ").casefold() not in told.casefold().replace("something about", "")


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_has_a_reason_of_one_line(text: str, sent: list[str]) -> None:
    told = reason(text, sent)
    assert told
    assert len(told.splitlines()) == 1
    assert len(told) <= 300


@pytest.mark.parametrize("piece", ["x", "1", "<", "“", "\n", " ", "( ", "'x' ", "x@", "&amp;", "\n- (a.b"])
def test_a_text_of_millions_of_characters_has_a_reason(piece: str) -> None:
    assert len(reason(piece * 2_000_000, ["x" * 10_000, "robot"])) <= 300


def test_only_the_beginning_of_a_text_is_searched() -> None:
    beginning = "<br/>" * 790 + " very wrong" + " " * 50
    endings = ["x" * 500, "Robot " * 500, " " * 500 + "'quoted'"]
    assert {reason(beginning + ending, []) for ending in endings} == {"very wrong"}


@pytest.mark.parametrize(
    "value", ["robot and company", "robot & company", "robot.company@example.com", "robot\nco" * 999]
)
@pytest.mark.parametrize("before", range(3990, 4004))
def test_no_part_of_a_value_is_told_where_a_text_is_cut(value: str, before: int) -> None:
    # markup disappears, so the text at the cut is within the first 300 characters of the reason
    text = ("<i>" * 2000)[: before - 1] + " " + value.replace("&", "&amp;") + " is taken" * 100
    assert "robot" not in reason(text, [value])
    assert "compan" not in reason(text, [value])
