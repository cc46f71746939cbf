from pathlib import Path

import pytest

from activities.settings import WorkerSettings
from gateway.settings import GatewaySettings
from runtime.settings import Settings
from tests.unit.conftest import SECRET, SetVariables, sentence

KEY = "a" * 43 + "="


def test_names_of_environments_are_small_letters_without_blanks(variables: SetVariables) -> None:
    variables(ENVIRONMENTS=" DEV, Prod ,,")
    assert Settings.load().environments == ["dev", "prod"]


def test_secrets_are_read_from_files(variables: SetVariables, tmp_path: Path) -> None:
    def file(name: str, content: str) -> str:
        (tmp_path / name).write_text(content)
        return str(tmp_path / name)

    variables(
        ODOO__DEV__URL="http://odoo.example",
        ODOO__DEV__DB="odoo",
        ODOO__DEV__USERNAME="quotations",
        ODOO__DEV__PASSWORD="",
        ODOO__DEV__PASSWORD_FILE=file("password", f" {SECRET} \n"),
        ODOO__DEV__PROXY_FILE=file("proxy", "http://proxy.example:3128"),
        PAYLOAD_KEYS_FILE=file("payload", f"1:{KEY}\r\n"),
        GATEWAY_API_KEYS_FILE=file("keys", f"agents:{SECRET}"),
        GATEWAY_API_KEY_FILE=file("key", SECRET),
        TRACKING_SECRET_FILE=file("tracking", SECRET),
        CODEC_KEY_FILE=file("codec", SECRET),
    )

    odoo = WorkerSettings.load().odoo_of("dev")
    gateway = GatewaySettings.load()

    assert odoo.credentials().password == f" {SECRET} "
    assert odoo.proxy
    assert odoo.proxy.get_secret_value() == "http://proxy.example:3128"
    assert [key.name for key in gateway.gateway_api_keys] == ["agents"]
    for secret in (gateway.gateway_api_key, gateway.tracking_secret, gateway.codec_key):
        assert secret
        assert secret.get_secret_value() == SECRET
    assert len(gateway.payload_keys) == 1


def test_a_blank_name_of_a_file_is_unset(variables: SetVariables) -> None:
    variables(PAYLOAD_KEYS=f"1:{KEY}", PAYLOAD_KEYS_FILE="")
    assert len(Settings.load().payload_keys) == 1


def test_a_secret_has_one_source(variables: SetVariables, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    variables(TRACKING_SECRET=SECRET, TRACKING_SECRET_FILE=str(tmp_path / "secret"))
    assert sentence(GatewaySettings) == "TRACKING_SECRET and TRACKING_SECRET_FILE must not both be set"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "the file cannot be read (No such file or directory)"),
        (b"\n", "the file is empty"),
        (SECRET.encode() + b"\xff", "the file is not text"),
    ],
)
def test_a_file_without_a_secret_is_an_error(
    variables: SetVariables, tmp_path: Path, content: bytes | None, problem: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    variables(PAYLOAD_KEYS_FILE=str(tmp_path / "secret"))
    assert sentence(Settings) == f"PAYLOAD_KEYS_FILE is wrong: {problem}"


def test_a_wrong_secret_in_a_file_is_not_shown(variables: SetVariables, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    variables(PAYLOAD_KEYS_FILE=str(tmp_path / "secret"))
    assert sentence(Settings).startswith("PAYLOAD_KEYS ")


def test_a_gateway_does_not_open_the_files_of_a_worker(variables: SetVariables) -> None:
    variables(ODOO__DEV__PASSWORD_FILE="/nonexistent")
    GatewaySettings.load()
