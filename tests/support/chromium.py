"""Debian's Chromium, headless, for tests of the pages."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from sandbox.real_odoo import debian

_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed(log: Path) -> str:
    """Return the path of Chromium, after installing Debian's package if it is missing.

    Raises:
        RealOdooError: This machine cannot install it.
    """
    if shutil.which("chromium") is None:
        debian.ensure_supported()
        debian.install("chromium", log)
    return shutil.which("chromium") or "chromium"


@asynccontextmanager
async def browser(executable: str) -> AsyncIterator[Browser]:
    """Run a browser with a profile of its own."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=executable, args=_FLAGS, chromium_sandbox=False
        )
        try:
            yield chromium
        finally:
            await chromium.close()
