"""Signed links to the page of a quotation, for people without a key (docs/reference.md, Page).

A link opens one quotation for reading until its day is over. Nobody can make one without `TRACKING_SECRET`.
"""

import base64
import hmac
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.access.current_caller import set_caller
from gateway.service.callers import Caller
from gateway.settings import GatewaySettings
from gateway.web.path_prefix import address_of
from quotation.status import QuotationStatus

PAGE_PATH = "/quotation"
"""The path of a page of a quotation, without the tracking id."""

STATIC_PATH = "/static"
"""The path of the folder of styles, scripts and images."""

_PURPOSE = b"links to pages of quotations"
_DAYS = 8
"""A link is valid for so many days, today included: for a whole week at least, and unchanged for a day."""
_SIGNATURE_BYTES = 16
_UNTIL, _SIGNATURE = "until", "signature"


class Standing(StrEnum):
    """Whether a link opens its page."""

    VALID = "valid"
    EXPIRED = "expired"
    FORGED = "forged"


class PageLinks:
    """Makes and checks links. `environments` are those whose quotations a link may open."""

    def __init__(
        self,
        secret: str,
        environments: frozenset[str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        # a key of its own: a tracking id made of an idempotency key is a keyed hash too
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")
        self._environments = environments
        self._now = now

    @classmethod
    def from_settings(cls, settings: GatewaySettings) -> "PageLinks":
        """Create the links of these settings."""
        return cls(settings.tracking_secret.get_secret_value(), frozenset(settings.environments))

    def path(self, tracking_id: str) -> str:
        """Return the path and the query of a link; it is the same for all calls on one day."""
        until = (self._now().date() + timedelta(days=_DAYS - 1)).isoformat()
        query = urlencode({_UNTIL: until, _SIGNATURE: self._signature(tracking_id, until)})
        return f"{PAGE_PATH}/{tracking_id}?{query}"

    def standing(self, tracking_id: str, query: str) -> Standing:
        """Return whether a link with this query opens the page of this quotation."""
        until, signature = (parse_qs(query).get(name, [""])[-1] for name in (_UNTIL, _SIGNATURE))
        expected = self._signature(tracking_id, until)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            return Standing.FORGED
        is_over = date.fromisoformat(until) < self._now().date()
        return Standing.EXPIRED if is_over else Standing.VALID

    def reader(self, tracking_id: str) -> Caller:
        """Return the caller that people with a valid link are; they share its limits."""
        return Caller(f"page of {tracking_id}", self._environments, reads_all=True)

    def _signature(self, tracking_id: str, until: str) -> str:
        digest = hmac.digest(self._key, f"{tracking_id}\n{until}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).rstrip(b"=").decode()


def last_day(query: str) -> date:
    """Return the last day of a valid link with this query."""
    return date.fromisoformat(parse_qs(query)[_UNTIL][-1])


class LinkedStatus(QuotationStatus):
    """A quotation's status, and where people see it."""

    page_url: str | None
    """Null over stdio, where the gateway has no address."""


_page_url: ContextVar[Callable[[str], str] | None] = ContextVar("page_url", default=None)


def page_url(tracking_id: str) -> str | None:
    """Return the link to a quotation's page at the address that this task's request came to, if there is one."""
    make = _page_url.get()
    return make and make(tracking_id)


def linked(status: QuotationStatus) -> LinkedStatus:
    """Return the status with its link."""
    return LinkedStatus(**{**dict(status), "page_url": page_url(status.tracking_id)})


class LinkReaders:
    """Admits a request with a valid link as the reader of its quotation. All requests can make links."""

    def __init__(self, app: ASGIApp, links: PageLinks) -> None:
        self._app = app
        self._links = links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http":
            address = address_of(scope)
            _page_url.set(lambda tracking_id: address + self._links.path(tracking_id))
            tracking_id = _tracking_id_in(scope["path"])
            if tracking_id and self._links.standing(tracking_id, query_of(scope)) is Standing.VALID:
                set_caller(scope, self._links.reader(tracking_id))
        await self._app(scope, receive, send)


def is_for_people(scope: Scope) -> bool:
    """Return True for a page, or a part of one, that people read without a key; a quotation's needs a link."""
    if scope["method"] != "GET":
        return False
    if scope["path"] == "/":
        return is_html_wanted(scope)
    return bool(scope["path"].startswith((f"{PAGE_PATH}/", f"{STATIC_PATH}/")))


def is_html_wanted(scope: Scope) -> bool:
    """Return True if a browser sent the request: programs do not ask for `text/html`."""
    return "text/html" in Headers(scope=scope).get("accept", "")


def query_of(scope: Scope) -> str:
    """Return the query of a request."""
    return bytes(scope["query_string"]).decode("latin-1")


def _tracking_id_in(path: str) -> str:
    """Return the tracking id in the path of a page; empty for any other path."""
    prefix = f"{PAGE_PATH}/"
    return path.removeprefix(prefix).partition("/")[0] if path.startswith(prefix) else ""
