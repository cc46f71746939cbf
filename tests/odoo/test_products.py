"""Products: `read` returns them in any state, `search` only while they are active."""

from typing import Any

import pytest

from sandbox import catalogue
from sandbox.catalogue import PRODUCTS
from tests.odoo.client import Session

# other tests make products of their own
_CATALOGUE = ["id", "<=", max(product.id for product in catalogue.PRODUCTS)]

FIELDS = ["name", "default_code", "barcode", "list_price", "sale_ok", "active", "currency_id"]


def search(session: Session, *domain: Any, **more: Any) -> list[str]:
    rows = session.call("product.product", "search_read", list(domain), ["default_code"], **more)
    return sorted(row["default_code"] for row in rows)


def test_the_catalogue_is_there_archived_products_too(salesperson: Session) -> None:
    rows = salesperson.call("product.product", "read", [product.id for product in PRODUCTS], FIELDS)
    assert rows == [
        {
            "id": product.id,
            "name": product.name,
            "default_code": product.default_code,
            "barcode": product.barcode or False,
            "list_price": float(product.list_price),
            "sale_ok": product.sale_ok,
            "active": product.active,
            "currency_id": [1, "USD"],
        }
        for product in PRODUCTS
    ]


def test_a_search_leaves_archived_products_out_and_keeps_those_not_for_sale(salesperson: Session) -> None:
    ids = ["id", "in", [product.id for product in PRODUCTS]]
    assert search(salesperson, ids) == ["BC1", "INS", "KT1", "MT1", "NS1"]
    assert search(salesperson, ids, ["active", "=", True], ["sale_ok", "=", True]) == ["BC1", "INS", "KT1", "MT1"]
    assert search(salesperson, ids, ["active", "in", [True, False]]) == ["BC1", "INS", "KT1", "MT1", "NS1", "OLD1"]
    assert "OLD1" in search(salesperson, ids, context={"active_test": False})


@pytest.mark.parametrize(
    ("domain", "codes"),
    [
        ([["name", "ilike", "ROBOT"]], ["KT1", "MT1"]),
        ([["name", "ilike", "r%pudu"]], ["MT1"]),
        ([["name", "ilike", "r_bot"]], ["KT1", "MT1"]),
        ([["name", "ilike", r"r\_bot"]], []),
        ([["name", "ilike", r"r\%t"]], []),
        ([["default_code", "=ilike", "mt1"]], ["MT1"]),
        ([["barcode", "ilike", "61758"]], ["KT1"]),
        (["|", ["name", "ilike", "pudu"], ["default_code", "ilike", "bc"]], ["BC1", "MT1"]),
        (
            ["|", "|", ["name", "ilike", "kt1"], ["default_code", "ilike", "kt1"], ["barcode", "ilike", "kt1"]],
            ["KT1"],
        ),
        (
            [
                *("|", ["name", "ilike", "kt1"], ["default_code", "ilike", "kt1"]),
                *("|", ["name", "ilike", "robot"], ["default_code", "ilike", "robot"]),
            ],
            ["KT1"],
        ),
        (["!", ["sale_ok", "=", True], ["default_code", "!=", False]], ["NS1"]),
        ([["name", "ilike", "instalacion"]], []),
        ([["name", "ilike", "instalación"]], ["INS"]),
    ],
)
def test_searches(salesperson: Session, domain: list[Any], codes: list[str]) -> None:
    assert search(salesperson, _CATALOGUE, *domain) == codes


@pytest.mark.real_only
def test_pages(salesperson: Session) -> None:
    robots = _CATALOGUE, ["name", "ilike", "o"], ["sale_ok", "=", True]
    everything = salesperson.call("product.product", "search", list(robots))
    assert salesperson.call("product.product", "search", list(robots), limit=2) == everything[:2]
    assert salesperson.call("product.product", "search", list(robots), limit=2, offset=1) == everything[1:3]
    by_price = salesperson.call("product.product", "search", list(robots), order="list_price desc")
    assert by_price == [26174, 26175, 26177]
    assert salesperson.call("product.product", "search_count", list(robots)) == len(everything)


@pytest.mark.real_only
@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("7501000261741", [26174]),
        ("75010002617", []),
        ("MT1", [26174]),
        ("mt", [26174]),
        ("pudu", [26174]),
        ("BellaBot", []),
        ("[KT1] whatever", [26175]),
    ],
)
def test_name_search(salesperson: Session, name: str, ids: list[int]) -> None:
    found = salesperson.call("product.product", "name_search", name)
    # other tests have products of their own in this database
    ours = {product.id for product in PRODUCTS}
    assert [one for one, _ in found if one in ours] == ids


@pytest.mark.real_only
def test_name_search_gives_code_and_name(salesperson: Session) -> None:
    assert salesperson.call("product.product", "name_search", "MT1") == [[26174, "[MT1] Robot PUDU"]]
    assert len(salesperson.call("product.product", "name_search", "robot", limit=1)) == 1
