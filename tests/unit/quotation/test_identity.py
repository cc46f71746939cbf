import hashlib
import re
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st
from pydantic import ValidationError

from quotation.identity import (
    PartnerNames,
    RecordNames,
    conversation_fingerprint,
    fingerprint,
    is_tracking_id,
    new_tracking_id,
)
from quotation.request import QuotationRequest
from tests.support.requests import ABSENT, request
from tests.unit.quotation.strategies import changes, requests

TRACKING_IDS = st.from_regex(r"quot_[0-9a-f]{12}", fullmatch=True)
FINGERPRINTS = st.binary(min_size=8, max_size=8).map(lambda seed: hashlib.sha256(seed).hexdigest())
LOCAL_PARTS = st.text("abcdefghijklmnopqrstuvwxyz0123456789._+-", min_size=8, max_size=30)

# tracking ids


def test_a_tracking_id_has_the_documented_form() -> None:
    assert re.fullmatch(r"quot_[0-9a-f]{12}", new_tracking_id())
    assert is_tracking_id(new_tracking_id())


def test_tracking_ids_do_not_repeat() -> None:
    assert len({new_tracking_id() for _ in range(2000)}) == 2000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quot_",
        "quot_abc123def45",
        "quot_abc123def4567",
        "quot_ABC123DEF456",
        "quot_abc123def45g",
        "QUOT_abc123def456",
        "quot-abc123def456",
        "xquot_abc123def456",
        " quot_abc123def456",
        "quot_abc123def456\n",
        "quot_abc123def456-log",
        "quot_١٢٣٤٥٦٧٨٩٠١٢",
        "quot_../../../../",
    ],
)
def test_nothing_else_is_a_tracking_id(text: str) -> None:
    assert not is_tracking_id(text)


def test_the_documented_tracking_id_is_one() -> None:
    assert is_tracking_id("quot_abc123def456")


# fingerprints


@given(requests, st.randoms())
def test_a_conversation_knows_a_request_by_customer_and_products(
    original: QuotationRequest, random: Random
) -> None:
    lines = [line.model_dump(mode="json") for line in original.order_lines]
    random.shuffle(lines)
    reworded = QuotationRequest.model_validate(
        {
            "partner_name": "x",
            "lead_name": "y",
            "phone": "1",
            "notes": "z",
            "email": original.email.upper(),
            "lines": [line | {"product": f" {line['product'].upper()}  "} for line in lines],
        }
    )
    if all(line["product"].upper().casefold() == line["product"].casefold() for line in lines):
        assert conversation_fingerprint(reworded) == conversation_fingerprint(original)


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "b@corp.test"},
        {"product_id": 1},
        {"product_qty": 2},
        {"product_price": 1},
        {"product_id": ABSENT, "product": "MT1"},
        {"product_id": ABSENT, "lines": [{"product_id": 26174}, {"product_id": 26174}]},
    ],
)
def test_another_customer_or_other_products_are_new_in_a_conversation(fields: dict[str, Any]) -> None:
    assert conversation_fingerprint(request(**fields)) != conversation_fingerprint(request())


def test_a_product_by_name_and_a_currency_make_another_quotation() -> None:
    named = request(product_id=ABSENT, product="MT1")
    every = [request(), named, request(product_id=ABSENT, product="MT2"), request(currency="MXN")]
    assert len({fingerprint(one) for one in every}) == len(every)
    listed = request(product_id=ABSENT, lines=[{"product": "MT1"}])
    assert fingerprint(listed) == fingerprint(named)


def test_a_fingerprint_is_the_same_in_every_version() -> None:
    # Temporal and Odoo hold what was made of it
    assert (
        fingerprint(request(email="acme@corp.com"))
        == "324df1dee35af37cc3cb38a0c134818a963470ae0ef07385f7c77ec822f48e79"
    )


@given(requests)
def test_a_fingerprint_survives_json(original: QuotationRequest) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", fingerprint(original))
    assert fingerprint(QuotationRequest.model_validate_json(original.model_dump_json())) == fingerprint(original)


@given(requests, st.integers(0, 2**30))
def test_the_case_of_the_address_makes_no_other_quotation(original: QuotationRequest, seed: int) -> None:
    address = "".join(
        letter.upper() if seed >> number & 1 else letter.lower() for number, letter in enumerate(original.email)
    )
    assert fingerprint(original.model_copy(update={"email": address})) == fingerprint(original)


@given(requests)
def test_one_product_is_the_same_as_one_line(original: QuotationRequest) -> None:
    (*_, line) = original.order_lines
    single = original.model_copy(
        update={
            "lines": None,
            "product_id": line.product_id,
            "product": line.product,
            "product_qty": line.product_qty,
            "product_price": line.product_price,
        }
    )
    listed = original.model_dump(
        mode="json", exclude={"product_id", "product", "product_qty", "product_price"}
    ) | {"lines": [line.model_dump(mode="json")]}
    assert fingerprint(single) == fingerprint(QuotationRequest.model_validate(listed))


@pytest.mark.parametrize(
    "fields",
    [
        {"product_qty": 1},
        {"product_qty": "1.00", "product_price": "-1.0", "user_id": "0"},
        {"product_price": -1.0, "user_id": None, "notes": None, "lines": None},
        {"partner_name": "  Acme Corp\n", "phone": "+52 55 1234 5678 "},
        {"email": " ACME@corp.TEST"},
        {"product_id": "26174.0"},
        {"product_id": ABSENT, "lines": [{"product_id": 26174}]},
        {"product_id": ABSENT, "lines": [{"product_id": "26174", "product_qty": 1.0}], "product_qty": 1},
    ],
)
def test_another_way_to_write_a_request_makes_no_other_quotation(fields: dict[str, Any]) -> None:
    assert fingerprint(request(**fields)) == fingerprint(request())


@pytest.mark.parametrize(
    "fields",
    [
        {"partner_name": "acme corp"},
        {"contact_name": None},
        {"email": "acme@corp.test.mx"},
        {"phone": ""},
        {"lead_name": "Cotización Robot PUDU 2"},
        {"product_id": 26175},
        {"product_qty": 1.01},
        {"product_price": 0},
        {"product_price": 0.001},
        {"user_id": 7},
        {"notes": "."},
        {"product_id": ABSENT, "lines": [{"product_id": 26174}, {"product_id": 26174}]},
        {"product_id": ABSENT, "lines": [{"product_id": 26174, "product_qty": 2}]},
    ],
)
def test_another_request_is_another_quotation(fields: dict[str, Any]) -> None:
    assert fingerprint(request(**fields)) != fingerprint(request())


@given(requests, st.sampled_from(sorted(changes)))
def test_every_text_counts(original: QuotationRequest, field: str) -> None:
    changed = original.model_copy(update={field: changes[field](getattr(original, field))})
    assert fingerprint(changed) != fingerprint(original)


def test_a_text_cannot_pass_for_its_neighbour() -> None:
    one = request(partner_name="Acme", contact_name="Corp")
    assert fingerprint(one) != fingerprint(request(partner_name="AcmeCorp", contact_name=""))
    two_lines, ordered_otherwise = (
        request(product_id=ABSENT, lines=[{"product_id": first}, {"product_id": second}])
        for first, second in ((1, 2), (2, 1))
    )
    assert fingerprint(two_lines) != fingerprint(ordered_otherwise)


# external ids


def _all(names: RecordNames) -> list[str]:
    return [names.lead, names.order, *(names.line(number) for number in range(1, 51))]


def _assert_is_external_id(external_id: str) -> None:
    module, name = external_id.split(".", 1)
    assert module == "durable_quotations"
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)?", name)
    assert len(external_id) <= 128


@given(TRACKING_IDS, FINGERPRINTS)
def test_external_ids_of_records_are_as_odoo_needs_them(tracking_id: str, digest: str) -> None:
    external_ids = _all(RecordNames(tracking_id, digest))
    assert len(set(external_ids)) == len(external_ids)
    for external_id in external_ids:
        _assert_is_external_id(external_id)


@given(TRACKING_IDS, TRACKING_IDS, FINGERPRINTS, FINGERPRINTS)
def test_no_two_quotations_share_an_external_id(id_1: str, id_2: str, digest_1: str, digest_2: str) -> None:
    assume(id_1 != id_2)
    assume(digest_1 != digest_2)
    names = [
        RecordNames(*pair) for pair in ((id_1, digest_1), (id_1, digest_2), (id_2, digest_1), (id_2, digest_2))
    ]
    external_ids = [external_id for one in names for external_id in _all(one)]
    assert len(set(external_ids)) == len(external_ids)


def test_external_ids_of_records_are_the_same_in_every_version() -> None:
    # Odoo holds them: with others a retry would make everything a second time
    names = RecordNames("quot_abc123def456", "0123456789abcdef" * 4)
    assert names.lead == "durable_quotations.quot_abc123def456_0123456789abcdef.lead"
    assert names.order == "durable_quotations.quot_abc123def456_0123456789abcdef.order"
    assert names.line(1) == "durable_quotations.quot_abc123def456_0123456789abcdef.line_1"


@given(LOCAL_PARTS, st.integers(1, 20))
def test_external_ids_of_partners_are_as_odoo_needs_them(local_part: str, generation: int) -> None:
    names = PartnerNames(f"{local_part}@corp.com", generation)
    for external_id in (names.partner, names.contact):
        _assert_is_external_id(external_id)
        assert local_part not in external_id.removeprefix("durable_quotations.")
        assert "corp" not in external_id


@given(LOCAL_PARTS, LOCAL_PARTS, st.integers(1, 20), st.integers(1, 20))
def test_no_two_addresses_or_generations_share_a_partner(
    local_1: str, local_2: str, generation_1: int, generation_2: int
) -> None:
    assume((local_1, generation_1) != (local_2, generation_2))
    one, other = (
        PartnerNames(f"{local_1}@corp.com", generation_1),
        PartnerNames(f"{local_2}@corp.com", generation_2),
    )
    assert len({one.partner, one.contact, other.partner, other.contact}) == 4


@given(requests)
def test_the_case_of_an_address_names_no_other_partner(original: QuotationRequest) -> None:
    variants = [original.email.upper(), original.email.lower(), original.email.swapcase()]
    names = {
        PartnerNames(original.model_copy(update={"email": variant}).normalized_email).partner
        for variant in variants
    }
    assert names == {PartnerNames(original.normalized_email).partner}


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=12))
def test_an_address_that_was_found_once_names_the_same_partner_again(local_part: str) -> None:
    # as Odoo gives it back, in lower case
    try:
        asked = request(email=f"{local_part}@corp.com")
        again = request(email=asked.normalized_email)
    except ValidationError:
        reject()
    assert again.normalized_email == asked.normalized_email
    assert PartnerNames(again.normalized_email) == PartnerNames(asked.normalized_email)


def test_external_ids_of_partners_are_the_same_in_every_version() -> None:
    digest = hashlib.sha256(b"acme@corp.com").hexdigest()[:32]
    assert PartnerNames("acme@corp.com").partner == f"durable_quotations.partner_{digest}"
    assert PartnerNames("acme@corp.com", 1).contact == f"durable_quotations.partner_{digest}.contact"
    assert PartnerNames("acme@corp.com", 2).partner == f"durable_quotations.partner_{digest}_2"
