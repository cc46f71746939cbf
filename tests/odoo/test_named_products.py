"""Products that a request names by words, code or barcode, on each Odoo."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities.checks import CheckActivities
from activities.failures import RequestError
from odoo_client import Credentials, XmlRpcOdoo
from quotation.errors import ErrorCode
from quotation.messages import CheckedRequest, CheckRequest
from quotation.stored.request import StoredLine
from sandbox.real_odoo import OdooAccess
from tests.odoo.client import Session


@pytest.fixture
async def checks(odoo: OdooAccess) -> AsyncIterator[CheckActivities]:
    client = XmlRpcOdoo(Credentials(odoo.url, odoo.db, odoo.username, odoo.password))
    yield CheckActivities(client)
    await client.close()


@pytest.fixture
def product(administrator: Session) -> Any:
    def create(**values: Any) -> int:
        return administrator.create("product.product", **({"list_price": 10.5} | values))

    return create


async def check(checks: CheckActivities, *lines: int | str) -> CheckedRequest:
    return await checks.check_request(
        CheckRequest(
            normalized_email="nobody@named.example",
            product_ids=[line if isinstance(line, int) else 0 for line in lines],
            user_id=0,
            lines=[
                StoredLine(product_id=line) if isinstance(line, int) else StoredLine(product=line)
                for line in lines
            ],
        )
    )


async def refused(checks: CheckActivities, *lines: int | str) -> RequestError:
    with pytest.raises(RequestError) as raised:
        await check(checks, *lines)
    return raised.value


async def test_each_line_gets_the_product_that_it_names(checks: CheckActivities, product: Any, word: str) -> None:
    by_words = product(name=f"Instalación {word}")
    by_code = product(name="Cosa", default_code=f"c-{word}")
    by_barcode = product(name="Cosa", barcode=f"750{word}")

    checked = await check(checks, f"las instalaciones {word}", 26174, f"C-{word}", f"750{word}", f"c-{word}")

    assert checked.named_products == {
        f"las instalaciones {word}": by_words,
        f"C-{word}": by_code,
        f"750{word}": by_barcode,
        f"c-{word}": by_code,
    }
    assert {one.id for one in checked.products} == {by_words, by_code, by_barcode, 26174}


async def test_several_products_are_listed(checks: CheckActivities, product: Any, word: str) -> None:
    first = product(name=f"Robot {word}", default_code="R1")
    second = product(name=f"Robot {word} grande", list_price=12000)

    error = await refused(checks, f"robots {word}")

    assert error.code == ErrorCode.PRODUCT_AMBIGUOUS
    assert str(error) == (
        f"Several products match: {first} Robot {word} (code R1, 10.50 USD); {second} Robot {word} grande"
        " (12000.00 USD). Ask which one is meant, and send its id as product_id."
    )


async def test_no_more_than_five_products_are_listed(checks: CheckActivities, product: Any, word: str) -> None:
    ids = [product(name=f"Robot {word} {'x' * 500}") for _ in range(6)]

    error = await refused(checks, 26174, f"robot {word}")

    assert error.code == ErrorCode.PRODUCT_AMBIGUOUS
    assert str(error).startswith(f"Line 2: several products match: {ids[0]} ")
    assert [one for one in ids if f"{one} Robot" in str(error)] == ids[:5]
    assert "; and others." in str(error)
    assert len(str(error)) < 1000


async def test_a_product_that_nobody_has_is_not_found(checks: CheckActivities, product: Any, word: str) -> None:
    product(name="Robot", default_code=word, sale_ok=False)
    product(name="Robot", default_code=f"{word}0")

    for name in ("xyzzyxyzzy", word):
        error = await refused(checks, name)
        assert error.code == ErrorCode.PRODUCT_NOT_FOUND
        assert str(error) == "No product for sale in Odoo has this code or barcode, or these words in its name."


async def test_a_line_without_id_and_name_is_not_found(checks: CheckActivities) -> None:
    # a newer gateway may name a product in a way that this worker does not know
    assert (await refused(checks, "")).code == ErrorCode.PRODUCT_NOT_FOUND
    assert (await refused(checks, 0)).code == ErrorCode.PRODUCT_NOT_FOUND
