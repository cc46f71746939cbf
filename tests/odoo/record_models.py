"""Record how a real Odoo describes the stand-in's models: `python -m tests.odoo.record_models`.

To add a field or a model, first copy another one in `sandbox/standin_odoo/models.json` and give it the new name.
"""

import json
from collections.abc import Iterable
from typing import Any

from sandbox import real_odoo
from sandbox.standin_odoo.fields import FILE
from tests.odoo.client import Session

ATTRIBUTES = [
    "type",
    "string",
    "required",
    "readonly",
    "depends",
    "relation",
    "relation_field",
    "selection",
    "digits",
]


def labels(administrator: Session, models: Iterable[str]) -> dict[str, str]:
    """Return the label of each model, in the same order."""
    rows = administrator.call("ir.model", "search_read", [["model", "in", list(models)]], ["model", "name"])
    found = {row["model"]: row["name"] for row in rows}
    return {model: found[model] for model in models}


def description(administrator: Session, model: str, names: Iterable[str]) -> dict[str, Any]:
    """Return these fields of the model, and the defaults that every user has at any time."""
    found = administrator.call(model, "fields_get", list(names), ATTRIBUTES)
    fields = {name: {key: found[name][key] for key in ATTRIBUTES if key in found[name]} for name in names}
    given = administrator.call(model, "default_get", list(names))
    defaults = {name: given[name] for name in names if name in given and _is_constant(fields[name])}
    return {"defaults": defaults, "fields": fields}


def _is_constant(field: dict[str, Any]) -> bool:
    # the user and the time are those of the call, and a list of records is a list of commands
    return field["type"] not in ("datetime", "many2many") and field.get("relation") != "res.users"


def main() -> None:
    access = real_odoo.fresh_database()
    administrator = Session(access, access.admin_username, access.admin_password)
    known = json.loads(FILE.read_text())
    models = {
        name: {"label": label} | description(administrator, name, known[name]["fields"])
        for name, label in labels(administrator, sorted(known)).items()
    }
    real_odoo.drop_database(access.db)
    FILE.write_text(_text(models) + "\n")


def _text(value: Any, depth: int = 0) -> str:
    """Return JSON with a line for each field."""
    if depth == 3 or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    margin = "  " * depth
    inner = [f'{margin}  "{name}": {_text(one, depth + 1)}' for name, one in value.items()]
    return "{\n" + ",\n".join(inner) + f"\n{margin}}}"


if __name__ == "__main__":
    main()
