"""The two services behind `/xmlrpc/2`: who somebody is, and methods of models called in their name."""

from collections.abc import Sequence
from typing import Any

# the models register themselves
from sandbox.standin_odoo import base, leads, orders, partners  # noqa: F401
from sandbox.standin_odoo.env import REGISTRY, Env
from sandbox.standin_odoo.faults import AccessDeniedError, AccessError, MissingError, OperationalError, UserError
from sandbox.standin_odoo.seed import SUPERUSER, seed
from sandbox.standin_odoo.store import Store

VERSION = "19.0"
VERSION_INFO = [19, 0, 0, "final", 0, ""]


class Service:
    """Answers calls from one database. Every call is one transaction."""

    def __init__(self, store: Store, database: str) -> None:
        seed(store)
        self.store = store
        self._database = database

    def common(self, method: str, params: Sequence[Any]) -> Any:
        """`version` and `authenticate`; any other method is an error, as in Odoo."""
        if method == "version":
            return {
                "server_version": VERSION,
                "server_version_info": VERSION_INFO,
                "server_serie": VERSION,
                "protocol_version": 1,
            }
        if method == "authenticate":
            return self._authenticate(*params)
        raise LookupError(f"Method not found: {method}")

    def _authenticate(self, database: str, login: str, password: str, _user_agent: Any) -> int | bool:
        self._check_database(database)
        for user_id, row in self.store.table("res.users").items():
            if row["login"] == login and row["password"] == password and row["active"]:
                return int(user_id)
        return False

    def object(self, method: str, params: Sequence[Any], snapshot: int) -> Any:
        """Call a model's method: `execute_kw(db, uid, password, model, method, args, kwargs)`, or `execute`.

        `snapshot` is the store's number of `commits` when the call arrived.
        """
        database, uid, password, model, name, *arguments = params
        if not password:
            raise AccessDeniedError
        self._check_database(database)
        if method == "execute":
            args, kwargs = arguments, {}
        elif method == "execute_kw":
            args, kwargs = [*arguments, {}][:2]
        else:
            raise NameError(f"Method not available {method}")
        self._check_password(int(uid), password)
        # Odoo tries a call anew after a serialization failure, except where `load` caught it
        with self.store.transaction(snapshot if name == "load" else None):
            return self._call(int(uid), model, name, list(args), dict(kwargs or {}))

    def _call(self, uid: int, model: str, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if model not in REGISTRY:
            raise UserError(f"Object {model} doesn't exist")
        if name.startswith("_"):
            raise AccessError(f"Private methods (such as '{model}.{name}') cannot be called remotely.")
        method: Any = getattr(REGISTRY[model], name, None)
        if not hasattr(method, "takes_ids"):
            raise AttributeError(f"The method '{model}.{name}' does not exist")
        if method.takes_ids:
            args[0] = [args[0]] if isinstance(args[0], int) else list(args[0])
        context = kwargs.pop("context", None) or {}
        self._check_language(context.get("lang"))
        return method(REGISTRY[model](Env(self.store, uid, context)), *args, **kwargs)

    def _check_database(self, database: str) -> None:
        if database != self._database:
            raise OperationalError(
                'connection to server at "127.0.0.1", port 5432 failed: '
                f'FATAL:  database "{database}" does not exist\n'
            )

    def _check_password(self, uid: int, password: str) -> None:
        user = self.store.table("res.users").get(uid)
        if user is None and uid != SUPERUSER:
            raise MissingError("res.users", [uid], uid)
        if user is None or user["password"] != password or not user["active"]:
            raise AccessDeniedError

    def _check_language(self, code: str | None) -> None:
        installed = [row["code"] for row in self.store.table("res.lang").values()]
        if code and code not in installed:
            raise UserError(f"Invalid language code: {code}")
