"""Odoo's errors and the XML-RPC fault each becomes.

The numbers are Odoo's (`odoo/addons/rpc/controllers/xmlrpc.py`). Any other exception is fault 1
with its whole traceback as the text, in Odoo as here.
"""

import traceback
import xmlrpc.client


class UserError(Exception):
    """Refused for a reason a person can read: fault 2."""

    code = 2


class MissingError(UserError):
    """A record that does not exist (any more) was needed: fault 2."""

    def __init__(self, model: str, record_ids: list[int], user_id: int) -> None:
        ids = ", ".join(map(str, record_ids)) + ("," if len(record_ids) == 1 else "")
        super().__init__(f"Record does not exist or has been deleted.\n(Record: {model}({ids}), User: {user_id})")


class ConstraintError(UserError):
    """PostgreSQL refuses a row, such as one without a required value: fault 2."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(f"The operation cannot be completed: {sentence}")
        self.sentence = sentence
        """What is wrong, as `load` reports it."""
        self.field = field
        """The one field that is to blame, where there is one."""


class AccessDeniedError(UserError):
    """Not the user one claims to be: fault 3."""

    code = 3

    def __init__(self) -> None:
        super().__init__("Access Denied")


class AccessError(UserError):
    """A user without the right: fault 4."""

    code = 4


class SerializationFailureError(Exception):
    """A row this transaction writes was changed after it began; only `load` lets that be seen."""

    def __init__(self) -> None:
        super().__init__("could not serialize access due to concurrent update\n")


class OperationalError(Exception):
    """What PostgreSQL's driver raises for a database that does not exist."""

    __module__ = "psycopg2"


def fault_of(error: Exception) -> xmlrpc.client.Fault:
    """The fault a client sees for `error`."""
    if isinstance(error, UserError):
        return xmlrpc.client.Fault(error.code, str(error))
    return xmlrpc.client.Fault(1, "".join(traceback.format_exception(error)))
