"""The database: rows by table and key, transactions with savepoints, and a file that keeps them.

External ids and sequences are tables like any other, so that all of them roll back and persist alike.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.standin_odoo.faults import SerializationFailureError

Key = int | str
Row = dict[str, Any]
_Index = defaultdict[Any, set[Any]]

_SEQUENCES = "standin.sequence"


class Store:
    """All rows. One thread uses it, one transaction at a time: a call is applied at once or not at all."""

    def __init__(self, file: Path | None = None) -> None:
        self._tables: defaultdict[str, dict[Key, Row]] = defaultdict(dict)
        self._indexes: defaultdict[str, dict[str, _Index]] = defaultdict(dict)
        self._undo: list[tuple[str, Key, Row | None]] = []
        self._snapshot: int | None = None
        self._changed_in: dict[tuple[str, Key], int] = {}
        self.commits = 0
        """How many transactions have changed something: the name of a moment, see `transaction`."""
        self._file = _open(file) if file else None
        if self._file:
            for table, key, row in self._file.execute("SELECT tab, key, row FROM kept"):
                self._tables[table][json.loads(key)] = json.loads(row)

    def table(self, name: str) -> dict[Key, Row]:
        """The rows of a table by key, to be read only."""
        return self._tables[name]

    def put(self, table: str, key: Key, values: Row) -> None:
        """Set `values` in the row, which is made where there is none.

        Raises SerializationFailureError where the row was changed after the moment this transaction saw.
        """
        self.check_unchanged(table, key)
        before = self._tables[table].get(key)
        self._undo.append((table, key, before))
        self._set(table, key, (before or {}) | values)

    def delete(self, table: str, key: Key) -> None:
        """Remove the row."""
        self._undo.append((table, key, self._tables[table][key]))
        self._set(table, key, None)

    def having(self, table: str, column: str, value: Any) -> list[Any]:
        """Keys of the rows with this value in a column, in order."""
        indexes = self._indexes[table]
        if column not in indexes:
            indexes[column] = defaultdict(set)
            for key, row in self._tables[table].items():
                indexes[column][row.get(column)].add(key)
        return sorted(indexes[column].get(value, ()))

    def _set(self, table: str, key: Key, row: Row | None) -> None:
        rows = self._tables[table]
        before = rows.pop(key, None)
        for column, index in self._indexes[table].items():
            if before is not None:
                index[before.get(column)].discard(key)
            if row is not None:
                index[row.get(column)].add(key)
        if row is not None:
            rows[key] = row

    def next_number(self, sequence: str) -> int:
        """The next number of a sequence; the first is 1."""
        number = int(self._tables[_SEQUENCES].get(sequence, {"last": 0})["last"]) + 1
        self.start_sequence(sequence, number)
        return number

    def start_sequence(self, sequence: str, last: int) -> None:
        """Let the sequence go on after `last`."""
        # no check for conflicts: a sequence belongs to no transaction, in PostgreSQL neither
        rows = self._tables[_SEQUENCES]
        self._undo.append((_SEQUENCES, sequence, rows.get(sequence)))
        rows[sequence] = {"last": last}

    def check_unchanged(self, table: str, key: Key) -> None:
        """Raise SerializationFailureError where the row was changed after the moment this transaction saw."""
        if self._snapshot is not None and self._changed_in.get((table, key), 0) > self._snapshot:
            raise SerializationFailureError

    @contextmanager
    def transaction(self, snapshot: int | None = None) -> Iterator[None]:
        """Commit what is done inside, or undo all of it on an exception.

        `snapshot` is the number of `commits` when the transaction began, as PostgreSQL's REPEATABLE READ
        sees it; None for one that sees the newest, as Odoo has by trying again.
        """
        self._snapshot = snapshot
        try:
            with self.savepoint():
                yield
            self._commit()
        finally:
            self._undo.clear()
            self._snapshot = None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is done inside, and only that, on an exception."""
        mark = len(self._undo)
        try:
            yield
        except BaseException:
            while len(self._undo) > mark:
                table, key, before = self._undo.pop()
                self._set(table, key, before)
            raise

    def _commit(self) -> None:
        changed = {(table, key) for table, key, _ in self._undo}
        if not changed:
            return
        self.commits += 1
        self._changed_in.update(dict.fromkeys(changed, self.commits))
        if self._file:
            with self._file:
                for table, key in changed:
                    row = self._tables[table].get(key)
                    if row is None:
                        self._file.execute("DELETE FROM kept WHERE tab = ? AND key = ?", (table, json.dumps(key)))
                    else:
                        self._file.execute(
                            "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)",
                            (table, json.dumps(key), json.dumps(row)),
                        )


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    # survives a killed process, which is what tests do; a power cut may cost the last transactions
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS kept (tab TEXT, key TEXT, row TEXT, PRIMARY KEY (tab, key))")
    return connection
