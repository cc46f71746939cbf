"""The half of a model that changes records: create, write, unlink and load."""

from typing import Any, ClassVar

from sandbox.standin_odoo import access, external_ids
from sandbox.standin_odoo.env import REGISTRY, on_model, on_records
from sandbox.standin_odoo.faults import ConstraintError
from sandbox.standin_odoo.fields import Field, Values, now
from sandbox.standin_odoo.load import CREATE, LINK, UPDATE, load
from sandbox.standin_odoo.records import Records

_EVERY_MODEL_HAS = {
    "id": Field("integer", "ID", readonly=True),
    "display_name": Field("char", "Display Name", readonly=True, computed=True),
    "create_date": Field("datetime", "Created on", readonly=True),
    "create_uid": Field("many2one", "Created by", "res.users", readonly=True),
    "write_date": Field("datetime", "Last Updated on", readonly=True),
    "write_uid": Field("many2one", "Last Updated by", "res.users", readonly=True),
}


_DELETE = 2
"""One2many command `(2, id)`; for the others see `load`."""


class Model(Records):
    """A model bound to an environment. Subclasses say what is particular to theirs."""

    own_fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        cls.fields = _EVERY_MODEL_HAS | cls.own_fields
        REGISTRY[cls.name] = cls

    # What a model may do in its own way.

    def complete(self, values: Values) -> None:
        """Add to the values of a new record what Odoo computes where they have none."""

    def complete_change(self, record_id: int, values: Values) -> None:
        """Add to the values that are written what Odoo computes from them."""

    def follow_up(self, record_id: int, given: Values) -> None:
        """Do what follows from the values given to a record, in it and in others."""

    def create_loaded(self, given: Values) -> int:
        """Make a record that `load` has read."""
        return self.create_one(given)

    def before_unlink(self, record_id: int) -> None:
        """Raise where the record may not be deleted."""

    def error_without(self, name: str) -> ConstraintError:
        """The error for a required field without a value."""
        return ConstraintError(
            f"Missing required value for the field '{self.fields[name].string}' ({name}).\n"
            f"Model: '{self.description}' ({self.name})\n"
            "- create/update: a mandatory field is not set\n"
            "- delete: another model requires the record being deleted, you can archive it instead\n",
            name,
        )

    # What clients call.

    @on_model
    def create(self, vals_list: Values | list[Values]) -> int | list[int]:
        """Make a record, or one for each of a list, and return its id or their ids."""
        if isinstance(vals_list, dict):
            return self.create_one(vals_list)
        return [self.create_one(values) for values in vals_list]

    def create_one(self, given: Values) -> int:
        """Make a record. AccessError, ConstraintError, MissingError; ValueError for an unknown field."""
        self.check("create")
        self._check_names(given)
        values = {name: value for name in self.fields if (value := self.env.context.get(f"default_{name}"))}
        values |= {name: value for name, value in given.items() if not self.fields[name].computed}
        self.complete(values)
        values = {name: one.default for name, one in self.fields.items() if one.default is not None} | values
        record_id = self.store.next_number(self.name)
        self._put(record_id, values, create=True)
        self.check("create", [record_id])
        if self._assigns_to_zero(given):
            raise self.hidden_error("create")
        self._carry_out(record_id, values)
        self.follow_up(record_id, given)
        return record_id

    @on_records
    def write(self, ids: list[int], vals: Values) -> bool:
        """Set values in the records; MissingError where one does not exist."""
        self.check("write", ids, blame="read")
        self.require(ids)
        self._check_names(vals)
        for record_id in ids:
            values = dict(vals)
            self.complete_change(record_id, values)
            self._put(record_id, values)
            self._carry_out(record_id, values)
            self.follow_up(record_id, vals)
        return True

    @on_records
    def unlink(self, ids: list[int]) -> bool:
        """Delete the records with their external ids and what belongs to them."""
        self.check("unlink", ids)
        self.require(ids)
        for record_id in ids:
            self.before_unlink(record_id)
            for model, referring in REGISTRY.items():
                for name, definition in referring.own_fields.items():
                    if definition.relation == self.name and definition.has_column:
                        self._release(model, name, definition, record_id)
            external_ids.forget(self.store, self.name, record_id)
            self.store.delete(self.name, record_id)
        return True

    @on_model
    def load(self, fields: list[str], data: list[list[Any]]) -> Values:
        """Import rows of text, see the module `load`: `{"ids": [...] or False, "messages": [...]}`."""
        return load(self, fields, data)

    # How it is done.

    def _check_names(self, values: Values) -> None:
        for name in values:
            if name not in self.fields:
                raise ValueError(f"Invalid field {name!r} in {self.name!r}")

    def _put(self, record_id: int, values: Values, *, create: bool = False) -> None:
        row = {name: self._stored(name, value) for name, value in values.items() if self.fields[name].has_column}
        for name, definition in self.fields.items():
            is_missing = create if name not in row else row[name] is False
            if is_missing and definition.required and definition.has_column:
                raise self.error_without(name)
        row |= {"write_date": now(), "write_uid": self.env.uid}
        if create:
            empty = {name: one.stored(None) for name, one in self.fields.items() if one.has_column}
            row = empty | row | {"create_date": row["write_date"], "create_uid": self.env.uid}
        self.store.put(self.name, record_id, row)

    def _stored(self, name: str, value: Any) -> Any:
        definition = self.fields[name]
        try:
            stored = definition.stored(value)
        except ValueError as error:
            raise ValueError(f"Wrong value for {self.name}.{name}: {value!r}") from error
        if definition.type == "many2one" and stored and stored not in self.store.table(definition.relation):
            # Odoo lets PostgreSQL find it, whose error for a foreign key it takes for a deletion
            raise ConstraintError(
                "Another model is using the record you are trying to delete.\n\n"
                f"The troublemaker is: '{self.description}' ({self.name})\n"
                f"Thanks to the following constraint: '{definition.string}' ({name})\n"
                "How about archiving the record instead?",
                name,
            )
        return stored

    def _carry_out(self, record_id: int, values: Values) -> None:
        """Do what one2many fields are given, in Odoo's commands; a creation may name its external id."""
        for name, commands in values.items():
            definition = self.fields[name]
            if definition.type != "one2many":
                continue
            lines = self.env[definition.relation]
            for command, target, *rest in commands or ():
                if command == CREATE:
                    created = lines.create_one({**rest[0], definition.inverse: record_id})
                    if target:
                        self.assign(external_ids.complete(target), lines.name, created)
                elif command == UPDATE:
                    lines.write([target], rest[0])
                elif command == _DELETE:
                    lines.unlink([target])
                elif command == LINK:
                    lines.write([target], {definition.inverse: record_id})
                else:
                    raise NotImplementedError(f"one2many command {command}")

    def assign(self, external_id: str, model: str, record_id: int) -> None:
        """Let the external id name a record, for good where the context says so."""
        no_update = bool(self.env.context.get("noupdate"))
        external_ids.assign(self.store, external_id, external_ids.Named(model, record_id, no_update))

    def _release(self, model: str, name: str, definition: Field, record_id: int) -> None:
        others = self.env.sudo()[model]
        if not (ids := self.store.having(model, name, record_id)):
            return
        if definition.on_delete == "cascade":
            others.unlink(ids)
        elif definition.on_delete == "restrict":
            raise others.error_without(name)
        else:
            others.write(ids, {name: False})

    def _assigns_to_zero(self, given: Values) -> bool:
        # Odoo's rule for salespeople takes 0 neither for nobody nor for oneself
        owner = given.get(access.SALESPERSON_FIELD.get(self.name, ""))
        return owner == 0 and owner is not False and not self.sees_all()
