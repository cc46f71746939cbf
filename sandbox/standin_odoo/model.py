"""The features that all models share, for one user in one call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox.catalogue import GROUP_SALES_ALL_LEADS
from sandbox.standin_odoo import access
from sandbox.standin_odoo.domains import Domain, matches
from sandbox.standin_odoo.faults import AccessError, ConstraintError, MissingError
from sandbox.standin_odoo.fields import FIELDS, MODELS, Values, now
from sandbox.standin_odoo.store import Row, Store

CURRENCY = 1
"""The id of the only currency."""

_CLASSES: dict[str, "type[Model]"] = {}


@dataclass(frozen=True)
class Env:
    """One user's view of the database in one call."""

    store: Store
    uid: int
    context: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, model: str) -> "Model":
        return _CLASSES.get(model, Model)(self, model)

    def groups(self, user_id: int | None = None) -> frozenset[str]:
        """Return the groups of a user, by default of the one who calls."""
        user = self.store.table("res.users").get(user_id or self.uid, {})
        return access.all_groups(user.get("groups", ()))


class Model:
    """The records of one model as one user sees them; subclasses have the models with rules of their own."""

    owner: ClassVar[str] = ""
    """The path of the user by whom a plain salesperson sees only own records and those of nobody."""

    def __init_subclass__(cls, model: str) -> None:
        _CLASSES[model] = cls

    def __init__(self, env: Env, model: str) -> None:
        self.env = env
        self.store = env.store
        self.model = model
        self.label = MODELS[model]["label"]
        self.fields = FIELDS[model]

    def defaults(self) -> Values:
        """Return the values of a new record that is given none."""
        return dict(MODELS[self.model]["defaults"])

    def complete(self, values: Values) -> None:
        """Add what Odoo computes to the values of a new record."""

    def follow_up(self, record_id: int) -> None:
        """Compute what depends on the values of a record that was created or written."""

    def name_of(self, record_id: int) -> str:
        """Return the name that a relation shows."""
        return str(self.rows[record_id].get("name") or "")

    @property
    def rows(self) -> Mapping[Any, Row]:
        """The rows by id, as stored."""
        return self.store.table(self.model)

    def value(self, record_id: int, path: str) -> Any:
        """Return the value at a path such as `order_id.user_id`: an id for a many2one, ids for a one2many."""
        name, _, rest = path.partition(".")
        definition = self.fields[name]
        if rest:
            target = self.value(record_id, name)
            return self.env[definition.relation].value(target, rest) if target else False
        if name == "display_name":
            return self.name_of(record_id)
        if definition.relation_field:
            others = self.store.table(definition.relation)
            linked = self.store.having(definition.relation, definition.relation_field, record_id)
            return [one for one in linked if others[one].get("active", True)]
        return self.rows[record_id].get(name, definition.stored(None))

    def require(self, ids: Iterable[int]) -> None:
        """Raise `MissingError` if one of `ids` does not exist."""
        for record_id in ids:
            if record_id not in self.rows:
                raise MissingError(self.model, record_id, self.env.uid)

    # Rights on the model, and the rule for its records.

    def check(self, operation: str, ids: Iterable[int] = ()) -> None:
        """Raise `AccessError` if the user may not do `operation` on these records."""
        if not self.has_access([], operation):
            raise AccessError(access.no_right(self.model, self.label, operation))
        if self._hidden(ids):
            user = f"{self.env['res.users'].name_of(self.env.uid)} (id={self.env.uid})"
            raise AccessError(access.hidden(user, self.model, self.label, operation))

    def has_access(self, ids: list[int], operation: str) -> bool:
        """Return True if the user may do `operation` on these records, or on the model if there are none."""
        needed = access.group_with_right(self.model, operation)
        return needed in self.env.groups() and not self._hidden(ids)

    def check_access_rights(self, operation: str, raise_exception: bool = True) -> bool:  # noqa: FBT001, FBT002
        """Return True if the user has the right on the model, else False or `AccessError`."""
        if raise_exception:
            self.check(operation)
        return self.has_access([], operation)

    def _hidden(self, ids: Iterable[int]) -> set[int]:
        if not self.owner or GROUP_SALES_ALL_LEADS in self.env.groups():
            return set()
        owners = {one: self.value(one, self.owner) for one in ids if one in self.rows}
        # 0 is neither the user nor nobody: Odoo's rule for salespeople refuses it
        return {one for one, owner in owners.items() if owner is not False and owner != self.env.uid}

    # Reading.

    def fields_get(self, allfields: list[str], attributes: list[str]) -> dict[str, Values]:
        """Return attributes of those fields that the model has; without names, of all."""
        names = allfields or self.fields
        return {name: self.fields[name].describe(attributes) for name in names if name in self.fields}

    def default_get(self, fields: list[str]) -> Values:
        """Return the defaults of those fields that have one."""
        return {name: value for name, value in self.defaults().items() if name in fields}

    def onchange(self, ids: list[int], values: Values, field_names: list[str], fields_spec: Values) -> Values:
        """Return the fields of a new record with these values; the stand-in computes none."""
        if ids or field_names:
            raise NotImplementedError("The stand-in's onchange fills new records only")
        return {"value": dict.fromkeys(fields_spec, False) | values}

    def search(self, domain: Domain, limit: int | None = None, order: str = "id") -> list[int]:
        """Return the ids of visible records that satisfy `domain`, without archived ones unless it asks."""
        self.check("read")
        paths = {term[0]: tuple(term) for term in domain if isinstance(term, list)}
        # checked before any record is looked at: in an empty table too, an unknown field is an error
        if unknown := [path for path in paths if path.partition(".")[0] not in self.fields]:
            raise ValueError(f"Invalid field {self.model}.{unknown[0]} in condition {paths[unknown[0]]!r}")
        if "active" in self.fields and "active" not in paths and self.env.context.get("active_test", True):
            domain = [*domain, ["active", "=", True]]
        if order not in ("id", "id desc"):
            raise NotImplementedError(f"The stand-in sorts by id, not by {order!r}")
        found = [
            one
            for one in sorted(self._candidates(domain), reverse=order == "id desc")
            if matches(domain, lambda path, one=one: self.value(one, path))  # type: ignore[misc]
        ]
        hidden = self._hidden(found)
        return [one for one in found if one not in hidden][:limit]

    def _candidates(self, domain: Domain) -> Iterable[int]:
        """Return few records if a condition asks for one value, otherwise all of them."""
        conditions = [] if "|" in domain or "!" in domain else [term for term in domain if term != "&"]
        for path, operator, value in conditions:
            stored = path in self.fields and path != "display_name" and not self.fields[path].relation_field
            if stored and operator == "=" and value and value is not True:
                return self.store.having(self.model, path, value)
        return self.rows

    def search_count(self, domain: Domain) -> int:
        """Return how many records `search` finds."""
        return len(self.search(domain))

    def search_read(
        self, domain: Domain, fields: list[str], limit: int | None = None, order: str = "id"
    ) -> list[Values]:
        """Read the records that `search` finds."""
        return self.read(self.search(domain, limit, order), fields)

    def read(self, ids: list[int], fields: list[str]) -> list[Values]:
        """Return the values of those records that exist; a many2one is `[id, display name]`."""
        return [{name: self._shown(one, name) for name in ("id", *fields)} for one in self._readable(ids, fields)]

    def web_read(self, ids: list[int], specification: Values) -> list[Values]:
        """Return the fields of a tree: a relation is an id, or ids, or has the fields of its own branch."""
        return [
            {"id": one} | {name: self._branch(one, name, branch) for name, branch in specification.items()}
            for one in self._readable(ids, specification)
        ]

    def _readable(self, ids: list[int], names: Iterable[str]) -> list[int]:
        self._check_names(names, "on")
        self.check("read", ids)
        return [one for one in ids if one in self.rows]

    def _shown(self, record_id: int, name: str) -> Any:
        value = self.value(record_id, name)
        if self.fields[name].type != "many2one":
            return value
        return [value, self.env[self.fields[name].relation].name_of(value)] if value else False

    def _branch(self, record_id: int, name: str, branch: Values) -> Any:
        value = self.value(record_id, name)
        if not value or not branch:
            return value
        ids = value if isinstance(value, list) else [value]
        rows = self.env[self.fields[name].relation].web_read(ids, branch["fields"])
        return rows if isinstance(value, list) else rows[0]

    # Writing.

    def create(self, values: Values) -> int:
        """Create a record and return its id."""
        self.check("create")
        self._check_names(values, "in")
        return self.insert(self.store.next_id(self.model), values)

    def insert(self, record_id: int, values: Values) -> int:
        """Create the record of this id."""
        given = {name: value for name, value in values.items() if not self.fields[name].readonly}
        self.complete(given)
        stored = {name: one for name, one in self.fields.items() if not one.relation_field}
        blank = {name: CURRENCY if one.relation == "res.currency" else None for name, one in stored.items()}
        self._put(record_id, blank | self.defaults() | given)
        self.check("create", [record_id])
        self.follow_up(record_id)
        return record_id

    def web_save(self, ids: list[int], vals: Values, specification: Values) -> list[Values]:
        """Create a record, and read it."""
        if ids:
            raise NotImplementedError("The stand-in's web_save creates records only")
        return self.web_read([self.create(vals)], specification)

    def write(self, ids: list[int], vals: Values) -> bool:
        """Set values in the records."""
        self.check("write")
        # Odoo reads before it writes, and blames the reading
        self.check("read", ids)
        self.require(ids)
        self._check_names(vals, "in")
        for record_id in ids:
            self._put(record_id, vals)
            self.follow_up(record_id)
        return True

    def _check_names(self, names: Iterable[str], preposition: str) -> None:
        for name in names:
            if name not in self.fields:
                raise ValueError(f"Invalid field {name!r} {preposition} {self.model!r}")

    def _put(self, record_id: int, values: Values) -> None:
        row = {name: self._stored(name, value) for name, value in values.items()}
        self.store.put(self.model, record_id, row | {"id": record_id, "write_date": now()})

    def _stored(self, name: str, value: Any) -> Any:
        definition = self.fields[name]
        if definition.relation_field:
            raise NotImplementedError(f"The stand-in writes {name} of {self.model} in load only")
        stored = definition.stored(value)
        if definition.required and stored is False:
            raise ConstraintError(
                f"Missing required value for the field '{definition.string}' ({name}).\n"
                f"Model: '{self.label}' ({self.model})\n"
                "- create/update: a mandatory field is not set\n"
                "- delete: another model requires the record being deleted, you can archive it instead\n",
                field=name,
            )
        if definition.type == "many2one" and stored and stored not in self.store.table(definition.relation):
            # Odoo leaves it to PostgreSQL's foreign key, whose error it takes for a deletion
            raise ConstraintError(
                "Another model is using the record you are trying to delete.\n\n"
                f"The troublemaker is: '{self.label}' ({self.model})\n"
                f"Thanks to the following constraint: '{definition.string}' ({name})\n"
                "How about archiving the record instead?",
                field=name,
            )
        return stored
