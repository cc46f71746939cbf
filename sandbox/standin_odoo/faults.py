"""Odoo's errors, and what a client sees of each: a fault over XML-RPC, a status and a name over JSON-2.

The numbers are Odoo's (`odoo/addons/rpc/controllers/xmlrpc.py`, `odoo/exceptions.py`). Any other exception is
fault 1 with its whole traceback as the text, and status 500.
"""

import traceback
import xmlrpc.client
from http import HTTPStatus
from typing import Any, ClassVar


class UserError(Exception):
    """The call was refused for a reason that a person can read: fault 2."""

    code: ClassVar = 2
    status: ClassVar = HTTPStatus.UNPROCESSABLE_ENTITY
    name: ClassVar = "odoo.exceptions.UserError"

    def __init__(self, sentence: str, *, prefix: str = "", **blamed: str) -> None:
        super().__init__(prefix + sentence)
        self.reported = {"message": sentence, **blamed}
        """The reason as `load` reports it, with the `field` that is to blame if it is one field."""


class MissingError(UserError):
    """The call needs a record that does not exist: fault 2."""

    status = HTTPStatus.NOT_FOUND
    name = "odoo.exceptions.MissingError"

    def __init__(self, model: str, record_id: int, user_id: int) -> None:
        record = f"{model}({record_id},), User: {user_id}"
        super().__init__(f"Record does not exist or has been deleted.\n(Record: {record})")


class ConstraintError(UserError):
    """PostgreSQL refuses a row, such as one without a required value: fault 2."""

    name = "odoo.exceptions.ValidationError"

    def __init__(self, sentence: str, **blamed: str) -> None:
        super().__init__(sentence, prefix="The operation cannot be completed: ", **blamed)


class AccessDeniedError(UserError):
    """The password is wrong: fault 3."""

    code = 3
    status = HTTPStatus.FORBIDDEN
    name = "odoo.exceptions.AccessDenied"


class AccessError(UserError):
    """The user lacks a right: fault 4."""

    code = 4
    status = HTTPStatus.FORBIDDEN
    name = "odoo.exceptions.AccessError"


class SerializationFailureError(UserError):
    """Another transaction changed a row that this one writes; clients see it in `load` only."""


class OperationalError(Exception):
    """PostgreSQL's driver raises this for an unknown database."""

    __module__ = "psycopg2"


class RequestError(Exception):
    """A JSON-2 request is wrong, as Odoo's web framework says it."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.name = "werkzeug.exceptions." + status.name.title().replace("_", "")


def fault_of(error: Exception) -> xmlrpc.client.Fault:
    """Return the fault that a client sees for `error`."""
    if isinstance(error, UserError):
        return xmlrpc.client.Fault(error.code, str(error))
    return xmlrpc.client.Fault(1, "".join(traceback.format_exception(error)))


def body_of(error: Exception) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return the status and the body that a client of JSON-2 sees for `error`."""
    status, name = HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__module__}.{type(error).__name__}"
    if isinstance(error, UserError | RequestError):
        status, name = error.status, error.name
    debug = "".join(traceback.format_exception(error))
    return status, {"name": name, "message": str(error), "arguments": [str(error)], "context": {}, "debug": debug}
