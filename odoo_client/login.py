"""The login of Odoo's user, shared by all calls to that Odoo."""

import asyncio
from collections.abc import Awaitable, Callable

from odoo_client.errors import OdooLoginRefusedError

PAUSE_SECONDS = 30
"""How long a refused login is not tried again.

Odoo pauses all logins of an address after five failures a minute.
"""


class Login:
    """The user's id, from one `authenticate` at a time. It is remembered, because Odoo takes half a second for it.

    After a refusal every caller gets the same error for `PAUSE_SECONDS` of `clock`, and Odoo is not asked.
    """

    def __init__(self, authenticate: Callable[[], Awaitable[int]], clock: Callable[[], float]) -> None:
        self._authenticate = authenticate
        self._clock = clock
        self._uid: int | None = None
        self._asking: asyncio.Future[int] | None = None
        self._refusal: OdooLoginRefusedError | None = None
        self._refused_until = 0.0

    @property
    def is_remembered(self) -> bool:
        """True if the id is known without a call."""
        return self._uid is not None

    async def uid(self) -> int:
        """Return the user's id. Raises what `authenticate` raises."""
        if self._uid is not None:
            return self._uid
        if self._refusal is not None and self._clock() < self._refused_until:
            # a copy: an exception that is raised twice collects the tracebacks of both
            raise OdooLoginRefusedError(str(self._refusal))
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._authenticate())
            self._asking.add_done_callback(self._note)
        # concurrent callers share one call, and a cancelled caller does not cancel it for the others
        return await asyncio.shield(self._asking)

    def forget(self, uid: int) -> None:
        """Forget this id, so that the next call logs in again, unless another caller has already done so."""
        if self._uid == uid:
            self._uid = None

    def refused(self, refusal: OdooLoginRefusedError) -> None:
        """Note that Odoo refused the credentials, at the login or right after it."""
        self._uid = None
        self._refusal = refusal
        self._refused_until = self._clock() + PAUSE_SECONDS

    def _note(self, asked: asyncio.Future[int]) -> None:
        self._asking = None
        if asked.cancelled():
            return
        error = asked.exception()  # the method of a future, not of a logger
        if error is None:
            self._uid = asked.result()
        elif isinstance(error, OdooLoginRefusedError):
            self.refused(error)
