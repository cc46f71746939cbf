"""The one table from what Odoo, a proxy before it or the network says to what it means.

Each row is a kind of error with a sentence for people; the kind decides on all else. Measured on Odoo 19 with
PostgreSQL 15. PostgreSQL speaks the language of its server and Odoo at times that of its user, so what only a text
tells is known in English and in Spanish.
"""

import re
from dataclasses import dataclass
from enum import Flag, auto

from odoo_client.errors import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownReferenceError,
)


class Said(Flag):
    """How something was said, and which text a row's sign is looked for in.

    The numbers of faults are those of Odoo's `odoo/addons/rpc`.
    """

    APPLICATION_ERROR = auto()
    """Fault 1, or one of a code that Odoo does not have: the exception at the end of the traceback."""
    WARNING = auto()
    """Fault 2: its text."""
    ACCESS_DENIED = auto()
    """Fault 3: its text."""
    ACCESS_ERROR = auto()
    """Fault 4: its text."""
    LOAD = auto()
    """The messages with which `load` refuses its rows; those after the first may be consequences of it."""
    NO_LOGIN = auto()
    """`authenticate` gave False: no text."""
    ANSWER = auto()
    """A whole answer, of a type that nobody expects: no text."""
    REPLY = auto()
    """An HTTP response of status 200 that is no XML-RPC: no text."""
    STATUS = auto()
    """Another HTTP status: its number."""
    CONNECTION = auto()
    """No HTTP response: the names of the exception's class and of those of its causes."""


@dataclass(frozen=True)
class Row:
    """What it means where `sign` is found in what was said.

    `sentence` may name `deed`, `reason`, `status`, `seconds` and the groups of `sign`.
    """

    name: str
    said: Said
    sign: str
    kind: type[OdooError]
    sentence: str

    def match(self, said: Said, text: str) -> re.Match[str] | None:
        r"""Find the sign; `^` and `$` are the ends of a line, `\A` is the begin of the text."""
        return re.search(self.sign, text, re.MULTILINE) if said in self.said else None


_BUSY = "Odoo was busy with another change of the same record."
_NO_DATABASE_CONNECTION = "Odoo has no connection to its database."
_NO_RIGHT = "Odoo's user has no right to {deed}."
_FAILED = "Odoo failed with {exception} when it was to {deed}."

TABLE = (
    # conflicts between transactions
    Row(
        "conflict",
        Said.APPLICATION_ERROR,
        r"\A(psycopg2\.errors\.(SerializationFailure|DeadlockDetected|LockNotAvailable)"
        r"|psycopg2\.extensions\.TransactionRollbackError|odoo\.exceptions\.(ConcurrencyError|LockError))\b",
        OdooBusyError,
        _BUSY,
    ),
    Row(
        "conflict in load",
        Said.LOAD,
        r"^(could not serialize access|deadlock detected|could not obtain lock on"
        r"|canceling statement due to lock timeout"
        r"|no se pudo serializar el acceso|se ha detectado un deadlock|no se pudo bloquear un candado"
        r"|cancelando la sentencia debido a que se agotó el tiempo de espera de candados"
        r"|[^\n]*<class 'odoo\.exceptions\.ConcurrencyError'>)",
        OdooBusyError,
        _BUSY,
    ),
    Row("locked record", Said.WARNING | Said.LOAD, r"\ACannot grab a lock on records", OdooBusyError, _BUSY),
    # two that make the same record at once: the next attempt finds it
    Row(
        "external id made twice",
        Said.WARNING | Said.LOAD,
        r'["«]ir_model_data_module_name_uniq',
        OdooBusyError,
        _BUSY,
    ),
    # Odoo's database
    Row(
        "no database",
        Said.APPLICATION_ERROR,
        r'\Apsycopg2\.OperationalError: [\s\S]*(database "[^"]*" does not exist|no existe la base de datos «)',
        OdooAuthError,
        "Odoo has no database of the configured name.",
    ),
    Row(
        "database away",
        Said.APPLICATION_ERROR,
        r"\Apsycopg2\.(OperationalError|InterfaceError|DatabaseError|pool\.PoolError"
        r"|errors\.(AdminShutdown|CrashShutdown|DatabaseDropped|CannotConnectNow|TooManyConnections|Connection\w+"
        r"|SqlclientUnableToEstablishSqlconnection|ProtocolViolation|IdleInTransactionSessionTimeout"
        r"|IdleSessionTimeout))\b",
        OdooUnavailableError,
        _NO_DATABASE_CONNECTION,
    ),
    Row(
        "database overloaded",
        Said.APPLICATION_ERROR,
        r"\Apsycopg2\.errors\.(QueryCanceled|ReadOnlySqlTransaction|DiskFull|OutOfMemory|InsufficientResources"
        r"|ConfigurationLimitExceeded|SystemError|IoError)\b",
        OdooUnavailableError,
        "Odoo's database cannot write at the moment.",
    ),
    Row(
        "database overloaded in load",
        Said.LOAD,
        r"^(canceling statement due to statement timeout|cannot execute \w+ in a read-only transaction"
        r"|could not extend file|out of memory"
        r"|cancelando la sentencia debido a que se agotó el tiempo de espera de sentencias)",
        OdooUnavailableError,
        "Odoo's database cannot write at the moment.",
    ),
    Row(
        "database upgraded",
        Said.APPLICATION_ERROR,
        r"\Apsycopg2\.errors\.Undefined(Column|Table)\b",
        OdooUnavailableError,
        "Odoo's database does not fit its code; it may be in the middle of an upgrade.",
    ),
    Row(
        "database upgraded, in load",
        Said.LOAD,
        r'^(column|relation) "?[\w.]+"? (of relation "\w+" )?does not exist$',
        OdooUnavailableError,
        "Odoo's database does not fit its code; it may be in the middle of an upgrade.",
    ),
    Row(
        "worker at its limit",
        Said.APPLICATION_ERROR,
        r"\A(Exception: CPU time limit exceeded|MemoryError\b)",
        OdooUnavailableError,
        "Odoo ran out of time or memory.",
    ),
    # who we are and what we may
    Row(
        "wrong login",
        Said.NO_LOGIN | Said.ACCESS_DENIED,
        r"",
        OdooAuthError,
        "Odoo refused the user name or the password.",
    ),
    Row(
        "user deleted",
        Said.WARNING,
        r"\ARecord does not exist or has been deleted\.\s+\(Record: res\.users\((\d+),\), User: \1\)",
        OdooAuthError,
        "Odoo's user does not exist any more.",
    ),
    Row("no right", Said.ACCESS_ERROR, r"", OdooAccessDeniedError, _NO_RIGHT),
    Row(
        "no right in load",
        Said.LOAD,
        # the last two are there in every language of a user: the model by itself, the groups that have the right
        r"\A(You are not allowed to \w+ '|No puede \w+ (a los )?(registros|informes) '|Uh-oh! Looks like you have"
        r"|¡Uy! Parece que ha tropezado|Estos registros están restringidos)"
        r"|^- [^\n]* \(\w+(\.\w+)+\)$|\n\n[^\n]+\n\t- ",
        OdooAccessDeniedError,
        _NO_RIGHT,
    ),
    # what we asked for
    Row(
        "unknown external id",
        Said.APPLICATION_ERROR,
        r"\AValueError: External ID not found",
        OdooUnknownReferenceError,
        "Odoo has no record of this external id.",
    ),
    Row(
        # Odoo's own words are about a record that somebody deletes, which we never do
        "reference to nothing",
        Said.WARNING | Said.LOAD,
        r"\A(The operation cannot be completed: )?Another model is using the record you are trying to delete"
        r"[\s\S]*constraint: (?P<label>'[^'\n]*' \(\w+\)|\w+)",
        OdooRejectedError,
        "Odoo refused to {deed}: the record that {label} names does not exist.",
    ),
    Row(
        "no reason in load",
        Said.LOAD,
        r"\A\Z",
        OdooUnexpectedError,
        "Odoo did not {deed} and gave no reason.",
    ),
    Row(
        "unknown exception in load",
        Said.LOAD,
        r"\A[^\n']*<class '(?P<exception>[\w.]+)'>: ",
        OdooUnexpectedError,
        _FAILED,
    ),
    Row(
        "broken transaction in load",
        Said.LOAD,
        r"\A(Unknown database error: |current transaction is aborted)",
        OdooUnexpectedError,
        "Odoo's database refused to {deed} and gave no reason.",
    ),
    Row("refused", Said.WARNING | Said.LOAD, r"", OdooRejectedError, "Odoo refused to {deed}: {reason}"),
    # what nobody knows; what follows the exception's name may hold customers' data
    Row(
        "unknown exception",
        Said.APPLICATION_ERROR,
        r"\A(?P<exception>([a-z_]\w*\.)*[A-Za-z]\w*)(?=:|$)",
        OdooUnexpectedError,
        _FAILED,
    ),
    Row(
        "unknown fault",
        Said.APPLICATION_ERROR,
        r"",
        OdooUnexpectedError,
        "Odoo failed in an unknown way when it was to {deed}.",
    ),
    Row(
        "strange answer",
        Said.ANSWER,
        r"",
        OdooUnexpectedError,
        "Odoo was to {deed} and answered something unexpected.",
    ),
    Row("unreadable reply", Said.REPLY, r"", OdooUnavailableError, "Odoo's reply was not readable."),
    # HTTP, mostly a proxy's
    Row(
        "server in trouble",
        Said.STATUS,
        # all of 5xx: proxies have numbers of their own, such as Cloudflare's 520 to 530
        r"^(408|425|429|5\d\d)$",
        OdooUnavailableError,
        "Odoo answered with HTTP status {status}.",
    ),
    Row(
        "proxy wants a login",
        Said.STATUS,
        r"^(401|407)$",
        OdooAuthError,
        "A proxy before Odoo wants a login (HTTP status {status}).",
    ),
    Row(
        "too large",
        Said.STATUS,
        r"^(413|414|431)$",
        OdooRejectedError,
        "Odoo refused to {deed}: the request is too large (HTTP status {status}).",
    ),
    # permanent where the address is wrong, but also what a proxy says while Odoo is away
    Row(
        "redirected",
        Said.STATUS,
        r"^3\d\d$",
        OdooUnexpectedError,
        "Odoo's address leads elsewhere (HTTP status {status}).",
    ),
    Row(
        "forbidden by a proxy",
        Said.STATUS,
        r"^403$",
        OdooUnexpectedError,
        "A proxy or firewall before Odoo forbids the call (HTTP status {status}).",
    ),
    Row(
        "not found",
        Said.STATUS,
        r"^(404|405|410)$",
        OdooUnexpectedError,
        "There is no Odoo with XML-RPC at the configured address (HTTP status {status}).",
    ),
    Row("other status", Said.STATUS, r"", OdooUnexpectedError, "Odoo answered with HTTP status {status}."),
    # the network
    Row(
        "no slot",
        Said.CONNECTION,
        r"\ANoSlotError\b",
        OdooUnavailableError,
        "Odoo was busy with other calls for too long.",
    ),
    Row(
        "time-out",
        Said.CONNECTION,
        r"\A(TimeoutError)",
        OdooUnavailableError,
        "Odoo did not answer within {seconds} seconds.",
    ),
    Row(
        "wrong certificate",
        Said.CONNECTION,
        r"\bSSLCertVerificationError\b",
        OdooUnavailableError,
        "Odoo's TLS certificate is not valid.",
    ),
    Row(
        "TLS error",
        Said.CONNECTION,
        r"\bSSL\w*Error\b",
        OdooUnavailableError,
        "Odoo's address does not speak TLS as it should.",
    ),
    Row(
        "unknown host",
        Said.CONNECTION,
        r"\bgaierror\b",
        OdooUnavailableError,
        "The host of Odoo's address is not known.",
    ),
    Row(
        "refused connection",
        Said.CONNECTION,
        r"\bConnectionRefusedError\b",
        OdooUnavailableError,
        "Odoo refused the connection.",
    ),
    Row(
        "unreachable",
        Said.CONNECTION,
        r"\AConnect(Error|Timeout)\b",
        OdooUnavailableError,
        "Odoo could not be reached.",
    ),
    Row("broken connection", Said.CONNECTION, r"", OdooUnavailableError, "The connection to Odoo broke."),
)
"""The first row whose sign is found counts; for each way of saying something the last one takes the rest."""
