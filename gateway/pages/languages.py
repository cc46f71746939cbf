"""The language of a page: Spanish, or English if the browser prefers it."""

from starlette.datastructures import Headers
from starlette.types import Scope

SPANISH, ENGLISH = "es", "en"
LANGUAGES = (SPANISH, ENGLISH)


def language_of(scope: Scope) -> str:
    """Return the language of ours that a request's `Accept-Language` ranks first; Spanish if it names none."""
    best, quality = SPANISH, 0.0
    for item in ",".join(Headers(scope=scope).getlist("accept-language")).split(","):
        name, _, parameter = item.partition(";")
        language, rank = name.strip().lower().partition("-")[0], _quality(parameter)
        if language in LANGUAGES and rank > quality:
            best, quality = language, rank
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
