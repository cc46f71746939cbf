from temporalio.client import Client

from runtime.monitoring.health import Health, Look
from sandbox.ports import free_port


async def test_a_worker_without_temporal_is_not_ready_whatever_else_is_missing() -> None:
    health = Health(lambda: ["Odoo refused the connection."])
    assert await health.look() == Look(
        is_ready=False, missing=["The worker is starting: Temporal has not answered yet."]
    )

    health.begin(await Client.connect(f"127.0.0.1:{free_port()}", lazy=True))
    look = await health.look()
    assert not look.is_ready
    assert look.missing == ["Temporal does not answer: the server at TEMPORAL_ADDRESS refuses connections."]


async def test_a_worker_that_stops_is_not_ready() -> None:
    health = Health()
    health.stop()
    assert await health.look() == Look(is_ready=False, missing=["The worker is stopping."])


async def test_what_is_missing_besides_temporal_is_named_and_fails_nothing(temporal: Client) -> None:
    health = Health(lambda: ["Odoo refused the connection."], lambda: ["S3 has no bucket."])
    health.begin(temporal)
    assert await health.look() == Look(
        is_ready=True, missing=["Odoo refused the connection.", "S3 has no bucket."]
    )
