import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from pydantic import BaseModel

from activities.settings import OdooSettings, WorkerSettings
from gateway.settings import GatewaySettings
from runtime.settings import EnvironmentSettings, Settings
from tests.processes import BIN, ROOT, free_port, start_module, wait_until_healthy
from worker import GRACE

FILE = ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BUILT = ("worker", "gateway")
GIVEN = f"agents:{'0123456789abcdef' * 4}"
"""Passes for each variable that .env must have: as a password, and as the gateway's keys."""

# the contract's list, section 5; TEMPORAL_TLS_* and AWS_* as far as they are used here
_BOTH = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_PROFILE", "ENVIRONMENTS"}
_BOTH |= {"PAYLOAD_KEYS"}
_S3 = {"S3_BUCKET", "S3_PREFIX", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION"}
_S3 |= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
_GATEWAY = {"GATEWAY_HOST", "GATEWAY_PORT", "GATEWAY_API_KEYS", "GATEWAY_PUBLIC_HOSTS", "TRACKING_SECRET"}
CONTRACT = {"worker": _BOTH | _S3 | {"LOG_DIR"}, "gateway": _BOTH | _GATEWAY}
SETTINGS: dict[str, tuple[type[Settings], type[BaseModel]]] = {
    "worker": (WorkerSettings, OdooSettings),
    "gateway": (GatewaySettings, EnvironmentSettings),
}

_INTERPOLATION = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Z][A-Z0-9_]*):(?P<kind>[-?])(?P<rest>[^}]*)\}|)")
_DURATION = re.compile(r"(\d+)s")


def texts(node: Any) -> Iterator[str]:
    """Give all strings in a part of the file."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def variables(kind: str) -> dict[str, str]:
    """Give the variables that the file takes from outside, required (`?`) or with their default (`-`)."""
    found = (match for text in texts(COMPOSE) for match in _INTERPOLATION.finditer(text))
    return {match["name"]: match["rest"] for match in found if match["kind"] == kind}


def resolve(text: str) -> str:
    """Give what Compose makes of a value when each required variable is set."""

    def replace(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        return match["rest"] if match["kind"] == "-" else GIVEN

    return _INTERPOLATION.sub(replace, text)


def environment(service: str) -> dict[str, str]:
    """Give the variables of a container; one without a value is not set unless .env has it."""
    given: dict[str, str | None] = SERVICES[service].get("environment", {})
    return {name: resolve(value) for name, value in given.items() if value is not None}


def odoo_variables(service: str, *, required: bool = False) -> set[str]:
    """Give the names of the variables for the Odoo of each environment."""
    _, odoo = SETTINGS[service]
    fields = [name for name, field in odoo.model_fields.items() if field.is_required() or not required]
    environments = environment(service)["ENVIRONMENTS"].split(",")
    return {f"ODOO__{name}__{field}".upper() for name in environments for field in fields}


def test_the_file_follows_the_compose_specification() -> None:
    command: list[str | Path] = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", FILE]
    check = subprocess.run(command, capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout


def test_each_variable_from_outside_has_a_default_or_is_required() -> None:
    wrong = [text for text in texts(COMPOSE) for match in _INTERPOLATION.finditer(text) if match[0] == "$"]
    assert wrong == []
    assert not variables("?").keys() & variables("-").keys()


def test_the_example_names_each_variable_from_outside() -> None:
    example = (ROOT / ".env.example").read_text()
    passed_on = {
        name
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    assert dict(re.findall(r"(?m)^([A-Z0-9_]+)=(.*)$", example)) == dict.fromkeys(variables("?"), "")
    optional = dict(re.findall(r"(?m)^# ([A-Z0-9_]+)=(.*)$", example))
    assert optional == variables("-") | dict.fromkeys(passed_on, "")


def test_no_secret_is_written_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|PWD|SECRET|KEY", name) and value is not None:
                assert re.fullmatch(r"\$\{[A-Z0-9_]+:\?[^}]+\}", value), name


@pytest.mark.parametrize("service", BUILT)
def test_a_process_is_given_only_variables_that_it_knows(service: str) -> None:
    settings, _ = SETTINGS[service]
    fields = {name.upper() for name in settings.model_fields if name != "odoo"}
    known = CONTRACT[service] | fields | odoo_variables(service)
    assert set(SERVICES[service]["environment"]) <= known


@pytest.mark.parametrize("service", BUILT)
def test_a_process_is_given_every_variable_without_a_default(service: str) -> None:
    settings, _ = SETTINGS[service]
    required = {name.upper() for name, field in settings.model_fields.items() if field.is_required()}
    assert required | odoo_variables(service, required=True) <= environment(service).keys()


@pytest.mark.parametrize("service", BUILT)
def test_the_settings_load_from_what_a_process_is_given(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)

    settings = SETTINGS[service][0].load()

    if isinstance(settings, WorkerSettings):
        assert {settings.odoo_of(name).db for name in settings.environments} == {"quotations"}
    if isinstance(settings, GatewaySettings):
        assert [(key.name, key.reads_all) for key in settings.gateway_api_keys] == [("agents", False)]


def test_worker_and_gateway_agree_on_environments_and_keys() -> None:
    worker, gateway = (SERVICES[name]["environment"] for name in BUILT)
    for name in CONTRACT["worker"] & CONTRACT["gateway"]:
        assert (name in worker, worker.get(name)) == (name in gateway, gateway.get(name)), name


def test_a_gateway_that_its_network_reaches_has_keys() -> None:
    given = SERVICES["gateway"]["environment"]
    assert given["GATEWAY_HOST"] == "0.0.0.0"  # noqa: S104  # only this port of it is published, on loopback
    assert {"GATEWAY_API_KEYS", "TRACKING_SECRET"} <= variables("?").keys()
    assert given["GATEWAY_API_KEYS"].startswith("${GATEWAY_API_KEYS:?")
    assert given["TRACKING_SECRET"].startswith("${TRACKING_SECRET:?")


def test_a_gateway_of_the_compose_file_starts_and_asks_for_a_key(tmp_path: Path) -> None:
    port = str(free_port())
    settings = environment("gateway") | {
        "TEMPORAL_ADDRESS": "127.0.0.1:9",
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": port,
    }
    process = start_module("gateway", tmp_path / "log", settings)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(process, f"{url}/healthz")

        assert httpx2.get(f"{url}/docs").status_code == 401
        assert httpx2.get(f"{url}/docs", headers={"X-API-Key": GIVEN.partition(":")[2]}).status_code == 200
        assert process.stop() == 0
    finally:
        process.kill()


def test_the_gateway_is_in_the_network_of_temporal_alone() -> None:
    assert SERVICES["gateway"]["networks"] == ["temporal"]
    others = {name for name, service in SERVICES.items() if "temporal" in service["networks"]}
    assert not others & {"odoo", "odoo-db", "s3"}


def test_each_port_is_published_on_loopback_once() -> None:
    ports = [resolve(port).split(":") for service in SERVICES.values() for port in service.get("ports", [])]
    assert {host for host, _, _ in ports} == {"127.0.0.1"}
    assert len({published for _, published, _ in ports}) == len(ports)


def test_each_image_is_pinned_to_a_version() -> None:
    for service in SERVICES.values():
        assert "build" in service or re.fullmatch(r"[a-z/-]+:\d+\.\d[\w.-]*", service["image"])


def test_a_service_waits_for_what_can_become_true() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            awaited = SERVICES[name]
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in awaited, name
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert awaited["restart"].startswith("on-failure"), name


def test_a_service_that_is_no_step_of_the_setup_is_started_again() -> None:
    awaited = {
        name
        for service in SERVICES.values()
        for name, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_completed_successfully"
    }
    assert {name for name, service in SERVICES.items() if service["restart"] != "unless-stopped"} == awaited


def test_each_named_volume_is_declared_and_each_folder_exists() -> None:
    sources = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    folders = {source for source in sources if source.startswith(".")}
    assert sources - folders == COMPOSE["volumes"].keys()
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_each_file_of_ours_that_a_service_names_is_mounted() -> None:
    for service in SERVICES.values():
        mounts = [volume.removesuffix(":/deploy:ro") for volume in service.get("volumes", [])]
        named = texts([service.get("entrypoint"), service.get("environment")])
        for file in [path.removeprefix("/deploy/") for path in named if path.startswith("/deploy/")]:
            assert any((ROOT / mount / file).is_file() for mount in mounts), file


def test_commands_are_lists_and_need_no_shell() -> None:
    for service in SERVICES.values():
        health = service.get("healthcheck", {}).get("test", ["CMD"])
        assert isinstance(health, list)
        assert health[0] == "CMD"
        assert all(isinstance(service.get(name, []), list) for name in ("command", "entrypoint"))


@pytest.mark.parametrize("service", BUILT)
def test_a_process_is_not_killed_before_its_grace_has_passed(service: str) -> None:
    match = _DURATION.fullmatch(SERVICES[service]["stop_grace_period"])
    assert match
    assert timedelta(seconds=int(match[1])) > GRACE + timedelta(seconds=5)
