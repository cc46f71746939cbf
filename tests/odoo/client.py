"""A thin XML-RPC client: the tests show the calls as Odoo gets them."""

import re
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, TypeVar
from xmlrpc.client import Fault, ServerProxy

import pytest

from sandbox.real_odoo import OdooAccess

T = TypeVar("T")

ONCE = {"noupdate": True, "mode": "update"}
"""The context with which `load` creates a record once and never writes it again."""

CONFLICT = "could not serialize access due to concurrent update\n"


class Session:
    """Calls as one user. Each call has its own connection, so threads can share a session."""

    def __init__(self, access: OdooAccess, login: str, password: str) -> None:
        self.access = access
        self.login = login
        self.password = password
        self.uid: int = self.common("authenticate", access.db, login, password, {})

    def common(self, method: str, *args: Any) -> Any:
        with ServerProxy(f"{self.access.url}/xmlrpc/2/common", allow_none=True) as proxy:
            return getattr(proxy, method)(*args)

    def object(self, *params: Any, method: str = "execute_kw") -> Any:
        with ServerProxy(f"{self.access.url}/xmlrpc/2/object", allow_none=True) as proxy:
            return getattr(proxy, method)(*params)

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.object(self.access.db, self.uid, self.password, model, method, list(args), kwargs)

    def create(self, model: str, **values: Any) -> int:
        created: int = self.call(model, "create", values)
        return created

    def read(self, model: str, record_id: int, *fields: str) -> dict[str, Any]:
        (row,) = self.call(model, "read", [record_id], list(fields))
        return {name: row[name] for name in fields}

    def value(self, model: str, record_id: int, field: str) -> Any:
        return self.read(model, record_id, field)[field]

    def load(self, model: str, *rows: dict[str, Any], context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call `load`, by default with the context `ONCE`; all rows have the same columns."""
        table = [list(row.values()) for row in rows]
        answer: dict[str, Any] = self.call(
            model, "load", list(rows[0]), table, context=ONCE if context is None else context
        )
        return answer

    def load_ids(self, model: str, *rows: dict[str, Any]) -> list[int]:
        answer = self.load(model, *rows)
        assert answer["messages"] == []
        ids: list[int] = answer["ids"]
        return ids

    def load_id(self, model: str, **row: Any) -> int:
        """Return the id for one row; `id_` is the column `id`, and `partner_id__id` is `partner_id/.id`."""
        columns = {
            name.removesuffix("_") if name == "id_" else name.replace("__", "/."): row[name] for name in row
        }
        (record_id,) = self.load_ids(model, columns)
        return record_id

    def problems(self, model: str, *rows: dict[str, Any]) -> list[str]:
        """Return the messages of a `load` that fails."""
        answer = self.load(model, *rows)
        assert answer["ids"] is False
        assert {message["type"] for message in answer["messages"]} == {"error"}
        return [message["message"] for message in answer["messages"]]


def at_once(count: int, do: Callable[[int], T]) -> list[T]:
    """Return the results of `do(0)`, `do(1)`, ..., all started at the same moment."""
    barrier = Barrier(count)

    def start(number: int) -> T:
        barrier.wait()
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


@contextmanager
def fault(code: int, pattern: str) -> Iterator[None]:
    """Expect a fault with the pattern in its text; for a traceback (fault 1), in its last line."""
    with pytest.raises(Fault) as caught:
        yield
    text = caught.value.faultString.strip()
    if code == 1:
        assert text.startswith("Traceback (most recent call last):\n")
        text = text.rpartition("\n")[2]
    assert caught.value.faultCode == code
    assert re.search(pattern, text), text


def unique() -> str:
    """Return a word that no other record has."""
    return f"u{secrets.token_hex(6)}"
