"""An Odoo that only a proxy can reach."""

import os
from urllib.parse import urlsplit

import pytest

from activities.settings import OdooSettings
from sandbox.real_odoo import OdooAccess
from tests.support.forward_proxy import forward_proxy
from worker import create_odoo


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "setting"])
async def test_the_worker_reaches_odoo_through_the_proxy(
    odoo: OdooAccess, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    port = urlsplit(odoo.url).port
    assert port
    access = {"db": odoo.db, "username": odoo.username, "password": odoo.password}
    async with forward_proxy(port) as proxy:
        if variable == "setting":
            access["proxy"] = proxy.url
        else:
            monkeypatch.setenv(variable, proxy.url)
        settings = OdooSettings.model_validate({"url": "http://odoo.internal.invalid:8069", **access})
        client = create_odoo(settings)
        assert await client.login()
        await client.close()

    assert proxy.requests == ["POST odoo.internal.invalid:8069"]
