"""The half of a model that changes nothing: values, rights and rules, searching and reading."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from sandbox.standin_odoo import access
from sandbox.standin_odoo.domains import Domain, fields_in, matches
from sandbox.standin_odoo.env import Env, on_model, on_records
from sandbox.standin_odoo.faults import AccessError, MissingError
from sandbox.standin_odoo.fields import Field, Values
from sandbox.standin_odoo.store import Row


class Records:
    """A model's records as a user sees them."""

    name: ClassVar[str]
    description: ClassVar[str]
    """What Odoo's sentences call a record of it."""
    order: ClassVar[str] = "id"
    fields: ClassVar[dict[str, Field]]

    def __init__(self, env: Env) -> None:
        self.env = env
        self.store = env.store

    def display_name(self, record_id: int) -> str:
        """The name a record goes by in relations."""
        return str(self.rows[record_id].get("name") or "")

    # Rows and values.

    @property
    def rows(self) -> Mapping[Any, Row]:
        """The model's rows by id, as stored."""
        return self.store.table(self.name)

    def value(self, record_id: int, path: str) -> Any:
        """What stands at a path such as `order_id.user_id`: for a many2one an id or False, for a one2many ids."""
        name, _, rest = path.partition(".")
        if name not in self.fields:
            raise ValueError(f"Invalid field {self.name}.{name}")
        value = self._own_value(record_id, name)
        if not rest:
            return value
        other = self.env.sudo()[self.fields[name].relation]
        if isinstance(value, list):
            return [other.value(one, rest) for one in value]
        return other.value(value, rest) if value else False

    def _own_value(self, record_id: int, name: str) -> Any:
        definition = self.fields[name]
        if name == "id":
            return record_id
        if name == "display_name":
            return self.display_name(record_id)
        if definition.related:
            return self.value(record_id, definition.related)
        if definition.type == "one2many":
            return self.store.having(definition.relation, definition.inverse, record_id)
        return self.rows[record_id].get(name, definition.stored(None))

    def existing(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that exist."""
        return [record_id for record_id in ids if record_id in self.rows]

    def require(self, ids: Iterable[int]) -> None:
        """Raise MissingError where one of `ids` does not exist."""
        if missing := [record_id for record_id in ids if record_id not in self.rows]:
            raise MissingError(self.name, missing, self.env.uid)

    # Rights on the model, and rules for its records.

    def may(self, operation: str) -> bool:
        """Whether the user has the right on the model, rules aside."""
        return self.env.superuser or access.may(self.env.groups(), self.name, operation)

    def sees_all(self) -> bool:
        """Whether no rule keeps a record from the user."""
        return self.env.superuser or access.sees_all(self.env.groups(), self.name)

    def is_own(self, record_id: int) -> bool:
        """Whether a user whom a rule restricts may see the record."""
        owner = access.SALESPERSON_FIELD.get(self.name)
        return owner is not None and self.value(record_id, owner) in (False, self.env.uid)

    def hidden(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that a rule keeps from the user."""
        return [] if self.sees_all() else [one for one in self.existing(ids) if not self.is_own(one)]

    def check(self, operation: str, ids: Iterable[int] = (), *, blame: str = "") -> None:
        """Raise AccessError where the user may not do `operation` on these records.

        `blame` is the operation to name for a hidden record: Odoo reads before it writes.
        """
        if not self.may(operation):
            raise AccessError(access.no_right(self.name, self.description, operation))
        if self.hidden(ids):
            raise self.hidden_error(blame or operation)

    def hidden_error(self, operation: str) -> AccessError:
        """The error for a record that a rule keeps from the user."""
        user = f"{self.env.sudo()['res.users'].display_name(self.env.uid)} (id={self.env.uid})"
        return AccessError(access.hidden(user, self.name, self.description, operation))

    @on_records
    def has_access(self, ids: list[int], operation: str) -> bool:
        """Whether the user may do `operation` on these records; without any, on the model."""
        return self.may(operation) and not self.hidden(ids)

    @on_model
    def check_access_rights(
        self,
        operation: str,
        raise_exception: bool = True,  # noqa: FBT001, FBT002 - Odoo's signature
    ) -> bool:
        """Whether the user has the right on the model; AccessError instead of False where asked for."""
        if raise_exception:
            self.check(operation)
        return self.may(operation)

    # Reading.

    @on_model
    def fields_get(
        self, allfields: list[str] | None = None, attributes: list[str] | None = None
    ) -> dict[str, Values]:
        """The fields the model has, with their attributes."""
        return {
            name: {
                key: value
                for key, value in definition.describe().items()
                if attributes is None or key in attributes
            }
            for name, definition in self.fields.items()
            if not allfields or name in allfields
        }

    @on_model
    def search(
        self, domain: Domain, offset: int = 0, limit: int | None = None, order: str | None = None
    ) -> list[int]:
        """Ids of the records that satisfy `domain` and that the user may see, archived ones left out."""
        self.check("read")
        self._check_domain(domain)
        active_only = "active" in self.fields and self.env.context.get("active_test", True)
        if active_only and "active" not in fields_in(domain):
            domain = [*domain, ["active", "=", True]]
        found = [
            one
            for one in self._candidates(domain)
            if matches(domain, lambda path, one=one: self.value(one, path))  # type: ignore[misc]
        ]
        unseen = set(self.hidden(found))
        visible = self._sorted([one for one in found if one not in unseen], order or self.order)
        return visible[offset : offset + limit if limit else None]

    def _candidates(self, domain: Domain) -> list[int]:
        """Records among which are all that satisfy the domain: few, where a condition asks for one value."""
        if "|" not in domain and "!" not in domain:
            for name, operator, value in (term for term in domain if term != "&"):
                if operator != "=" or not value or value is True:
                    continue
                if name == "id":
                    return self.existing([value])
                if name in self.fields and self.fields[name].has_column and name != "display_name":
                    return self.store.having(self.name, name, value)
        return list(self.rows)

    def _check_domain(self, domain: Domain) -> None:
        # before any record is looked at: an unknown field is an error in an empty table too
        for term in domain:
            if isinstance(term, list | tuple) and str(term[0]).partition(".")[0] not in {*self.fields, "0", "1"}:
                raise ValueError(f"Invalid field {self.name}.{term[0]} in condition {tuple(term)!r}")

    def _sorted(self, ids: list[int], order: str) -> list[int]:
        for term in reversed([*order.split(","), "id"]):
            name, _, direction = term.strip().partition(" ")
            if name not in self.fields:
                raise ValueError(f"Invalid field {name!r} on model {self.name!r}")
            keys = {one: self._sort_key(one, name) for one in ids}
            ids = sorted(ids, key=keys.__getitem__, reverse=direction.strip().lower() == "desc")
        return ids

    def _sort_key(self, record_id: int, name: str) -> tuple[bool, Any]:
        value = self.value(record_id, name)
        # PostgreSQL sorts what is empty after all else
        is_empty = value is False and self.fields[name].type != "boolean"
        return (is_empty, "" if is_empty else value)

    @on_model
    def search_count(self, domain: Domain, limit: int | None = None) -> int:
        """How many records `search` finds."""
        return len(self.search(domain, limit=limit))

    @on_model
    def search_read(
        self,
        domain: Domain | None = None,
        fields: list[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[Values]:
        """What `read` gives for the records that `search` finds."""
        return self.read(self.search(domain or [], offset, limit, order), fields)

    @on_model
    def name_search(
        self, name: str = "", domain: Domain | None = None, operator: str = "ilike", limit: int = 100
    ) -> list[list[Any]]:
        """Id and display name of the records that go by `name`."""
        found = self.search([["display_name", operator, name], *(domain or [])], limit=limit)
        return [[one, self.display_name(one)] for one in found]

    @on_records
    def read(self, ids: list[int], fields: list[str] | None = None, load: str = "_classic_read") -> list[Values]:
        """The values of those records that exist; a many2one is `[id, display name]`, without `load` its id."""
        for name in fields or ():
            if name not in self.fields:
                raise ValueError(f"Invalid field {name!r} on {self.name!r}")
        ids = self.existing(ids)
        self.check("read", ids)
        names = list(dict.fromkeys(["id", *(fields or self.fields)]))
        return [{name: self._shown(one, name, named=bool(load)) for name in names} for one in ids]

    def _shown(self, record_id: int, name: str, *, named: bool) -> Any:
        value = self.value(record_id, name)
        if named and value and self.fields[name].type == "many2one":
            return [value, self.env.sudo()[self.fields[name].relation].display_name(value)]
        return value
