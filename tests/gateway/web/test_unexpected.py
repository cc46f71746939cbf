from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client as McpClient
from temporalio.client import Client

from quotation.identity import new_tracking_id


@pytest.fixture
async def broken(temporal: Client) -> str:
    """The tracking id of a run whose memo holds what no environment is."""
    memo = {"environment": {"SECRET": 1}, "environment_name": "dev"}
    run = await temporal.start_workflow(
        "Quotation", "SECRET", id=new_tracking_id(), task_queue="quotations-dev", memo=memo
    )
    return run.id


def assert_log_tells(log: Path, sentence: str) -> None:
    """Assert that the log has this sentence, and nothing of what went wrong."""
    text = log.read_text()
    assert sentence in text
    assert "SECRET" not in text
    assert "Traceback" not in text


async def test_rest_tells_no_details_of_an_unexpected_error(
    http: httpx2.AsyncClient, broken: str, gateway_log: Path
) -> None:
    response = await http.get(f"/api/quotation/status/{broken}")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "An unexpected error occurred on the server."
    assert "SECRET" not in response.text
    assert_log_tells(gateway_log, "a request failed with an unexpected ValidationError")


async def test_mcp_tells_no_details_of_an_unexpected_error(gateway: str, broken: str, gateway_log: Path) -> None:
    async with McpClient(f"{gateway}/mcp") as client:
        result: Any = await client.call_tool("dev_get_quotation_status", {"tracking_id": broken})

    assert result.is_error
    assert result.content[0].text == "An unexpected error occurred on the server."
    assert_log_tells(gateway_log, "a tool failed with an unexpected ValidationError")
