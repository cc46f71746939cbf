from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from odoo_client import XmlRpcOdoo
from tests.support.scripted_odoo import ScriptedOdoo

NewClient = Callable[..., XmlRpcOdoo]


@pytest.fixture
async def server() -> AsyncIterator[ScriptedOdoo]:
    scripted = ScriptedOdoo()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def new_client(server: ScriptedOdoo) -> AsyncIterator[NewClient]:
    clients: list[XmlRpcOdoo] = []

    def new(**options: Any) -> XmlRpcOdoo:
        credentials = server.credentials(options.pop("password", "s3cret"))
        clients.append(XmlRpcOdoo(credentials, **({"timeout": 5} | options)))
        return clients[-1]

    yield new
    for client in clients:
        await client.close()


@pytest.fixture
def odoo(new_client: NewClient) -> XmlRpcOdoo:
    return new_client()
