"""The English of docstrings, comments and documents, as CONTRIBUTING.md asks for it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.house import MODULES, PAGES, ROOT, TEST_MODULES

_BANNED = {
    "opens with Give, Tell, Let or Take": re.compile(r"^(Gives?|Tells?|Lets?|Takes?)\b"),
    "opens a sentence with Whoever, What or One that": re.compile(
        r"(^|[.;:] )(Whoever|What|One that)\b(?![^.]*\?)"
    ),
    "says 'is no' for 'is not a'": re.compile(r"(?<![Tt]here )\b(is|are|was|were) no (?!longer\b|more\b)[a-z]"),
}


def _docstrings(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = statement.value.value
                if isinstance(text, str):
                    yield statement.lineno, " ".join(text.split())


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    source = path.read_text()
    if path.suffix == ".py":
        yield from _docstrings(source)
        yield from _comments(source)
        return
    outside_code = re.sub(r"```.*?```", lambda code: "\n" * code[0].count("\n"), source, flags=re.DOTALL)
    for number, line in enumerate(outside_code.splitlines(), start=1):
        if line.startswith("#"):
            # a heading may be a question
            continue
        yield number, re.sub(r"^\W+", "", re.sub(r"`[^`]*`", "``", line))


@pytest.mark.parametrize(
    "path",
    [*MODULES, *TEST_MODULES, *PAGES],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_prose_reads_as_english(path: Path) -> None:
    found = [
        f"line {number} {rule}: {text[:80]}"
        for number, text in _prose(path)
        for rule, pattern in _BANNED.items()
        if pattern.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Give the caller.",
        "Tells whether it runs.",
        "Whoever asks waits.",
        "A key. One that is known.",
        "It is no key.",
    ],
)
def test_banned_openings_are_recognised(sentence: str) -> None:
    assert any(pattern.search(sentence) for pattern in _BANNED.values())


@pytest.mark.parametrize(
    "sentence", ["Return the caller.", "It is no longer there.", "There is no quotation with that id."]
)
def test_plain_english_passes(sentence: str) -> None:
    assert not any(pattern.search(sentence) for pattern in _BANNED.values())
