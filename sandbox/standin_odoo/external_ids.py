"""External ids (`ir.model.data`): names such as `module.name`, each for one record."""

from typing import NamedTuple

from sandbox.standin_odoo.faults import ConstraintError
from sandbox.standin_odoo.store import Store

_TABLE = "ir.model.data"


class Named(NamedTuple):
    """The record that an external id names."""

    model: str
    record_id: int
    no_update: bool
    """True if `load` leaves the record alone when its context has the `mode` `update`."""


def complete(external_id: str) -> str:
    """Return the external id with its module, which is `__import__` if it names none."""
    return external_id if "." in external_id else f"__import__.{external_id}"


def find(store: Store, external_id: str) -> Named | None:
    """Return the record that the external id names. Raises `SerializationFailureError` as `Store.put`."""
    store.check_unchanged(_TABLE, external_id)
    row = store.table(_TABLE).get(external_id)
    return Named(row["model"], row["res_id"], row["noupdate"]) if row else None


def assign(store: Store, external_id: str, named: Named) -> None:
    """Make the external id name a record. Raises `ConstraintError` if it has a space."""
    if " " in external_id:
        raise ConstraintError(
            'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"'
        )
    values = {"model": named.model, "res_id": named.record_id, "noupdate": named.no_update}
    store.put(_TABLE, external_id, values)
