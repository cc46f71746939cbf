"""Odoo's own texts, each with the row that must match it and the sentence it must become."""

from dataclasses import dataclass

from odoo_client import errors
from odoo_client.errors import OdooError
from odoo_client.faults import TABLE, Row

PASSWORD = "hunter2-the-password"
NAME = "Compañía Secreta S.A."
EMAIL = "Compras.Secretas@acme.mx"
PHONE = "+52 55 8765 4321"
SENT = {"name": NAME, "email": EMAIL, "child_ids": [[0, 0, {"phone": PHONE}]]}

BUSY = "Odoo was busy with another change to the same record."
DATABASE_AWAY = "Odoo has no connection to its database."
DATABASE_FULL = "Odoo's database cannot write at the moment."
UPGRADED = "Odoo's database does not match its code; an upgrade may be in progress."
NO_RIGHT = "Odoo's service user is not allowed to run res.partner.create."
NO_RIGHT_LOAD = "Odoo's service user is not allowed to create crm.lead."


def row_named(name: str) -> Row:
    """Return the row of the table with this name."""
    (row,) = [row for row in TABLE if row.name == name]
    return row


_ROWS_OF: dict[type[OdooError], set[str]] = {
    errors.OdooBusyError: {"conflict", "conflict in load", "locked record", "external id made twice"},
    errors.OdooCrowdedError: {"no slot"},
    errors.OdooUnavailableError: {
        *("database away", "database away over JSON-2"),
        *("database overloaded", "database overloaded in load", "database upgraded"),
        *("database upgraded, in load", "worker at its limit", "unreadable reply", "server in trouble"),
        *("time-out", "wrong certificate", "TLS error", "refused by the proxy", "unknown host"),
        *("refused connection", "unreachable", "broken connection"),
    },
    errors.OdooLoginRefusedError: {"wrong key", "wrong login"},
    errors.OdooAuthError: {
        *("no database", "no database over JSON-2", "no key", "user deleted", "proxy wants a login"),
    },
    errors.OdooAccessDeniedError: {"no right", "no right in load"},
    errors.OdooMissingError: {"empty database", "redirected", "forbidden by a proxy", "not found"},
    errors.OdooMissingModelError: {"no model"},
    errors.OdooRejectedError: {"reference to nothing", "refused", "too large"},
    errors.OdooUnknownReferenceError: {"unknown external id"},
    errors.OdooUnexpectedError: {
        *("no reason in load", "unknown exception in load", "broken transaction in load", "unknown exception"),
        *("unknown fault", "strange answer", "other status"),
    },
    errors.OdooUnknownMethodError: {"unknown method"},
}


def kind_of(row: str) -> type[OdooError]:
    """Return the kind that this row must have: whether and how long a call is repeated depends on it."""
    (kind,) = [kind for kind, rows in _ROWS_OF.items() if row in rows]
    return kind


_LAST_FRAME = "    security.check(db, uid, passwd)\n"
_USER_ERRORS = {
    2: (422, "odoo.exceptions.UserError"),
    3: (403, "odoo.exceptions.AccessDenied"),
    4: (403, "odoo.exceptions.AccessError"),
}


def traceback(*last_lines: str) -> str:
    """Return a traceback as Odoo sends it for an application error; its lines may show anything."""
    return "\n".join(
        [
            "Traceback (most recent call last):",
            '  File "/usr/lib/python3/dist-packages/odoo/addons/rpc/controllers/xmlrpc.py", line 137, in xmlrpc_2',
            "    response = self._xmlrpc(service)",
            f"    ^^^^^^^^ # {PASSWORD} {NAME} {EMAIL}",
            "psycopg2.errors.SerializationFailure: could not serialize access",
            "",
            "During handling of the above exception, another exception occurred:",
            "",
            '  File "/usr/lib/python3/dist-packages/odoo/service/model.py", line 80, in dispatch',
            _LAST_FRAME.rstrip("\n"),
            *last_lines,
            "",
        ]
    )


@dataclass(frozen=True)
class Case:
    """A fault of `res.partner.create`, or messages of a `load` of `crm.lead`."""

    row: str
    said: str
    sentence: str
    code: int = 1
    name: str = ""

    @property
    def id(self) -> str:
        return self.name or self.row

    @property
    def as_exception(self) -> tuple[int, str, str]:
        """The status, the name and the message of JSON-2 for the fault; no name if XML-RPC has none."""
        if self.code in _USER_ERRORS:
            status, name = _USER_ERRORS[self.code]
            return status, name, self.said
        name, _, message = self.said.rpartition(_LAST_FRAME)[2].strip("\n").partition(": ")
        return 500, name if "." in name else name and f"builtins.{name}", message


def _raised(row: str, exception: str, sentence: str) -> Case:
    kind = exception.partition(":")[0].rpartition(".")[2]
    return Case(row, traceback(*exception.split("\n")), sentence, name=f"{row}: {kind}")


# ruff: noqa: E501  # one case a line
FAULTS = [
    _raised("conflict", "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update", BUSY),
    _raised("conflict", 'psycopg2.errors.SerializationFailure: could not serialize access due to concurrent delete\nCONTEXT:  SQL statement "SELECT 1 FROM ONLY "public"."res_partner" x WHERE "id" = $1 FOR KEY SHARE OF x"', BUSY),
    _raised("conflict", "psycopg2.errors.DeadlockDetected: deadlock detected\nDETAIL:  Process 4242 waits for ShareLock on transaction 771; blocked by process 4243.\nHINT:  See server log for query details.", BUSY),
    _raised("conflict", 'psycopg2.errors.LockNotAvailable: could not obtain lock on row in relation "res_partner"', BUSY),
    _raised("conflict", "psycopg2.errors.SerializationFailure: no se pudo serializar el acceso debido a un update concurrente", BUSY),
    _raised("conflict", f"odoo.exceptions.ConcurrencyError: {NAME}", BUSY),
    Case("locked record", "Cannot grab a lock on records", BUSY, 2),
    Case("external id made twice", 'The operation cannot be completed: duplicate key value violates unique constraint "ir_model_data_module_name_uniq_index"\nDETAIL:  Key (module, name)=(durable_quotations, partner_1) already exists.\n', BUSY, 2),
    _raised("no database", 'psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "acme" does not exist\n', "Odoo has no database with the configured name."),
    _raised("no database", 'psycopg2.OperationalError: connection to server at "localhost" (::1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\nconnection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  database "acme" does not exist\n', "Odoo has no database with the configured name."),
    _raised("no database", 'psycopg2.OperationalError: connection to server at "127.0.0.1", port 5432 failed: FATAL:  no existe la base de datos «acme»\n', "Odoo has no database with the configured name."),
    _raised("empty database", "KeyError: 'res.users'", "Odoo's database has no users; it may not be restored yet."),
    _raised("database away", 'psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?', DATABASE_AWAY),
    _raised("database away", 'psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  the database system is starting up', DATABASE_AWAY),
    _raised("database away", 'psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  the database system is shutting down', DATABASE_AWAY),
    _raised("database away", 'psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  sorry, too many clients already', DATABASE_AWAY),
    _raised("database away", 'psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  database "acme" is not currently accepting connections', DATABASE_AWAY),
    _raised("database away", 'psycopg2.OperationalError: connection to server at "10.0.0.5", port 5432 failed: FATAL:  too many connections for database "acme"', DATABASE_AWAY),
    _raised("database away", "psycopg2.OperationalError: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.", DATABASE_AWAY),
    _raised("database away", "psycopg2.InterfaceError: connection already closed", DATABASE_AWAY),
    _raised("database away", "psycopg2.InterfaceError: cursor already closed", DATABASE_AWAY),
    _raised("database away", "psycopg2.DatabaseError: SSL SYSCALL error: EOF detected", DATABASE_AWAY),
    _raised("database away", "psycopg2.pool.PoolError: The Connection Pool Is Full", DATABASE_AWAY),
    _raised("database away", "psycopg2.errors.AdminShutdown: terminating connection due to administrator command\nserver closed the connection unexpectedly", DATABASE_AWAY),
    _raised("database away", "psycopg2.errors.CannotConnectNow: the database system is starting up", DATABASE_AWAY),
    _raised("database away", "psycopg2.errors.IdleInTransactionSessionTimeout: terminating connection due to idle-in-transaction timeout", DATABASE_AWAY),
    _raised("database overloaded", "psycopg2.errors.QueryCanceled: canceling statement due to statement timeout", DATABASE_FULL),
    _raised("database overloaded", "psycopg2.errors.ReadOnlySqlTransaction: cannot execute INSERT in a read-only transaction", DATABASE_FULL),
    _raised("database overloaded", 'psycopg2.errors.DiskFull: could not extend file "base/16384/2619": No space left on device', DATABASE_FULL),
    _raised("database upgraded", "psycopg2.errors.UndefinedColumn: column crm_lead.new_field does not exist\nLINE 1: SELECT", UPGRADED),
    _raised("database upgraded", 'psycopg2.errors.UndefinedTable: relation "new_table" does not exist', UPGRADED),
    _raised("worker at its limit", "Exception: CPU time limit exceeded.", "Odoo ran out of time or memory."),
    _raised("worker at its limit", "MemoryError", "Odoo ran out of time or memory."),
    Case(
        "wrong login",
        "Access Denied",
        "Odoo refused the user name or the password. A user with two-factor authentication needs an API key.",
        3,
    ),
    Case("user deleted", "Record does not exist or has been deleted.\n(Record: res.users(7,), User: 7)", "Odoo's service user no longer exists.", 2),
    Case("no right", f"You are not allowed to create 'Lead' (crm.lead) records.\n\n{NAME}", NO_RIGHT, 4),
    Case("no right", "Private methods (such as 'res.partner._x') cannot be called remotely.", NO_RIGHT, 4, "private method"),
    _raised("unknown external id", f"ValueError: External ID not found in the system: durable_quotations.{NAME}", "Odoo has no record with this external id."),
    Case("reference to nothing", "The operation cannot be completed: Another model is using the record you are trying to delete.\n\nThe troublemaker is: 'Lead' (crm.lead)\nThanks to the following constraint: 'Salesperson' (user_id)\nHow about archiving the record instead?", "Odoo refused to run res.partner.create: the record that 'Salesperson' (user_id) names does not exist.", 2),
    Case("no model", "Object res.partner doesn't exist", "Odoo has no res.partner: a module is not installed.", 2),
    Case("no model", "El objeto res.partner no existe", "Odoo has no res.partner: a module is not installed.", 2, "in Spanish"),
    Case("refused", "Record does not exist or has been deleted.\n(Record: crm.lead(27414,), User: 7)", "Odoo refused to run res.partner.create: Record does not exist or has been deleted. (Record: crm.lead(27414,), User: 7)", 2, "missing record"),
    Case("refused", "Record does not exist or has been deleted.\n(Record: res.users(9,), User: 7)", "Odoo refused to run res.partner.create: Record does not exist or has been deleted. (Record: res.users(9,), User: 7)", 2, "missing colleague"),
    Case("refused", "The operation cannot be completed: Missing required value for the field 'Name' (name).\nModel: 'Lead' (crm.lead)\n- create/update: a mandatory field is not set\n- delete: another model requires the record being deleted, you can archive it instead\n", "Odoo refused to run res.partner.create: Missing required value for the field 'Name' (name). Model: 'Lead' (crm.lead)", 2, "missing value"),
    Case("refused", f"The e-mail {EMAIL} of <b>{NAME}</b> is wrong", "Odoo refused to run res.partner.create: The e-mail … of … is wrong", 2, "validation"),
    Case("refused", "Invalid language code: es_MX", "Odoo refused to run res.partner.create: Invalid language code: es_MX", 2, "language"),
    Case("refused", "", "Odoo refused to run res.partner.create: it gave no reason.", 2, "no reason"),
    _raised("unknown exception", f"ValueError: Invalid field '{NAME}' in 'res.partner'", "Odoo failed with ValueError while trying to run res.partner.create."),
    _raised("unknown method", "AttributeError: The method 'res.partner.x' does not exist", "Odoo failed with AttributeError while trying to run res.partner.create."),
    _raised("unknown method", "AttributeError: type object 'res.partner' has no attribute 'has_access'", "Odoo failed with AttributeError while trying to run res.partner.create."),
    _raised("unknown method", "TypeError: Users.has_group() takes 2 positional arguments but 3 were given", "Odoo failed with TypeError while trying to run res.partner.create."),
    _raised("unknown method", "TypeError: ResUsers.has_group() missing 1 required positional argument: 'group_ext_id'", "Odoo failed with TypeError while trying to run res.partner.create."),
    _raised("unknown exception", "AttributeError: 'NoneType' object has no attribute 'x'", "Odoo failed with AttributeError while trying to run res.partner.create."),
    _raised("unknown exception", f"odoo.exceptions.CustomError: no place for\n{NAME}", "Odoo failed with odoo.exceptions.CustomError while trying to run res.partner.create."),
    Case("unknown exception", traceback(f"KeyError: {NAME}"), "Odoo failed with KeyError while trying to run res.partner.create.", 99, "a new code"),
    _raised("unknown exception", "ValueError: could not serialize access due to concurrent update", "Odoo failed with ValueError while trying to run res.partner.create."),
    Case("unknown fault", "", "Odoo failed in an unknown way while trying to run res.partner.create."),
    Case("unknown fault", f"«{NAME}»", "Odoo failed in an unknown way while trying to run res.partner.create.", name="no exception"),
    Case("unknown fault", "Secreta is not welcome", "Odoo failed in an unknown way while trying to run res.partner.create.", 99, "words"),
]  # fmt: skip

LOADS = [
    Case("conflict in load", "could not serialize access due to concurrent update\n", BUSY),
    Case("conflict in load", 'deadlock detected\nDETAIL:  Process 1 waits for ShareLock on relation "res_partner"', BUSY, name="deadlock"),
    Case("conflict in load", 'could not obtain lock on row in relation "ir_sequence"', BUSY, name="lock"),
    Case("conflict in load", "canceling statement due to lock timeout", BUSY, name="lock time-out"),
    Case("conflict in load", "no se pudo serializar el acceso debido a un update concurrente", BUSY, name="conflict in Spanish"),
    Case("conflict in load", "se ha detectado un deadlock", BUSY, name="deadlock in Spanish"),
    Case("conflict in load", "no se pudo bloquear un candado en la fila de la relación «ir_sequence»", BUSY, name="lock in Spanish"),
    Case("conflict in load", "Unknown error during import: <class 'odoo.exceptions.ConcurrencyError'>: x", BUSY, name="ConcurrencyError"),
    Case("locked record", "Cannot grab a lock on records", BUSY),
    Case("external id made twice", 'duplicate key value violates unique constraint "ir_model_data_module_name_uniq_index"\nDETAIL:  Key (module, name)=(a, b) already exists.\n', BUSY),
    Case("external id made twice", "llave duplicada viola restricción de unicidad «ir_model_data_module_name_uniq_index»", BUSY, name="twice in Spanish"),
    Case("database overloaded in load", "canceling statement due to statement timeout", DATABASE_FULL),
    Case("database overloaded in load", "cannot execute INSERT in a read-only transaction", DATABASE_FULL, name="read-only"),
    Case("database overloaded in load", 'could not extend file "base/16384/2619": No space left on device', DATABASE_FULL, name="disk"),
    Case("database upgraded, in load", 'column "new_field" of relation "crm_lead" does not exist', UPGRADED),
    Case("database upgraded, in load", "column crm_lead.new_field does not exist", UPGRADED, name="column"),
    Case("database upgraded, in load", 'relation "new_table" does not exist', UPGRADED, name="relation"),
    Case("no right in load", "You are not allowed to create 'Lead' (crm.lead) records.\n\nThis operation is allowed for the following groups:\n\t- Sales/Administrator\n\nContact your administrator to request access if necessary.", NO_RIGHT_LOAD),
    Case("no right in load", "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, Valeria (id=5) doesn't have 'create' access to:\n- Sales Order (sale.order)\n\nIf you really, really need access, perhaps you can win over your friendly administrator.", NO_RIGHT_LOAD, name="rule"),
    Case("no right in load", "No puede crear registros 'Lead' (crm.lead).\n\nEsta operación está permitida para los siguientes grupos:\n\t- Sales/Administrator\n", NO_RIGHT_LOAD, name="no right in Spanish"),
    Case("no right in load", "Estos registros están restringidos.\n\nValeria Ventas (id=5) no tiene acceso 'crear' a:\n- Orden de venta (sale.order)\n\nSi necesita acceso, pregúntele a un administrador.", NO_RIGHT_LOAD, name="rule in Spanish"),
    Case("no right in load", "Ces enregistrements.\n\nDésolé, Valeria (id=5) n'a pas accès à:\n- Bon de commande (sale.order)\n\nEt voilà.", NO_RIGHT_LOAD, name="rule in another language"),
    Case("no right in load", "Sie dürfen keine Datensätze 'Lead' (crm.lead) erstellen.\n\nDas dürfen diese Gruppen:\n\t- Vertrieb/Administrator\n", NO_RIGHT_LOAD, name="no right in another language"),
    Case("reference to nothing", "Another model is using the record you are trying to delete.\n\nThe troublemaker is: 'Lead' (crm.lead)\nThanks to the following constraint: crm_lead_user_id_fkey\nHow about archiving the record instead?", "Odoo refused to create crm.lead: the record that crm_lead_user_id_fkey names does not exist."),
    Case("no reason in load", "", "Odoo did not create crm.lead and gave no reason."),
    Case("unknown exception in load", f"Unknown error during import: <class 'ValueError'>: Expected singleton: {NAME}", "Odoo failed with ValueError while trying to create crm.lead."),
    Case("unknown exception in load", f"Error desconocido durante la importación: <class 'odoo.addons.x.SomeError'>: {NAME}", "Odoo failed with odoo.addons.x.SomeError while trying to create crm.lead.", name="in Spanish"),
    Case("broken transaction in load", "Unknown database error: 'current transaction is aborted, commands ignored until end of transaction block\n'", "Odoo's database refused to create crm.lead and gave no reason."),
    Case("refused", "No matching record found for database id '999999' in field 'Order Lines/Product'", "Odoo refused to create crm.lead: No matching record found for database id '999999' in field 'Order Lines/Product'"),
    Case("refused", f"Value '{NAME}' not found in selection field 'Language'", "Odoo refused to create crm.lead: Value '…' not found in selection field 'Language'", name="selection"),
    Case("refused", 'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\nDETAIL:  Failing row contains (36966, null, Juan Pérez, 5512345678).\n', 'Odoo refused to create crm.lead: new row for relation "…" violates check constraint "…"', name="check constraint"),
]  # fmt: skip
