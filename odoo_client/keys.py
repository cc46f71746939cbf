"""The API keys of Odoo's user, and when they end."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from odoo_client.api import Odoo
from odoo_client.values import Blank


def _to_utc(value: datetime | None) -> datetime | None:
    return value and value.replace(tzinfo=UTC)


class _Key(BaseModel):
    # Odoo's times are in UTC, and say nothing of it
    expiration_date: Annotated[datetime | None, Blank, AfterValidator(_to_utc)]


class _User(BaseModel):
    login: str


async def key_ends(odoo: Odoo) -> list[datetime | None]:
    """Return when each key of the user ends, the first to end first; None for a key without an end.

    Odoo shows users their own keys, but not which of them a call uses (`res.users.apikeys`). Keys that have ended
    and keys for other purposes than calls are left out. Raises `OdooError`.
    """
    rows = await odoo.call(
        "res.users.apikeys",
        "search_read",
        [["user_id", "=", await odoo.login()], ["scope", "in", [False, "rpc"]]],
        ["expiration_date"],
        returns=list[_Key],
    )
    now = datetime.now(UTC)
    ends = [row.expiration_date for row in rows if row.expiration_date is None or row.expiration_date > now]
    return sorted(ends, key=lambda end: (end is None, end or now))


async def key_owner(odoo: Odoo) -> str:
    """Return the login name of the user that calls, who is the owner of the API key. Raises `OdooError`."""
    (user,) = await odoo.call("res.users", "read", [await odoo.login()], ["login"], returns=tuple[_User])
    return user.login
