"""Sessions of the board: how long they last, and what ends them earlier."""

from gateway.access.api_keys import KeyRing
from gateway.access.board_sessions import SESSION_SECONDS, BoardSessions
from gateway.api_keys import parse_api_keys

KEYS = "olga:k-olga:dev:operate,jefa:k-jefa:dev:all"
START = 1_000_000.0


def sessions(keys: str = KEYS, secret: bytes = b"secret", now: float = START) -> BoardSessions:
    return BoardSessions(secret, KeyRing(parse_api_keys(keys), ["dev"]), lambda: now)


def opened() -> str:
    cookie = sessions().open("k-olga")
    assert cookie is not None
    return cookie


def test_a_session_is_its_key_s_until_it_is_over() -> None:
    cookie = opened()
    caller = sessions(now=START + SESSION_SECONDS - 1).caller_of(cookie)

    assert caller is not None
    assert (caller.name, caller.operates) == ("olga", True)
    assert sessions(now=START + SESSION_SECONDS).caller_of(cookie) is None
    assert opened() != cookie


def test_no_other_key_opens_one() -> None:
    assert [sessions().open(key) for key in ("", "k-olg", "olga", "k-olga ")] == [None] * 4


def test_a_removed_or_replaced_key_ends_its_sessions() -> None:
    cookie = opened()

    assert sessions("jefa:k-jefa:dev:all").caller_of(cookie) is None
    assert sessions("olga:k-new:dev:operate").caller_of(cookie) is None


def test_the_rights_are_those_that_the_key_has_now() -> None:
    caller = sessions("olga:k-olga:dev:all").caller_of(opened())

    assert caller is not None
    assert (caller.reads_all, caller.operates) == (True, False)


def test_another_secret_or_any_change_makes_it_worthless() -> None:
    cookie = opened()
    mark, until, nonce, signature = cookie.split(".")
    forged = [
        f"{mark}.{int(until) + 1}.{nonce}.{signature}",
        f"{mark}.{until}.x{nonce}.{signature}",
        f"{sessions().open('k-jefa').partition('.')[0]}.{until}.{nonce}.{signature}",  # type: ignore[union-attr]
        cookie[:-1],
        f"{cookie}é",
        "",
    ]

    assert sessions(secret=b"another").caller_of(cookie) is None
    assert [sessions().caller_of(one) for one in forged] == [None] * 6
