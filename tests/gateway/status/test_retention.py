from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client

from gateway.service.temporal.retention import Retention


def days(number: int) -> Duration:
    return Duration(seconds=number * 24 * 60 * 60)


async def test_the_namespace_s_retention_is_not_asked_for_at_each_call(temporal_address: str) -> None:
    client = await Client.connect(temporal_address, namespace="kept-for-days")
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=days(3))
    )
    retention = Retention(client)
    assert await retention.period() == timedelta(days=3)

    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace, config=NamespaceConfig(workflow_execution_retention_ttl=days(5))
        )
    )

    assert await retention.period() == timedelta(days=3)
    assert await Retention(client).period() == timedelta(days=5)


async def test_a_retention_that_temporal_does_not_tell_is_unknown(temporal_address: str) -> None:
    client = await Client.connect(temporal_address, namespace="nowhere")

    assert await Retention(client).period() is None
