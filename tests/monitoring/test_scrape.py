"""The metrics of gateway and worker after some quotations."""

import collections
import re

import httpx2

from sandbox.system import System
from tests.monitoring.scrape import Scrape
from tests.support.requests import REQUEST


def test_each_quotation_is_counted_once_by_status_and_code(scrape: Scrape) -> None:
    counted = {
        (sample.labels["environment"], sample.labels["status"], sample.labels["error_code"]): sample.value
        for sample in scrape.samples
        if sample.name == "worker_quotations_total"
    }
    assert {key: value for key, value in counted.items() if value} == {
        ("dev", "completed", "none"): 2,
        ("dev", "failed", "product_not_found"): 1,
        ("wrong", "failed", "odoo_auth_failed"): 1,
    }
    # Prometheus sees a first increase only after a zero
    assert counted["wrong", "completed", "none"] == counted["dev", "failed", "odoo_unavailable"] == 0


def test_attempts_are_counted_by_outcome(scrape: Scrape) -> None:
    def attempts(environment: str, activity: str, outcome: str) -> float:
        labels = {"environment": environment, "activity": activity, "outcome": outcome}
        return scrape.value("worker_activity_attempts_total", **labels)

    assert attempts("dev", "create_lead", "ok") == 2
    assert attempts("dev", "authenticate", "product_not_found") == 1
    assert attempts("wrong", "authenticate", "odoo_auth_failed") >= 1


def test_calls_to_odoo_are_timed_and_their_faults_counted_by_kind(scrape: Scrape) -> None:
    assert scrape.value("worker_odoo_call_seconds_count", environment="dev", call="crm.lead.load") == 2
    assert scrape.value("worker_odoo_faults_total", environment="wrong", kind="login_refused") >= 1
    assert scrape.value("worker_odoo_faults_total", environment="dev", kind="login_refused") == 0
    assert scrape.value("worker_odoo_slots", environment="dev") == 8
    assert scrape.value("worker_odoo_calls_running") == scrape.value("worker_odoo_calls_waiting") == 0


def test_the_metrics_of_the_sdk_are_in_the_same_scrape_in_seconds(scrape: Scrape) -> None:
    labels = {"task_queue": "quotations-dev", "activity_type": "create_lead"}
    assert scrape.value("temporal_activity_succeed_endtoend_latency_seconds_count", **labels) == 2
    assert (
        scrape.value("temporal_activity_schedule_to_start_latency_seconds_count", task_queue="quotations-dev") >= 2
    )
    assert scrape.value("temporal_workflow_task_execution_failed_total") >= 1


def test_both_tell_their_versions(scrape: Scrape) -> None:
    for name in ("gateway_build_info", "worker_build_info"):
        [sample] = [sample for sample in scrape.samples if sample.name == name]
        assert sample.labels.keys() == {"version", "python", "temporalio"}


def test_no_family_of_metrics_is_there_twice(scrape: Scrape) -> None:
    for text in scrape.texts:
        families = collections.Counter(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
        assert set(families.values()) == {1}


def test_no_metric_tells_of_a_customer_and_series_are_few(scrape: Scrape, system: System) -> None:
    everything = "\n".join(scrape.texts)
    secrets = [str(value) for name, value in REQUEST.items() if name not in ("product_id", "email", "lead_name")]
    secrets += [
        "acme.test",
        "Cotizaci",
        "quot_",
        "a-wrong-key",
        system.odoo.api_key,
        system.odoo.url,
        "S000",
    ]
    assert [secret for secret in secrets if secret in everything] == []
    assert len(scrape.samples) < 3000


async def test_a_second_scrape_counts_nothing_anew(scrape: Scrape, worker_url: str) -> None:
    async with httpx2.AsyncClient() as http:
        again = Scrape([(await http.get(f"{worker_url}/metrics")).text])
    for name in ("worker_quotations_total", "worker_activity_attempts_total", "worker_odoo_faults_total"):
        assert again.value(name) == scrape.value(name)
