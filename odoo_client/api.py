"""The interface to one Odoo, whichever protocol carries it."""

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Credentials:
    """Where an Odoo is and as whom to call it. `password` may be an API key."""

    url: str
    db: str
    username: str
    password: str = field(repr=False)


class Odoo(Protocol):
    """One Odoo, called as one user. Every method raises `OdooError`, in one of its kinds."""

    async def login(self) -> int:
        """Give the user's id, from the cache where the credential was accepted before."""
        ...

    async def major_version(self) -> int:
        """Give Odoo's major version, e.g. 19."""
        ...

    async def call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Call a public method of a model and check its answer against the type `returns`."""
        ...

    async def cached_call(self, model: str, method: str, *args: Any, returns: type[T], **kwargs: Any) -> T:
        """Call a method as `call` does, at most once in some minutes; callers must not change the answer."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
