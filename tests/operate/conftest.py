import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from gateway.service.quotations import QuotationService
from gateway.settings import GatewaySettings
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from runtime.search_attributes import SearchAttributes
from tests.operate.command import ENVIRONMENT, Operate, Quotations
from tests.support.script import Script
from tests.support.scripted_worker import sweep
from tests.support.serving import serving


@pytest.fixture
def operate(temporal_address: str, tmp_path: Path) -> Operate:
    """Runs a command beside Temporal, without a gateway."""
    return Operate(temporal_address, tmp_path)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def quotations(temporal: Client, script: Script) -> AsyncIterator[Quotations]:
    """Starts quotations of several owners."""
    service = QuotationService(temporal, GatewaySettings(environments=[ENVIRONMENT]))
    # those that were started without are not found by words
    attributes = SearchAttributes(temporal, SEARCH_ATTRIBUTES)
    while await attributes.registered() != {*SEARCH_ATTRIBUTES}:
        await asyncio.sleep(0.1)
    await sweep(temporal, ENVIRONMENT)
    async with serving(temporal, ENVIRONMENT, script.activities()):
        yield Quotations(service, script)
    await sweep(temporal, ENVIRONMENT)
