"""The search attributes that a quotation starts with, so that a list of quotations is a query and not a scan."""

import asyncio
import logging
import time
from urllib.parse import quote

from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from gateway.errors import GatewayError
from gateway.service.temporal.deadlines import answered_within
from quotation.messages import OWNER_ATTRIBUTE, SEARCH_ATTRIBUTES, STATUS_ATTRIBUTE
from quotation.status import State
from runtime.search_attributes import SearchAttributes

logger = logging.getLogger(__name__)

_OWNER = SearchAttributeKey.for_keyword(OWNER_ATTRIBUTE)
_STATUS = SearchAttributeKey.for_keyword(STATUS_ATTRIBUTE)

_LOOK_SECONDS = 8.0
_FRESH_SECONDS = 15.0

_NOT_REGISTERED = (
    f"search attributes {', '.join(SEARCH_ATTRIBUTES)} (Keyword) in Temporal: they are not there and could not be"
    " registered; without them, listing quotations takes longer"
)
_NO_VISIBILITY = "Temporal's visibility: it does not answer, so quotations cannot be listed until it does"


class QuotationAttributes:
    """Knows whether Temporal takes the attributes.

    Only `look` waits for Temporal's visibility. Otherwise the last answer is used while a new one is fetched in
    the background, by one task at a time: an operator may register the attributes, or replace the database.
    """

    def __init__(self, client: Client) -> None:
        self._attributes = SearchAttributes(client, SEARCH_ATTRIBUTES)
        self._are_registered: bool | None = None
        self._is_answered = True
        self._look_again_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    @property
    def are_registered(self) -> bool | None:
        """Whether Temporal takes them, as far as is known; None before the first answer."""
        self._look_in_background()
        return self._are_registered

    @property
    def missing(self) -> list[str]:
        """Sentences for operators about what Temporal lacked at the last look."""
        if not self._is_answered:
            return [_NO_VISIBILITY]
        return [_NOT_REGISTERED] if self._are_registered is False else []

    async def look(self, seconds: float) -> None:
        """Wait for a fresh answer, but no longer than this."""
        looking = self._look_in_background()
        if looking is not None:
            _, unanswered = await asyncio.wait([looking], timeout=seconds)
            self._is_answered &= not unanswered

    def of_new(self, owner: str) -> TypedSearchAttributes:
        """Return the attributes of a new quotation of this owner; none if Temporal is known to refuse them."""
        if self.are_registered is False:
            return TypedSearchAttributes.empty
        pairs = [SearchAttributePair(_STATUS, State.QUEUED)]
        if owner:
            pairs.append(SearchAttributePair(_OWNER, owner_value(owner)))
        return TypedSearchAttributes(pairs)

    def refused(self) -> None:
        """Note that Temporal has refused them, and look why."""
        self._are_registered = False
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
                self._are_registered = await self._attributes.are_registered()
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
