"""Whatever fails, no log and no error text holds a secret, a traceback or a customer's data."""

import asyncio
import base64
import json
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xmlrpc.client import Fault, dumps, loads

import httpx2
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from sandbox.processes import ROOT
from sandbox.system import BUCKET, System
from tests.support import quotations
from tests.support.requests import unique_body

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PASSWORD = f"contraseña-{secrets.token_hex(8)}"
WRONG_PASSWORD = f"api-key-{secrets.token_hex(16)}"
AWS_KEY, AWS_SECRET = f"AKIA{secrets.token_hex(8)}", f"aws-{secrets.token_hex(16)}"
API_KEY = f"clave-{secrets.token_hex(16)}"
SECRETS = [PASSWORD, WRONG_PASSWORD, API_KEY, AWS_KEY, AWS_SECRET]

CUSTOMER = {
    "contact_name": "Ximena Reservada",
    "phone": "+52 55 9999 0001",
    "notes": "nota reservada: entregar en Callejón Oculto 7; la clave es sk-12345-abcdef",
}
DATA = ["Zarzamora", "Ximena", "Reservada", "9999 0001", "nota reservada", "Oculto", "sk-12345"]
TRACEBACK = re.compile(r"Traceback \(most recent call last\)|^\s*File \"[^\"]+\", line \d+", re.MULTILINE)

KINDS = {
    "Warning": "odoo_rejected",
    "Message": "odoo_rejected",
    "Trace": "odoo_unexpected",
    "Type": "odoo_unexpected",
    "Bug": "odoo_unexpected",
}
"""How the talkative Odoo fails for a partner of which name, and the code that this has."""


_ANSWERS: dict[str, Any] = {
    "has_access": True,
    "fields_get": {},
    "default_get": {},
    "onchange": {},
    "search_count": 0,
}
_ROWS: dict[str, list[dict[str, Any]]] = {
    "product.product": [{"id": 26174, "name": "Robot", "default_code": False}],
    "res.users": [{"id": 7, "company_id": [1, "Acme"], "company_ids": [1]}],
    "res.company": [{"id": 1, "name": "Acme", "currency_id": [33, "MXN"]}],
}


# those of XML-RPC's faults
_EXCEPTIONS = {1: (500, "builtins.KeyError"), 2: (422, "odoo.exceptions.UserError")}


TALKATIVE = ("dev", "norights")
"""The environments of the talkative Odoo."""


class TalkativeOdoo:
    """An Odoo that can make no partner, and says so in the words that it was given and the password.

    Over JSON-2 it says all of that in a traceback too.
    """

    def __init__(self) -> None:
        odoo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, '{"version_info": [19]}')

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.startswith("/json/2/"):
                    *_, model, method = self.path.split("/")
                    self._send(*odoo.answer_json(model, method, json.loads(body)))
                else:
                    params, name = loads(body)
                    self._send(200, odoo.answer(str(name), params))

            def _send(self, status: int, text: str) -> None:
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05])
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, params: tuple[Any, ...]) -> str:
        fixed: dict[str, Any] = {"authenticate": 7, "version": {"server_version_info": [19]}}
        try:
            value: Any = fixed[method] if method in fixed else self._call(*params[3:6])
        except Fault as fault:
            return dumps(fault, methodresponse=True)
        return dumps((value,), methodresponse=True)

    def answer_json(self, model: str, method: str, named: dict[str, Any]) -> tuple[int, str]:
        try:
            return 200, json.dumps(
                {"uid": 7} if method == "context_get" else self._call(model, method, [*named.values()])
            )
        except Fault as fault:
            status, name = _EXCEPTIONS[fault.faultCode]
            said = fault.faultString.rpartition("\nValueError: ")[2]
            debug = f'Traceback (most recent call last):\n  File "x.py", line 1\n{said} {API_KEY}'
            name = "builtins.ValueError" if said.startswith("External ID") else name
            told = {"name": name, "message": said, "arguments": [said], "context": {}, "debug": debug}
            return status, json.dumps(told)

    def _call(self, model: str, method: str, args: list[Any]) -> Any:
        if (model, method) == ("res.partner", "load"):
            return self._make_partner(dict(zip(args[0], args[1][0], strict=True)))
        if method == "check_object_reference":
            raise Fault(1, "Traceback (most recent call last):\nValueError: External ID not found in the system")
        if method in _ANSWERS:
            return _ANSWERS[method]
        return _ROWS.get(model, [])

    def _make_partner(self, row: dict[str, str]) -> Any:
        said = f"{row['name']} <{row['email']}> {row['phone']} {row['child_ids/name']} ({PASSWORD})"
        match row["name"].split()[-1]:
            case "Warning":
                # the notes were not sent with the partner, yet Odoo may know them
                raise Fault(2, f"The customer {said} may not have the note '{CUSTOMER['notes']}'.")
            case "Trace":
                raise Fault(
                    1, f'Traceback (most recent call last):\n  File "x.py", line 1\nKeyError: {said}\n{said}'
                )
            case "Type":
                return [said]
            case "Bug":
                return {"ids": [1, 2], "messages": []}
            case _:
                return {"ids": False, "messages": [{"type": "error", "message": f"El cliente {said} está mal"}]}


@pytest.fixture(scope="module")
def talkative() -> Iterator[TalkativeOdoo]:
    odoo = TalkativeOdoo()
    yield odoo
    odoo.close()


@pytest.fixture(scope="module")
def settings(talkative: TalkativeOdoo) -> dict[str, str]:
    """Of a worker whose `dev` is the talkative Odoo over XML-RPC, and whose `norights` is it over JSON-2."""
    return {
        "ODOO__DEV__URL": talkative.url,
        "ODOO__DEV__PASSWORD": PASSWORD,
        "ODOO__NORIGHTS__URL": talkative.url,
        "ODOO__NORIGHTS__PASSWORD": "",
        "ODOO__NORIGHTS__API_KEY": API_KEY,
        "ODOO__WRONG__PASSWORD": WRONG_PASSWORD,
        "AWS_ACCESS_KEY_ID": AWS_KEY,
        "AWS_SECRET_ACCESS_KEY": AWS_SECRET,
    }


@pytest.fixture
def started(system: System) -> list[Path]:
    """The logs of processes that were there before this test."""
    return list(system.folder.glob("worker-*.log"))


async def test_whatever_fails_no_error_log_or_history_tells_a_secret_or_a_customers_data(
    system: System,
    http: httpx2.AsyncClient,
    s3: "S3Client",
    settings: dict[str, str],
    started: list[Path],
) -> None:
    codes = {(environment, kind): code for environment in TALKATIVE for kind, code in KINDS.items()}
    requests = {(environment, kind): customer(f"Zarzamora {kind}") for environment, kind in codes}
    # no log can be written while this worker runs
    system.start_worker(settings | {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"})
    refused = await http.post("/api/dev/quotation/async", json=customer("Zarzamora") | {"phone": ["9999 0001"]})
    assert refused.status_code == httpx2.codes.UNPROCESSABLE_CONTENT
    ids = {one: await quotations.start(http, one[0], **request) for one, request in requests.items()}
    ids["wrong", ""] = await quotations.start(http, "wrong", **customer("Zarzamora"))
    finals = {kind: await quotations.final(http, tracking_id) for kind, tracking_id in ids.items()}
    assert {kind: status["error"]["code"] for kind, status in finals.items()} == codes | {
        ("wrong", ""): "odoo_auth_failed"
    }
    await until_closed(system, ids.values())
    system.stop_workers()
    system.start_worker(settings)
    documents = {kind: await log_of(s3, status) for kind, status in finals.items()}
    system.stop_workers()

    emails = [request["email"] for request in requests.values()]
    for status in finals.values():
        assert_tells_nothing(json.dumps(status, ensure_ascii=False), emails)
    for kind, document in documents.items():
        assert document["error"] == finals[kind]["error"]
        # it holds the request, for that is what it is for
        assert_tells_nothing(json.dumps(document | {"request": None}, ensure_ascii=False), emails)
        assert_tells_no_secret(json.dumps(document, ensure_ascii=False))
    for tracking_id in [*ids.values(), *(f"{one}-log" for one in ids.values())]:
        texts, failures = await history_of(system, tracking_id)
        assert failures or tracking_id.endswith("-log")
        for text in failures:
            assert_tells_nothing(text, emails)
        for text in texts:
            assert_tells_no_secret(text)
            # a path of the machine
            assert str(ROOT) not in text
            assert "site-packages" not in text
    logs = {path: path.read_text() for path in system.folder.glob("*.log") if path not in started}
    assert len(logs) == 3
    assert all(code in "".join(logs.values()) for code in (*KINDS.values(), "log_unavailable", "odoo_auth_failed"))
    for text in logs.values():
        assert_tells_nothing(text, emails)


def customer(name: str) -> dict[str, Any]:
    return unique_body(
        partner_name=name, email=f"Ximena.{secrets.token_hex(4)}@zarzamora-privada.test", **CUSTOMER
    )


def assert_tells_nothing(text: str, emails: list[str]) -> None:
    assert_tells_no_secret(text)
    for word in [*DATA, *emails, "zarzamora-privada"]:
        assert word.casefold() not in text.casefold()
    assert not TRACEBACK.search(text)


def assert_tells_no_secret(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text


async def until_closed(system: System, ids: Iterable[str]) -> None:
    """Wait until the runs have left their logs to others."""
    client = await Client.connect(system.temporal)
    async with asyncio.timeout(30):
        for tracking_id in ids:
            handle = client.get_workflow_handle(tracking_id)
            while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
                await asyncio.sleep(0.1)


async def log_of(s3: "S3Client", status: dict[str, Any]) -> dict[str, Any]:
    """The log of the end, once it is there."""
    created = status["created_at"]
    key = f"mcp-odoo-logs/{created[:4]}/{created[5:7]}/{status['tracking_id']}.log"
    async with asyncio.timeout(90):
        while True:
            try:
                document: dict[str, Any] = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            except s3.exceptions.NoSuchKey:
                document = {}
            if document.get("completed_at"):
                return document
            await asyncio.sleep(0.2)


async def history_of(system: System, workflow_id: str) -> tuple[list[str], list[str]]:
    """All texts of a workflow's history, and those of its failures; payloads are decoded."""
    client = await Client.connect(system.temporal)
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    texts: list[str] = []
    failures: list[str] = []

    def walk(value: Any, *, in_failure: bool = False) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                walk(part, in_failure=in_failure or "failure" in key.lower())
        elif isinstance(value, list):
            for part in value:
                walk(part, in_failure=in_failure)
        elif isinstance(value, str):
            text = decoded(value)
            texts.append(text)
            if in_failure:
                failures.append(text)

    walk(json.loads(history.to_json()))
    return texts, failures


def decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return text
