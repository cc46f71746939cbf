"""Checks of settings that depend on other servers: run at start, and again until all is well.

They cannot distinguish a wrong setting from a server that is away, so they log and never end the process.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[str | None]]
"""Returns a sentence that names the setting and what was seen, or None if all is well."""

_FIRST_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 60.0


async def watch(checks: Iterable[Check], findings: MutableMapping[Check, str] | None = None) -> None:
    """Run the checks side by side and log each finding once; return when all is well.

    A check with a finding is run again after 5 seconds, and then after ever longer pauses of up to a minute.
    `findings` gets the latest finding of each check, and loses it when that is resolved.
    """
    findings = {} if findings is None else findings
    await asyncio.gather(*(_watch(check, findings) for check in checks))


async def _watch(check: Check, findings: MutableMapping[Check, str]) -> None:
    seen, pause = None, _FIRST_PAUSE_SECONDS
    while finding := await _run(check):
        if finding != seen:
            logger.warning("%s", finding)
            seen = findings[check] = finding
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
    if seen:
        del findings[check]
        logger.info("Resolved: %s", seen)


async def _run(check: Check) -> str | None:
    try:
        return await check()
    except Exception:
        # a check must not end the process
        logger.exception("a startup check failed")
        return None
