"""docs/reference.md says what the code does: nothing is missing, and it names nothing that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from temporalio.client import Client

from activities.settings import OdooSettings, WorkerSettings
from gateway.app import create_app
from gateway.mcp import http
from gateway.mcp.server import caller_over_http, create_server
from gateway.mcp.streamable import StreamableHttp
from gateway.mcp.tools.toolbox import Toolbox
from gateway.rest.answers import AcceptedQuotation
from gateway.service.callers import LOCAL
from gateway.service.lists.listing import ListedQuotation
from gateway.service.quotations import QuotationService
from gateway.settings import GatewaySettings
from gateway.web.problems import Problem
from operate.arguments import create_parser
from operate.commands import COMMANDS
from quotation import steps
from quotation.document import LogDocument
from quotation.errors import ErrorCode
from quotation.request import QuotationRequest
from quotation.status import QuotationStatus, Result, ResultLine, Retrying, State, Step
from runtime.settings import EnvironmentSettings, Settings
from sandbox.ports import free_port
from sandbox.processes import ROOT

PAGE = (Path(ROOT) / "docs" / "reference.md").read_text()


def section(title: str) -> str:
    """Return the text of a section, up to the next heading."""
    match = re.search(rf"^##+ {title}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert match, title
    return match[1]


def rows(title: str, heading: str) -> Iterator[list[str]]:
    """Return the cells of each row of the table in a section whose first column has this heading."""
    lines = section(title).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line[1:-1].split("|")]


def names(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def first_names(title: str, heading: str) -> list[str]:
    return [name for row in rows(title, heading) for name in names(row[0])]


@pytest.fixture
async def nowhere() -> Client:
    return await Client.connect(f"127.0.0.1:{free_port()}", lazy=True)


@pytest.fixture
def service(nowhere: Client) -> QuotationService:
    return QuotationService(nowhere, GatewaySettings())


def test_operations_and_their_parameters(nowhere: Client) -> None:
    paths = create_app(GatewaySettings(), nowhere).openapi()["paths"]
    served = {
        (
            f"{method.upper()} {path}",
            frozenset(one["name"] for one in of.get("parameters", []) if one["in"] != "path"),
        )
        for path, methods in paths.items()
        for method, of in methods.items()
    }
    documented = set()
    for operation, parameters, everywhere, _ in rows("REST", "operation"):
        [name] = names(operation)
        documented.add((name, frozenset(names(parameters))))
        if everywhere == "yes":
            documented.add((name.replace("/api/", "/api/{environment}/"), frozenset(names(parameters))))
    assert documented == served


def test_tools_and_their_arguments(service: QuotationService) -> None:
    tools = {
        tool.definition.name.removeprefix("dev_"): set(tool.definition.input_schema["properties"])
        for tool in Toolbox(service).usable_by(LOCAL)
    }
    documented = {names(tool)[0]: set(names(arguments)) for tool, arguments, _ in rows("MCP", "tool")}
    documented["create_quotation"] |= set(QuotationRequest.model_fields)
    assert documented == tools


def test_commands_and_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    parser = create_parser()
    documented = {
        names(command)[0].split()[0]: set(names(options))
        for command, options, _ in rows("Command line", "command")
    }
    assert set(documented) == set(COMMANDS)
    for command, options in documented.items():
        with pytest.raises(SystemExit):
            parser.parse_args([command, "--help"])
        shown = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
        assert options == shown - {"--help", "--json", "--as"}


def test_addresses_of_mcp(service: QuotationService) -> None:
    server = create_server(service, caller_over_http, with_tasks=True)
    served = {route.path for route in http.create_routes(server, StreamableHttp(server))}  # type: ignore[attr-defined]
    documented = {name for row in rows("MCP", "transport") for name in names(row[1]) if name.startswith("/")}
    assert documented == served


def test_request_fields() -> None:
    assert first_names("Request", "field") == list(QuotationRequest.model_fields)


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("REST", AcceptedQuotation),
        ("REST", ListedQuotation),
        ("Status", QuotationStatus),
        ("Status", Result),
        ("Status", ResultLine),
        ("Status", Retrying),
        ("Log", LogDocument),
    ],
)
def test_fields_of_answers(title: str, model: type[BaseModel]) -> None:
    said = set(re.findall(r"[`\"](\w+)[`\"]", section(title)))
    shown = {name for name, field in model.model_fields.items() if not field.exclude}
    assert shown <= said


def test_the_status_that_is_shown_is_one() -> None:
    [example] = re.findall(r"```json\n(.*?)```", section("Status"), re.DOTALL)
    status = QuotationStatus.model_validate_json(example)
    assert re.findall(r'"(\w+)":', example)[0] == "tracking_id"
    assert set(status.model_fields_set) == set(QuotationStatus.model_fields)
    assert status.result.model_fields_set == set(Result.model_fields)


def test_states_steps_and_codes() -> None:
    said = set(names(section("Status")))
    assert set(State) | set(Step) <= said
    assert first_names("Error codes", "code") == list(ErrorCode)


def test_refusals(nowhere: Client) -> None:
    paths = create_app(GatewaySettings(), nowhere).openapi()["paths"]
    statuses = {status for methods in paths.values() for of in methods.values() for status in of["responses"]}
    documented = set(first_names("Errors", "status"))
    # these belong to no operation: a wrong method, and requests that never arrive
    assert documented - {"405", "408", "431"} == {status for status in statuses if status >= "4"}
    assert {"type", *names(section("Errors"))} >= set(Problem.model_fields)


def test_activities() -> None:
    documented = {names(activity)[0]: names(step) for step, activity, _ in rows("Odoo", "step")}
    assert documented.pop(steps.LOG_TO_S3) == []
    assert documented == {activity: [step] for activity, step in steps.STEP_OF.items()}


def test_log_fields() -> None:
    assert set(first_names("Log", "field")) == set(LogDocument.model_fields)


def test_settings() -> None:
    both = {name.upper(): "both" for name in Settings.model_fields}
    worker = {name.upper(): "worker" for name in WorkerSettings.model_fields if name != "odoo"}
    gateway = {name.upper(): "gateway" for name in GatewaySettings.model_fields if name != "odoo"}
    shared = {f"ODOO__{{NAME}}__{name.upper()}": "both" for name in EnvironmentSettings.model_fields}
    odoo = {f"ODOO__{{NAME}}__{name.upper()}": "worker" for name in OdooSettings.model_fields}
    documented = {names(variable)[0]: used_by for variable, used_by, *_ in rows("Settings", "variable")}
    assert documented == worker | gateway | both | odoo | shared
