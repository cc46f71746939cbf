import pytest
from temporalio.client import Client

from sandbox.ports import free_port


@pytest.fixture
async def nowhere() -> Client:
    """A client of a Temporal that is not there: whatever asks it fails."""
    return await Client.connect(f"127.0.0.1:{free_port()}", lazy=True)
