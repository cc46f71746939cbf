import base64

import pytest

from runtime.payload_keys import PayloadKey, parse_payload_keys

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def entry(name: str, key: bytes) -> str:
    return f"{name}:{base64.b64encode(key).decode()}"


def test_keys_are_read_in_their_order() -> None:
    text = f" {entry('2026-11', NEW)}, {entry('old', OLD)} ,"

    assert parse_payload_keys(text) == (PayloadKey("2026-11", NEW), PayloadKey("old", OLD))


@pytest.mark.parametrize("size", [16, 24, 32])
def test_a_key_has_one_of_the_sizes_of_aes_in_either_alphabet_of_base64(size: int) -> None:
    key = bytes([251, 239, 255] * 11)[:size]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert parse_payload_keys(f"k1:{encode(key).decode()}") == (PayloadKey("k1", key),)


@pytest.mark.parametrize("text", ["", "  "])
def test_there_may_be_none(text: str) -> None:
    assert parse_payload_keys(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",", "must be a comma-separated list of id:base64key"),
        ("k1", "entry 1 must be id:base64key"),
        ("k1:", "entry 1 must be id:base64key"),
        ("k1:c2hvcnQ=", "24 or 32 bytes"),
        (entry("k1", OLD[:31]), "24 or 32 bytes"),
        (f"{entry('k1', OLD)}x", "24 or 32 bytes"),
        (f"{entry('k1', NEW)[:-3]}!!=", "24 or 32 bytes"),
        (base64.b64encode(OLD).decode(), "entry 1 must start with an id"),
        (entry("k 1", OLD), "entry 1 must start with an id"),
        (f"{entry('k1', OLD)},{entry('', NEW)}", "entry 2 must start with an id"),
        (f"{entry('k1', OLD)},{entry('k1', NEW)}", "same id twice"),
    ],
)
def test_what_is_no_list_of_keys_is_refused_without_quoting_it(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        parse_payload_keys(text)

    assert "AAEC" not in str(raised.value)


def test_a_key_is_not_shown() -> None:
    assert repr(PayloadKey("k1", OLD)) == "PayloadKey(id='k1')"
