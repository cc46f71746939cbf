"""The fields of a model, and what each makes of a value it is given."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.standin_odoo.html_notes import sanitize

Values = dict[str, Any]

Reference = int | bool
"""A record's id, or False for no record."""


@dataclass(frozen=True)
class Field:
    """A field as `fields_get` describes it, and where its value comes from."""

    type: str
    string: str
    """The name people see; Odoo's sentences use it."""
    relation: str = ""
    """The model at the other end."""
    required: bool = False
    readonly: bool = False
    digits: int | None = None
    """Decimal places a number is rounded to; None for as it comes."""
    selection: Mapping[str, str] = field(default_factory=dict)
    """Values and what people see for them."""
    any_selection: bool = False
    """Whether `create` takes other values too, as Odoo does where a selection is computed."""
    inverse: str = ""
    """For a one2many: the many2one at the other end."""
    related: str = ""
    """Path of the field this one shows; it has no value of its own."""
    computed: bool = False
    """Whether Odoo computes the value and does not take one from a new record."""
    on_delete: str = "set null"
    """What happens to this record when the one it refers to goes: also `restrict` or `cascade`."""
    default: Any = None
    """The value of a new record that is given none."""

    @property
    def has_column(self) -> bool:
        """Whether the record's own row holds the value."""
        return self.type != "one2many" and not self.related

    def describe(self) -> Values:
        """The attributes that `fields_get` gives."""
        description: Values = {
            "type": self.type,
            "string": self.string,
            "required": self.required,
            "readonly": self.readonly,
        }
        if self.relation:
            description["relation"] = self.relation
        if self.inverse:
            description["relation_field"] = self.inverse
        if self.selection:
            description["selection"] = [list(item) for item in self.selection.items()]
        return description

    def stored(self, value: Any) -> Any:
        """`value` as the database holds it; ValueError where it is none of this type."""
        if self.type == "boolean":
            return bool(value)
        if self.type in ("float", "monetary"):
            number = float(value or 0.0)
            return number if self.digits is None else round_half_up(number, self.digits)
        if self.type == "integer":
            return int(value or 0)
        if value is None or value is False:
            return False
        if self.type == "many2one":
            return int(value) or False
        if self.type == "selection" and value not in self.selection and not self.any_selection:
            raise ValueError(f"Wrong value: {value!r}")
        return sanitize(str(value)) if self.type == "html" else str(value)


def round_half_up(number: float, digits: int) -> float:
    """`number` to `digits` decimal places, halves away from zero, as Odoo's `float_round`."""
    scaled = abs(number) * 10**digits
    # what is a half but for the last bits of a float counts as one
    whole = math.floor(scaled * (1 + 2**-50) + 0.5)
    return math.copysign(whole / 10**digits, number)


def now() -> str:
    """The present in UTC as Odoo writes a datetime, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
