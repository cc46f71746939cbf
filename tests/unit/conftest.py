import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import settings

from odoo_client import XmlRpcOdoo
from odoo_client.protocols.client import HttpOdoo
from runtime.settings import Settings, SettingsError
from tests.support.scripted_odoo import ScriptedOdoo

SECRET = "hunter2-the-secret"

# no deadline: what a test shows does not depend on how busy the machine is
settings.register_profile("unit", max_examples=50, deadline=None)
settings.load_profile("unit")

SetVariables = Callable[..., None]
NewClient = Callable[..., HttpOdoo]

_OURS = ("ODOO", "ENVIRONMENTS", "S3_", "LOG_", "GATEWAY_", "TRACKING_", "PAYLOAD_", "CODEC_", "OTEL_")


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> SetVariables:
    """Set environment variables for this test, in which none of ours is set otherwise."""
    for name in os.environ:
        if name.upper().startswith(_OURS):
            monkeypatch.delenv(name)

    def set_variables(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_variables


def sentence(kind: type[Settings]) -> str:
    """Return the sentence that the operator reads."""
    with pytest.raises(SettingsError) as raised:
        kind.load()
    text = str(raised.value)
    assert SECRET not in text
    assert "\n" not in text
    # its cause would hold the values
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    return text


@pytest.fixture
async def server() -> AsyncIterator[ScriptedOdoo]:
    scripted = ScriptedOdoo()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def new_client(server: ScriptedOdoo) -> AsyncIterator[NewClient]:
    clients: list[HttpOdoo] = []

    def new(protocol: type[HttpOdoo] = XmlRpcOdoo, **options: Any) -> HttpOdoo:
        credentials = server.credentials(options.pop("password", "s3cret"))
        clients.append(protocol(credentials, **({"timeout": 5} | options)))
        return clients[-1]

    yield new
    for client in clients:
        await client.close()


@pytest.fixture
def odoo(new_client: NewClient) -> HttpOdoo:
    return new_client()
