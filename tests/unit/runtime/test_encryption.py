import pytest
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from runtime.encryption import EncryptionCodec, PayloadKeyError, data_converter
from runtime.payload_keys import PayloadKey
from runtime.unexpected import origin

OLD, NEW = PayloadKey("old", bytes(range(32))), PayloadKey("new", bytes(range(32, 64)))


class Customer(BaseModel):
    name: str


ACME = Customer(name="Acme Corp")


async def test_what_is_encrypted_comes_back_and_cannot_be_read_on_the_way() -> None:
    converter = data_converter([NEW])

    [payload] = await converter.encode([ACME])

    assert b"Acme" not in payload.SerializeToString()
    assert payload.metadata == {"encoding": b"binary/encrypted", "encryption-key-id": b"new"}
    assert await converter.decode([payload], [Customer]) == [ACME]


async def test_equal_payloads_do_not_look_equal() -> None:
    one, other = await data_converter([NEW]).encode([ACME, ACME])

    assert one.data != other.data


async def test_a_key_that_was_exchanged_still_opens_what_it_closed() -> None:
    payloads = await data_converter([OLD]).encode([ACME])

    assert await data_converter([NEW, OLD]).decode(payloads, [Customer]) == [ACME]


async def test_what_was_written_before_there_were_keys_is_read() -> None:
    payloads = await data_converter([]).encode([ACME])

    assert await data_converter([NEW]).decode(payloads, [Customer]) == [ACME]


@pytest.mark.parametrize("keys", [[], [NEW], [PayloadKey("old", NEW.key)]])
async def test_a_payload_that_no_key_opens_is_told_by_its_key(keys: list[PayloadKey]) -> None:
    payloads = await data_converter([OLD]).encode([ACME])

    with pytest.raises(PayloadKeyError, match="'old'"):
        await data_converter(keys).decode(payloads, [Customer])


async def test_a_missing_key_is_named_where_an_error_is_logged_by_its_origin() -> None:
    [closed] = await EncryptionCodec([OLD]).encode([Payload(data=b"a secret")])
    with pytest.raises(PayloadKeyError) as raised:
        await EncryptionCodec([NEW]).decode([closed])

    assert origin(raised.value).startswith("PayloadKeyError for key 'old' at ")


async def test_without_keys_nothing_is_encrypted() -> None:
    [payload] = await data_converter([]).encode([ACME])

    assert payload.data == b'{"name":"Acme Corp"}'


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
async def test_a_damaged_payload_is_not_opened(cut: int) -> None:
    [payload] = await data_converter([NEW]).encode([ACME])
    damaged = Payload(metadata=payload.metadata, data=payload.data[:cut])

    with pytest.raises(PayloadKeyError):
        await EncryptionCodec([NEW]).decode([damaged])


async def test_the_text_of_a_failure_is_encrypted_too() -> None:
    converter = data_converter([NEW])
    failure = Failure()

    await converter.encode_failure(ApplicationError("Acme Corp is unknown", type="odoo_rejected"), failure)

    assert b"Acme" not in failure.SerializeToString()
    error = await converter.decode_failure(failure)
    assert isinstance(error, ApplicationError)
    assert (error.message, error.type) == ("Acme Corp is unknown", "odoo_rejected")
