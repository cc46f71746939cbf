"""The errors of the product's own client."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from activities.attempts import Attempts
from activities.failures import to_application_error
from odoo_client import Credentials, Json2Odoo, Odoo, OdooError, XmlRpcOdoo
from sandbox.catalogue import USERS
from sandbox.real_odoo import OdooAccess, Protocol
from tests.odoo.client import Session
from tests.unit.odoo_client.cases import kind_of

Client = Callable[..., Odoo]

KEYS = {user.login: user.api_key for user in USERS}


@contextmanager
def told(row: str, code: str, sentence: str) -> Iterator[None]:
    """Expect the error of this row of the table, with its code and exactly this sentence."""
    with pytest.raises(OdooError) as caught:
        yield
    error = caught.value
    assert str(error) == sentence
    assert type(error) is kind_of(row)
    assert to_application_error(error, Attempts(datetime.now(UTC)), timedelta()).type == code


@asynccontextmanager
async def clients(odoo: OdooAccess) -> AsyncIterator[Client]:
    """Create clients of this Odoo in its protocol, as its salesperson or as the user of a session."""
    made: list[Odoo] = []
    protocol = Json2Odoo if odoo.protocol is Protocol.JSON2 else XmlRpcOdoo

    def client(session: Session | None = None, *, path: str = "", **other: str) -> Odoo:
        values = {"db": odoo.db, "username": odoo.username, "password": odoo.password}
        if session is not None:
            values |= {"username": session.login, "password": session.password}
        if protocol is Json2Odoo:
            values["password"] = KEYS[values["username"]]
        made.append(protocol(Credentials(odoo.url + path, **(values | other)), timeout=30, max_calls=20))
        return made[-1]

    try:
        yield client
    finally:
        for one in made:
            await one.close()
