"""The search attributes that a quotation starts with, so that a list of quotations is a query and not a scan."""

import asyncio
import logging
import time
from urllib.parse import quote

from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from gateway.errors import GatewayError
from gateway.service.temporal.deadlines import answered_within
from quotation.shown.search_attributes import (
    ENVIRONMENT_ATTRIBUTE,
    FINAL_ATTRIBUTES,
    OWNER_ATTRIBUTE,
    SEARCH_ATTRIBUTES,
    STATUS_ATTRIBUTE,
)
from quotation.status import State
from runtime.search_attributes import SearchAttributes

logger = logging.getLogger(__name__)

_LISTED_BY = frozenset({OWNER_ATTRIBUTE, STATUS_ATTRIBUTE})

_LOOK_SECONDS = 8.0
_FRESH_SECONDS = 15.0

_NOT_REGISTERED = (
    "search attributes {names} (Keyword) in Temporal: they are not there and could not be registered; without"
    " them, listing quotations takes longer, and Temporal's UI cannot filter by them"
)
_NO_VISIBILITY = "Temporal's visibility: it does not answer, so quotations cannot be listed until it does"


class QuotationAttributes:
    """Knows whether Temporal takes the attributes.

    Only `look` waits for Temporal's visibility. Otherwise the last answer is used while a new one is fetched in
    the background, by one task at a time: an operator may register the attributes, or replace the database.
    """

    def __init__(self, client: Client) -> None:
        self._attributes = SearchAttributes(client, SEARCH_ATTRIBUTES)
        self._registered: frozenset[str] | None = None
        self._is_answered = True
        self._look_again_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    @property
    def registered(self) -> frozenset[str] | None:
        """Those that Temporal takes, as far as is known; None before the first answer."""
        self._look_in_background()
        return self._registered

    @property
    def are_registered(self) -> bool | None:
        """Whether lists can search by owner and status; None before the first answer."""
        registered = self.registered
        return None if registered is None else registered >= _LISTED_BY

    @property
    def missing(self) -> list[str]:
        """Sentences for operators about what Temporal lacked at the last look."""
        if not self._is_answered:
            return [_NO_VISIBILITY]
        if self._registered is None or self._registered >= {*SEARCH_ATTRIBUTES}:
            return []
        names = ", ".join(name for name in SEARCH_ATTRIBUTES if name not in self._registered)
        return [_NOT_REGISTERED.format(names=names)]

    async def look(self, seconds: float) -> None:
        """Wait for a fresh answer, but no longer than this."""
        looking = self._look_in_background()
        if looking is not None:
            _, unanswered = await asyncio.wait([looking], timeout=seconds)
            self._is_answered &= not unanswered

    def of_new(self, owner: str, environment: str) -> TypedSearchAttributes:
        """Return the attributes of a new quotation, without those that Temporal is known to refuse."""
        registered = self.registered
        values = {
            STATUS_ATTRIBUTE: State.QUEUED,
            OWNER_ATTRIBUTE: owner_value(owner),
            ENVIRONMENT_ATTRIBUTE: environment,
        }
        return TypedSearchAttributes(
            [
                SearchAttributePair(SearchAttributeKey.for_keyword(name), value)
                for name, value in values.items()
                if value and (registered is None or name in registered)
            ]
        )

    @property
    def final(self) -> list[str]:
        """The attributes that a new quotation may set at its end: those that Temporal is known to take."""
        registered = self.registered or frozenset()
        return [name for name in FINAL_ATTRIBUTES if name in registered]

    def refused(self) -> None:
        """Note that Temporal has refused one of them, and look why."""
        self._registered = frozenset()
        self._look_again_at = 0.0
        self._look_in_background()

    def not_answered(self) -> None:
        """Note that visibility did not answer a list."""
        self._is_answered = False
        self._look_again_at = 0.0

    def _look_in_background(self) -> asyncio.Task[None] | None:
        """Return the look in progress, after starting one if the last is not recent."""
        if self._looking is None and time.monotonic() >= self._look_again_at:
            self._looking = asyncio.create_task(self._look())
        return self._looking

    async def _look(self) -> None:
        try:
            async with answered_within(_LOOK_SECONDS):
                self._registered = await self._attributes.registered()
            self._is_answered = True
        except GatewayError:
            self._is_answered = False
        except Exception:
            logger.exception("search attributes could not be looked up")
            self._is_answered = False
        finally:
            self._look_again_at = time.monotonic() + _FRESH_SECONDS
            self._looking = None


def owner_value(owner: str) -> str:
    """Return the value of the owner's attribute, which can stand between a query's quotes."""
    return quote(owner, safe=" @.+-_", errors="surrogatepass")
