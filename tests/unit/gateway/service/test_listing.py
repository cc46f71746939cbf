import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.service.lists.cursors import decode_cursor, encode_cursor
from gateway.service.lists.query import list_query
from gateway.service.lists.wanted import ListArguments, Wanted
from gateway.service.temporal.attributes import owner_value
from quotation.environment import Environment
from quotation.errors import ErrorCode
from quotation.forgiving.absent import nothing_is_none
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from quotation.status import State

DEV = Environment("dev", "development")


@given(token=st.binary(min_size=1, max_size=300))
def test_a_cursor_gives_temporals_token_back(token: bytes) -> None:
    assert decode_cursor(ListArguments(cursor=encode_cursor(token)).cursor or "") == token


@given(token=st.binary(min_size=1, max_size=100), data=st.data())
def test_a_damaged_cursor_is_refused(token: bytes, data: st.DataObject) -> None:
    cursor = encode_cursor(token)
    cut = data.draw(st.integers(1, len(cursor) - 1))

    with pytest.raises(ValidationError, match="must be the next_cursor of an earlier answer"):
        ListArguments(cursor=cursor[:cut])


@given(cursor=st.text(min_size=1).filter(lambda text: nothing_is_none(text) is not None))
def test_no_text_but_a_cursor_is_one(cursor: str) -> None:
    with pytest.raises(ValidationError):
        ListArguments(cursor=cursor)


@given(owner=st.text(st.characters(exclude_categories=()), min_size=1))
def test_whatever_an_owner_is_called_its_name_stays_inside_the_quotes(owner: str) -> None:
    query = list_query(owner, [DEV], Wanted(), SEARCH_ATTRIBUTES)

    before, _, after = query.partition("QuotationOwner = '")
    assert before == (
        "WorkflowType = 'Quotation' AND TaskQueue IN ('quotations-dev') AND (QuotationStatus IS NULL OR "
    )
    assert after == f"{owner_value(owner)}')"
    assert not set("'\"\\") & set(after[:-2])


@pytest.mark.parametrize("name", ["ana", "ana-2", "voz@acme.mx", "equipo_norte.3"])
def test_a_plain_name_is_its_attribute_as_it_is(name: str) -> None:
    assert owner_value(name) == name


@pytest.mark.parametrize("status", [None, *State])
def test_a_query_without_attributes_names_none(status: State | None) -> None:
    assert "Quotation" not in list_query("ana", [DEV], Wanted(status=status), ()).replace("'Quotation'", "")


@pytest.mark.parametrize(
    ("words", "is_named"),
    [
        ("", True),
        ("quot_0123", True),
        ("0123 S0004", True),
        ("s00042", True),
        ("odoo_auth ana", True),
        ("00042", False),
        ("ana bob", False),
        ("null", True),
    ],
)
def test_each_word_begins_a_name_of_the_quotation(words: str, *, is_named: bool) -> None:
    names = ("quot_0123456789ab", "S00042", "odoo_auth_failed", "ana")

    assert Wanted.model_validate({"words": words}).names(*names) is is_named


def test_a_time_without_a_zone_is_utc_in_the_query() -> None:
    wanted = Wanted.model_validate({"since": "2026-11-26T10:00", "until": "2026-11-26T13:00+02:00"})

    query = list_query(None, [DEV], wanted, SEARCH_ATTRIBUTES)

    assert "CloseTime >= '2026-11-26T10:00:00+00:00'" in query
    assert "CloseTime <= '2026-11-26T13:00:00+02:00'" in query


def test_only_failed_ones_have_an_error_code() -> None:
    wanted = Wanted(error_code=ErrorCode.ODOO_REJECTED)

    assert list_query(None, [DEV], wanted, ()) == list_query(None, [DEV], Wanted(status=State.FAILED), ())


@given(words=st.text(st.characters(exclude_categories=()), min_size=1))
def test_whatever_the_words_are_they_stay_inside_the_quotes(words: str) -> None:
    wanted = Wanted.model_construct(words=words, limit=20)

    query = list_query(None, [DEV], wanted, SEARCH_ATTRIBUTES)

    assert not set('"\\') & set(query)
    assert query.count("'") % 2 == 0
    assert query.count(" STARTS_WITH '") == query.count("STARTS_WITH")
