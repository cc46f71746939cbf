"""Every resource is valid, belongs to the namespace, and refers to what there is."""

import json
import re
import tomllib
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from sandbox.processes import ROOT
from tests.unit.kubernetes import manifests
from tests.unit.kubernetes.manifests import CLUSTERS, VARIANTS, Resource, Variant, name_of, of_kind

OLDEST, NEWEST = "1.27", kubernetes_validate.latest_version()
SCHEMAS = {file.stem: json.loads(file.read_text()) for file in (ROOT / "tests" / "data" / "crds").glob("*.json")}
COPIES = {f"deploy/kubernetes/overlays/worker-{number}" for number in (1, 2)}
"""Folders that the reader makes."""

PAGE = (ROOT / "docs" / "kubernetes.md").read_text()

every_variant = pytest.mark.parametrize("variant", VARIANTS, ids=str)
every_cluster = pytest.mark.parametrize("variant", CLUSTERS, ids=str)


def documented() -> list[Resource]:
    """Return the resources that the page shows in full."""
    blocks = re.findall(r"(?s)```yaml[^\n]*\n(apiVersion.*?)```", PAGE)
    return [block for block in map(yaml.safe_load, blocks) if block["kind"] != "Kustomization"]


def distinct() -> list[Resource]:
    """Return the resources of all variants, and each of the same kind and content once."""
    found = {}
    for resource in [*documented(), *(one for variant in VARIANTS for one in manifests.resources(variant))]:
        found[json.dumps(resource | {"metadata": {"name": "name"}}, sort_keys=True)] = resource
    return list(found.values())


def strict(schema: Any) -> Any:
    """Return a schema that refuses what it does not name; Kubernetes would drop it without a word."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    has_names = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    refusal = {"additionalProperties": False} if has_names else {}
    return refusal | {name: strict(one) for name, one in schema.items()}


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_takes_each_resource_of_its_own(version: str) -> None:
    for resource in distinct():
        if resource["kind"] not in SCHEMAS:
            kubernetes_validate.validate(resource, version, strict=True)


def test_the_operators_take_each_resource_of_theirs() -> None:
    found = [resource for resource in distinct() if resource["kind"] in SCHEMAS]
    assert {resource["kind"] for resource in found} == SCHEMAS.keys()
    for resource in found:
        schema = strict(SCHEMAS[resource["kind"]])
        # Kubernetes itself checks the metadata
        schema["properties"]["metadata"] = {"type": "object"}
        Draft202012Validator(schema).validate(resource)


@every_variant
def test_each_resource_is_there_once_and_in_the_namespace(variant: Variant) -> None:
    found = [(one["kind"], name_of(one)) for one in manifests.resources(variant)]
    assert len(set(found)) == len(found)
    assert {one["metadata"].get("namespace") for one in manifests.resources(variant)} == {"quotations"}


@every_cluster
def test_an_image_has_the_version_of_the_project(variant: Variant) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for deployment in of_kind(manifests.resources(variant), "Deployment"):
        image = f"registry.example/durable-quotations-{manifests.process_of(deployment)}:{version}"
        assert manifests.container_of(deployment)["image"] == image


@every_variant
def test_no_secret_is_in_the_files(variant: Variant) -> None:
    resources = manifests.resources(variant)
    assert of_kind(resources, "Secret") == []
    for config in of_kind(resources, "ConfigMap"):
        assert not re.search(r"PASSWORD|SECRET|KEY", " ".join(config["data"])), name_of(config)


def test_the_page_names_each_secret_and_key() -> None:
    everything = [one for variant in VARIANTS for one in manifests.resources(variant)]
    used = set(re.findall(r"'secretKeyRef': {'key': '([\w-]+)', 'name': '([\w-]+)'}", str(everything)))
    used |= {
        (credentials["key"], credentials["name"])
        for monitor in of_kind(everything, "ServiceMonitor")
        for endpoint in monitor["spec"]["endpoints"]
        for credentials in [endpoint["authorization"]["credentials"]]
    }
    listed = re.findall(r"(?m)^\| `(quotations-\w+)` \| `([\w-]+)` \|", PAGE)
    assert {(key, secret) for secret, key in listed} == used
    created = set(re.findall(r"create secret generic (quotations-\w+)", PAGE))
    assert created == {secret for secret, _ in listed}
    for secret, key in listed:
        [command] = re.findall(rf"create secret generic {secret}\b((?:.*\\\n)*.*)", PAGE)
        assert f"--from-literal={key}=" in command, (secret, key)


def test_each_file_is_used() -> None:
    named = " ".join(file.read_text() for file in manifests.FOLDER.rglob("kustomization.yaml"))
    for file in manifests.FOLDER.rglob("*"):
        if file.is_file() and file.name != "kustomization.yaml":
            assert file.name in named, file
    offered = {folder.name for folder in (manifests.FOLDER / "components").iterdir()}
    assert offered == {*manifests.COMPONENTS, "worker-version"}
    for variant in CLUSTERS:
        text = (manifests.FOLDER / "overlays" / variant.overlay / "kustomization.yaml").read_text()
        assert set(re.findall(r"# - \.\./\.\./components/(\S+)", text)) == {*manifests.COMPONENTS}


def test_the_page_is_about_folders_that_exist() -> None:
    paths = re.findall(r"deploy/kubernetes/[\w/-]+", PAGE)
    paths += [
        f"deploy/kubernetes/{path}" for path in re.findall(r"`((?:overlays|components|base)/[\w./-]+)`", PAGE)
    ]
    assert [path for path in paths if not (ROOT / path).exists() and path not in COPIES] == []
