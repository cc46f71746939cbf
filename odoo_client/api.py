"""The interface to one Odoo, whichever protocol carries it."""

from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Credentials:
    """The address of an Odoo, and the user that calls it. `password` may be an API key."""

    url: str
    db: str
    username: str
    password: str = field(repr=False)


class Odoo(Protocol):
    """One Odoo, called as one user. Every method raises a kind of `OdooError`."""

    @property
    def clock_difference(self) -> timedelta | None:
        """How far this machine's clock is ahead of the clock of the server that last answered; None if unknown."""
        ...

    async def login(self) -> int:
        """Return the user's id, without a call if Odoo accepted the credentials before."""
        ...

    async def major_version(self) -> int:
        """Return Odoo's major version, e.g. 19."""
        ...

    async def call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Call a public method of a model and check its answer against the type `returns`."""
        ...

    async def cached_call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Return a recent answer of `call`, at most some minutes old. Callers must not change it."""
        ...

    async def cached(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `ask` returned recently for this key, at most some minutes ago."""
        ...

    async def granted(self, key: Hashable, ask: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
        """Return True if `ask` did at most a minute ago for this key and no call was refused since, else ask."""
        ...

    def forget_grants(self) -> None:
        """Ask for each right again: a call was refused for lack of one."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
