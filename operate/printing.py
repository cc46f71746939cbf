"""Prints tables for people and JSON for programs."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

_STYLES = {
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
    "processing": "cyan",
    "retrying": "yellow",
}
_BARS = "·▁▂▃▄▅▆▇█"
_UNLIMITED = 1000
"""The width of what goes to a file or another program."""


def printable(text: str) -> str:
    """Return the text without characters that a terminal would obey; customers and Odoo write some of it."""
    return "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)


def moment(value: datetime | None) -> str:
    """Return a time in UTC; empty if there is none."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if value else ""


def bars(values: Sequence[int]) -> str:
    """Return a character for each value, the higher the larger it is: a dot for 0."""
    highest = max([*values, 1])
    steps = len(_BARS) - 1
    return "".join(_BARS[-(-value * steps // highest)] for value in values)


class Printer:
    """Prints the results of a command to stdout, and remarks to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        has_width = sys.stdout.isatty() or "COLUMNS" in os.environ
        self._console = Console(
            width=None if has_width else _UNLIMITED, markup=False, highlight=False, emoji=False
        )

    def json(self, value: Any) -> None:
        """Print a value as JSON."""
        self._console.out(json.dumps(value, ensure_ascii=False, indent=2), highlight=False)

    def line(self, text: str = "") -> None:
        """Print a sentence; the terminal breaks a long one, so an address in it can be copied."""
        self._console.print(Text(printable(text)), soft_wrap=True)

    def remark(self, text: str) -> None:
        """Print a sentence to stderr, so that it does not get into the results."""
        sys.stderr.write(f"{printable(text)}\n")
        sys.stderr.flush()

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        folded: Sequence[str] = (),
        numbers: Sequence[str] = (),
    ) -> None:
        """Print a table; columns in `folded` give way on a narrow terminal, `numbers` are aligned to the right."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for column in columns:
            justify: Literal["left", "right"] = "right" if column in numbers else "left"
            table.add_column(column, no_wrap=column not in folded, overflow="fold", justify=justify)
        for row in rows:
            table.add_row(*map(_cell, row))
        self._console.print(table)

    def fields(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Print names with their values; those without a value are left out."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in pairs:
            if value:
                grid.add_row(name, _cell(value))
        self._console.print(grid)


def _cell(text: str) -> Text:
    return Text(printable(text), style=_STYLES.get(text, ""))
