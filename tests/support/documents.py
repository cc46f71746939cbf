"""The documents of the repository: their pages, and the blocks and spans of code in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

_FENCE = re.compile(r"^ *```(?P<language>\w*)(?: title=\"(?P<title>[^\"]*)\")?$")


@dataclass(frozen=True)
class Block:
    """A block of code."""

    page: Path
    line: int
    """The number of its first fence's line."""
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Return the blocks of a page, from top to bottom.

    Raises:
        ValueError: a fence is not ```` ```language title="..." ````, or has no end.
    """
    lines = iter(enumerate(page.read_text().splitlines(), 1))
    for number, line in lines:
        if not line.lstrip().startswith("```"):
            continue
        fence = _FENCE.match(line)
        if fence is None:
            raise ValueError(f"{page.name}:{number}: {line}")
        indent = len(line) - len(line.lstrip())
        text = []
        for _, inner in lines:
            if inner.strip() == "```":
                break
            text.append(inner[indent:])
        else:
            raise ValueError(f"{page.name}:{number}: no end")
        yield Block(page, number, fence["language"], fence["title"] or "", "\n".join(text) + "\n")


def spans(page: Path) -> list[str]:
    """Return the `spans` of code of a page, those in tables with their pipes unescaped."""
    prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", page.read_text())
    return [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", prose)]
