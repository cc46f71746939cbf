import pytest

from odoo_client import Credentials, OdooError, OdooUnavailableError, XmlRpcOdoo
from sandbox.ports import free_port
from tests.support.forward_proxy import forward_proxy
from tests.support.scripted_odoo import ScriptedOdoo, answer

# names that this machine does not know: only the proxy can resolve them
PLAIN, SECURE = "http://odoo.internal.invalid:8069", "https://odoo.internal.invalid"


async def call(url: str, proxy: str) -> int:
    odoo = XmlRpcOdoo(Credentials(url, "acme", "robot", "s3cret"), timeout=5, proxy=proxy)
    try:
        return await odoo.call("crm.lead", "search_count", [], returns=int)
    finally:
        await odoo.close()


async def test_every_call_goes_through_the_proxy(server: ScriptedOdoo) -> None:
    server.always("execute_kw", answer(5))
    async with forward_proxy(server.port, "robot:pa55") as proxy:
        assert await call(PLAIN, f"http://robot:pa55@127.0.0.1:{proxy.port}") == 5

    assert server.connections == 1
    assert proxy.requests == ["POST odoo.internal.invalid:8069"]
    assert [one.method for one in server.calls] == ["authenticate", "execute_kw"]


async def test_a_secure_connection_is_a_tunnel(server: ScriptedOdoo) -> None:
    async with forward_proxy(server.port) as proxy:
        # the scripted Odoo does not speak TLS
        with pytest.raises(OdooUnavailableError):
            await call(SECURE, proxy.url)

    assert proxy.requests == ["CONNECT odoo.internal.invalid:443"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (SECURE, "Odoo's proxy refused to connect to Odoo."),
        (PLAIN, "A proxy in front of Odoo requires a login"),
    ],
)
async def test_a_refusal_of_the_proxy_is_an_outage_without_its_login(
    server: ScriptedOdoo, url: str, sentence: str
) -> None:
    async with forward_proxy(server.port, "robot:pa55") as proxy:
        with pytest.raises(OdooError, match=sentence) as raised:
            await call(url, f"http://robot:wrong-pa55@127.0.0.1:{proxy.port}")

    assert "pa55" not in str(raised.value)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("127.0.0.1", "Odoo's proxy refused the connection."),
        ("proxy.invalid", "The host name in Odoo's proxy's address is unknown."),
    ],
)
async def test_a_proxy_that_is_away_is_named(host: str, sentence: str) -> None:
    with pytest.raises(OdooUnavailableError) as raised:
        await call(PLAIN, f"http://{host}:{free_port()}")
    assert str(raised.value) == sentence
