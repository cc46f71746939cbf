"""Network policies add up, and none leads the gateway to Odoo or S3."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.kubernetes import manifests
from tests.unit.kubernetes.manifests import VARIANTS, Resource, Variant, of_kind, pods, selected, variables
from tests.unit.kubernetes.test_resources import documented, every_cluster, every_variant

DNS, HTTPS, TEMPORAL = 53, 443, 7233
METADATA = "169.254.0.0/16"


def policies(resources: list[Resource], deployment: str, direction: str) -> list[dict[str, Any]]:
    """Return the policies' specs that hold for the pods of a Deployment."""
    return [
        one["spec"]
        for one in of_kind(resources, "NetworkPolicy")
        if direction in one["spec"]["policyTypes"]
        and deployment in selected(resources, one["spec"]["podSelector"]["matchLabels"])
    ]


def ways_out(resources: list[Resource], deployment: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return each port and peer that pods may connect to."""
    for policy in policies(resources, deployment, "Egress"):
        for rule in policy["egress"]:
            for port in rule["ports"]:
                for peer in rule["to"]:
                    yield port["port"], peer


def of_process(resources: list[Resource], process: str) -> str:
    [name] = [name for name, labels in pods(resources).items() if labels[manifests.COMPONENT] == process]
    return name


@every_cluster
def test_the_gateway_reaches_temporal_and_dns_alone(variant: Variant) -> None:
    resources = manifests.resources(variant)
    assert {port for port, _ in ways_out(resources, "quotations-gateway")} == {DNS, TEMPORAL}


@every_variant
def test_a_worker_reaches_odoo_and_s3_too(variant: Variant) -> None:
    resources = manifests.resources(variant)
    worker = of_process(resources, "worker")
    assert {port for port, _ in ways_out(resources, worker)} == {DNS, TEMPORAL, HTTPS}


@every_variant
def test_every_way_out_has_an_address_and_none_leads_to_the_metadata_of_the_machine(variant: Variant) -> None:
    resources = manifests.resources(variant)
    for deployment in pods(resources):
        for port, peer in ways_out(resources, deployment):
            if "ipBlock" not in peer:
                assert peer["namespaceSelector"]["matchLabels"], peer
            elif port == DNS:
                assert peer["ipBlock"]["cidr"].endswith("/32")
            else:
                assert METADATA in peer["ipBlock"]["except"], peer


@every_variant
def test_the_way_to_temporal_has_its_port(variant: Variant) -> None:
    resources = manifests.resources(variant)
    for deployment in of_kind(resources, "Deployment"):
        _, port = dict(variables(resources, deployment))["TEMPORAL_ADDRESS"].split(":")
        assert int(port) == TEMPORAL


def test_a_temporal_in_the_cluster_is_reached_in_its_namespace() -> None:
    resources = manifests.resources(Variant("self-hosted", has_components=False))
    [peer] = [peer for port, peer in ways_out(resources, "quotations-gateway") if port == TEMPORAL]
    [address] = {dict(variables(resources, one))["TEMPORAL_ADDRESS"] for one in of_kind(resources, "Deployment")}
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": address.split(".")[1]}


@every_cluster
def test_the_gateway_is_reached_at_its_port_alone(variant: Variant) -> None:
    resources = manifests.resources(variant)
    rules = [rule for one in policies(resources, "quotations-gateway", "Ingress") for rule in one["ingress"]]
    assert rules == [{"ports": [{"port": "http"}]}]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_a_worker_is_reached_by_prometheus_alone(variant: Variant) -> None:
    resources = manifests.resources(variant)
    found = policies(resources, of_process(resources, "worker"), "Ingress")
    rules = [rule for one in found for rule in one.get("ingress", [])]
    assert found
    if variant.overlay == "worker-version" or not variant.has_components:
        assert rules == []
    else:
        peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
        assert rules == [{"from": [peer], "ports": [{"port": "metrics"}]}]


def test_policies_of_the_page_reach_the_pods_that_they_are_for() -> None:
    resources = manifests.resources(Variant("self-hosted", has_components=False))
    [oauth] = of_kind(documented(), "NetworkPolicy")
    assert selected(resources, oauth["spec"]["podSelector"]["matchLabels"]) == {"quotations-gateway"}
