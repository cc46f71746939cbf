"""Both languages say the same things, and have a word for everything that a status can hold."""

from typing import Any

import pytest

from gateway.pages.languages import language_of
from gateway.pages.words import english, spanish
from quotation.errors import ErrorCode
from quotation.status import State
from quotation.warning import WarningCode

BOTH = [spanish.WORDS, english.WORDS]


def shape(words: Any) -> Any:
    """Return the keys at every level, and the places for values in each sentence."""
    if isinstance(words, dict):
        return {str(key): shape(value) for key, value in words.items()}
    if isinstance(words, tuple):
        return [shape(one) for one in words]
    return sorted(part.partition("}")[0] for part in words.split("{")[1:])


def test_both_languages_have_the_same_keys_and_places() -> None:
    # a warning's own message is in English
    assert shape(spanish.WORDS | {"warnings": {}}) == shape(english.WORDS)


@pytest.mark.parametrize("words", BOTH)
def test_there_is_a_word_for_every_state_and_code(words: dict[str, Any]) -> None:
    assert set(words["failures"]) == set(ErrorCode)
    assert set(words["states"]) == {*State, "retrying"}


def test_there_is_a_sentence_for_every_warning() -> None:
    assert set(spanish.WORDS["warnings"]) == set(WarningCode)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("de-DE,de;q=0.9,en;q=0.5", "en"),
        ("en;q=0.4, es;q=0.6", "es"),
        ("fr, pt", "es"),
        ("*", "es"),
        ("en;q=0", "es"),
        ("en;q=x", "es"),
        ("EN", "en"),
        (";;,;q=,=", "es"),
    ],
)
def test_the_browser_s_first_language_of_ours_is_taken(header: str, language: str) -> None:
    scope = {"type": "http", "headers": [(b"accept-language", header.encode())]}

    assert language_of(scope) == language
