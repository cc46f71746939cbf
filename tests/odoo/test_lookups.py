"""The searches of the look-ups, on each Odoo."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.lookup import LookupActivities
from odoo_client import Credentials, OdooRejectedError, XmlRpcOdoo
from quotation.lookups import PartnerQuery, ProductQuery
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session

# what LIKE and its escapes could get wrong
ODD_NAMES = ["a%b", "a_b", r"a\b", "aXb", "ab", r"a\%b", "%", "_", "\\", "100 % algodón", "A%B"]


@pytest.fixture
async def lookups(odoo: OdooAccess) -> AsyncIterator[LookupActivities]:
    async with _client(odoo) as client:
        yield LookupActivities(client)


@pytest.fixture
def product(administrator: Session) -> Any:
    def create(**values: Any) -> int:
        return administrator.create("product.product", **({"sale_ok": True, "list_price": 10.5} | values))

    return create


class _client:  # noqa: N801  # a context manager that reads as a function
    def __init__(self, odoo: OdooAccess) -> None:
        self._client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, odoo.username, odoo.password))

    async def __aenter__(self) -> XmlRpcOdoo:
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


async def product_ids(lookups: LookupActivities, query: str, **more: Any) -> list[int]:
    page = await lookups.find_products(ProductQuery(query=query, **more))
    return [item.id for item in page.items]


async def partner_ids(lookups: LookupActivities, query: str, **more: Any) -> list[int]:
    page = await lookups.find_partners(PartnerQuery(query=query, **more))
    return [item.id for item in page.items]


async def test_every_word_is_found_in_name_code_or_barcode(
    lookups: LookupActivities, product: Any, word: str
) -> None:
    mine = product(name=f"Robot {word} azul", default_code=f"C-{word}", barcode=f"750{word}")
    product(name=f"Otro {word} azul")

    for query in (
        f"azul {word} robot",
        f"AZUL C-{word.upper()}",
        f"  750{word}\tRobot \n",
        f"obo {word[2:-2]} 50{word}",
    ):
        assert await product_ids(lookups, query) == [mine]
    product(name=f"Robot verde{word[::-1]}")
    assert await product_ids(lookups, f"robot {word} verde{word[::-1]}") == []
    assert len(await product_ids(lookups, word)) == 2


async def test_a_product_is_told_as_it_is(lookups: LookupActivities, product: Any, word: str) -> None:
    bare = product(name=word)
    full = product(name=f"{word} completo", default_code="D1", barcode=f"b{word}")

    page = await lookups.find_products(ProductQuery(query=word))

    assert [item.model_dump() for item in page.items] == [
        {
            "id": bare,
            "name": word,
            "default_code": None,
            "barcode": None,
            "list_price": 10.5,
            "currency": "USD",
        },
        {
            "id": full,
            "name": f"{word} completo",
            "default_code": "D1",
            "barcode": f"b{word}",
            "list_price": 10.5,
            "currency": "USD",
        },
    ]
    assert page.next_cursor is None


async def test_only_active_products_for_sale_are_found(
    lookups: LookupActivities, product: Any, word: str, administrator: Session
) -> None:
    sold = product(name=word)
    product(name=word, sale_ok=False)
    archived = product(name=word)
    administrator.call("product.product", "write", [archived], {"active": False})

    assert await product_ids(lookups, word) == [sold]
    assert {sold, 26174} <= set(await product_ids(lookups, "", limit=100))


@pytest.fixture(scope="module")
def odd_products(odoo: OdooAccess) -> dict[int, str]:
    """Products in whose names are LIKE's own characters."""
    administrator = Session(odoo, odoo.admin_username, odoo.admin_password)
    return {administrator.create("product.product", name=f"odd {name}"): name for name in ODD_NAMES}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(st.sampled_from("abX%_\\"), min_size=1, max_size=4), min_size=1, max_size=3))
async def test_wildcards_mean_themselves(odoo: OdooAccess, odd_products: dict[int, str], words: list[str]) -> None:
    async with _client(odoo) as client:
        found = await product_ids(LookupActivities(client), " ".join(["odd", *words]), limit=100)

    expected = [
        product for product, name in odd_products.items() if all(word.lower() in name.lower() for word in words)
    ]
    if expected:
        assert found == expected
    # a word that a product has does not give way, except an article; punctuation does
    bare_words = {bare for word in words if len(bare := word.lower().strip("%\\")) > 1}
    had = [bare for bare in bare_words if any(bare in name.lower() for name in odd_products.values())]
    assert all(bare in odd_products[one].lower() for bare in had for one in found)


async def test_pages_hold_each_product_once_whatever_happens_between(
    lookups: LookupActivities, product: Any, word: str, administrator: Session
) -> None:
    ids = [product(name=f"{number} {word}") for number in range(5)]
    first = await lookups.find_products(ProductQuery(query=word, limit=2))
    # one that was shown goes to the end of the alphabet, one comes in before it, one goes
    administrator.call("product.product", "write", [ids[0]], {"name": f"zzz {word}"})
    late = product(name=f"aaa {word}")
    administrator.call("product.product", "write", [ids[1]], {"active": False})

    second = await lookups.find_products(ProductQuery(query=word, limit=2, cursor=first.next_cursor))
    third = await lookups.find_products(ProductQuery(query=word, limit=2, cursor=second.next_cursor))

    pages = [[item.id for item in page.items] for page in (first, second, third)]
    assert pages == [ids[:2], ids[2:4], [ids[4], late]]
    assert third.next_cursor is None


async def test_a_customer_is_found_by_name_or_email(
    lookups: LookupActivities, salesperson: Session, word: str
) -> None:
    company = salesperson.create(
        "res.partner", name=f"Aceros {word} SA", email=f'"Compras" <Compras@{word}.example>', is_company=True
    )
    person = salesperson.create("res.partner", name=f"Juan {word}", parent_id=company)

    page = await lookups.find_partners(PartnerQuery(query=f"{word} aceros"))

    assert [item.model_dump() for item in page.items] == [
        {"id": company, "name": f"Aceros {word} SA", "email": f"compras@{word}.example", "is_company": True}
    ]
    assert await partner_ids(lookups, f"compras@{word.upper()}.example") == [company]
    assert await partner_ids(lookups, word) == [company, person]
    assert await partner_ids(lookups, word, limit=1, cursor=str(company)) == [person]


async def test_a_customer_is_found_whatever_letter_has_the_accent(
    lookups: LookupActivities, salesperson: Session, word: str
) -> None:
    partners = [salesperson.create("res.partner", name=f"{name} {word}") for name in ("Škoda", "Hijos de Škoda")]

    first = await lookups.find_partners(PartnerQuery(query=f"skoda {word}", limit=1))

    assert [item.id for item in first.items] == partners[:1]
    assert await partner_ids(lookups, f"skoda {word}", cursor=first.next_cursor) == partners[1:]
    assert await partner_ids(lookups, f"koda {word} hijos") == partners[1:]


async def test_an_archived_customer_is_not_found(
    lookups: LookupActivities, salesperson: Session, partner: int, word: str
) -> None:
    assert await partner_ids(lookups, word) == [partner]
    salesperson.call("res.partner", "write", [partner], {"active": False})

    assert await partner_ids(lookups, word) == []


async def test_a_language_that_is_not_installed_is_refused(odoo: OdooAccess) -> None:
    async with _client(odoo) as client:
        with pytest.raises(OdooRejectedError, match="Invalid language code"):
            await LookupActivities(client, "fr_FR").find_products(ProductQuery())


async def test_products_are_named_in_the_customers_language(real_database: OdooAccess, word: str) -> None:
    administrator = Session(real_database, real_database.admin_username, real_database.admin_password)
    product = administrator.create("product.product", name=f"Charging base {word}")
    administrator.call(
        "product.product", "write", [product], {"name": f"Base de carga {word}"}, context={"lang": "es_MX"}
    )

    async with _client(real_database) as client:
        spanish = LookupActivities(client, "es_MX")
        english = LookupActivities(client)
        assert [item.name for item in (await spanish.find_products(ProductQuery(query=word))).items] == [
            f"Base de carga {word}"
        ]
        assert await product_ids(spanish, f"carga {word}") == [product]
        assert await product_ids(english, f"charging {word}") == [product]
