"""KEDA's triggers look at the task queues that a worker asks for tasks."""

from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.report import Troubles
from activities.settings import OdooSettings
from log_store import LogStore
from tests.unit.kubernetes import manifests
from tests.unit.kubernetes.manifests import VARIANTS, Variant, of_kind
from worker import create_odoo, create_workers

# of keda.sh/docs, Temporal; a *FromEnv reads a variable of the Deployment
METADATA = {"taskQueue", "queueTypes", "targetQueueSize", "endpointFromEnv", "namespaceFromEnv", "apiKeyFromEnv"}
METADATA |= {"workerDeploymentNameFromEnv", "workerDeploymentBuildIdFromEnv"}


async def workers(address: str, environment: str) -> list[Worker]:
    settings = OdooSettings.model_validate(
        {"url": "http://127.0.0.1:9", "db": "odoo", "username": "worker", "password": "secret"}
    )
    client = await Client.connect(address)
    odoo = create_odoo(settings)
    store = LogStore("bucket", "", None, None)
    found = create_workers(client, environment, odoo, settings, store, troubles=Troubles())
    await odoo.close()
    return found


def types(worker: Worker) -> set[str]:
    """Return the kinds of tasks that a worker asks for."""
    config: Any = worker.config()
    activities = {"activity"} if config["activities"] and not config["no_remote_activities"] else set()
    return activities | ({"workflow"} if config["workflows"] else set())


async def test_a_trigger_looks_at_each_queue_of_a_worker(temporal_address: str) -> None:
    queues = {worker.task_queue: types(worker) for worker in await workers(temporal_address, "prod")}
    for overlay in {variant.overlay for variant in VARIANTS}:
        [scaled] = of_kind(manifests.resources(Variant(overlay, has_components=True)), "ScaledObject")
        triggers = scaled["spec"]["triggers"]
        assert {trigger["type"] for trigger in triggers} == {"temporal"}
        assert all(trigger["metadata"].keys() == METADATA for trigger in triggers)
        looked_at = {
            one["metadata"]["taskQueue"]: set(one["metadata"]["queueTypes"].split(",")) for one in triggers
        }
        assert looked_at == queues
