"""Each block of code in the documents is of a kind that a test checks; `KINDS` says which."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from kubernetes_validate import validate
from pydantic import BaseModel, TypeAdapter
from temporalio.client import Client

from activities.settings import WorkerSettings
from gateway.app import create_app
from gateway.rest.answers import AcceptedQuotation
from gateway.settings import GatewaySettings
from quotation.status import QuotationStatus
from sandbox.ports import free_port
from sandbox.processes import ROOT
from tests.support.documents import PAGES, Block, blocks, spans
from tests.unit.docs import programs, variables
from tests.unit.docs.recorder import CHECKED, record

KINDS = {
    "sh": "commands: bash runs them with programs that record their arguments, and these are checked",
    "bash": "as sh",
    "console": "a session: its lines with $ are checked as commands",
    "text": "what a program prints, or a drawing; in the tutorial it is compared with what is printed",
    "ini": "variables: they exist, and the settings load",
    "json": "one of the shapes below",
    "yaml": "a file that its title or its kind names",
    "sql": "a query for Temporal: tests/gateway/lists/test_documented_queries.py asks Temporal",
    "js": "tests/clients/test_ai_sdk.py parses it",
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def of(language: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.language == language]


@every_page
def test_each_block_is_of_a_kind(page: Path) -> None:
    assert [str(block) for block in blocks(page) if block.language not in KINDS] == []


@pytest.mark.parametrize("block", of("text"), ids=str)
def test_a_text_has_no_commands_and_no_settings(block: Block) -> None:
    names = "|".join(CHECKED)
    assert re.findall(rf"(?m)^(?:\$ )?(?:{names}) [a-z-]+.*$", block.text) == []
    printed = block.page.name == "tutorial.md" and "ODOO_TEST_URL" in block.text
    assert printed or re.findall(r"(?m)^[A-Z][A-Z0-9_]+=.*$", block.text) == []


@pytest.fixture(scope="module")
async def paths() -> dict[str, Any]:
    nowhere = await Client.connect(f"127.0.0.1:{free_port()}", lazy=True)
    found: dict[str, Any] = create_app(GatewaySettings(), nowhere).openapi()["paths"]
    return found


@pytest.mark.slow
@every_page
async def test_programs_take_their_arguments(page: Path, paths: dict[str, Any], tmp_path: Path) -> None:
    pieces = []
    for block in blocks(page):
        if block.language in {"sh", "bash"}:
            pieces.append((str(block), block.text))
        elif block.language == "console":
            pieces.append((str(block), "\n".join(re.findall(r"(?m)^\$ (.*)$", block.text)) + "\n"))
    pieces += [(f"{page.name}: `{span}`", span) for span in spans(page) if is_command(span)]
    for call in record(pieces, tmp_path) if pieces else []:
        try:
            programs.check(call, paths)
        except (AssertionError, ImportError, SystemExit, ValueError) as error:
            pytest.fail(f"{call}\n{error}")


def is_command(span: str) -> bool:
    return span.partition(" ")[0] in CHECKED and " " in span


@every_page
def test_variables_exist(page: Path) -> None:
    named = {name.rstrip("_") for name in variables.PATTERN.findall(page.read_text())}
    assert [name for name in sorted(named) if not variables.is_known(name)] == []


@pytest.mark.parametrize("block", of("ini"), ids=str)
def test_settings_load(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in block.text.splitlines() if line and not line.startswith("#")]
    # any text in place of an ellipsis; it is also a key of 256 bits
    given = {
        name: value.replace("…", f"{'A' * 43}=") for name, _, value in (line.partition("=") for line in lines)
    }
    assert [name for name in given if not variables.is_known(name)] == []

    for environment in given.setdefault("ENVIRONMENTS", "dev,prod").split(","):
        for name in ("URL", "DB", "USERNAME"):
            given.setdefault(f"ODOO__{environment.upper()}__{name}", "https://odoo.example")
        if f"ODOO__{environment.upper()}__API_KEY" not in given:
            given.setdefault(f"ODOO__{environment.upper()}__PASSWORD", "a-password")
    needed = {"GATEWAY_OAUTH_ISSUER": "https://login.example"} if "GATEWAY_OAUTH_AUDIENCE" in given else {}
    given = needed | {"TRACKING_SECRET": "a-long-secret-for-the-tests"} | given
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    WorkerSettings.load()
    GatewaySettings.load()


class _Readiness(BaseModel):
    status: Literal["ready", "not ready"]
    missing: list[str]


class _LogLine(BaseModel):
    time: str
    level: str
    logger: str
    message: str


def _check_servers(found: Any) -> None:
    for server in found["mcpServers"].values():
        assert server.keys() == {"command", "args", "env"}


def _check_platform(found: Any) -> None:
    assert found["name"] in {"buscar_producto", "crear_cotizacion", "estado_cotizacion"}


def _check_message(found: Any) -> None:
    [server] = found["mcp_servers"]
    assert [tool["mcp_server_name"] for tool in found["tools"]] == [server["name"]]


def _of(model: Any) -> Callable[[Any], None]:
    return lambda found: TypeAdapter(model).validate_python(found, strict=False)


SHAPES: dict[str, Callable[[Any], None]] = {
    "progress": _of(QuotationStatus),
    "estimated_time": _of(AcceptedQuotation),
    "logger": _of(_LogLine),
    "missing": _of(_Readiness),
    # tests/clients/test_llm_hosts.py runs them
    "mcpServers": _check_servers,
    # tests/unit/gateway/test_voice_docs.py compares them with the gateway
    "type": _check_platform,
    "mcp_servers": _check_message,
}
"""By a key that only this shape has."""


@pytest.mark.parametrize("block", of("json"), ids=str)
def test_json_is_of_a_shape_that_exists(block: Block) -> None:
    found = json.loads(block.text)
    [check] = [check for key, check in SHAPES.items() if key in found]
    check(found)


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_yaml_is_what_it_says(block: Block) -> None:
    found = yaml.safe_load(block.text)
    match block.title:
        case "docker-compose.override.yml":
            # tests/unit/test_compose.py adds it to the Compose file
            assert found.keys() == {"services", "secrets"}
        case "prometheus.yml":
            # tests/monitoring/test_rules.py shows it to promtool
            assert found.keys() == {"rule_files", "scrape_configs"}
        case "kustomization.yaml":
            assert found["patches"]
        case "":
            validate(found, "1.27", strict=True)
        case _:
            pytest.fail(f"a file of an unknown kind: {block.title}")


def test_the_list_of_kinds_has_no_kind_too_many() -> None:
    assert {block.language for page in PAGES for block in blocks(page)} == KINDS.keys()
    assert {block.page.parent for block in of("sh")} == {ROOT, ROOT / "docs"}
