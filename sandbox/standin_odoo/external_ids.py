"""External ids: names such as `module.name` for records, each for one record only (`ir.model.data`)."""

from typing import NamedTuple

from sandbox.standin_odoo.faults import ConstraintError
from sandbox.standin_odoo.store import Store

_TABLE = "ir.model.data"


class Named(NamedTuple):
    """The record that an external id names."""

    model: str
    record_id: int
    no_update: bool
    """Whether `load` with the context's `mode` `update` leaves the record alone."""


def complete(external_id: str) -> str:
    """The external id with its module, which is `__import__` where it has none."""
    return external_id if "." in external_id else f"__import__.{external_id}"


def find(store: Store, external_id: str) -> Named | None:
    """What the external id names; SerializationFailureError where that changed after the snapshot."""
    store.check_unchanged(_TABLE, external_id)
    row = store.table(_TABLE).get(external_id)
    return Named(row["model"], row["res_id"], row["noupdate"]) if row else None


def assign(store: Store, external_id: str, named: Named) -> None:
    """Let the external id name a record; ConstraintError where it has a space."""
    if " " in external_id:
        raise ConstraintError(
            'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"'
        )
    store.put(
        _TABLE,
        external_id,
        {"model": named.model, "res_id": named.record_id, "noupdate": named.no_update},
    )


def forget(store: Store, model: str, record_id: int) -> None:
    """Remove the external ids of a record that is deleted."""
    for key in store.having(_TABLE, "res_id", record_id):
        if store.table(_TABLE)[key]["model"] == model:
            store.delete(_TABLE, key)
