"""A real Odoo 19 on a bare Debian machine, for tests and for trying the project out.

`python -m sandbox.real_odoo start` serves it, `fresh` gives a new database, `stop` ends it; the same
from Python with the functions below. Odoo's code is Debian's package, taken from the mirror the machine
is set up for and unpacked into a cache folder; PostgreSQL and Odoo listen on 127.0.0.1 only.
"""

from sandbox.real_odoo.errors import RealOdooError, UnsupportedMachineError
from sandbox.real_odoo.service import (
    OdooAccess,
    OwnOdoo,
    Server,
    drop_database,
    execute_sql,
    fresh_database,
    own_odoo,
    running,
    start,
    start_odoo,
    stop,
    stop_odoo,
)

__all__ = [
    "OdooAccess",
    "OwnOdoo",
    "RealOdooError",
    "Server",
    "UnsupportedMachineError",
    "drop_database",
    "execute_sql",
    "fresh_database",
    "own_odoo",
    "running",
    "start",
    "start_odoo",
    "stop",
    "stop_odoo",
]
