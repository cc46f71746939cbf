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
        ("TEMPORAL_ADDRESS", "temporal"),
        ("TEMPORAL_ADDRESS", "127.0.0.1:99999"),
        ("TEMPORAL_ADDRESS", " 127.0.0.1:7233"),
        ("TEMPORAL_ADDRESS", "127.0.0.1:7233/"),
        ("TEMPORAL_ADDRESS", "http://127.0.0.1:7233"),
        ("TEMPORAL_ADDRESS", "https://127.0.0.1:7233"),
        ("TEMPORAL_ADDRESS", f"robot:{SECRET}@127.0.0.1:7233"),
        ("TEMPORAL_CONFIG_FILE", "/nowhere/temporal.toml"),
        ("TEMPORAL_GRPC_META_X_TEAM", f"{SECRET}\n"),
        ("TEMPORAL_API_KEY", f"{SECRET}\n"),
        ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/nowhere/ca.pem"),
        ("TEMPORAL_TLS_CLIENT_KEY_PATH", "/nowhere/key.pem"),
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


async def test_a_client_key_that_is_not_one_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_DATA", SECRET)
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_DATA", SECRET)
    with pytest.raises(SettingsError, match="TEMPORAL_TLS_CLIENT") as raised:
        await asyncio.wait_for(temporal.connect(()), 5)
    assert SECRET not in str(raised.value)


async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    writer.close()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"TEMPORAL_ADDRESS": "nowhere.invalid:7233"}, "the host of TEMPORAL_ADDRESS is not known"),
        ({}, "TEMPORAL_ADDRESS does not answer as Temporal does; it may need TEMPORAL_TLS"),
        ({"TEMPORAL_TLS": "true"}, "TEMPORAL_ADDRESS does not speak TLS"),
    ],
)
async def test_why_temporal_does_not_answer_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: dict[str, str], reason: str
) -> None:
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for name, value in ({"TEMPORAL_ADDRESS": address} | settings).items():
        monkeypatch.setenv(name, value)

    waiting = asyncio.create_task(temporal.connect(()))
    while not caplog.messages:
        await asyncio.sleep(0.05)
    # two more attempts
    await asyncio.sleep(2.2)
    waiting.cancel()

    server.close()
    assert caplog.messages == [f"Temporal does not answer yet; waiting for it: {reason}"]
