"""Renders templates, and sends each page with headers that keep it private and free of foreign content."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response
from starlette.types import Scope

from gateway.pages import formats
from gateway.pages.languages import ENGLISH, language_of
from gateway.pages.static_files import static_path
from gateway.pages.words import english, spanish
from gateway.web.path_prefix import prefix_of

_TEMPLATES = Environment(
    loader=PackageLoader("gateway.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.filters.update(
    age=formats.age,
    amount=formats.amount,
    clock=formats.clock,
    moment=formats.moment,
    quantity=formats.quantity,
)

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

PRIVATE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
}
"""The headers of all that shows data to people: nobody keeps it, frames it or learns its address."""


def words_of(language: str) -> Mapping[str, Any]:
    """Return what pages say in a language."""
    return english.WORDS if language == ENGLISH else spanish.WORDS


def rendered(template: str, scope: Scope, language: str | None = None, **values: Any) -> str:
    """Return a template as text, in the language of the request unless one is given."""
    language = language or language_of(scope)
    prefix = prefix_of(scope)

    def static(name: str) -> str:
        return prefix + static_path(name)

    return _TEMPLATES.get_template(template).render(
        language=language, words=words_of(language), static=static, prefix=prefix, **values
    )


def page(template: str, scope: Scope, http_status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Return a template as a page, in the language of the request."""
    headers = {**PRIVATE, "Content-Language": language_of(scope), "Vary": "Accept-Language"}
    return Response(rendered(template, scope, **values), http_status, headers, "text/html")
