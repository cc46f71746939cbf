"""A signed link to the page of a quotation opens that page until its day is over, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from gateway.access.page_links import PageLinks, Standing, is_for_people, last_day

ID, OTHER_ID = "quot_abc123def456", "quot_abc123def457"
NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)


def links(secret: str = "secret", now: datetime = NOW) -> PageLinks:
    return PageLinks(secret, frozenset({"dev"}), lambda: now)


def query(made: PageLinks, tracking_id: str = ID) -> str:
    return urlsplit(made.path(tracking_id)).query


def test_a_link_opens_its_quotation() -> None:
    assert urlsplit(links().path(ID)).path == f"/quotation/{ID}"
    assert links().standing(ID, query(links())) is Standing.VALID


def test_a_link_stays_the_same_all_day_and_lasts_a_week() -> None:
    morning, evening = (links(now=NOW.replace(hour=hour)) for hour in (0, 23))

    assert morning.path(ID) == evening.path(ID) != links(now=NOW + timedelta(days=1)).path(ID)
    assert last_day(query(evening)) == date(2026, 12, 3)
    assert links(now=NOW + timedelta(days=7)).standing(ID, query(evening)) is Standing.VALID
    assert links(now=NOW + timedelta(days=8)).standing(ID, query(morning)) is Standing.EXPIRED


@pytest.mark.parametrize(
    "tampered",
    [
        "",
        "until=2026-12-03",
        "signature=x",
        "until=&signature=",
        query(links()).replace("2026-12-03", "2027-12-03"),
        query(links()).replace("until=2026-12-03&", ""),
        query(links())[:-1],
        query(links()) + "A",
        query(links()) + "&until=2027-12-03",
        query(links(), OTHER_ID),
        query(links("other secret")),
        "until=2026-12-03&signature=%C3%B1%00%FF",
    ],
)
def test_a_link_that_we_did_not_make_opens_nothing(tampered: str) -> None:
    assert links().standing(ID, tampered) is Standing.FORGED


def test_the_day_of_an_expired_link_cannot_be_moved() -> None:
    expired = query(links(now=NOW - timedelta(days=30)))

    assert links().standing(ID, expired) is Standing.EXPIRED
    assert links().standing(ID, expired.replace("2026-11-03", "2026-12-03")) is Standing.FORGED


def test_the_reader_of_a_link_may_change_nothing() -> None:
    reader = links().reader(ID)

    assert reader.may_read("ana", "dev")
    assert not reader.may_read("ana", "prod")
    assert not reader.may_change("ana", "dev")
    assert not reader.is_local


@pytest.mark.parametrize(
    ("method", "path", "accept", "is_open"),
    [
        ("GET", f"/quotation/{ID}", "*/*", True),
        ("GET", "/static/style.css", "*/*", True),
        ("GET", "/", "text/html,*/*;q=0.8", True),
        ("GET", "/", "application/json", False),
        ("POST", f"/quotation/{ID}", "text/html", False),
        ("GET", "/quotations", "text/html", False),
        ("GET", "/api/quotations", "text/html", False),
        ("GET", "/static-offline-docs/x.js", "text/html", False),
    ],
)
def test_what_people_read_without_a_key(method: str, path: str, accept: str, *, is_open: bool) -> None:
    scope = {"type": "http", "method": method, "path": path, "headers": [(b"accept", accept.encode())]}

    assert is_for_people(scope) is is_open
