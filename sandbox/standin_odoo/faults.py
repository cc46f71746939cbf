"""Odoo's errors, and the XML-RPC fault that each becomes.

The numbers are Odoo's (`odoo/addons/rpc/controllers/xmlrpc.py`). Any other exception is fault 1, with its whole
traceback as the text.
"""

import traceback
import xmlrpc.client


class UserError(Exception):
    """The call was refused for a reason that a person can read: fault 2."""

    code = 2

    def __init__(self, sentence: str, *, prefix: str = "", **blamed: str) -> None:
        super().__init__(prefix + sentence)
        self.reported = {"message": sentence, **blamed}
        """The reason as `load` reports it, with the `field` that is to blame if it is one field."""


class MissingError(UserError):
    """The call needs a record that does not exist: fault 2."""

    def __init__(self, model: str, record_id: int, user_id: int) -> None:
        record = f"{model}({record_id},), User: {user_id}"
        super().__init__(f"Record does not exist or has been deleted.\n(Record: {record})")


class ConstraintError(UserError):
    """PostgreSQL refuses a row, such as one without a required value: fault 2."""

    def __init__(self, sentence: str, **blamed: str) -> None:
        super().__init__(sentence, prefix="The operation cannot be completed: ", **blamed)


class AccessDeniedError(UserError):
    """The password is wrong: fault 3."""

    code = 3


class AccessError(UserError):
    """The user lacks a right: fault 4."""

    code = 4


class SerializationFailureError(UserError):
    """Another transaction changed a row that this one writes; clients see it in `load` only."""


class OperationalError(Exception):
    """PostgreSQL's driver raises this for an unknown database."""

    __module__ = "psycopg2"


def fault_of(error: Exception) -> xmlrpc.client.Fault:
    """Return the fault that a client sees for `error`."""
    if isinstance(error, UserError):
        return xmlrpc.client.Fault(error.code, str(error))
    return xmlrpc.client.Fault(1, "".join(traceback.format_exception(error)))
