"""`python worker.py --check` as a process: each defect of an installation is planted, and named in plain words."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest
from grpc import StatusCode
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client

from quotation.messages import WORKFLOW
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from runtime.encryption import data_converter
from runtime.payload_keys import parse_payload_keys
from sandbox import catalogue
from sandbox.ports import free_port
from sandbox.real_odoo import OdooAccess
from sandbox.servers import S3_SETTINGS, temporal_server
from tests.support import temporal_relay
from tests.support.odoo_relay import FORWARD, Answer, OdooRelay, relay_to
from tests.support.program import started
from tests.unit.log_store import policies
from tests.unit.log_store.s3 import Front

OK = "ok       "
LIMIT = "limit    "
PROBLEM = "problem  "
KEYS = {name: b64encode(name.encode() * 16).decode() for name in ("a", "b")}


@pytest.fixture
def good(odoo_url: str, s3_url: str, temporal_address: str) -> dict[str, str]:
    """The settings of a worker without a problem."""
    return S3_SETTINGS | {
        "TEMPORAL_ADDRESS": temporal_address,
        "ENVIRONMENTS": "dev",
        "ODOO__DEV__URL": odoo_url,
        "ODOO__DEV__DB": "quotations",
        "ODOO__DEV__USERNAME": catalogue.SALES_ALL_LEADS.login,
        "ODOO__DEV__PASSWORD": catalogue.SALES_ALL_LEADS.password,
        "AWS_ENDPOINT_URL_S3": s3_url,
        "S3_BUCKET": "logs",
    }


@pytest.fixture
def relay(odoo_url: str) -> Iterator[OdooRelay]:
    with relay_to(OdooAccess(odoo_url, "quotations")) as relay:
        yield relay


@pytest.fixture
def front(s3_url: str) -> Iterator[Front]:
    front = Front(s3_url)
    yield front
    front.close()


def check(settings: Mapping[str, str], folder: Path) -> tuple[int, list[str]]:
    """Return the exit code and the printed lines of `worker.py --check`, in an environment of its own."""
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **settings}
    program = started(folder, "worker", "--check", variables=variables)
    code = program.fork.wait(100)
    said = program.output + program.errors
    user = catalogue.SALES_ALL_LEADS
    assert not [secret for secret in (user.password, user.api_key, *KEYS.values()) if secret in said]
    assert "Traceback" not in said
    return code, program.output.splitlines()


def assert_only(found: tuple[int, list[str]], line: str) -> None:
    """Check that this line is the only one that is not a good finding, and that the exit code is 1."""
    code, lines = found
    assert [one for one in lines if not one.startswith(OK)] == [line, "Problems found: 1."]
    assert code == 1


def test_a_good_installation_is_exit_code_0(good: dict[str, str], tmp_path: Path) -> None:
    key = {"ODOO__DEV__API_KEY": catalogue.SALES_ALL_LEADS.api_key, "ODOO__DEV__PASSWORD": ""}
    assert check(good | key | {"ODOO__DEV__LANG": "es_MX", "LOG_DIR": str(tmp_path)}, tmp_path) == (
        0,
        [
            OK + "Temporal answers.",
            OK + "Temporal has the namespace default.",
            OK + "PAYLOAD_KEYS is not set: Temporal stores quotations without encryption.",
            OK + f"Temporal has the search attributes {', '.join(SEARCH_ATTRIBUTES)}.",
            OK + "dev: Odoo 19 answers.",
            OK + "dev: the clock agrees with Odoo's.",
            OK + "dev: the user ventas_todos can log in and has the id 4.",
            OK + "dev: ODOO__DEV__API_KEY does not end.",
            OK + "dev: leads and orders are for the company 'My Company' (USD).",
            OK + "dev: new partners have the language es_MX.",
            OK + "dev: the modules crm and sale are installed.",
            OK + "dev: orders are linked to their opportunities.",
            OK + "dev: the user may create res.partner, crm.lead, sale.order, sale.order.line.",
            OK + "dev: the user may convert leads to opportunities.",
            OK + "dev: the user may assign quotations to other salespeople.",
            OK + "dev: no mandatory field lacks a value.",
            OK + "dev: 4 products are for sale.",
            OK + "S3: logs can be written and read in s3://logs/mcp-odoo-logs, and conditional writes work.",
            OK + f"LOG_DIR: local logs can be written to {tmp_path}.",
            "Problems found: 0.",
        ],
    )


def test_every_problem_is_named_and_is_exit_code_1(good: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = {
        "TEMPORAL_NAMESPACE": "nowhere",
        "ODOO__DEV__LANG": "fr_FR",
        "S3_BUCKET": "nowhere",
        "LOG_DIR": str(tmp_path / "file" / "logs"),
    }
    code, lines = check(good | wrong, tmp_path)
    assert code == 1
    assert [line.partition(":")[0] for line in lines if line.startswith(PROBLEM)] == [
        PROBLEM + "TEMPORAL_NAMESPACE is wrong",
        PROBLEM + "ODOO__DEV__LANG may be wrong",
        PROBLEM + "S3_BUCKET or AWS_* may be wrong",
        PROBLEM + "LOG_DIR may be wrong",
    ]
    assert lines[-1] == "Problems found: 4."


def test_temporal_away_is_named(good: dict[str, str], tmp_path: Path) -> None:
    away = {"TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}"}
    assert_only(
        check(good | away, tmp_path),
        PROBLEM + "Temporal does not answer: the server at TEMPORAL_ADDRESS refuses connections.",
    )


async def test_a_temporal_that_tells_little_is_a_limit_and_exit_code_0(
    good: dict[str, str], tmp_path: Path
) -> None:
    async with temporal_relay.relay_to(good["TEMPORAL_ADDRESS"]) as relay:
        relay.fail(StatusCode.PERMISSION_DENIED, *temporal_relay.VISIBILITY)
        code, lines = await asyncio.to_thread(check, good | {"TEMPORAL_ADDRESS": relay.address}, tmp_path)

    assert [line for line in lines if not line.startswith(OK)] == [
        LIMIT + "PAYLOAD_KEYS could not be checked: Temporal does not list running quotations.",
        LIMIT + "Temporal did not list its search attributes (PERMISSION_DENIED).",
        "Problems found: 0.",
    ]
    assert code == 0


def test_a_missing_setting_is_named(good: dict[str, str], tmp_path: Path) -> None:
    del good["ODOO__DEV__URL"]
    code, lines = check(good, tmp_path)
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith(PROBLEM)
    assert "ODOO__DEV__URL" in lines[0]


def no_right(text: str) -> Answer:
    def answer(_args: list[Any], _kwargs: dict[str, Any]) -> Any:
        raise Fault(4, text)

    return answer


def mandatory(args: list[Any], _kwargs: dict[str, Any]) -> Any:
    giro = {"type": "char", "string": "Giro", "required": True, "manual": True}
    return {"x_giro": giro} if not args[0] else FORWARD


CRM = {"crm.lead", "crm.lead2opportunity.partner"}
SALE = {"sale.order", "sale.order.line"}
NO_VALUE = (
    "ODOO__DEV__DEFAULTS may be wrong: Odoo requires a value for 'Giro' (x_giro) of sale.order, and the"
    " settings have none."
)
Plant = Callable[[OdooRelay], object]
DEFECTS: dict[str, tuple[Plant, str]] = {
    "crm": (
        lambda odoo: odoo.missing.update(CRM),
        "dev: Odoo lacks what quotations need: the module crm is not installed.",
    ),
    "sale": (
        lambda odoo: odoo.missing.update(SALE),
        "dev: Odoo lacks what quotations need: the module sale is not installed.",
    ),
    "crm and sale": (
        lambda odoo: odoo.missing.update(CRM | SALE),
        "dev: Odoo lacks what quotations need: the modules crm and sale are not installed.",
    ),
    "create orders": (
        lambda odoo: odoo.answers.update({"sale.order.has_access": lambda *_: False}),
        "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to create sale.order.",
    ),
    "convert": (
        lambda odoo: odoo.answers.update({"crm.lead2opportunity.partner.has_access": lambda *_: False}),
        "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to convert leads.",
    ),
    "read products": (
        lambda odoo: odoo.answers.update({"product.product.search_count": no_right("You are not allowed")}),
        "ODOO__DEV__USERNAME may be wrong: Odoo's service user is not allowed to read products.",
    ),
    "mandatory field": (
        lambda odoo: odoo.answers.update(
            {"sale.order.fields_get": mandatory, "sale.order.default_get": lambda *_: {}}
        ),
        NO_VALUE,
    ),
    "products": (
        lambda odoo: odoo.answers.update({"product.product.search_count": lambda *_: 0}),
        "dev: Odoo has no product for sale.",
    ),
}


@pytest.mark.parametrize(("plant", "sentence"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_of_odoo_is_named(
    good: dict[str, str], relay: OdooRelay, tmp_path: Path, plant: Plant, sentence: str
) -> None:
    plant(relay)
    assert_only(check(good | {"ODOO__DEV__URL": relay.url}, tmp_path), PROBLEM + sentence)


def test_a_value_of_the_settings_fills_a_mandatory_field(
    good: dict[str, str], relay: OdooRelay, tmp_path: Path
) -> None:
    relay.answers.update({"sale.order.fields_get": mandatory})
    filled = {"ODOO__DEV__URL": relay.url, "ODOO__DEV__DEFAULTS": '{"sale.order": {"x_giro": "Comercio"}}'}
    code, lines = check(good | filled, tmp_path)
    assert (code, lines[-1]) == (0, "Problems found: 0.")


def test_orders_without_a_link_are_a_limit_and_exit_code_0(
    good: dict[str, str], relay: OdooRelay, tmp_path: Path
) -> None:
    relay.answers["sale.order.fields_get"] = lambda args, _: {} if args[0] == ["opportunity_id"] else FORWARD
    code, lines = check(good | {"ODOO__DEV__URL": relay.url}, tmp_path)
    assert [line for line in lines if not line.startswith(OK)] == [
        LIMIT + "dev: orders are not linked to their opportunities: the module sale_crm is not installed.",
        "Problems found: 0.",
    ]
    assert code == 0


def test_a_wrong_clock_is_named(good: dict[str, str], relay: OdooRelay, tmp_path: Path) -> None:
    relay.ahead = 600.5
    code, lines = check(good | {"ODOO__DEV__URL": relay.url}, tmp_path)
    [line] = [line for line in lines if line.startswith(PROBLEM)]
    assert line.startswith(PROBLEM + "dev: the clock of this machine is ")
    assert line.endswith(" s behind Odoo's.")
    assert code == 1


NO_PUT = (
    "S3_BUCKET or AWS_* may be wrong: S3 does not let this key write to the bucket (AccessDenied): it needs"
    " the right PutObject, and some buckets demand S3_SERVER_SIDE_ENCRYPTION."
)
NO_GET = (
    "S3_BUCKET or AWS_* may be wrong: S3 does not let this key read from the bucket (AccessDenied): it needs"
    " the right GetObject."
)
NO_CONDITIONS = (
    "This S3 has no conditional writes. If two workers write the same log at once, the older one may stay."
)
BUCKETS: dict[str, tuple[policies.Policy, str]] = {
    "PutObject": (
        policies.without_right("PUT"),
        NO_PUT,
    ),
    "GetObject": (
        policies.without_right("GET"),
        NO_GET,
    ),
    "conditions ignored": (policies.ignoring_conditions, NO_CONDITIONS),
    "conditions refused": (policies.refusing_conditions(501, "NotImplemented"), NO_CONDITIONS),
    "clock": (
        lambda *_: policies.error(403, "RequestTimeTooSkewed"),
        "The clocks of S3 and this machine differ (RequestTimeTooSkewed).",
    ),
    "credentials": (
        lambda *_: policies.error(403, "SignatureDoesNotMatch"),
        "S3_BUCKET or AWS_* may be wrong: S3 refused the credentials (SignatureDoesNotMatch).",
    ),
}


@pytest.mark.parametrize(("policy", "sentence"), BUCKETS.values(), ids=BUCKETS)
def test_a_defect_of_the_bucket_is_named(
    good: dict[str, str], front: Front, tmp_path: Path, policy: policies.Policy, sentence: str
) -> None:
    front.policy = policy
    assert_only(check(good | {"AWS_ENDPOINT_URL_S3": front.url}, tmp_path), PROBLEM + sentence)


def test_a_key_with_the_two_rights_is_enough(good: dict[str, str], front: Front, tmp_path: Path) -> None:
    front.policy = policies.without_list
    code, lines = check(good | {"AWS_ENDPOINT_URL_S3": front.url}, tmp_path)
    assert (code, lines[-1]) == (0, "Problems found: 0.")


async def test_payload_keys_are_held_against_running_quotations(good: dict[str, str], tmp_path: Path) -> None:
    def found(keys: str) -> tuple[int, list[str]]:
        return check(good | {"TEMPORAL_ADDRESS": server.address, "PAYLOAD_KEYS": keys}, tmp_path)

    with temporal_server(tmp_path) as server:
        converter = data_converter(parse_payload_keys(f"a:{KEYS['a']}"))
        client = await Client.connect(server.address, data_converter=converter)
        await client.start_workflow(WORKFLOW, id="quot_1", task_queue="nobody", memo={"status": "queued"})
        while not [run async for run in client.list_workflows(f"WorkflowType = '{WORKFLOW}'")]:
            await asyncio.sleep(0.05)

        code, lines = found(f"b:{KEYS['b']},a:{KEYS['a']}")
        for keys in ("", f"b:{KEYS['b']}"):
            assert_only(
                found(keys),
                PROBLEM + "PAYLOAD_KEYS must have the key 'a' that running quotations are encrypted with.",
            )
        assert_only(
            found(f"a:{KEYS['b']}"),
            PROBLEM
            + "PAYLOAD_KEYS has a key 'a', but running quotations are encrypted with another one of that id.",
        )

    assert (code, lines[-1]) == (0, "Problems found: 0.")
    assert OK + "PAYLOAD_KEYS has the keys of the running quotations." in lines


def test_payload_keys_in_a_wrong_form_are_named_without_the_key(good: dict[str, str], tmp_path: Path) -> None:
    code, lines = check(good | {"PAYLOAD_KEYS": f"a:{KEYS['a'][1:]}"}, tmp_path)
    assert lines == [
        PROBLEM + "PAYLOAD_KEYS is wrong: entry 1 must be id:base64key, where base64key is 16, 24 or 32 bytes."
    ]
    assert code == 1


async def test_a_namespace_with_little_room_gets_the_most_useful_search_attributes(
    good: dict[str, str], tmp_path: Path
) -> None:
    with temporal_server(tmp_path) as server:
        client = await Client.connect(server.address)
        # a namespace has room for ten
        taken = {f"Taken{number}": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for number in range(7)}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=taken)
        )
        _, lines = await asyncio.to_thread(check, good | {"TEMPORAL_ADDRESS": server.address}, tmp_path)

    missing = ", ".join(SEARCH_ATTRIBUTES[3:])
    assert (
        LIMIT + f"Temporal lacks the search attributes {missing}: it finds quotations later, or not by them."
        in lines
    )
