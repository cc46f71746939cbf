"""The table of all faults that Odoo, a proxy in front of it or the network can report.

Each row has a kind of error and a sentence for people. The kind decides everything else, such as retries. The
texts were measured on Odoo 19 with PostgreSQL 15. PostgreSQL uses its server's language, and Odoo sometimes its
user's. So faults that only a text identifies are known in English and in Spanish.

Longer than 300 lines: one table, which is read as a whole.
"""

import re
from dataclasses import dataclass
from enum import Flag, auto

from odoo_client.errors import (
    OdooAccessDeniedError,
    OdooAuthError,
    OdooBusyError,
    OdooCrowdedError,
    OdooError,
    OdooLoginRefusedError,
    OdooMissingError,
    OdooMissingModelError,
    OdooRejectedError,
    OdooUnavailableError,
    OdooUnexpectedError,
    OdooUnknownMethodError,
    OdooUnknownReferenceError,
)


class Said(Flag):
    """The form in which a fault is reported, and the text that is searched for a row's sign.

    The fault numbers are those of Odoo's XML-RPC (`odoo/addons/rpc`). JSON-2 names the exceptions instead.
    """

    APPLICATION_ERROR = auto()
    """Fault 1 or an unknown number: the exception at the end of the traceback."""
    WARNING = auto()
    """Fault 2: its text."""
    ACCESS_DENIED = auto()
    """Fault 3: its text."""
    ACCESS_ERROR = auto()
    """Fault 4: its text."""
    LOAD = auto()
    """The messages of a refused `load`. The later ones may be consequences of the first."""
    NO_LOGIN = auto()
    """`authenticate` returned False: no text."""
    ANSWER = auto()
    """A complete answer of an unexpected type: no text."""
    REPLY = auto()
    """An HTTP response of status 200 that is not the protocol's: no text."""
    STATUS = auto()
    """Another HTTP status: its number, and on the next line Odoo's own error, if JSON-2 names one."""
    NO_DATABASE = auto()
    """JSON-2's page of an Odoo without the database: whether PostgreSQL is `up` or `away`."""
    CONNECTION = auto()
    """No HTTP response: the class names of the exception and its causes."""


@dataclass(frozen=True)
class Row:
    """A fault: if the text matches `sign`, the error is of this kind and has this sentence.

    `sentence` may use `deed`, `reason`, `status`, `protocol`, `seconds` and the groups of `sign`.
    """

    name: str
    said: Said
    sign: str
    kind: type[OdooError]
    sentence: str

    def match(self, said: Said, text: str) -> re.Match[str] | None:
        r"""Search for the sign. `^` and `$` match at each line, `\A` at the beginning of the text."""
        return re.search(self.sign, text, re.MULTILINE) if said in self.said else None


_BUSY = "Odoo was busy with another change to the same record."
_NO_DATABASE_CONNECTION = "Odoo has no connection to its database."
_NO_RIGHT = "Odoo's service user is not allowed to {deed}."
_FAILED = "Odoo failed with {exception} while trying to {deed}."

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
    # two transactions created the same record at once: the next attempt finds it
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
        "Odoo has no database with the configured name.",
    ),
    Row(
        "no database over JSON-2",
        Said.NO_DATABASE,
        r"\Aup\Z",
        OdooAuthError,
        "Odoo has no database with the configured name.",
    ),
    Row("database away over JSON-2", Said.NO_DATABASE, r"", OdooUnavailableError, _NO_DATABASE_CONNECTION),
    Row(
        # the database exists, but is not restored yet
        "empty database",
        Said.APPLICATION_ERROR,
        r"\AKeyError: '(ir|res)\.[\w.]+'",
        OdooMissingError,
        "Odoo's database has no users; it may not be restored yet.",
    ),
    Row(
        "no model",
        Said.WARNING | Said.STATUS,
        r"\A(Object|El objeto|404\nNotFound: the model) '?(?P<model>[a-z][\w.]*)'? "
        r"(doesn't exist|does not exist|no existe)$",
        OdooMissingModelError,
        "Odoo has no {model}: a module is not installed.",
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
        "Odoo's database does not match its code; an upgrade may be in progress.",
    ),
    Row(
        "database upgraded, in load",
        Said.LOAD,
        r'^(column|relation) "?[\w.]+"? (of relation "\w+" )?does not exist$',
        OdooUnavailableError,
        "Odoo's database does not match its code; an upgrade may be in progress.",
    ),
    Row(
        "worker at its limit",
        Said.APPLICATION_ERROR,
        r"\A(Exception: CPU time limit exceeded|MemoryError\b)",
        OdooUnavailableError,
        "Odoo ran out of time or memory.",
    ),
    # login and rights
    Row(
        "wrong login",
        Said.NO_LOGIN | Said.ACCESS_DENIED,
        r"",
        OdooLoginRefusedError,
        "Odoo refused the user name or the password. A user with two-factor authentication needs an API key.",
    ),
    Row(
        "no key",
        Said.STATUS,
        r"\A401\nUnauthorized: User not authenticated",
        OdooAuthError,
        "The API key did not reach Odoo; a proxy in front of it may remove the header Authorization.",
    ),
    Row(
        "wrong key",
        Said.STATUS,
        r"\A401\nUnauthorized: ",
        OdooLoginRefusedError,
        "Odoo refused the API key. It may have ended or been removed.",
    ),
    Row(
        "user deleted",
        Said.WARNING,
        r"\ARecord does not exist or has been deleted\.\s+\(Record: res\.users\((\d+),\), User: \1\)",
        OdooAuthError,
        "Odoo's service user no longer exists.",
    ),
    Row("no right", Said.ACCESS_ERROR, r"", OdooAccessDeniedError, _NO_RIGHT),
    Row(
        "no right in load",
        Said.LOAD,
        # the last two do not depend on the user's language: a model on its own line, and the groups with the right
        r"\A(You are not allowed to \w+ '|No puede \w+ (a los )?(registros|informes) '|Uh-oh! Looks like you have"
        r"|¡Uy! Parece que ha tropezado|Estos registros están restringidos)"
        r"|^- [^\n]* \(\w+(\.\w+)+\)$|\n\n[^\n]+\n\t- ",
        OdooAccessDeniedError,
        _NO_RIGHT,
    ),
    # the request itself
    Row(
        "unknown external id",
        Said.APPLICATION_ERROR,
        r"\AValueError: External ID not found",
        OdooUnknownReferenceError,
        "Odoo has no record with this external id.",
    ),
    Row(
        # Odoo's own text is about deleting a record, which we never do
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
    # versions of Odoo differ; the last texts of XML-RPC are those of Odoo 16 and 17, and of Python
    Row(
        "unknown method",
        Said.APPLICATION_ERROR | Said.STATUS,
        r"\A(404\n|422\n)?(?P<exception>AttributeError(?=: (The method '|type object '))"
        r"|TypeError(?=: [\w.]+\(\) (takes \d+ positional|missing \d+ required positional))"
        r"|NotFound(?=: The method ')|UnprocessableEntity(?=: (missing a|got an unexpected|cannot call )))",
        OdooUnknownMethodError,
        _FAILED,
    ),
    # unknown faults; the text after the exception's name may contain customer data
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
        "Odoo failed in an unknown way while trying to {deed}.",
    ),
    Row(
        "strange answer",
        Said.ANSWER,
        r"",
        OdooUnexpectedError,
        "Odoo gave an unexpected answer when asked to {deed}.",
    ),
    Row("unreadable reply", Said.REPLY, r"", OdooUnavailableError, "Odoo's reply could not be read."),
    # HTTP, mostly from a proxy
    Row(
        "server in trouble",
        Said.STATUS,
        # all of 5xx: proxies use their own numbers, such as Cloudflare's 520 to 530
        r"\A(408|425|429|5\d\d)$",
        OdooUnavailableError,
        "Odoo answered with HTTP status {status}.",
    ),
    Row(
        "proxy wants a login",
        Said.STATUS,
        r"\A(401|407)$",
        OdooAuthError,
        "A proxy in front of Odoo requires a login (HTTP status {status}).",
    ),
    Row(
        "too large",
        Said.STATUS,
        r"\A(413|414|431)$",
        OdooRejectedError,
        "Odoo refused to {deed}: the request is too large (HTTP status {status}).",
    ),
    # the address may be wrong, but a proxy also answers so while Odoo is down
    Row(
        "redirected",
        Said.STATUS,
        r"\A3\d\d$",
        OdooMissingError,
        "Odoo's address redirects elsewhere (HTTP status {status}).",
    ),
    Row(
        "forbidden by a proxy",
        Said.STATUS,
        r"\A403$",
        OdooMissingError,
        "A proxy or firewall in front of Odoo forbids the call (HTTP status {status}).",
    ),
    Row(
        "not found",
        Said.STATUS,
        r"\A(404|405|410)$",
        OdooMissingError,
        "No Odoo with {protocol} was found at the configured address (HTTP status {status}).",
    ),
    Row("other status", Said.STATUS, r"", OdooUnexpectedError, "Odoo answered with HTTP status {status}."),
    # the network
    Row(
        "no slot",
        Said.CONNECTION,
        r"\ANoSlotError\b",
        OdooCrowdedError,
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
        "The TLS connection to Odoo failed.",
    ),
    Row(
        "refused by the proxy",
        Said.CONNECTION,
        r"\AProxyError\b",
        OdooUnavailableError,
        "Odoo's proxy refused to connect to Odoo.",
    ),
    Row(
        "unknown host",
        Said.CONNECTION,
        r"\bgaierror\b",
        OdooUnavailableError,
        "The host name in {peer}'s address is unknown.",
    ),
    Row(
        "refused connection",
        Said.CONNECTION,
        r"\bConnectionRefusedError\b",
        OdooUnavailableError,
        "{peer} refused the connection.",
    ),
    Row(
        "unreachable",
        Said.CONNECTION,
        r"\AConnect(Error|Timeout)\b",
        OdooUnavailableError,
        "{peer} could not be reached.",
    ),
    Row("broken connection", Said.CONNECTION, r"", OdooUnavailableError, "The connection to Odoo was lost."),
)
"""The first row with a matching sign counts. For each form, the last row matches everything."""
