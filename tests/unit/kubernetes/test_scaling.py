"""Autoscalers, budgets and selectors reach the pods that they are for."""

import pytest

from activities.settings import OdooSettings
from tests.unit.kubernetes import manifests
from tests.unit.kubernetes.manifests import (
    COMPONENT,
    VARIANTS,
    VERSION,
    VERSIONS,
    Resource,
    Variant,
    container_of,
    name_of,
    of_kind,
    pods,
    selected,
)
from tests.unit.kubernetes.test_resources import every_cluster, every_variant


def scaled(resources: list[Resource]) -> dict[str, tuple[int, int]]:
    """Return how many pods each autoscaled Deployment has, at least and at most."""
    found = [
        (one["spec"]["scaleTargetRef"]["name"], (one["spec"]["minReplicas"], one["spec"]["maxReplicas"]))
        for one in of_kind(resources, "HorizontalPodAutoscaler")
    ]
    found += [
        (one["spec"]["scaleTargetRef"]["name"], (one["spec"]["minReplicaCount"], one["spec"]["maxReplicaCount"]))
        for one in of_kind(resources, "ScaledObject")
    ]
    assert len(dict(found)) == len(found), "two autoscalers of one Deployment"
    return dict(found)


@every_variant
def test_a_deployment_selects_its_own_pods(variant: Variant) -> None:
    resources = manifests.resources(variant)
    for deployment in of_kind(resources, "Deployment"):
        selector = deployment["spec"]["selector"]["matchLabels"]
        assert selected(resources, selector) == {name_of(deployment)}
        for constraint in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]:
            assert constraint["labelSelector"]["matchLabels"] == selector


@every_variant
def test_each_deployment_is_scaled_and_has_a_budget(variant: Variant) -> None:
    resources = manifests.resources(variant)
    assert scaled(resources).keys() == pods(resources).keys()
    assert all(least > 1 for least, _ in scaled(resources).values())
    budgets = [
        selected(resources, one["spec"]["selector"]["matchLabels"])
        for one in of_kind(resources, "PodDisruptionBudget")
    ]
    assert sorted(map(sorted, budgets)) == [[name] for name in sorted(pods(resources))]
    assert all("replicas" not in one["spec"] for one in of_kind(resources, "Deployment"))


def test_keda_scales_within_the_same_bounds() -> None:
    for overlay in {variant.overlay for variant in VARIANTS}:
        without, with_keda = (scaled(manifests.resources(Variant(overlay, has))) for has in (False, True))
        assert without == with_keda


@every_cluster
def test_all_workers_together_make_no_more_calls_than_one_by_default(variant: Variant) -> None:
    resources = manifests.resources(variant)
    [worker] = [one for one in of_kind(resources, "Deployment") if manifests.process_of(one) == "worker"]
    calls = int(dict(manifests.variables(resources, worker))["ODOO__PROD__MAX_CALLS"])
    assert scaled(resources)[name_of(worker)][1] * calls == OdooSettings.model_fields["max_calls"].default


@every_cluster
def test_the_service_reaches_the_gateways(variant: Variant) -> None:
    resources = manifests.resources(variant)
    [service] = of_kind(resources, "Service")
    assert selected(resources, service["spec"]["selector"]) == {"quotations-gateway"}
    [gateway] = [one for one in of_kind(resources, "Deployment") if name_of(one) == "quotations-gateway"]
    [port] = container_of(gateway)["ports"]
    assert [one["targetPort"] for one in service["spec"]["ports"]] == [port["name"]]


@every_cluster
def test_prometheus_finds_both(variant: Variant) -> None:
    resources = manifests.resources(variant)
    services = {name_of(one): manifests.labels_of(one) for one in of_kind(resources, "Service")}
    monitors = of_kind(resources, "ServiceMonitor") + of_kind(resources, "PodMonitor")
    assert bool(monitors) == variant.has_components
    for monitor in of_kind(resources, "ServiceMonitor"):
        assert monitor["spec"]["selector"]["matchLabels"].items() <= services["quotations-gateway"].items()
        assert [one["port"] for one in monitor["spec"]["endpoints"]] == ["http"]
    for monitor in of_kind(resources, "PodMonitor"):
        assert selected(resources, monitor["spec"]["selector"]["matchLabels"]) == {"quotations-worker"}
        assert [one["port"] for one in monitor["spec"]["podMetricsEndpoints"]] == ["metrics"]


@pytest.mark.parametrize("variant", VERSIONS, ids=str)
def test_a_version_has_workers_of_its_own_and_nothing_else(variant: Variant) -> None:
    resources = manifests.resources(variant)
    others = manifests.resources(Variant("temporal-cloud", variant.has_components))
    assert {(one["kind"], name_of(one)) for one in resources} & {
        (one["kind"], name_of(one)) for one in others
    } == set()
    assert {manifests.labels_of(one).get(COMPONENT) for one in resources} == {"worker", None}
    assert {manifests.labels_of(one)[VERSION] for one in resources} == {"1"}
    [worker] = of_kind(resources, "Deployment")
    assert name_of(worker) == "quotations-worker-1"
    assert container_of(worker)["image"].endswith(":1")
    given = dict(manifests.variables(resources, worker))
    assert (given["TEMPORAL_DEPLOYMENT_NAME"], given["TEMPORAL_WORKER_BUILD_ID"]) == ("quotations", "1")
    assert selected(others, worker["spec"]["selector"]["matchLabels"]) == set()
