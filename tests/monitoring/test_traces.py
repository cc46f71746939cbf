"""One trace from a caller's request to each call to Odoo and S3, which tells nothing of customers and secrets."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from opentelemetry import trace

from sandbox.ports import free_port
from sandbox.real_odoo import OdooAccess
from sandbox.servers import S3_SETTINGS, Server, s3_client, s3_server, standin_odoo
from sandbox.system import BUCKET, System, odoo_settings
from tests.support import callers
from tests.support.collector import Collector, Received
from tests.support.requests import unique_body

KEY = "key-of-ana-0123456789"
ENVIRONMENT, OTHER = "traced", "broken"
"""Each system has a task queue of its own: workers of other tests are on the same Temporal."""
COLLECTORS_SECRET = "secret-of-the-collector"
HEADERS = {"Authorization": f"Bearer {KEY}"}

ODOO = [
    "product.product.search_read",
    "res.partner.search_read",
    "ir.model.data.check_object_reference",
    "res.partner.load",
    "crm.lead.load",
    "sale.order.load",
    "sale.order.web_read",
    "crm.lead2opportunity.partner.web_save",
    "crm.lead2opportunity.partner.action_apply",
]
ACTIVITIES = [
    "authenticate",
    "get_or_create_partner",
    "create_lead",
    "convert_to_opportunity",
    "create_sale_order",
    "add_product_lines",
]
QUOTATION = Counter(
    [
        "StartWorkflow:Quotation",
        "RunWorkflow:Quotation",
        "CompleteWorkflow:Quotation",
        *(f"StartActivity:{activity}" for activity in ACTIVITIES),
        *(f"RunActivity:{activity}" for activity in ACTIVITIES),
        *(f"odoo {call}" for call in ODOO),
    ]
)
"""The spans of a new customer's quotation; a warm worker makes nine calls to Odoo."""


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def odoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with standin_odoo(tmp_path_factory.mktemp("odoo")) as server:
        yield server


@pytest.fixture(scope="module")
def traced(
    tmp_path_factory: pytest.TempPathFactory, temporal_address: str, odoo: Server, collector: Collector
) -> Iterator[System]:
    """A system that sends its spans to the collector, and writes its lines as JSON."""
    folder = tmp_path_factory.mktemp("traced")
    with s3_server(tmp_path_factory.mktemp("s3")) as s3:
        s3_client(s3.url).create_bucket(Bucket=BUCKET)
        access = OdooAccess(odoo.url, "quotations")
        extra = settings(ENVIRONMENT, access, collector.host)
        system = System(folder, temporal_address, s3.url, access, extra)
        try:
            system.start_gateway()
            system.start_worker()
            yield system
        finally:
            system.kill()


def settings(environment: str, odoo: OdooAccess, collector: str) -> dict[str, str]:
    return odoo_settings(environment, odoo) | {
        "ENVIRONMENTS": environment,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://user:{COLLECTORS_SECRET}@{collector}",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "LOG_FORMAT": "json",
        "GATEWAY_API_KEYS": f"ana:{KEY}",
        "TRACKING_SECRET": "tracking-secret",
    }


@pytest.fixture(scope="module")
async def http(traced: System) -> AsyncIterator[httpx2.AsyncClient]:
    headers = HEADERS | {"Accept": "application/json"}
    async with httpx2.AsyncClient(base_url=traced.gateway_url, headers=headers, timeout=60) as client:
        # the first one asks Odoo for what is kept
        await quotation(client)
        yield client


async def quotation(
    http: httpx2.AsyncClient, headers: dict[str, str] | None = None, environment: str = ENVIRONMENT, **fields: Any
) -> Any:
    path, body = f"/api/{environment}/quotation/async", unique_body(**fields)
    answer = await http.post(path, json=body, params={"wait": 30}, headers=headers)
    return answer.json()


def parent() -> tuple[str, str]:
    """The trace and the span of a caller."""
    return secrets.token_hex(16), secrets.token_hex(8)


def names(spans: list[Received]) -> Counter[str]:
    """The names of spans without those of the logs, of which a slow store causes more."""
    return Counter(one.name for one in spans if not one.name.startswith("s3 ") and "log_to_s3" not in one.name)


def is_whole(spans: list[Received], *others: str) -> bool:
    logs = {one.name for one in spans} >= {"StartActivity:log_to_s3", "RunActivity:log_to_s3", "s3 PutObject"}
    return logs and names(spans) >= QUOTATION + Counter(others)


async def test_one_call_over_mcp_is_one_trace_from_its_caller_to_odoo_and_s3(
    http: httpx2.AsyncClient, collector: Collector
) -> None:
    trace_id, caller = parent()
    meta = {"traceparent": f"00-{trace_id}-{caller}-01", "tracestate": "vendor=opaque"}
    arguments = unique_body() | {"wait_seconds": 20}
    params = {"name": "traced_create_quotation", "arguments": arguments, "_meta": meta}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = (await http.post("/mcp", json=call)).json()["result"]["structuredContent"]
    assert answer["status"] == "completed"

    tool = "tools/call traced_create_quotation"
    spans = await collector.until(trace_id, lambda spans: is_whole(spans, tool))
    assert names(spans) == QUOTATION + Counter([tool])
    by_id = {one.span.span_id: one for one in spans}
    above = {one.name: by_id[one.span.parent_span_id].name for one in spans if one.span.parent_span_id in by_id}
    [top] = [one for one in spans if one.span.parent_span_id not in by_id]
    assert (top.name, top.span.parent_span_id.hex()) == (tool, caller)
    assert above["StartWorkflow:Quotation"] == top.name
    assert above["RunWorkflow:Quotation"] == "StartWorkflow:Quotation"
    assert above["RunActivity:create_lead"] == "StartActivity:create_lead"
    assert above["odoo crm.lead.load"] == "RunActivity:create_lead"
    assert above["odoo sale.order.web_read"] == "RunActivity:create_sale_order"
    assert above["s3 PutObject"] in ("RunActivity:authenticate", "RunActivity:log_to_s3")
    assert {one.span.trace_state for one in spans} == {"vendor=opaque"}
    assert {one.service for one in spans} == {"quotations-gateway", "quotations-worker"}
    [load] = [one for one in spans if one.name == "odoo crm.lead.load"]
    assert load.attributes == {
        "odoo.environment": ENVIRONMENT,
        "odoo.model": "crm.lead",
        "odoo.method": "load",
        "temporalWorkflowID": answer["tracking_id"],
        "temporalAttempt": 1,
    }


@pytest.mark.usefixtures("http")
@pytest.mark.parametrize("transport", callers.TRANSPORTS)
async def test_a_client_that_traces_names_itself_in_each_call(
    traced: System, collector: Collector, transport: str
) -> None:
    trace_id, caller = parent()
    context = trace.SpanContext(
        int(trace_id, 16), int(caller, 16), is_remote=False, trace_flags=trace.TraceFlags(1)
    )
    async with callers.mcp(traced.gateway_url, HEADERS, transport) as client:
        with trace.use_span(trace.NonRecordingSpan(context)):
            await client.call_tool("traced_create_quotation", unique_body())
    await collector.until(trace_id, is_whole)


async def test_a_request_over_rest_goes_on_with_its_callers_trace(
    http: httpx2.AsyncClient, collector: Collector
) -> None:
    trace_id, caller = parent()
    await quotation(http, {"traceparent": f"00-{trace_id}-{caller}-01"})
    request = "POST /api/{environment}/quotation/async"
    spans = await collector.until(trace_id, lambda spans: is_whole(spans, request))
    assert names(spans) == QUOTATION + Counter([request])
    [top] = [one for one in spans if one.span.parent_span_id.hex() == caller]
    assert top.attributes["http.route"] == "/api/{environment}/quotation/async"


async def test_a_caller_whose_trace_is_not_sampled_gets_none(
    http: httpx2.AsyncClient, collector: Collector
) -> None:
    unsampled, caller = parent()
    await quotation(http, {"traceparent": f"00-{unsampled}-{caller}-00"})
    trace_id, caller = parent()
    await quotation(http, {"traceparent": f"00-{trace_id}-{caller}-01"})
    await collector.until(trace_id, is_whole)
    assert collector.trace(unsampled) == []


async def test_a_replay_and_polls_add_no_spans(
    traced: System, odoo: Server, http: httpx2.AsyncClient, collector: Collector
) -> None:
    trace_id, caller = parent()
    odoo.stop()
    header = {"traceparent": f"00-{trace_id}-{caller}-01"}
    started = (await http.post("/api/traced/quotation/async", json=unique_body(), headers=header)).json()
    async with asyncio.timeout(30):
        while not (await http.get(started["status_url"])).json()["retrying"]:
            await asyncio.sleep(0.1)
    traced.replace_worker(0)
    odoo.start()
    final = await http.get(started["status_url"], params={"wait": 60})
    assert final.json()["status"] == "completed"

    spans = await collector.until(
        trace_id, lambda spans: is_whole(spans, "POST /api/{environment}/quotation/async")
    )
    [*attempts] = [one for one in spans if one.name == "RunActivity:authenticate"]
    assert sorted(one.attributes["temporalAttempt"] for one in attempts) == [*range(1, len(attempts) + 1)]
    assert attempts[0].attributes["error.type"] == "odoo_unavailable"
    in_workflow = Counter({name: number for name, number in names(spans).items() if "Workflow:" in name})
    activities = [f"StartActivity:{activity}" for activity in ACTIVITIES]
    assert in_workflow == Counter(f"{what}Workflow:Quotation" for what in ("Start", "Run", "Complete"))
    assert [names(spans)[name] for name in activities] == [1] * len(activities)
    assert {"QueryWorkflow:status"} <= {one.name for one in collector.spans}
    assert not [one.name for one in collector.spans if one.name.startswith("HandleQuery")]


async def test_spans_and_lines_tell_nothing_of_customers_and_secrets(
    traced: System, http: httpx2.AsyncClient, collector: Collector
) -> None:
    trace_id, caller = parent()
    header = {"traceparent": f"00-{trace_id}-{caller}-01", "baggage": "customer=Zarzamora", "X-Request-Id": "mine"}
    failed = await quotation(http, header, partner_name="Zarzamora", product_id=4711)
    assert failed["status"] == "failed"
    made = await quotation(http, header, partner_name="Zarzamora", notes="Zarzamora")
    for path in (
        "/api/traced/products?query=Zarzamora",
        "/Zarzamora",
        "/api/quotation/Zarzamora",
        made["page_url"],
    ):
        await http.get(path, headers=header)
    for method, name in (("tools/call", "Zarzamora"), ("Zarzamora", "x"), ("prompts/get", "Zarzamora")):
        call = {"jsonrpc": "2.0", "id": "Zarzamora", "method": method, "params": {"name": name}}
        await http.post("/mcp", json=call, headers=header)
    await http.post("/api/traced/quotation/async", json=unique_body(phone=["Zarzamora"]), headers=header)

    spans = await collector.until(trace_id, lambda spans: is_whole(spans, *["POST /mcp"] * 3))
    [refused] = [one for one in spans if one.name == "RunActivity:authenticate" and one.span.status.code]
    assert refused.attributes["error.type"] == "product_not_found"
    everything = b"".join(collector.bodies) + traced.logs().encode()
    page_token = made["page_url"].rpartition("=")[2]
    said = ["Zarzamora", "acme.test", "1234 5678", "John Doe", "Cotizaci", page_token]
    hidden = [KEY, COLLECTORS_SECRET, traced.odoo.password, S3_SETTINGS["AWS_SECRET_ACCESS_KEY"], traced.odoo.url]
    assert [word for word in [*said, *hidden] if word.encode() in everything] == []


async def test_lines_are_json_with_the_ids_of_request_quotation_and_trace(
    traced: System, http: httpx2.AsyncClient
) -> None:
    trace_id, caller = parent()
    header = {"traceparent": f"00-{trace_id}-{caller}-01", "X-Request-Id": "mine-7"}
    failed = await quotation(http, header, product_id=4711)
    lines = [json.loads(line) for line in traced.logs().splitlines() if line]
    assert all(line.keys() >= {"time", "level", "logger"} for line in lines)
    of_it = [line for line in lines if line.get("tracking_id") == failed["tracking_id"]]
    assert {line["trace_id"] for line in of_it} == {trace_id}
    [started] = [line for line in of_it if line["logger"] == "gateway.audit"]
    assert (started["request_id"], started["action"], started["owner"]) == ("mine-7", "start", "ana")
    [refused] = [line for line in of_it if line["logger"] == "activities.interceptor"]
    assert refused["message"].startswith("authenticate of ")


@pytest.mark.parametrize("kind", ["refuses", "hangs", "is away"])
async def test_a_collector_that_does_not_work_stops_nothing(
    traced: System, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Collector() as broken:
        broken.status = 403
        broken.hangs = kind == "hangs"
        host = f"127.0.0.1:{free_port()}" if kind == "is away" else broken.host
        folder = tmp_path_factory.mktemp("broken")
        extra = settings(OTHER, traced.odoo, host) | {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
        system = System(folder, traced.temporal, traced.s3_url, traced.odoo, extra)
        try:
            system.start_gateway()
            worker = system.start_worker()
            async with httpx2.AsyncClient(base_url=system.gateway_url, headers=HEADERS, timeout=60) as http:
                assert (await quotation(http, environment=OTHER))["status"] == "completed"
            async with asyncio.timeout(30):
                while "spans are lost" not in worker.output:
                    await asyncio.sleep(0.1)
            assert system.stop_workers() == [0]
        finally:
            system.kill()
            broken.release()
    lines = [json.loads(line) for line in worker.output.splitlines()]
    said = ("runtime.tracing", "opentelemetry", "urllib3")
    warned = [line["message"] for line in lines if line["logger"].startswith(said)]
    assert warned == ["spans are lost: the collector of OTEL_EXPORTER_OTLP_ENDPOINT does not take them"]
    assert not any(word in system.logs() for word in (COLLECTORS_SECRET, host))
