"""Agents of third-party frameworks, as they call the gateway for a model that follows a script.

The model is a server of ours. All else is the framework's: it lists the tools, turns each into a provider's form,
sends arguments on and passes the output back.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from gateway.errors import FinishedError, NotRetryableError
from tests.clients.frameworks.forms import lost, strict_faults
from tests.clients.frameworks.model import Call, Form, Json, Model, Turn, serve_model
from tests.clients.installed import PROGRAMS, python_with
from tests.clients.settings import CREATE, ENVIRONMENT, KEY
from tests.support import callers
from tests.support.requests import ABSENT, unique_body
from tests.support.schemas import Schema

LOCKS = {
    "openai_agents": "mcp2",
    "pydantic_ai": "mcp2",
    "langchain": "mcp1",
    "google_adk": "google_adk",
    "google_genai": "mcp1",
}
"""The lock file of each client."""

STRICT = {"openai_agents", "pydantic_ai", "langchain"}
"""The clients whose model must fill in every field; the others use Gemini's form."""

NOTHING: dict[str, Any] = {"string": "", "integer": 0, "array": [], "boolean": False}
LINE = {"product_id": 26174, "product": "", "product_qty": 2, "product_price": -1}
USUAL = {"product_qty": 1, "product_price": -1, "wait_seconds": 0, "limit": 20}
"""Numbers for which 0 or nothing would have a meaning of its own."""


def filled_in(form: Form, **given: Any) -> Json:
    """Return arguments in which every field has a value, as models with strict schemas must send them."""
    return _filled(form.parameters, given)


def _filled(schema: Schema, given: Json) -> Json:
    return {name: given.get(name, USUAL.get(name, _nothing(part))) for name, part in schema["properties"].items()}


def _nothing(schema: Schema) -> Any:
    if schema["type"] == "object":
        return {name: _nothing(part) for name, part in schema["properties"].items()}
    return NOTHING.get(schema["type"])


def fills_in(name: str, **given: Any) -> Turn:
    """Return the turn that calls this tool with every argument; it acts on the first quotation."""

    def turn(forms: dict[str, Form], outputs: list[str]) -> Call:
        form = forms[f"{ENVIRONMENT}_{name}"]
        if "tracking_id" not in form.parameters["properties"]:
            return Call(form.name, filled_in(form, **given))
        first = answer(outputs[0], "tracking_id")["tracking_id"]
        return Call(form.name, filled_in(form, tracking_id=first, **given))

    return turn


def starts(**fields: Any) -> Turn:
    """Return the turn that starts a quotation with the fields that it needs, and these."""
    return lambda _forms, _outputs: Call(CREATE, unique_body(**fields))


SCRIPT = {
    "create_quotation": fills_in("create_quotation", **unique_body()),
    "get_quotation_status": fills_in("get_quotation_status", wait_seconds=20),
    "cancel_quotation": fills_in("cancel_quotation"),
    "retry_quotation": fills_in("retry_quotation"),
    "list_quotations": fills_in("list_quotations"),
    "retry_quotations": fills_in("retry_quotations"),
    "search_products": fills_in("search_products", query="robot"),
    "search_partners": fills_in("search_partners", query="acme"),
    "lines": fills_in("create_quotation", **unique_body(product_id=ABSENT), lines=[LINE]),
    "nulls": starts(user_id=None, lines=None, notes=None, wait_seconds=None, idempotency_key=None, dry_run=None),
    "wrong": starts(email="no address"),
    "unknown": starts(discount=10),
}
"""The turns of the model; those with an underscore are named after their tool."""

TOOLS = [name for name in SCRIPT if "_" in name]


def answer(output: str, key: str) -> Json:
    """Return the object with this key in an output; each framework packs it in its own way."""
    return next(found for found in _objects(output) if key in found)


def _objects(value: Any) -> Iterator[Json]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(part)


@dataclass(frozen=True)
class Conversation:
    """One framework's run, and the model that it talked to."""

    client: str
    model: Model

    def told(self, turn: str) -> str:
        """Return the output that the model got for this turn."""
        return self.model.outputs[[*SCRIPT].index(turn)]


@pytest.fixture(scope="module", params=LOCKS)
def conversation(
    request: pytest.FixtureRequest, gateway: str, tmp_path_factory: pytest.TempPathFactory
) -> Conversation:
    """The script, played to its end by one framework."""
    client = request.param
    python = python_with(LOCKS[client])
    # otherwise Google's clients look for an account and a certificate outside
    google = {"GOOGLE_API_KEY": "none", "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false", "NO_GCE_CHECK": "true"}
    home = {"HOME": str(tmp_path_factory.mktemp(client)), "PATH": "/usr/bin:/bin"}
    with serve_model([*SCRIPT.values()]) as model:
        command: list[str | Path] = [python, PROGRAMS / f"{client}_client.py", gateway, KEY, model.url]
        done = subprocess.run(command, capture_output=True, text=True, env=google | home, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert len(model.outputs) == len(SCRIPT), model.outputs
    return Conversation(client, model)


@pytest.fixture(scope="module")
async def definitions(gateway: str) -> dict[str, Schema]:
    """The input schemas of the tools as the gateway lists them."""
    async with (
        callers.rest(gateway, callers.bearer(KEY)) as http,
        Client(streamable_http_client(f"{gateway}/mcp", http_client=http)) as client,
    ):
        return {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}


def test_the_model_is_offered_every_tool(conversation: Conversation, definitions: dict[str, Schema]) -> None:
    assert set(conversation.model.forms) == set(definitions) == {f"{ENVIRONMENT}_{name}" for name in TOOLS}


def test_the_provider_takes_every_definition_whole(
    conversation: Conversation, definitions: dict[str, Schema]
) -> None:
    for name, ours in definitions.items():
        form = conversation.model.forms[name]
        assert form.description
        if conversation.client in STRICT:
            assert form.strict
            assert strict_faults(form.parameters) == [], name
            assert lost(ours, form.parameters, "type") == [], name
        else:
            assert lost(ours, form.parameters, "type", "required", "default", "minimum", "maximum") == [], name


def test_a_quotation_is_started_and_followed_to_its_end(conversation: Conversation) -> None:
    started = answer(conversation.told("create_quotation"), "tracking_id")
    status = answer(conversation.told("get_quotation_status"), "tracking_id")

    assert started["status"] == "queued"
    assert (status["tracking_id"], status["status"]) == (started["tracking_id"], "completed")
    assert status["result"]["sale_order_name"]


@pytest.mark.parametrize("tool", TOOLS)
def test_every_argument_may_be_filled_in(conversation: Conversation, tool: str) -> None:
    assert "Wrong arguments" not in conversation.told(tool)


def test_a_finished_quotation_is_refused_in_words(conversation: Conversation) -> None:
    assert FinishedError().in_words in conversation.told("cancel_quotation")
    assert NotRetryableError().in_words in conversation.told("retry_quotation")


def test_what_is_found_reaches_the_model(conversation: Conversation) -> None:
    started = answer(conversation.told("create_quotation"), "tracking_id")["tracking_id"]

    assert answer(conversation.told("search_products"), "list_price")["id"] == 26174
    assert answer(conversation.told("search_partners"), "email")["name"] == "Acme Corp"
    assert started in conversation.told("list_quotations")
    assert answer(conversation.told("retry_quotations"), "remaining")["remaining"] == 0


def test_lines_stand_beside_the_blank_fields_of_one_product(conversation: Conversation) -> None:
    assert answer(conversation.told("lines"), "tracking_id")["status"] == "queued"


def test_null_is_absent(conversation: Conversation) -> None:
    assert answer(conversation.told("nulls"), "tracking_id")["status"] == "queued"


def test_a_wrong_argument_is_told_to_the_model(conversation: Conversation) -> None:
    assert "email: must be a bare e-mail address" in conversation.told("wrong")


def test_an_unknown_argument_is_refused(conversation: Conversation) -> None:
    assert "discount: is not a known field" in conversation.told("unknown")
