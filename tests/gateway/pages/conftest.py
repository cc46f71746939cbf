import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from sandbox.real_odoo import RealOdooError
from tests.support import chromium

REQUIRE_CHROMIUM = "REQUIRE_CHROMIUM"
"""Set in CI: a machine that cannot have Chromium fails there instead of skipping."""


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    try:
        executable = chromium.installed(tmp_path_factory.mktemp("chromium") / "install.log")
    except RealOdooError as error:
        if os.environ.get(REQUIRE_CHROMIUM):
            raise
        pytest.skip(f"no Chromium: {error}")
    async with chromium.browser(executable) as running:
        yield running
