"""The command line as an operator runs it, and the quotations that it finds."""

import asyncio
import json
import os
import pty
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.service.callers import Caller
from gateway.service.lists.wanted import Wanted
from gateway.service.quotations import QuotationService
from quotation import steps
from quotation.status import QuotationStatus, State
from sandbox.processes import environment, holds_within
from tests.support.program import started
from tests.support.requests import request
from tests.support.script import Script

# nobody else's quotations are in this environment
ENVIRONMENT = "mando"


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.errors
        return json.loads(self.output)

    @property
    def audited(self) -> list[tuple[str, str, str, str]]:
        lines = [line for line in self.errors.splitlines() if "gateway.audit" in line]
        entries = [json.loads(line[line.index("{") :]) for line in lines]
        return [
            tuple(entry[key] for key in ("action", "tracking_id", "owner", "quotation_owner")) for entry in entries
        ]


@dataclass(frozen=True)
class Operate:
    """Runs `python -m operate`; an `answer` is typed at a terminal, after what happens `meanwhile`."""

    address: str
    folder: Path

    async def __call__(
        self,
        *arguments: str,
        answer: str | None = None,
        meanwhile: Callable[[], Awaitable[None]] | None = None,
        **settings: str,
    ) -> Ran:
        given = {"TEMPORAL_ADDRESS": self.address, "ENVIRONMENTS": ENVIRONMENT, "LOGNAME": "olga", **settings}
        variables = environment(given)
        terminal, theirs = pty.openpty()
        stdin = os.devnull if answer is None else os.ttyname(theirs)
        try:
            program = started(self.folder, "operate", *arguments, variables=variables, stdin=stdin)
            if meanwhile is not None:
                assert await asyncio.to_thread(holds_within, lambda: program.errors.endswith("[y/N] "), 40)
                await meanwhile()
            if answer is not None:
                os.write(terminal, f"{answer}\n".encode())
            code = await asyncio.to_thread(program.fork.wait, 40)
        finally:
            os.close(terminal)
            os.close(theirs)
        ran = Ran(code, program.output, program.errors)
        assert "Traceback" not in ran.output + ran.errors
        return ran


@dataclass(frozen=True)
class Quotations:
    """Quotations in `ENVIRONMENT`, whose steps follow the script."""

    service: QuotationService
    script: Script

    async def ended(self, owner: str, error: Exception | None = None) -> QuotationStatus:
        """Return the final status of one that fails with this error, or completes."""
        if error is not None:
            self.script.fail(steps.AUTHENTICATE, error)
        return await self.final(await self.started(owner))

    async def started(self, owner: str) -> str:
        accepted = await self.service.start(_caller(owner), ENVIRONMENT, request())
        return accepted.accepted.tracking_id

    async def final(self, tracking_id: str) -> QuotationStatus:
        status = await self.service.status(_OPERATOR, tracking_id, wait=30)
        assert status.status.is_final
        return status

    async def listed(self, *expected: str, status: State = State.FAILED) -> None:
        """Wait until the list of those with this status, which lags a little, has these."""
        async with asyncio.timeout(40):
            while True:
                page = await self.service.list_quotations(_OPERATOR, Wanted(status=status, limit=100))
                if {*expected} <= {item.tracking_id for item in page.items}:
                    return
                await asyncio.sleep(0.1)


_OPERATOR = Caller("tests", frozenset({ENVIRONMENT}), reads_all=True)


def _caller(owner: str) -> Caller:
    return Caller(owner, frozenset({ENVIRONMENT}))
