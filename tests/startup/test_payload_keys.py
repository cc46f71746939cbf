import asyncio
from base64 import b64encode
from pathlib import Path

from temporalio.client import Client

from quotation.messages import WORKFLOW
from runtime.encryption import data_converter
from runtime.payload_keys import parse_payload_keys
from sandbox.processes import start_module, wait_until
from sandbox.servers import temporal_server

KEYS = {name: f"{name}:{b64encode(name.encode() * 16).decode()}" for name in ("a", "b")}


async def test_a_gateway_that_came_before_temporal_ends_when_it_lacks_a_key(tmp_path: Path) -> None:
    server = temporal_server(tmp_path)
    with server:
        converter = data_converter(parse_payload_keys(KEYS["a"]))
        client = await Client.connect(server.address, data_converter=converter)
        await client.start_workflow(WORKFLOW, id="quot_1", task_queue="nobody", memo={"status": "queued"})
        while not [run async for run in client.list_workflows(f"WorkflowType = '{WORKFLOW}'")]:
            await asyncio.sleep(0.05)
        server.stop()
        settings = {"TEMPORAL_ADDRESS": server.address, "GATEWAY_PORT": "0", "PAYLOAD_KEYS": KEYS["b"]}
        gateway = start_module("gateway", tmp_path / "gateway.log", settings)
        try:
            wait_until(lambda: "Temporal does not answer yet" in gateway.output, gateway)
            server.start()

            assert gateway.wait(30) == 2
        finally:
            gateway.kill()
    sentence = "PAYLOAD_KEYS must have the key 'a' that running quotations are encrypted with."
    assert gateway.output.splitlines()[-1] == sentence
