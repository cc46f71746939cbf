"""A bounded memory that several threads share."""

import threading
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The last `most` values, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[str, Value] = {}
        self._lock = threading.Lock()

    def add(self, key: str, value: Value) -> None:
        """Remember a value, and forget the oldest one if there are too many."""
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._most:
                del self._values[next(iter(self._values))]

    def pop(self, key: str) -> Value | None:
        """Return the value and forget it; return None if it is not known."""
        with self._lock:
            return self._values.pop(key, None)
