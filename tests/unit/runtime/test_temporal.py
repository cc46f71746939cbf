import asyncio
import os
from pathlib import Path

import pytest

from runtime import temporal
from runtime.settings import SettingsError
from sandbox.ports import free_port

SECRET = "hunter2-the-secret"


@pytest.fixture(autouse=True)
def no_temporal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("TEMPORAL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_PROFILE", "nowhere"),
        ("TEMPORAL_ADDRESS", "::::"),
        ("TEMPORAL_ADDRESS", "temporal:port"),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere/cert.pem"),
        ("TEMPORAL_TLS_CLIENT_KEY_DATA", SECRET),
        ("TEMPORAL_TLS_CLIENT_CERT_DATA", SECRET),
    ],
)
async def test_a_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="TEMPORAL_") as raised:
        await asyncio.wait_for(temporal.connect(()), 5)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_broken_configuration_file_is_told_without_its_lines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configuration = tmp_path / "temporal.toml"
    configuration.write_text(f'[profile.default]\napi_key = "{SECRET}\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(configuration))
    with pytest.raises(SettingsError, match="TEMPORAL_") as raised:
        await temporal.create_client(())
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_client_is_there_before_temporal_is() -> None:
    client = await temporal.create_client(())
    assert client.namespace == "default"
    assert not await asyncio.wait_for(temporal.answers(client), 6)


async def test_the_standard_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "quotations")
    assert (await temporal.create_client(())).namespace == "quotations"
