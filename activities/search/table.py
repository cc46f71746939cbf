"""Pages of the records that have certain words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from activities.search.like import having_letters, having_words
from activities.search.words import Word
from odoo_client import Odoo

_BATCHES = (200, 1000, 1000, 1000)
"""How many more records are read if a pattern finds records without the word."""


class FoundRow(BaseModel):
    """A record; its subclasses name the fields that are read."""

    id: int


Row = TypeVar("Row", bound=FoundRow)


@dataclass(frozen=True)
class Table(Generic[Row]):
    """The records of a model that satisfy a domain; words may be in any of the `searched` fields.

    The first of these fields is the name.
    """

    odoo: Odoo
    model: str
    domain: Sequence[Any]
    searched: Sequence[str]
    row: type[Row]
    context: dict[str, Any]
    any_letter: bool = False
    """Find accents on any letter of a name; it takes longer."""

    def with_any_letter(self) -> "Table[Row]":
        """Return the table in which accents on any letter are found."""
        return replace(self, any_letter=True)

    async def page_if_known(
        self, words: Sequence[Word], limit: int, after: int
    ) -> tuple[list[Row], int | None] | None:
        """Return as `page`, but None if no record has every word, on any page. Raises `OdooError`."""
        found, more = await self.page(words, limit, after)
        return (found, more) if found or (after and await self.has(words)) else None

    async def page(self, words: Sequence[Word], limit: int, after: int = 0) -> tuple[list[Row], int | None]:
        """Return records with every word by id, and the id after which there may be more. Raises `OdooError`."""
        found: list[Row] = []
        for size in (limit + 1, *_BATCHES):
            batch = await self._read(words, size, after)
            for row in batch:
                if not self._has(row, words):
                    continue
                if len(found) == limit:
                    return found, found[-1].id
                found.append(row)
            if len(batch) < size:
                return found, None
            after = batch[-1].id
        return found, after if found else None

    async def has(self, words: Sequence[Word]) -> bool:
        """Return True if a record has every word. Raises `OdooError`."""
        rows, _ = await self.page(words, 1)
        return bool(rows)

    async def _read(self, words: Sequence[Word], limit: int, after: int) -> list[Row]:
        # ids never change, so no record is skipped or repeated when others are created or renamed meanwhile
        later = [["id", ">", after]] if after else []
        having = having_letters if self.any_letter else having_words
        rows: list[Row] = await self.odoo.call(
            self.model,
            "search_read",
            [*later, *self.domain, *having(words, self.searched)],
            list(self.row.model_fields),
            limit=limit,
            order="id",
            context=self.context,
            returns=list[self.row],  # type: ignore[name-defined]
        )
        return rows

    def _has(self, row: Row, words: Sequence[Word]) -> bool:
        texts = [text for field in self.searched if (text := getattr(row, field))]
        return all(word.is_in(texts) for word in words)
