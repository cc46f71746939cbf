"""The database: rows by table and key, transactions, and a file that keeps the rows.

External ids are a table like any other, so they roll back and persist in the same way.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.standin_odoo.faults import SerializationFailureError

Key = int | str
Row = dict[str, Any]


class Store:
    """All rows. One thread uses it, with one transaction at a time."""

    def __init__(self, file: Path | None = None) -> None:
        self._tables: defaultdict[str, dict[Any, Row]] = defaultdict(dict)
        self._indexes: dict[tuple[str, str], defaultdict[Any, set[Any]]] = {}
        self._undo: list[tuple[str, Key, Row | None]] = []
        self._snapshot: int | None = None
        self._changed_in: dict[tuple[str, Key], int] = {}
        self.commits = 0
        """The number of transactions so far: it names a moment, see `transaction`."""
        self._file = _open(file) if file else None
        for table, key, row in self._file.execute("SELECT * FROM kept") if self._file else ():
            self._tables[table][json.loads(key)] = json.loads(row)

    def table(self, name: str) -> Mapping[Any, Row]:
        """Return the rows of a table by key; callers only read them."""
        return self._tables[name]

    def put(self, table: str, key: Key, values: Row) -> None:
        """Set `values` in the row, which is created if missing.

        Raises:
            SerializationFailureError: the row was changed after the snapshot of this transaction.
        """
        self.check_unchanged(table, key)
        before = self._tables[table].get(key)
        self._undo.append((table, key, before))
        self._set(table, key, (before or {}) | values)

    def having(self, table: str, column: str, value: Any) -> list[Any]:
        """Return the sorted keys of the rows with this value in a column."""
        if (table, column) not in self._indexes:
            index = self._indexes[table, column] = defaultdict(set)
            for key, row in self._tables[table].items():
                index[row.get(column)].add(key)
        return sorted(self._indexes[table, column].get(value, ()))

    def next_id(self, table: str) -> int:
        """Return the id for the next row of a table; the first is 1."""
        return max(self._tables[table], default=0) + 1

    def check_unchanged(self, table: str, key: Key) -> None:
        """Raise `SerializationFailureError` if the row was changed after the snapshot of this transaction."""
        if self._snapshot is not None and self._changed_in.get((table, key), 0) > self._snapshot:
            raise SerializationFailureError("could not serialize access due to concurrent update\n")

    @contextmanager
    def transaction(self, snapshot: int | None = None) -> Iterator[None]:
        """Commit the block, or undo it if it raises.

        `snapshot` is the number of `commits` at which the transaction began, as with PostgreSQL's REPEATABLE
        READ. With None it sees the newest rows, as Odoo does by trying again.
        """
        self._snapshot = snapshot
        try:
            yield
            self._commit()
        except BaseException:
            self.undo()
            raise
        finally:
            self._undo.clear()
            self._snapshot = None

    def undo(self) -> None:
        """Undo all that this transaction has done so far."""
        while self._undo:
            self._set(*self._undo.pop())

    def _set(self, table: str, key: Key, row: Row | None) -> None:
        before = self._tables[table].pop(key, None)
        if row is not None:
            self._tables[table][key] = row
        for (indexed, column), index in self._indexes.items():
            if indexed == table:
                index[(before or {}).get(column)].discard(key)
                if row is not None:
                    index[row.get(column)].add(key)

    def _commit(self) -> None:
        self.commits += 1
        changed = {(table, key) for table, key, _ in self._undo}
        self._changed_in.update(dict.fromkeys(changed, self.commits))
        if self._file and changed:
            rows = [(table, json.dumps(key), json.dumps(self._tables[table][key])) for table, key in changed]
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    # survives a killed process, as the sandbox needs; a power cut may lose the last transactions
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS kept (tab TEXT, key TEXT, row TEXT, PRIMARY KEY (tab, key))")
    return connection
