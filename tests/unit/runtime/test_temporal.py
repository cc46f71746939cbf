import asyncio
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

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


def certificate(folder: Path) -> ssl.SSLContext:
    """Return a TLS server's context with a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    writer.close()


async def first_reason(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, **settings: str) -> str:
    """Return the reason that is logged while Temporal does not answer; it is logged once."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    waiting = asyncio.create_task(temporal.connect(()))
    while not caplog.messages:
        await asyncio.sleep(0.05)
    # two more attempts
    await asyncio.sleep(2.2)
    waiting.cancel()
    (message,) = caplog.messages
    return message.removeprefix("Temporal does not answer yet; waiting for it: ")


async def test_a_host_that_is_not_known_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reason = await first_reason(monkeypatch, caplog, TEMPORAL_ADDRESS="nowhere.invalid:7233")
    assert reason == "the host in TEMPORAL_ADDRESS is unknown"


@pytest.mark.parametrize(
    ("server_tls", "client_tls", "reason"),
    [
        (False, False, "TEMPORAL_ADDRESS does not answer like Temporal; it may need TEMPORAL_TLS"),
        (True, False, "TEMPORAL_ADDRESS does not answer like Temporal; it may need TEMPORAL_TLS"),
        (False, True, "the server at TEMPORAL_ADDRESS does not use TLS"),
        (True, True, "its certificate is not trusted; see TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
    ],
)
async def test_a_server_that_speaks_something_else_is_told(
    *,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    server_tls: bool,
    client_tls: bool,
    reason: str,
) -> None:
    context = certificate(tmp_path) if server_tls else None
    server = await asyncio.start_server(refuse, "127.0.0.1", 0, ssl=context)
    address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    settings = {"TEMPORAL_ADDRESS": address, "TEMPORAL_TLS": str(client_tls).lower()}
    assert await first_reason(monkeypatch, caplog, **settings) == reason
    server.close()
