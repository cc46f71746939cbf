"""A real Odoo 19 on a bare Debian machine, for tests and for trying the project out.

`python -m sandbox.real_odoo start` serves it, `fresh` creates another database, and `stop` stops it. The functions
below do the same. Odoo's code is Debian's package, downloaded from the machine's own mirror and unpacked into a
cache folder. PostgreSQL and Odoo listen on 127.0.0.1 only.
"""

from sandbox.real_odoo.errors import RealOdooError, UnsupportedMachineError
from sandbox.real_odoo.service import (
    OdooAccess,
    OwnOdoo,
    Protocol,
    Server,
    drop_database,
    execute_sql,
    fresh_database,
    is_started,
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
    "Protocol",
    "RealOdooError",
    "Server",
    "UnsupportedMachineError",
    "drop_database",
    "execute_sql",
    "fresh_database",
    "is_started",
    "own_odoo",
    "running",
    "start",
    "start_odoo",
    "stop",
    "stop_odoo",
]
