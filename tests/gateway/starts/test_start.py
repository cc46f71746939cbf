import re
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from quotation.identity import fingerprint
from quotation.messages import QuotationInput
from quotation.request import QuotationRequest
from quotation.shown.search_attributes import FINAL_ATTRIBUTES
from tests.support.callers import DEVELOPMENT
from tests.support.forms import ESTIMATED_TIME

Body = dict[str, Any]


async def test_start_answers_with_the_documented_body(
    gateway: str, http: httpx2.AsyncClient, request_body: Body
) -> None:
    response = await http.post("/api/quotation/async", json=request_body)

    body = response.json()
    tracking_id = body["tracking_id"]
    assert response.status_code == 202
    assert re.fullmatch("quot_[0-9a-f]{12}", tracking_id)
    assert response.headers["Location"] == f"/api/quotation/status/{tracking_id}"
    assert body == {
        "tracking_id": tracking_id,
        "status": "queued",
        "message": "Cotización en proceso...",
        "estimated_time": ESTIMATED_TIME,
        "status_url": f"/api/quotation/status/{tracking_id}",
        "page_url": gateway + DEVELOPMENT.path(tracking_id),
        "environment": "development",
        "warnings": [],
        "spoken_status": "La cotización está en cola.",
    }


async def test_a_price_of_0_is_accepted_with_a_warning_also_before_a_worker_takes_it(
    http: httpx2.AsyncClient, request_body: Body
) -> None:
    request_body["product_price"] = 0

    body = (await http.post("/api/quotation/async", json=request_body)).json()

    assert [warning["code"] for warning in body["warnings"]] == ["free_line"]
    status = (await http.get(body["status_url"])).json()
    assert (status["status"], status["warnings"]) == ("queued", body["warnings"])
    assert status["created_at"] is not None


async def test_start_hands_the_validated_request_to_the_first_environment_s_worker(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body
) -> None:
    request_body |= {"partner_name": "  Acme Corp ", "product_qty": "2.50", "notes": None}

    tracking_id = (await http.post("/api/quotation/async", json=request_body)).json()["tracking_id"]

    handle = temporal.get_workflow_handle(tracking_id)
    description = await handle.describe()
    request = QuotationRequest.model_validate(request_body)
    assert (description.workflow_type, description.task_queue) == ("Quotation", "quotations-dev")
    payloads = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes.input.payloads
    [sent] = await temporal.data_converter.decode(payloads, [QuotationInput])
    # the attributes that another test has registered are named
    assert set(sent.final_attributes) <= set(FINAL_ATTRIBUTES)
    assert sent.model_copy(update={"final_attributes": []}) == QuotationInput(
        request=request, environment="development", fingerprint=fingerprint(request)
    )


async def test_temporal_s_lists_hold_no_customer_data(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body
) -> None:
    tracking_id = (await http.post("/api/quotation/async", json=request_body)).json()["tracking_id"]

    description = await temporal.get_workflow_handle(tracking_id).describe()

    request = QuotationRequest.model_validate(request_body)
    assert await description.memo() == {
        "environment": "development",
        "environment_name": "dev",
        "fingerprint": fingerprint(request),
    }
    attributes = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    # where another test has registered the attributes it carries these two, and no owner without keys
    assert attributes in ({}, {"QuotationStatus": "queued", "QuotationEnvironment": "dev"})


async def test_start_in_a_named_environment(
    http: httpx2.AsyncClient, temporal: Client, request_body: Body
) -> None:
    response = await http.post("/api/prod/quotation/async", json=request_body)

    body = response.json()
    description = await temporal.get_workflow_handle(body["tracking_id"]).describe()
    assert response.status_code == 202
    assert body["environment"] == "production"
    assert body["status_url"] == response.headers["Location"] == f"/api/quotation/status/{body['tracking_id']}"
    assert description.task_queue == "quotations-prod"


async def test_each_start_is_a_new_quotation(http: httpx2.AsyncClient, request_body: Body) -> None:
    responses = [await http.post("/api/quotation/async", json=request_body) for _ in range(3)]

    assert len({response.json()["tracking_id"] for response in responses}) == 3


@pytest.mark.parametrize("body", [None, {"email": "juan"}])
async def test_an_unknown_environment_is_not_found_whatever_the_body(
    http: httpx2.AsyncClient, request_body: Body, body: Body | None
) -> None:
    response = await http.post("/api/staging/quotation/async", json=body or request_body)

    assert response.status_code == 404
    assert response.json()["detail"] == "There is no environment with that name."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"partner_name": "   "}, "partner_name"),
        ({"partner_name": "x" * 201}, "partner_name"),
        ({"email": "SECRET"}, "email"),
        ({"email": "Name <SECRET@corp.test>"}, "email"),
        ({"lead_name": None}, "lead_name"),
        ({"phone": "SECRET" * 11}, "phone"),
        ({"contact_name": "SECRET\u0007"}, "contact_name"),
        ({"notes": "SECRET\u0000"}, "notes"),
        ({"product_id": 0}, "product_id"),
        ({"product_id": "1,500"}, "product_id"),
        ({"product_id": True}, "product_id"),
        ({"product_id": 2**31}, "product_id"),
        ({"product_id": "SECRET"}, "product_id"),
        ({"product_qty": 0.001}, "product_qty"),
        ({"product_qty": 1_000_001}, "product_qty"),
        ({"product_price": -2}, "product_price"),
        ({"product_price": "1e999"}, "product_price"),
        ({"user_id": -1}, "user_id"),
        ({"product_id": None, "lines": [{"product_id": 1}, {"product_id": "SECRET"}]}, "lines.1.product_id"),
        ({"product_id": None, "lines": [{"product_id": 1, "SECRET_name": 1}]}, "lines.0.SECRET_name"),
        ({"discount": "SECRET"}, "discount"),
    ],
)
async def test_a_wrong_field_is_named_and_its_value_is_not_repeated(
    http: httpx2.AsyncClient, request_body: Body, change: Body, field: str
) -> None:
    response = await http.post("/api/quotation/async", json=request_body | change)

    problem = response.json()
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["errors"][0]["pointer"] == "#/" + field.replace(".", "/")
    assert "SECRET" not in response.text.replace("SECRET_name", "")
    assert "Value error" not in response.text


async def test_all_wrong_fields_are_named_at_once(http: httpx2.AsyncClient) -> None:
    response = await http.post("/api/quotation/async", json={"email": "x", "product_qty": "many"})

    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {"partner_name", "lead_name", "email", "product_qty"}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"product_id": None}, "product_id", "product_id, product or lines is required"),
        (
            {"lines": [{"product_id": 1}]},
            "lines",
            "lines cannot be combined with product_id, product, product_qty or product_price",
        ),
    ],
)
async def test_products_are_given_in_one_way(
    http: httpx2.AsyncClient, request_body: Body, change: Body, field: str, words: str
) -> None:
    response = await http.post("/api/quotation/async", json=request_body | change)

    assert response.status_code == 422
    assert [(error["field"], error["message"]) for error in response.json()["errors"]] == [(field, words)]


async def test_a_request_with_many_wrong_fields_has_a_short_answer(http: httpx2.AsyncClient) -> None:
    response = await http.post("/api/quotation/async", json={f"{number}-{'x' * 200}": 1 for number in range(1000)})

    assert response.status_code == 422
    assert len(response.content) < 10_000
