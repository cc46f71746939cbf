"""The Compose file as Docker's own `docker-compose config` reads it; no engine is needed."""

import functools
import itertools
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from activities.interceptor import GRACE
from activities.settings import WorkerSettings
from gateway.settings import GatewaySettings
from sandbox.ports import free_port
from sandbox.processes import BIN, ROOT, start_module, wait_until_healthy
from sandbox.servers import temporal_server
from tests.compose import substitutes
from tests.support import variables as variables_of

BUILT = ("worker", "gateway")

BUNDLED = {"COMPOSE_PROFILES": "bundled"}
"""With Odoo and S3, as in `.env.example`."""

Answer = subprocess.CompletedProcess[str]


def config(
    *options: str, given: Mapping[str, str], env_file: str | Path = os.devnull, files: Sequence[str] = ()
) -> Answer:
    """Run `docker-compose config` with the variables `given`, and no others."""
    command: list[str | Path] = [
        BIN / "docker-compose",
        "--project-directory",
        ROOT,
        "--env-file",
        env_file,
        *files,
        "config",
    ]
    command += ["--format=json", *options]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def answer_of(done: Answer) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@functools.cache
def variables() -> dict[str, dict[str, Any]]:
    """Return the variables that the file takes from outside."""
    return answer_of(config("--variables", given={}))


def required() -> dict[str, str]:
    """Return a value for each variable that must be set; it passes as a password and as the gateway's keys."""
    names = sorted(name for name, variable in variables().items() if variable["Required"])
    return {name: f"agents:{number:064}" for number, name in enumerate(names, 1)}


def defaults() -> dict[str, str]:
    """Return the default of each variable that has one."""
    optional = {name: one for name, one in variables().items() if not one["Required"]}
    return {name: one["DefaultValue"] for name, one in optional.items() if name not in BUNDLED}


@functools.cache
def services() -> dict[str, dict[str, Any]]:
    """Return the services when exactly the required variables and the profile are set."""
    found: dict[str, dict[str, Any]] = answer_of(config(given=required() | BUNDLED))["services"]
    return found


def environment(service: str) -> dict[str, str | None]:
    """Return the variables of a container; a variable without a value comes from .env, if it is there."""
    found: dict[str, str | None] = services()[service].get("environment", {})
    return found


def set_in(service: str) -> dict[str, str]:
    """Return the variables of a container that are set."""
    return {name: value for name, value in environment(service).items() if value is not None}


def passed_on() -> set[str]:
    """Return the variables that a container gets only if .env has them."""
    return {name for service in services() for name, value in environment(service).items() if value is None}


def environments(service: str) -> list[str]:
    return set_in(service)["ENVIRONMENTS"].split(",")


def waits() -> Iterator[tuple[str, str]]:
    """Return each service that another one waits for, and the condition."""
    for service in services().values():
        for name, wait in service.get("depends_on", {}).items():
            yield name, wait["condition"]


def test_each_variable_from_outside_has_a_default_or_is_required() -> None:
    assert all(defaults().values())
    assert required()


@pytest.mark.parametrize("value", [None, ""])
def test_compose_asks_for_each_required_variable(value: str | None) -> None:
    for name in required():
        given = BUNDLED | {other: value for other, value in required().items() if other != name}
        refused = config(given=given if value is None else given | {name: value})
        assert refused.returncode != 0, name
        assert f"{name} is missing a value: set it in .env" in refused.stderr


def test_the_example_names_each_variable_from_outside() -> None:
    example = (ROOT / ".env.example").read_text()
    assert dict(re.findall(r"(?m)^([A-Z0-9_]+)=(.*)$", example)) == BUNDLED | dict.fromkeys(required(), "")
    optional = dict(re.findall(r"(?m)^# ([A-Z0-9_]+)=(.*)$", example))
    assert optional == defaults() | dict.fromkeys(passed_on(), "")


def test_the_example_works_when_it_is_filled_in(tmp_path: Path) -> None:
    filled_in = (ROOT / ".env.example").read_text()
    for name, value in required().items():
        filled_in = filled_in.replace(f"{name}=", f"{name}={value}")
    (tmp_path / ".env").write_text(filled_in)
    assert answer_of(config(given={}, env_file=tmp_path / ".env"))["services"] == services()


def test_without_the_profile_odoo_and_s3_are_ones_own() -> None:
    passwords = {"ODOO_DB_PASSWORD", "ODOO_ADMIN_PASSWORD"}
    given = {name: value for name, value in required().items() if name not in passwords}
    own = {"ODOO__DEV__URL": "https://odoo.example", "AWS_ENDPOINT_URL_S3": "https://s3.example"}
    found = answer_of(config(given=given | own))["services"]
    assert services().keys() - found.keys() == {"odoo-db", "odoo-setup", "odoo", "s3"}
    assert own.items() <= found["worker"]["environment"].items()


def test_a_secret_can_be_a_file_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [example] = re.findall(r"(?s)```yaml[^\n]*\n(services:.*?)```", (ROOT / "docs" / "docker.md").read_text())
    (tmp_path / "override.yml").write_text(example)
    files = (f"--file={ROOT / 'docker-compose.yml'}", f"--file={tmp_path / 'override.yml'}")
    found = answer_of(config(given=required() | BUNDLED, files=files))["services"]["gateway"]["environment"]
    assert required()["TRACKING_SECRET"] not in found.values()

    (tmp_path / "secret").write_text("the-secret-of-a-file\n")
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in found.items():
        if value is not None:
            monkeypatch.setenv(name, value.replace("/run/secrets/tracking_secret", str(tmp_path / "secret")))
    assert GatewaySettings.load().tracking_secret.get_secret_value() == "the-secret-of-a-file"


def test_no_secret_is_written_in_the_file() -> None:
    for service in services():
        for name, value in set_in(service).items():
            if re.search("PASSWORD|PWD|SECRET|KEY", name):
                assert value in required().values(), name


@pytest.mark.parametrize("service", BUILT)
def test_a_process_is_given_only_variables_that_it_knows(service: str) -> None:
    assert environment(service).keys() <= variables_of.known(service, environments(service))


@pytest.mark.parametrize("service", BUILT)
def test_a_process_is_given_every_variable_without_a_default(service: str) -> None:
    assert variables_of.needed(service, environments(service)) <= set_in(service).keys()


@pytest.mark.parametrize("service", BUILT)
def test_the_settings_load_from_what_a_process_is_given(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in set_in(service).items():
        monkeypatch.setenv(name, value)

    settings = variables_of.SETTINGS[service][0].load()

    if isinstance(settings, WorkerSettings):
        assert {settings.odoo_of(name).db for name in settings.environments} == {"quotations"}
    if isinstance(settings, GatewaySettings):
        assert [(key.name, key.reads_all) for key in settings.gateway_api_keys] == [("agents", False)]


def test_worker_and_gateway_agree_on_environments_and_keys() -> None:
    worker, gateway = (environment(name) for name in BUILT)
    for name in variables_of.shared():
        assert (name in worker, worker.get(name)) == (name in gateway, gateway.get(name)), name


def test_a_gateway_that_its_network_reaches_has_keys() -> None:
    given = environment("gateway")
    assert given["GATEWAY_HOST"] == "0.0.0.0"  # noqa: S104  # only this port of it is published, on loopback
    for name in ("GATEWAY_API_KEYS", "TRACKING_SECRET"):
        assert given[name] == required()[name]


@pytest.mark.slow
def test_a_gateway_of_the_compose_file_starts_and_asks_for_a_key(tmp_path: Path) -> None:
    port = str(free_port())
    settings = set_in("gateway") | {
        "TEMPORAL_ADDRESS": "127.0.0.1:9",
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": port,
    }
    key = settings["GATEWAY_API_KEYS"].partition(":")[2]
    process = start_module("gateway", tmp_path / "log", settings)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(process, f"{url}/healthz")

        assert httpx2.get(f"{url}/docs").status_code == 401
        assert httpx2.get(f"{url}/docs", headers={"X-API-Key": key}).status_code == 200
        assert process.stop() == 0
    finally:
        process.kill()


def test_the_gateway_is_in_the_network_of_temporal_alone() -> None:
    assert services()["gateway"]["networks"].keys() == {"temporal"}
    others = {name for name, service in services().items() if "temporal" in service["networks"]}
    assert not others & {"odoo", "odoo-db", "s3"}


def test_each_port_is_published_on_loopback_once() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert len({port["published"] for port in ports}) == len(ports)


def test_each_image_is_pinned_to_a_version() -> None:
    for service in services().values():
        assert "build" in service or re.fullmatch(r"[a-z/-]+:\d+\.\d[\w.-]*", service["image"])


def test_each_image_has_a_substitute() -> None:
    assert {name for name, service in services().items() if "image" in service} == substitutes.TARGETS.keys()
    dockerfile = (substitutes.FOLDER / "Dockerfile").read_text()
    assert set(substitutes.TARGETS.values()) <= set(re.findall(r"(?m)^FROM \S+ AS (\S+)$", dockerfile))


def test_a_service_waits_for_what_can_become_true() -> None:
    for name, condition in waits():
        if condition == "service_healthy":
            assert "healthcheck" in services()[name], name
        else:
            assert condition == "service_completed_successfully"
            assert services()[name]["restart"].startswith("on-failure"), name


def test_a_service_that_is_not_a_setup_step_is_started_again() -> None:
    steps = {name for name, condition in waits() if condition == "service_completed_successfully"}
    assert {name for name, service in services().items() if service["restart"] != "unless-stopped"} == steps


def test_each_file_of_ours_that_a_service_names_is_mounted() -> None:
    for service in services().values():
        mounts = {
            one["target"]: Path(one["source"]) for one in service.get("volumes", []) if one["type"] == "bind"
        }
        assert all(folder.is_dir() for folder in mounts.values())
        named = [*(service["entrypoint"] or []), *service.get("environment", {}).values()]
        for path in [path for path in named if path and path.startswith("/deploy/")]:
            assert (mounts["/deploy"] / path.removeprefix("/deploy/")).is_file(), path


def test_health_checks_need_no_shell() -> None:
    checks = [service["healthcheck"]["test"] for service in services().values() if "healthcheck" in service]
    assert {check[0] for check in checks} == {"CMD"}


@pytest.mark.parametrize("service", BUILT)
def test_a_process_is_not_killed_before_its_grace_has_passed(service: str) -> None:
    match = re.fullmatch(r"(\d+)s", services()[service]["stop_grace_period"])
    assert match
    assert timedelta(seconds=int(match[1])) > GRACE + timedelta(seconds=5)


def test_temporal_is_tuned_as_in_the_sandbox(tmp_path: Path) -> None:
    command = temporal_server(tmp_path).command
    tuned = dict(
        str(value).split("=")
        for option, value in itertools.pairwise(command)
        if option == "--dynamic-config-value"
    )
    file = (ROOT / "deploy" / "temporal" / "dynamic-config.yaml").read_text()
    assert dict(re.findall(r"(?m)^([\w.]+):\n  - value: (\w+)$", file)) == tuned
