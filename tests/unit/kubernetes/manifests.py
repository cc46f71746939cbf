"""The resources that `kubectl apply -k` would send to a cluster, built by kubectl's own kustomize."""

import functools
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.processes import ROOT
from tests.clients import installed

FOLDER = ROOT / "deploy" / "kubernetes"
COMPONENTS = ("keda", "monitoring", "encryption")
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
VERSION = "app.kubernetes.io/version"

Resource = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """An overlay as it is, or with every component that its comments offer."""

    overlay: str
    has_components: bool

    def __str__(self) -> str:
        return f"{self.overlay}{' with components' if self.has_components else ''}"


CLUSTERS = [Variant(name, has) for name in ("temporal-cloud", "self-hosted") for has in (False, True)]
VERSIONS = [Variant("worker-version", has) for has in (False, True)]
VARIANTS = CLUSTERS + VERSIONS


@functools.cache
def resources(variant: Variant) -> list[Resource]:
    """Return the resources of a variant. The test is skipped if there is no kubectl."""
    with tempfile.TemporaryDirectory() as folder:
        overlays = copy(Path(folder))
        for file in overlays.glob("*/kustomization.yaml") if variant.has_components else ():
            file.write_text(file.read_text().replace("# - ../../components/", "- ../../components/"))
        return build(overlays / variant.overlay)


def copy(folder: Path) -> Path:
    """Copy the files to a folder, to change them; return that of the overlays."""
    shutil.copytree(FOLDER, folder / "deploy" / "kubernetes")
    shutil.copytree(ROOT / "monitoring", folder / "monitoring")
    return folder / "deploy" / "kubernetes" / "overlays"


def build(overlay: Path) -> list[Resource]:
    """Return the resources of an overlay."""
    done = subprocess.run([kubectl(), "kustomize", overlay], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@functools.cache
def kubectl() -> Path:
    """Return the program. The test is skipped if there is none."""
    try:
        return installed.kubectl()
    except AssertionError:
        if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
            raise
        pytest.skip("no kubectl")


def of_kind(resources: Iterable[Resource], kind: str) -> list[Resource]:
    return [one for one in resources if one["kind"] == kind]


def name_of(resource: Resource) -> str:
    name: str = resource["metadata"]["name"]
    return name


def labels_of(resource: Resource) -> dict[str, str]:
    labels: dict[str, str] = resource["metadata"].get("labels", {})
    return labels


def process_of(deployment: Resource) -> str:
    """Return `gateway` or `worker`."""
    return labels_of(deployment["spec"]["template"])[COMPONENT]


def container_of(deployment: Resource) -> dict[str, Any]:
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def pods(resources: Iterable[Resource]) -> dict[str, dict[str, str]]:
    """Return the labels of each Deployment's pods."""
    return {name_of(one): labels_of(one["spec"]["template"]) for one in of_kind(resources, "Deployment")}


def selected(resources: Iterable[Resource], selector: Mapping[str, str]) -> set[str]:
    """Return the Deployments whose pods a selector finds. An empty one, which finds all, is a mistake here."""
    assert selector
    return {name for name, labels in pods(resources).items() if selector.items() <= labels.items()}


def variables(resources: Iterable[Resource], deployment: Resource) -> Iterator[tuple[str, str]]:
    """Return each variable of a Deployment's pods, with its value or with `secret/key`."""
    maps = {name_of(one): one["data"] for one in of_kind(resources, "ConfigMap")}
    container = container_of(deployment)
    for source in container["envFrom"]:
        yield from maps[source["configMapRef"]["name"]].items()
    for variable in container["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        yield variable["name"], f"{reference['name']}/{reference['key']}"
