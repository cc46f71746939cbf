import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest

from gateway.access.jwks import SigningKeys, metadata_urls
from gateway.access.oauth import InvalidTokenError, TokenVerifier
from gateway.errors import IssuerUnavailableError
from gateway.service.callers import Caller
from tests.support.issuer import JWKS_PATH, OAUTH_PATH, OPENID_PATH, Issuer, new_key, public_jwk, serve_issuer

ENVIRONMENTS = ["dev", "prod"]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server() -> Iterator[Issuer]:
    with serve_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(server: Issuer) -> Issuer:
    server.documents = {OAUTH_PATH: {"issuer": server.url, "jwks_uri": server.url + JWKS_PATH}}
    server.publish("first")
    server.asked.clear()
    return server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(issuer: Issuer, clock: Clock) -> SigningKeys:
    return SigningKeys(issuer.url, now=clock)


@pytest.fixture
def tokens(issuer: Issuer, keys: SigningKeys) -> TokenVerifier:
    return TokenVerifier(issuer.url, [issuer.audience], keys, ENVIRONMENTS)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"x") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    ("scope", "environments"),
    [
        ("quotations:dev", {"dev"}),
        ("openid quotations:prod quotations:dev", {"dev", "prod"}),
        (["quotations:prod"], {"prod"}),
        ("quotations:staging", set()),
        ("quotations: dev prod quotations:dev:all xquotations:dev", set()),
        ("", set()),
        (None, set()),
    ],
)
async def test_each_scope_opens_its_environment(
    issuer: Issuer, tokens: TokenVerifier, scope: Any, environments: set[str]
) -> None:
    assert await tokens.caller_with(issuer.token(scope)) == Caller("oauth:ana", frozenset(environments))


async def test_some_issuers_write_scp(issuer: Issuer, tokens: TokenVerifier) -> None:
    caller = await tokens.caller_with(issuer.token(None, scp=["quotations:dev"]))
    assert caller.environments == {"dev"}


@pytest.mark.parametrize(
    ("claims", "environments"),
    [
        ({"scope": None, "roles": ["quotations:dev"]}, {"dev"}),
        ({"scope": "openid", "permissions": ["quotations:prod", 1]}, {"prod"}),
        ({"scope": "https://quotations.test/mcp/quotations:dev openid"}, {"dev"}),
        ({"scope": "https://other.test/quotations:dev /quotations:dev"}, set()),
        ({"scope": "openid", "roles": {"quotations:dev": 1}, "permissions": None}, set()),
    ],
)
async def test_issuers_name_scopes_in_ways_of_their_own(
    issuer: Issuer, tokens: TokenVerifier, claims: dict[str, Any], environments: set[str]
) -> None:
    assert (await tokens.caller_with(issuer.token(**claims))).environments == environments


async def test_a_token_of_no_person_is_its_client_s(issuer: Issuer, tokens: TokenVerifier) -> None:
    assert (await tokens.caller_with(issuer.token(sub=None))).name == "oauth-client:desk"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://attacker.example"},
        {"iss": None},
        {"aud": "https://other.test/mcp"},
        {"aud": ["https://other.test/mcp"]},
        {"aud": None},
        {"aud": {"x": 1}},
        {"exp": None},
        {"exp": int(time.time()) - 60},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 86400},
        {"sub": None, "client_id": None},
        {"sub": "", "client_id": ""},
        {"sub": "a\nb"},
        {"sub": "x" * 256},
        {"scope": {"quotations:dev": 1}},
    ],
)
async def test_a_token_whose_claims_are_wrong_is_refused(
    issuer: Issuer, tokens: TokenVerifier, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(issuer.token(**changes))


async def test_an_audience_among_others_is_ours(issuer: Issuer, tokens: TokenVerifier) -> None:
    assert await tokens.caller_with(issuer.token(aud=["https://other.test", issuer.audience]))


GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    "audiences", [["https://q.test/mcp"], ["https://q.test/mcp/"], [GUID, "https://q.test/mcp", f"api://{GUID}"]]
)
@pytest.mark.parametrize("aud", ["https://q.test/mcp", "https://q.test/mcp/", ["x", "https://q.test/mcp/"]])
async def test_a_slash_makes_no_other_audience(
    issuer: Issuer, keys: SigningKeys, audiences: list[str], aud: Any
) -> None:
    tokens = TokenVerifier(issuer.url, audiences, keys, ENVIRONMENTS)
    assert await tokens.caller_with(issuer.token(aud=aud))


@pytest.mark.parametrize("audience", [GUID, f"api://{GUID}", "api://quotations", "1example23456789"])
async def test_an_audience_need_not_be_a_url(issuer: Issuer, keys: SigningKeys, audience: str) -> None:
    tokens = TokenVerifier(issuer.url, ["https://q.test/mcp", audience], keys, ENVIRONMENTS)
    assert await tokens.caller_with(issuer.token(aud=audience))
    for other in (f"{audience}x", audience[:-1], ""):
        with pytest.raises(InvalidTokenError):
            await tokens.caller_with(issuer.token(aud=other))


async def test_a_token_without_an_audience_is_for_the_client_that_it_names(
    issuer: Issuer, keys: SigningKeys
) -> None:
    tokens = TokenVerifier(issuer.url, ["https://q.test/mcp", "desk"], keys, ENVIRONMENTS)
    assert await tokens.caller_with(issuer.token(aud=None, client_id="desk"))
    others: list[dict[str, Any]] = [
        {"aud": None, "client_id": "other"},
        {"aud": "https://other.test"},
        {"aud": []},
        {"aud": ""},
    ]
    for claims in others:
        with pytest.raises(InvalidTokenError):
            await tokens.caller_with(issuer.token(**claims))


@pytest.mark.parametrize("of_setting", ["", "/"])
@pytest.mark.parametrize("of_token", ["", "/"])
@pytest.mark.parametrize("of_metadata", ["", "/"])
async def test_a_slash_makes_no_other_issuer(
    issuer: Issuer, of_setting: str, of_token: str, of_metadata: str
) -> None:
    issuer.documents[OAUTH_PATH]["issuer"] = issuer.url + of_metadata
    keys = SigningKeys(issuer.url + of_setting)
    tokens = TokenVerifier(issuer.url + of_setting, [issuer.audience], keys, ENVIRONMENTS)
    assert await tokens.caller_with(issuer.token(iss=issuer.url + of_token))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
@pytest.mark.parametrize("left_out", ["", "alg", "use"])
async def test_keys_of_several_kinds_are_taken(
    issuer: Issuer, tokens: TokenVerifier, algorithm: str, left_out: str
) -> None:
    issuer.publish("other", algorithm)
    issuer.documents[JWKS_PATH]["keys"][0].pop(left_out, None)
    assert await tokens.caller_with(issuer.token(key_id="other", algorithm=algorithm))


async def test_a_key_is_for_its_own_algorithm(issuer: Issuer, tokens: TokenVerifier) -> None:
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(issuer.token(algorithm="PS256"))


async def test_another_key_under_a_known_id_signs_nothing(issuer: Issuer, tokens: TokenVerifier) -> None:
    issuer.keys["first"] = new_key("RS256")
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(issuer.token())


async def test_the_public_key_is_no_shared_secret(issuer: Issuer, tokens: TokenVerifier) -> None:
    jwk = issuer.documents[JWKS_PATH]["keys"][0]
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    for secret in (jwk["n"].encode(), json.dumps(jwk).encode()):
        # the library would refuse to sign so
        signed = forged({"alg": "HS256", "kid": "first"}, claims).rpartition(".")[0]
        signature = hmac.digest(secret, signed.encode(), hashlib.sha256)
        with pytest.raises(InvalidTokenError):
            await tokens.caller_with(forged({"alg": "HS256", "kid": "first"}, claims, signature))
    assert issuer.asked == []


async def test_a_shared_secret_among_the_keys_is_none(issuer: Issuer, tokens: TokenVerifier) -> None:
    secret = base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")
    issuer.documents[JWKS_PATH] = {"keys": [{"kty": "oct", "kid": "first", "k": secret}]}
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(jwt.encode(claims, b"x" * 32, "HS256", {"kid": "first"}))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": "first"},
        {"alg": "RS256"},
        {"alg": "RS256", "kid": 1},
        {"alg": ["RS256"], "kid": "first"},
        {"kid": "first"},
        {"alg": "RS256", "kid": "first", "crit": ["x"], "x": 1},
        {"alg": "RS256", "kid": "first", "b64": False, "crit": ["b64"]},
    ],
)
async def test_a_forged_header_is_refused(issuer: Issuer, tokens: TokenVerifier, header: dict[str, Any]) -> None:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    for signature in (b"", b"x" * 256):
        with pytest.raises(InvalidTokenError):
            await tokens.caller_with(forged(header, claims, signature))


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "...", "ñ.ñ.ñ", "k-ana", base64.urlsafe_b64encode(b"[" * 50_000).decode() + ".e30.e30"],
)
async def test_what_is_no_token_is_refused(issuer: Issuer, tokens: TokenVerifier, token: str) -> None:
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(token)
    assert issuer.asked == []


# the issuer's keys


async def test_keys_are_read_once_for_many_tokens(issuer: Issuer, tokens: TokenVerifier, clock: Clock) -> None:
    for _ in range(5):
        await tokens.caller_with(issuer.token())
        clock.now += 50
    assert issuer.asked == [OAUTH_PATH, JWKS_PATH]
    clock.now += 51
    await tokens.caller_with(issuer.token())
    await until(lambda: issuer.asked == [OAUTH_PATH, JWKS_PATH, JWKS_PATH])


async def test_an_exchanged_key_is_found_and_the_old_one_forgotten(
    issuer: Issuer, tokens: TokenVerifier, clock: Clock
) -> None:
    old = issuer.token()
    await tokens.caller_with(old)
    issuer.publish("second")
    clock.now += 5
    assert await tokens.caller_with(issuer.token(key_id="second"))
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(old)


async def test_made_up_ids_do_not_make_the_gateway_ask_all_the_time(
    issuer: Issuer, keys: SigningKeys, clock: Clock
) -> None:
    for number in range(50):
        assert await keys.find(f"made up {number}") is None
        clock.now += 0.1
    assert issuer.asked.count(JWKS_PATH) == 1


async def test_the_last_keys_stay_good_while_the_issuer_is_away(
    issuer: Issuer, tokens: TokenVerifier, clock: Clock
) -> None:
    await tokens.caller_with(issuer.token())
    issuer.documents.clear()
    clock.now += 1000
    assert await tokens.caller_with(issuer.token())


async def test_nobody_with_a_known_key_waits_for_a_silent_issuer(
    issuer: Issuer, tokens: TokenVerifier, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await tokens.caller_with(issuer.token())
    clock.now += 301
    asked = len(issuer.asked)
    issuer.silence.set()
    try:
        for _ in range(3):
            assert await tokens.caller_with(issuer.token())
        await until(lambda: len(issuer.asked) == asked + 1)
        for _ in range(3):
            assert await tokens.caller_with(issuer.token())
        # the issuer has not been given up yet
        assert caplog.messages == []
    finally:
        issuer.silence.clear()
    assert len(issuer.asked) == asked + 1


async def test_all_who_wait_for_a_new_key_ask_once(issuer: Issuer, tokens: TokenVerifier) -> None:
    answers = await asyncio.gather(*[tokens.caller_with(issuer.token()) for _ in range(20)])
    assert {caller.name for caller in answers} == {"oauth:ana"}
    assert issuer.asked == [OAUTH_PATH, JWKS_PATH]


async def test_a_caller_that_goes_away_takes_the_keys_from_nobody(issuer: Issuer, tokens: TokenVerifier) -> None:
    issuer.silence.set()
    first, second = (asyncio.create_task(tokens.caller_with(issuer.token())) for _ in range(2))
    await until(lambda: bool(issuer.asked))
    first.cancel()
    issuer.silence.clear()
    assert await second


@pytest.mark.parametrize("answer", [{"keys": []}, {"keys": [{"kid": "enc", "use": "enc"}]}, {}, b"", b"null"])
async def test_an_answer_without_keys_does_not_replace_good_ones(
    issuer: Issuer, tokens: TokenVerifier, clock: Clock, answer: Any
) -> None:
    await tokens.caller_with(issuer.token())
    issuer.documents[JWKS_PATH] = answer
    clock.now += 301
    assert await tokens.caller_with(issuer.token())
    await until(lambda: len(issuer.asked) == 3)
    clock.now += 301
    assert await tokens.caller_with(issuer.token())


async def test_keys_that_were_not_seen_for_a_day_open_nothing(
    issuer: Issuer, tokens: TokenVerifier, clock: Clock
) -> None:
    await tokens.caller_with(issuer.token())
    issuer.documents.clear()
    clock.now += 24 * 60 * 60 - 1
    assert await tokens.caller_with(issuer.token())
    clock.now += 10
    with pytest.raises(IssuerUnavailableError):
        await tokens.caller_with(issuer.token())


async def test_an_issuer_that_never_answered_is_unavailable_and_asked_again(
    issuer: Issuer, tokens: TokenVerifier, clock: Clock
) -> None:
    documents, issuer.documents = issuer.documents, {}
    for _ in range(10):
        with pytest.raises(IssuerUnavailableError):
            await tokens.caller_with(issuer.token())
    assert issuer.asked == [OAUTH_PATH, OPENID_PATH]
    issuer.documents = documents
    clock.now += 5
    assert await tokens.caller_with(issuer.token())


async def test_an_address_where_nobody_listens_is_unavailable() -> None:
    with pytest.raises(IssuerUnavailableError):
        await SigningKeys("http://127.0.0.1:9").find("first")


@pytest.mark.parametrize(
    "answer", [b"", b"no json", b"null", b"[]", b"{}", b'{"keys": 1}', b'{"keys": {"kid": "first"}}', b"\xff"]
)
async def test_an_answer_that_is_no_key_set_is_none(issuer: Issuer, keys: SigningKeys, answer: bytes) -> None:
    issuer.documents[JWKS_PATH] = answer
    with contextlib.suppress(IssuerUnavailableError):
        assert await keys.find("first") is None


async def test_broken_keys_beside_a_good_one_do_no_harm(issuer: Issuer, tokens: TokenVerifier) -> None:
    good = issuer.documents[JWKS_PATH]["keys"]
    broken = [None, 1, {}, {"kid": 1}, {"kid": "x"}, {"kid": "enc", "use": "enc"}, {"kid": "y", "kty": "RSA"}]
    issuer.documents[JWKS_PATH] = {"keys": broken + good}
    assert await tokens.caller_with(issuer.token())
    issuer.keys["y"] = new_key("RS256")
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(issuer.token(key_id="y"))


@pytest.mark.parametrize(
    "change", [{"kid": ["first"]}, {"alg": ["RS256"]}, {"alg": "none"}, {"alg": 5}, {"n": [1]}]
)
async def test_a_key_with_a_member_of_a_wrong_type_signs_nothing(
    issuer: Issuer, tokens: TokenVerifier, change: Any
) -> None:
    issuer.documents[JWKS_PATH]["keys"][0].update(change)
    with pytest.raises(InvalidTokenError):
        await tokens.caller_with(issuer.token())


async def test_a_key_for_encryption_signs_nothing(issuer: Issuer, keys: SigningKeys) -> None:
    issuer.documents[JWKS_PATH] = {"keys": [public_jwk(issuer.keys["first"], kid="first", use="enc")]}
    assert await keys.find("first") is None


async def test_openid_metadata_is_as_good(issuer: Issuer, tokens: TokenVerifier) -> None:
    issuer.documents[OPENID_PATH] = issuer.documents.pop(OAUTH_PATH)
    assert await tokens.caller_with(issuer.token())


async def test_metadata_of_another_issuer_is_none(issuer: Issuer, tokens: TokenVerifier) -> None:
    issuer.documents[OAUTH_PATH]["issuer"] = "https://attacker.example"
    with pytest.raises(IssuerUnavailableError):
        await tokens.caller_with(issuer.token())


async def test_keys_are_not_read_over_an_open_line(issuer: Issuer, tokens: TokenVerifier) -> None:
    # reaches the server, under a name that need not be the machine itself
    elsewhere = issuer.url.replace("127.0.0.1", "127.1")
    issuer.documents[OAUTH_PATH]["jwks_uri"] = elsewhere + JWKS_PATH
    with pytest.raises(IssuerUnavailableError):
        await tokens.caller_with(issuer.token())
    assert issuer.asked == [OAUTH_PATH]


async def test_a_set_address_of_keys_needs_no_metadata(issuer: Issuer) -> None:
    keys = SigningKeys(issuer.url, issuer.url + JWKS_PATH)
    assert await keys.find("first")
    assert issuer.asked == [JWKS_PATH]


def test_metadata_of_an_issuer_with_a_path_is_where_the_standards_say() -> None:
    assert metadata_urls("https://id.test/realms/sales/") == [
        "https://id.test/.well-known/oauth-authorization-server/realms/sales",
        "https://id.test/realms/sales/.well-known/openid-configuration",
    ]
