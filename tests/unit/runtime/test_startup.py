import asyncio

import pytest

from runtime import startup


async def fine() -> None:
    return None


async def broken() -> str | None:
    raise ValueError("Acme Corp")


async def test_checks_without_a_finding_log_nothing_and_end(caplog: pytest.LogCaptureFixture) -> None:
    await asyncio.wait_for(startup.watch([fine, fine]), 4)

    assert caplog.messages == []


async def test_a_check_that_breaks_is_logged_and_keeps_nothing_from_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[str] = []

    async def other() -> None:
        asked.append("other")

    await asyncio.wait_for(startup.watch([broken, other]), 4)

    assert asked == ["other"]
    assert caplog.messages == ["a startup check failed"]


async def test_each_finding_is_logged_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    findings = iter(["ODOO may be wrong: it is away.", None])

    async def check() -> str | None:
        return next(findings)

    await asyncio.wait_for(startup.watch([check]), 30)

    assert caplog.messages == [
        "ODOO may be wrong: it is away.",
        "Resolved: ODOO may be wrong: it is away.",
    ]
