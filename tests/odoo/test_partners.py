"""The search for customers, and the form in which Odoo keeps an e-mail address."""

import pytest

from tests.odoo.client import Session, fault


def find(session: Session, field: str, operator: str, value: str) -> list[int]:
    found: list[int] = session.call("res.partner", "search", [[field, operator, value]], order="id")
    return found


@pytest.mark.parametrize(
    ("email", "normalized"),
    [
        ("Compras.X@{}.Example", "compras.x@{}.example"),
        ('"Juan" <JUAN@{}.example>', "juan@{}.example"),
        (" spaced@{}.example ", "spaced@{}.example"),
        ("first@{}.example, second@{}.example", "first@{}.example"),
        ("x@{}.test", "x@{}.test"),
        # a part before the @ that is not ASCII keeps its case
        ("JOSÉ@{}.EXAMPLE", "JOSÉ@{}.example"),
        ("no address {}", None),
        ("", None),
    ],
)
def test_email_normalized(salesperson: Session, word: str, email: str, normalized: str | None) -> None:
    partner = salesperson.create("res.partner", name=word, email=email.replace("{}", word))
    expected = normalized.replace("{}", word) if normalized else False
    assert salesperson.value("res.partner", partner, "email_normalized") == expected


def test_email_normalized_finds_every_way_of_writing_the_address(salesperson: Session, word: str) -> None:
    plain = salesperson.create("res.partner", name="a", email=f"Juan@{word}.example")
    named = salesperson.create("res.partner", name="b", email=f'"Juan" <juan@{word}.example>')
    assert find(salesperson, "email_normalized", "=", f"juan@{word}.example") == [plain, named]
    assert find(salesperson, "email", "=ilike", f"juan@{word}.example") == [plain]


def test_ilike_has_wildcards(salesperson: Session, word: str) -> None:
    other = salesperson.create("res.partner", name="a", email=f"comprasXx@{word}.example")
    assert find(salesperson, "email", "=ilike", f"compras_x@{word}.example") == [other]
    assert find(salesperson, "email", "=ilike", rf"compras\_x@{word}.example") == []
    literal = salesperson.create("res.partner", name="b", email=f"compras_x@{word}.example")
    assert find(salesperson, "email", "=ilike", f"compras_x@{word}.example") == [other, literal]
    assert find(salesperson, "email", "=ilike", rf"compras\_x@{word}.example") == [literal]
    assert find(salesperson, "email_normalized", "=", f"compras_x@{word}.example") == [literal]


def test_an_archived_partner_is_not_found(salesperson: Session, partner: int, word: str) -> None:
    salesperson.call("res.partner", "write", [partner], {"active": False})
    assert find(salesperson, "email_normalized", "=", f"{word}@example.com") == []
    both = [["email_normalized", "=", f"{word}@example.com"], ["active", "in", [True, False]]]
    assert salesperson.call("res.partner", "search", both) == [partner]


def test_an_order_for_an_archived_partner_is_accepted(salesperson: Session, partner: int) -> None:
    salesperson.call("res.partner", "write", [partner], {"active": False})
    assert salesperson.create("sale.order", partner_id=partner)


def test_the_address_may_be_a_contacts(salesperson: Session, partner: int, word: str) -> None:
    contact = salesperson.create("res.partner", name="Juan", parent_id=partner, email=f"j{word}@example.com")
    rows = salesperson.call(
        "res.partner",
        "search_read",
        [["email_normalized", "=", f"j{word}@example.com"]],
        ["name", "parent_id", "commercial_partner_id"],
    )
    company = [partner, f"Cliente {word}"]
    assert rows == [{"id": contact, "name": "Juan", "parent_id": company, "commercial_partner_id": company}]
    order = salesperson.create("sale.order", partner_id=contact)
    assert salesperson.value("sale.order", order, "partner_id") == [contact, f"Cliente {word}, Juan"]


def test_the_lowest_id_comes_first_by_order(salesperson: Session, word: str) -> None:
    first, second = (salesperson.create("res.partner", name=name, email=f"{word}@x.example") for name in "ba")
    domain = [["email_normalized", "=", f"{word}@x.example"], ["active", "=", True]]
    rows = salesperson.call("res.partner", "search_read", domain, ["name", "user_id"], limit=1, order="id")
    assert rows == [{"id": first, "name": "b", "user_id": False}]
    assert salesperson.call("res.partner", "search", domain, order="id desc") == [second, first]


def test_create_takes_a_language_that_is_not_installed(salesperson: Session, word: str) -> None:
    partner = salesperson.create("res.partner", name=word, lang="fr_FR")
    assert salesperson.value("res.partner", partner, "lang") == "fr_FR"


def test_the_default_language_is_english(salesperson: Session, partner: int) -> None:
    assert salesperson.value("res.partner", partner, "lang") == "en_US"


def test_installed_languages(salesperson: Session) -> None:
    assert salesperson.call("res.lang", "get_installed") == [
        ["en_US", "English (US)"],
        ["es_MX", "Spanish (MX) / Español (MX)"],
    ]


@pytest.mark.real_only
def test_a_salesperson_may_not_delete_a_partner(
    salesperson: Session, administrator: Session, partner: int
) -> None:
    assert salesperson.call("res.partner", "has_access", [partner], "unlink") is False
    assert administrator.call("res.partner", "has_access", [partner], "unlink") is True
    with fault(4, r"^You are not allowed to delete 'Contact' \(res\.partner\) records\."):
        salesperson.call("res.partner", "unlink", [partner])


@pytest.mark.real_only
def test_create_of_several_gives_their_ids(salesperson: Session, word: str) -> None:
    ids = salesperson.call("res.partner", "create", [{"name": word}, {"name": word}])
    assert salesperson.call("res.partner", "search", [["name", "=", word]], order="id") == ids
