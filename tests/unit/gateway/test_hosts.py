import pytest

from gateway.access.hosts import PublicNames

LOOPBACK = ("127.0.0.1", "127.0.0.1:8000", "localhost", "LocalHost:1", "[::1]", "[::1]:8000", "127.9.9.9")
ELSEWHERE = (
    "",
    "attacker.example",
    "127.0.0.1.attacker.example",
    "localhost.attacker.example",
    "attacker.example:8000",
    "localhost:8000:9000",
    "localhost:",
    "localhost:x",
    "user@localhost",
    "localhost/",
    "localhost@attacker.example",
    "[::1",
    "::1",
    "[::1]x",
    "192.0.2.1",
    "quotations.test.attacker.example",
    "evil-quotations.test",
)


@pytest.mark.parametrize("bound", ["127.0.0.1", "localhost", "::1", "0.0.0.0", "::"])  # noqa: S104  # not bound here
def test_loopback_has_its_names_wherever_it_is_bound(bound: str) -> None:
    names = PublicNames(bound, ["quotations.test"])
    assert all(map(names.has_host, (*LOOPBACK, "quotations.test", "Quotations.TEST:443")))
    assert not any(map(names.has_host, ELSEWHERE))


def test_another_address_has_its_own_name_and_the_public_ones() -> None:
    names = PublicNames("192.0.2.7", ["quotations.test", "[2001:db8::1]"])
    assert all(map(names.has_host, ("192.0.2.7:8000", "quotations.test", "[2001:db8::1]:8000")))
    assert not any(map(names.has_host, (*LOOPBACK, *ELSEWHERE)))


def test_an_address_with_colons_is_named_in_brackets() -> None:
    assert PublicNames("2001:db8::2", []).has_host("[2001:db8::2]:8000")


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:6274", "https://quotations.test", "https://quotations.test:8443", "http://[::1]:1"],
)
def test_a_page_of_ours_is_an_origin_of_ours(origin: str) -> None:
    assert PublicNames("127.0.0.1", ["quotations.test"]).has_origin(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://",
        "ftp://localhost",
        "localhost",
        "https://attacker.example",
        "https://localhost@attacker.example",
        "https://quotations.test/",
        "https://quotations.test.attacker.example",
    ],
)
def test_another_origin_is_none_of_ours(origin: str) -> None:
    assert not PublicNames("127.0.0.1", ["quotations.test"]).has_origin(origin)
