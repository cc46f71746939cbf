"""The variables of the pods are settings of gateway and worker: a misspelt one fails here."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from activities.settings import WorkerSettings
from gateway.settings import GatewaySettings
from tests.support import variables as variables_of
from tests.unit.kubernetes import manifests
from tests.unit.kubernetes.manifests import VARIANTS, Resource, Variant, of_kind, process_of, variables
from tests.unit.kubernetes.test_resources import PAGE, every_variant

SECRETS = {
    "quotations-gateway/api-keys": "agents:" + 64 * "a",
    "quotations-gateway/tracking-secret": "the-tracking-secret",
    "quotations-worker/odoo-prod-password": "the-password",
    "quotations-worker/odoo-dev-password": "the-password",
    "quotations-worker/s3-access-key-id": "the-key",
    "quotations-worker/s3-secret-access-key": "the-secret",
    "quotations-temporal/api-key": "the-api-key",
    "quotations-payloads/keys": "2026-11:" + 43 * "A" + "=",
}


def check(resources: list[Resource], monkeypatch: pytest.MonkeyPatch) -> list[WorkerSettings | GatewaySettings]:
    """Check the variables of each Deployment, and return the settings that its process would load."""
    loaded: list[WorkerSettings | GatewaySettings] = []
    for deployment in of_kind(resources, "Deployment"):
        process = process_of(deployment)
        given = list(variables(resources, deployment))
        twice = [name for name, count in Counter(name for name, _ in given).items() if count > 1]
        assert twice == []
        environments = dict(given)["ENVIRONMENTS"].split(",")
        names = {name for name, _ in given}
        assert names - variables_of.known(process, environments) == set()
        assert variables_of.needed(process, environments) - names == set()

        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in given:
            monkeypatch.setenv(name, SECRETS.get(value, value))
        settings = variables_of.SETTINGS[process][0].load()
        assert isinstance(settings, WorkerSettings | GatewaySettings)
        if isinstance(settings, WorkerSettings):
            for environment in environments:
                password = settings.odoo_of(environment).password
                assert password is not None
                assert password.get_secret_value() == "the-password"
        loaded.append(settings)
    return loaded


@every_variant
def test_a_process_knows_its_variables_and_has_those_without_a_default(
    variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for settings in check(manifests.resources(variant), monkeypatch):
        assert bool(settings.payload_keys) == variant.has_components
        if isinstance(settings, GatewaySettings):
            assert [key.name for key in settings.gateway_api_keys] == ["agents"]


@every_variant
def test_gateway_and_worker_agree(variant: Variant) -> None:
    resources = manifests.resources(variant)
    given = [dict(variables(resources, one)) for one in of_kind(resources, "Deployment")]
    for name in variables_of.shared():
        assert len({one.get(name) for one in given}) == 1, name


def test_a_second_environment_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overlays = manifests.copy(tmp_path)
    overlay = overlays / "self-hosted"
    [patch] = re.findall(r'(?s)```yaml title="kustomization.yaml"\n(patches:\n.*?)```', PAGE)
    for file in ("settings.env", "worker.env"):
        [lines] = re.findall(rf'(?s)```ini title="{file}"\n(.*?)```', PAGE)
        (overlay / file).write_text((overlay / file).read_text() + lines)
    (overlay / "kustomization.yaml").write_text((overlay / "kustomization.yaml").read_text() + patch)
    resources = manifests.build(overlay)
    [worker] = [one for one in check(resources, monkeypatch) if isinstance(one, WorkerSettings)]
    assert worker.environments == ["dev", "prod"]


@pytest.mark.parametrize("variant", [one for one in VARIANTS if one.has_components], ids=str)
def test_keda_reads_variables_that_the_worker_has(variant: Variant) -> None:
    resources = manifests.resources(variant)
    [scaled] = of_kind(resources, "ScaledObject")
    read = {
        value
        for trigger in scaled["spec"]["triggers"]
        for name, value in trigger["metadata"].items()
        if name.endswith("FromEnv")
    }
    assert read - variables_of.known("worker", ["prod"]) == set()
    [worker] = [one for one in of_kind(resources, "Deployment") if process_of(one) == "worker"]
    given = dict(variables(resources, worker)).keys()
    assert {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"} <= read & given
    # without worker versions and without a key of Temporal's they are unset, as KEDA expects
    optional = {"TEMPORAL_API_KEY", "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"}
    assert read - given <= optional
