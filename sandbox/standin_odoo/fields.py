"""The fields of a model, and the value that each stores."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A field as `fields_get` describes it, and where its value comes from."""

    type: str
    string: str
    """The label; Odoo's sentences use it."""
    relation: str = ""
    """The model at the other end."""
    required: bool = False
    readonly: bool = False
    selection: Mapping[str, str] = field(default_factory=dict)
    """The values and their labels."""
    inverse: str = ""
    """For a one2many, which has no value of its own: the many2one at the other end."""
    computed: bool = False
    """True if Odoo computes the value: one given to `create` is ignored."""
    default: Any = None
    """The value of a new record that is given none, or a function that returns it."""
    depends: tuple[str, ...] = ()
    """The fields from which Odoo computes a value that may also be given."""
    digits: int | None = None
    """The decimal places that a number is rounded to; None keeps all."""

    def describe(self, attributes: list[str]) -> Values:
        """Return those of the attributes that `fields_get` shows for this field."""
        shown = {name: getattr(self, name) for name in ("type", "string", "required", "readonly", "depends")}
        selection = [list(item) for item in self.selection.items()]
        optional = {"relation": self.relation, "relation_field": self.inverse, "selection": selection}
        shown |= {name: value for name, value in optional.items() if value}
        return {name: shown[name] for name in attributes if name in shown}

    def initial(self) -> Any:
        """Return the value of a new record that is given none."""
        return self.default() if callable(self.default) else self.default

    def stored(self, value: Any) -> Any:
        """Return `value` as the database holds it. Raises `ValueError` or `TypeError` for another type."""
        match self.type:
            case "float" | "monetary":
                number = float(value or 0.0)
                return number if self.digits is None else round_half_up(number, self.digits)
            case "boolean":
                return bool(value)
            case "integer":
                return int(value or 0)
            case "many2many":
                return list(value or [])
        if value is None or value is False:
            return False
        return int(value) if self.type == "many2one" else str(value)


def round_half_up(number: float, digits: int = 2) -> float:
    """Return `number` with `digits` decimal places, halves rounded away from zero, as Odoo's `float_round`."""
    scaled = abs(number) * 10**digits
    # a float that misses a half by its last bits only counts as a half
    whole = math.floor(scaled * (1 + 2**-50) + 0.5)
    return math.copysign(whole / 10**digits, number)


def now() -> str:
    """Return the time in UTC as Odoo writes it, without fractions of a second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
