"""Products as people say them, on each Odoo; none of them has the extension `unaccent`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities.search import ProductSearch
from odoo_client import Credentials, XmlRpcOdoo
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session, unique


class Catalogue:
    """Products whose names, codes and barcodes have a word that no other product has."""

    def __init__(self, odoo: OdooAccess) -> None:
        self.word = unique()
        self._administrator = Session(odoo, odoo.admin_username, odoo.admin_password)
        self.ids = {
            name: self.add(f"{name} {self.word}")
            for name in (
                "Servicio de instalación",
                "Robot PUDU",
                "Luz del año",
                "Té",
                "Báscula 100%",
                "Base de carga",
                "Queso, mesa",
            )
        }

    def add(self, name: str, **values: Any) -> int:
        return self._administrator.create("product.product", name=name, **({"list_price": 10.5} | values))

    def archive(self, product: int) -> None:
        self._administrator.call("product.product", "write", [product], {"active": False})


@pytest.fixture(scope="module")
def catalogue(odoo: OdooAccess) -> Catalogue:
    return Catalogue(odoo)


@pytest.fixture
async def search(odoo: OdooAccess) -> AsyncIterator[ProductSearch]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, odoo.username, odoo.password))
    yield ProductSearch(client)
    await client.close()


async def ids(search: ProductSearch, query: str) -> list[int]:
    found, _ = await search.page(query, 20)
    return [row.id for row in found]


async def named(search: ProductSearch, text: str) -> list[int]:
    found, _ = await search.named(text, 5)
    return [row.id for row in found]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("instalacion {}", "Servicio de instalación"),
        ("INSTÁLACION {}", "Servicio de instalación"),
        ("las instalaciones {}", "Servicio de instalación"),
        ("el robot pudu {}", "Robot PUDU"),
        ("robots pudu {}", "Robot PUDU"),
        ("pudu, {} robot.", "Robot PUDU"),
        ("robot pudu xyzzyxyzzy {}", "Robot PUDU"),
        ("¿quisiera cotizar unos robots pudu {} porfavorcito?", "Robot PUDU"),
        ("quiero que me cotice un robot pudu {} con su caja", "Robot PUDU"),
        ("ano {}", "Luz del año"),
        ("luces {}", "Luz del año"),
        ("te {} xyzzyxyzzy", "Té"),
        ("bascula 100% {}", "Báscula 100%"),
        ("bases de carga {}", "Base de carga"),
    ],
)
async def test_a_product_is_found_as_people_say_it(
    search: ProductSearch, catalogue: Catalogue, query: str, name: str
) -> None:
    assert await ids(search, query.replace("{}", catalogue.word)) == [catalogue.ids[name]]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("skoda {}", "Kolo Škoda"),
        ("las SKODAS {}", "Kolo Škoda"),
        ("skoda {} xyzzyxyzzy", "Kolo Škoda"),
        ("lodz {}", "Plan ŁÓDŹ"),
        ("łodz {}", "Plan Łódź"),
        ("zlutoucke prislusenstvi {}", "Žluťoučké příslušenství"),
        ("tuica {}", "Țuică"),
        ("İSTANBUL dag {}", "İstanbul dağ"),
        ("ghajnsielem hagar {}", "Għajnsielem ħaġar"),
        ("hjorring dakk {}", "Hjørring đakk"),
        ("yt {}", "Ỹt"),
        ("wyddfa {}", "Ŵyddfa"),
    ],
)
async def test_a_product_is_found_whatever_letter_has_the_accent(
    search: ProductSearch, catalogue: Catalogue, query: str, name: str
) -> None:
    word = unique()
    product = catalogue.add(f"{name} {word}")
    catalogue.add(f"Otro {word}")

    assert await ids(search, query.replace("{}", word)) == [product]


async def test_words_of_several_products_find_none(search: ProductSearch, catalogue: Catalogue) -> None:
    assert await ids(search, f"robot instalacion {catalogue.word}") == []
    assert await ids(search, "xyzzyxyzzy qwertyqwerty") == []


async def test_a_later_page_has_words_that_gave_way_too(search: ProductSearch, catalogue: Catalogue) -> None:
    first, after = await search.page(f"los {catalogue.word} xyzzyxyzzy", 4)
    assert after == first[-1].id
    second, end = await search.page(f"los {catalogue.word} xyzzyxyzzy", 4, after)
    assert [row.id for row in [*first, *second]] == sorted(catalogue.ids.values())
    assert end is None


async def test_records_that_a_pattern_finds_by_mistake_hide_no_others(
    search: ProductSearch, catalogue: Catalogue
) -> None:
    # the pattern b_s_ finds them too
    word = unique()
    for number in range(5):
        catalogue.add(f"Biso {word} {number}")
    bases = [catalogue.add(f"Base {word} {number}") for number in range(3)]

    found, after = await search.page(f"base {word}", 2)

    assert ([row.id for row in found], after) == (bases[:2], bases[1])
    assert await ids(search, f"base {word}") == bases


async def test_a_code_or_barcode_that_is_exactly_it_wins(search: ProductSearch, catalogue: Catalogue) -> None:
    code = unique()
    exact = catalogue.add("Robot", default_code=code)
    longer = catalogue.add("Robot", default_code=f"{code}0", barcode=f"9{code}")

    assert await named(search, code) == [exact]
    assert await named(search, code.upper()) == [exact]
    assert await named(search, f"9{code}") == [longer]
    assert await named(search, code[:-1]) == [exact, longer]
    assert await named(search, f"robot {code}0") == [longer]


@pytest.mark.parametrize("wildcard", ["%", "_"])
async def test_wildcards_in_a_code_mean_themselves(
    search: ProductSearch, catalogue: Catalogue, wildcard: str
) -> None:
    code = unique()
    catalogue.add("Robot", default_code=f"{code}x1")
    assert await named(search, f"{code}{wildcard}1") == []
    mine = catalogue.add("Robot", default_code=f"{code}{wildcard}1")

    assert await named(search, f"{code}{wildcard}1") == [mine]


async def test_an_archived_products_code_is_not_a_part_of_another_code(
    search: ProductSearch, catalogue: Catalogue
) -> None:
    code = unique()
    archived = catalogue.add("Robot", default_code=code)
    catalogue.archive(archived)
    catalogue.add("Robot", default_code=f"{code}0")

    assert await named(search, code) == []
