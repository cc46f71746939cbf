"""How pods run: without rights, with probes that are answered, and long enough to end by themselves."""

from http import HTTPStatus
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from activities.interceptor import GRACE
from gateway.app import create_app
from gateway.settings import GatewaySettings
from runtime.monitoring.endpoints import served
from runtime.monitoring.health import Health
from runtime.monitoring.sdk import SdkMetrics
from runtime.process import STOP_SECONDS
from sandbox.ports import free_port
from tests.unit.kubernetes import manifests
from tests.unit.kubernetes.manifests import Resource, Variant, container_of, of_kind, process_of
from tests.unit.kubernetes.test_resources import every_variant

PORTS = {"gateway": "GATEWAY_PORT", "worker": "WORKER_METRICS_PORT"}
ADDRESSES = {"gateway": "GATEWAY_HOST", "worker": "WORKER_METRICS_HOST"}
PROBES = ("livenessProbe", "readinessProbe")


def deployments(variant: Variant) -> list[Resource]:
    return of_kind(manifests.resources(variant), "Deployment")


def paths(process: str) -> set[str]:
    """Return the paths that are asked for: by probes, and by Prometheus."""
    resources = manifests.resources(Variant("self-hosted", has_components=True))
    [container] = [container_of(one) for one in of_kind(resources, "Deployment") if process_of(one) == process]
    kind, field = {"gateway": ("ServiceMonitor", "endpoints"), "worker": ("PodMonitor", "podMetricsEndpoints")}[
        process
    ]
    scraped = {endpoint["path"] for one in of_kind(resources, kind) for endpoint in one["spec"][field]}
    return {container[probe]["httpGet"]["path"] for probe in PROBES} | scraped


@every_variant
def test_a_pod_has_no_rights(variant: Variant) -> None:
    for deployment in deployments(variant):
        pod = deployment["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        assert container_of(deployment)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        # nothing of the machine, and nothing to write to
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC", "volumes", "initContainers"}


@every_variant
def test_services_of_the_namespace_are_not_taken_for_settings(variant: Variant) -> None:
    # a service "gateway" would set GATEWAY_PORT to tcp://…
    for deployment in deployments(variant):
        assert deployment["spec"]["template"]["spec"]["enableServiceLinks"] is False


@every_variant
def test_a_process_is_not_killed_before_it_has_ended(variant: Variant) -> None:
    assert GRACE.total_seconds() < STOP_SECONDS
    for deployment in deployments(variant):
        stop: dict[str, Any] = container_of(deployment).get("lifecycle", {}).get("preStop", {})
        command = stop.get("exec", {}).get("command", ["sleep", "0"])
        assert command[0] == "sleep"
        grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        assert grace > int(command[1]) + STOP_SECONDS


@every_variant
def test_a_new_pod_is_ready_before_an_old_one_ends(variant: Variant) -> None:
    for deployment in deployments(variant):
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


@every_variant
def test_memory_is_bounded_and_processor_time_is_not(variant: Variant) -> None:
    for deployment in deployments(variant):
        resources = container_of(deployment)["resources"]
        assert resources["requests"].keys() == {"cpu", "memory"}
        assert resources["limits"].keys() == {"memory"}


@every_variant
def test_probes_ask_at_the_port_that_the_process_opens(variant: Variant) -> None:
    for deployment in deployments(variant):
        process = process_of(deployment)
        given = dict(manifests.variables(manifests.resources(variant), deployment))
        [port] = container_of(deployment)["ports"]
        assert given[PORTS[process]] == str(port["containerPort"])
        assert given[ADDRESSES[process]] == "0.0.0.0"  # noqa: S104  # the kubelet asks from outside
        for probe in PROBES:
            asked = container_of(deployment)[probe]
            assert asked["httpGet"]["port"] == port["name"]
            assert asked["timeoutSeconds"] <= asked["periodSeconds"]


async def test_the_gateway_has_the_paths() -> None:
    client = await Client.connect(f"127.0.0.1:{free_port()}", lazy=True)
    assert paths("gateway") <= create_app(GatewaySettings(), client).openapi()["paths"].keys()


async def test_the_worker_has_the_paths() -> None:
    port = free_port()
    async with served("127.0.0.1", port, Health(), SdkMetrics()), httpx2.AsyncClient() as client:
        answers = {path: await client.get(f"http://127.0.0.1:{port}{path}") for path in paths("worker")}
    statuses = {path: answer.status_code for path, answer in answers.items()}
    assert statuses == {
        "/healthz": HTTPStatus.OK,
        "/readyz": HTTPStatus.SERVICE_UNAVAILABLE,
        "/metrics": HTTPStatus.OK,
    }


@pytest.mark.parametrize("process", ["gateway", "worker"])
def test_probes_and_prometheus_ask_for_three_paths(process: str) -> None:
    assert paths(process) == {"/healthz", "/readyz", "/metrics"}
