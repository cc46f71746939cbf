"""The services behind XML-RPC, `common`, which logs users in, and `object`, and the one behind JSON-2."""

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from sandbox.standin_odoo import rules  # noqa: F401 - registers its models
from sandbox.standin_odoo.faults import (
    AccessDeniedError,
    AccessError,
    OperationalError,
    RequestError,
    UserError,
)
from sandbox.standin_odoo.fields import LANGUAGES, MODELS
from sandbox.standin_odoo.load import load
from sandbox.standin_odoo.model import Env
from sandbox.standin_odoo.seed import seed
from sandbox.standin_odoo.store import Store

DATABASE = "quotations"
"""The name of the database."""

VERSION = {"version": "19.0", "version_info": [19, 0, 0, "final", 0, ""]}

# the methods that clients may call; the first argument of those on records is their ids
_ON_MODELS = {"create", "default_get", "fields_get", "load", "search", "search_count", "search_read"}
_ON_MODELS |= {"check_access_rights", "check_object_reference", "context_get", "get_installed"}
_ON_RECORDS = {"action_apply", "has_access", "has_group", "onchange", "read", "web_read", "web_save", "write"}


class Service:
    """Answers calls from one database. Every call is one transaction."""

    def __init__(self, store: Store) -> None:
        seed(store)
        self.store = store

    def common(self, method: str, params: Sequence[Any]) -> Any:
        """Answer `version` or `authenticate`. Raises `LookupError` for any other method."""
        if method == "version":
            told = {f"server_{name}": value for name, value in VERSION.items()}
            return told | {"server_serie": VERSION["version"], "protocol_version": 1}
        if method != "authenticate":
            raise LookupError(f"Method not found: {method}")
        database, login, password, _user_agent = params
        _check_database(database)
        for user_id, row in self.store.table("res.users").items():
            if (row["login"], row["password"], row["active"]) == (login, password, True):
                return user_id
        return False

    def object(self, method: str, params: Sequence[Any], snapshot: int) -> Any:
        """Answer `execute_kw(db, uid, password, model, method, args, kwargs)`.

        `snapshot` is the store's number of `commits` when the call arrived.
        """
        database, uid, password, model, name, *arguments = params
        _check_database(database)
        if method != "execute_kw":
            raise NameError(f"Method not available {method}")
        users = Env(self.store, uid)["res.users"]
        users.require([uid])
        if users.rows[uid]["password"] != password or not users.rows[uid]["active"]:
            raise AccessDeniedError("Access Denied")
        args, kwargs = [*arguments, {}][:2]
        # Odoo repeats a call after a serialization failure, except in `load`, which reports it
        with self.store.transaction(snapshot if name == "load" else None):
            return self._call(uid, model, name, list(args), dict(kwargs))

    def json2(self, key: str, model: str, name: str, body: Mapping[str, Any], snapshot: int) -> Any:
        """Answer `POST /json/2/<model>/<name>` with this key and this body; `snapshot` as in `object`."""
        uid = self._user_of(key)
        arguments = dict(body)
        ids, context = arguments.pop("ids", []), arguments.pop("context", {})
        if model not in MODELS:
            raise RequestError(HTTPStatus.NOT_FOUND, f"the model '{model}' does not exist")
        with self.store.transaction(snapshot if name == "load" else None):
            try:
                method = self._method(uid, model, name, context)
            except AttributeError as error:
                raise RequestError(HTTPStatus.NOT_FOUND, str(error)) from None
            if name == "create":
                given = arguments["vals_list"]
                return [method(values) for values in (given if isinstance(given, list) else [given])]
            if name in _ON_RECORDS:
                method = partial(method, [ids] if isinstance(ids, int) else ids)
            elif ids:
                raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, f"cannot call {model}.{name} with ids")
            try:
                inspect.signature(method).bind(**arguments)
            except TypeError as error:
                raise RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
            return method(**arguments)

    def _user_of(self, key: str) -> int:
        if not key:
            sentence = "User not authenticated, use an API Key with a Bearer Authorization header."
            raise RequestError(HTTPStatus.UNAUTHORIZED, sentence)
        for row in self.store.table("res.users.apikeys").values():
            if row["key"] == key and self.store.table("res.users")[row["user_id"]]["active"]:
                return int(row["user_id"])
        raise RequestError(HTTPStatus.UNAUTHORIZED, "Invalid apikey")

    def _call(self, uid: int, model: str, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        if model not in MODELS:
            raise UserError(f"Object {model} doesn't exist")
        method = self._method(uid, model, name, kwargs.pop("context", {}))
        if name in _ON_RECORDS and isinstance(args[0], int):
            args[0] = [args[0]]
        return method(*args, **kwargs)

    def _method(self, uid: int, model: str, name: str, context: dict[str, Any]) -> Any:
        if name.startswith("_"):
            raise AccessError(f"Private methods (such as '{model}.{name}') cannot be called remotely.")
        if (language := context.get("lang")) and language not in dict(LANGUAGES):
            raise UserError(f"Invalid language code: {language}")
        records = Env(self.store, uid, context)[model]
        method: Any = partial(load, records) if name == "load" else getattr(records, name, None)
        if method is None or name not in _ON_MODELS | _ON_RECORDS:
            raise AttributeError(f"The method '{model}.{name}' does not exist")
        return method


def _check_database(database: str) -> None:
    if database != DATABASE:
        raise OperationalError(
            f'connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "{database}" does not exist'
        )
