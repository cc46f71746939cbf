import pytest

from gateway.access.api_keys import KeyRing, caller_by_setting
from gateway.api_keys import parse_api_keys
from gateway.service.callers import LOCAL, Caller
from gateway.settings import GatewaySettings
from runtime.settings import SettingsError

KEYS = "ana:k-ana:dev,ana:k-new:dev+prod,boss:k-boss:dev:all,op:k-op:dev:operate,both:k-both"


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing(parse_api_keys(KEYS), ["dev", "prod"])


@pytest.mark.parametrize(
    ("key", "caller"),
    [
        ("k-ana", Caller("ana", frozenset({"dev"}))),
        ("k-new", Caller("ana", frozenset({"dev", "prod"}))),
        ("k-boss", Caller("boss", frozenset({"dev"}), reads_all=True)),
        ("k-op", Caller("op", frozenset({"dev"}), reads_all=True, operates=True)),
        ("k-both", Caller("both", frozenset({"dev", "prod"}))),
    ],
)
def test_a_key_is_its_caller_s(ring: KeyRing, key: str, caller: Caller) -> None:
    assert ring.caller_with(key) == caller


@pytest.mark.parametrize(
    "key", ["", "k-an", "k-anaa", "K-ANA", "ana", "k-ana:dev", "ana:k-ana", "k-ana\xff", "\ud800"]
)
def test_anything_else_is_nobody_s(ring: KeyRing, key: str) -> None:
    assert ring.caller_with(key) is None


def settings(**given: str) -> GatewaySettings:
    return GatewaySettings.model_validate({"tracking_secret": "x", **given})


def test_stdio_acts_as_its_key() -> None:
    caller = caller_by_setting(settings(gateway_api_keys="ana:k-ana:dev", gateway_api_key="k-ana"))
    assert (caller.name, caller.is_local) == ("ana", False)


@pytest.mark.parametrize(("given", "words"), [({}, "must be set"), ({"gateway_api_key": "k-bo"}, "is wrong")])
def test_stdio_needs_one_of_the_keys(given: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=f"GATEWAY_API_KEY {words}") as raised:
        caller_by_setting(settings(gateway_api_keys="ana:k-ana:dev", **given))
    assert "k-" not in str(raised.value)


def test_stdio_without_keys_is_the_local_caller(caplog: pytest.LogCaptureFixture) -> None:
    assert caller_by_setting(settings()) is LOCAL
    assert caplog.messages == []


def test_a_key_that_cannot_be_checked_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert caller_by_setting(settings(gateway_api_key="k-ana")) is LOCAL
    (message,) = caplog.messages
    assert "GATEWAY_API_KEY has no effect" in message
    assert "k-ana" not in message
