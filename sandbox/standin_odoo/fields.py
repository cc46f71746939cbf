"""The models and their fields as a real Odoo describes them, and the value that a field stores.

`models.json` holds the descriptions; `python -m tests.odoo.record_models` writes it. The stand-in knows no other
model and no other field.
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Values = dict[str, Any]

FILE = Path(__file__).with_name("models.json")
"""The descriptions of the models."""


@dataclass(frozen=True)
class Field:
    """A field with those attributes of `fields_get` that the product asks for or the stand-in needs."""

    type: str
    string: str
    """The label; Odoo's sentences use it."""
    required: bool
    readonly: bool
    """True if the value is Odoo's: one given to `create` is ignored."""
    depends: list[str]
    relation: str = ""
    """The model at the other end."""
    relation_field: str = ""
    """For a one2many, which has no value of its own: the many2one at the other end."""
    selection: tuple[list[str], ...] | list[list[str]] = ()
    """The values, each with its label."""
    digits: Any = ()
    """The digits of a number in all and after the point; without them it is not rounded."""

    def describe(self, attributes: list[str]) -> Values:
        """Return those of the attributes that the field has."""
        return {name: value for name in attributes if (value := getattr(self, name, ())) not in ((), "")}

    def stored(self, value: Any) -> Any:
        """Return `value` as the database holds it. Raises `ValueError` or `TypeError` for another type."""
        match self.type:
            case "float" | "monetary":
                number = float(value or 0.0)
                return round_half_up(number, self.digits[1]) if self.digits else number
            case "boolean":
                return bool(value)
            case "integer":
                return int(value or 0)
            case "many2many":
                return list(value or [])
        if value is None or value is False:
            return False
        return int(value) if self.type == "many2one" else str(value)


MODELS: dict[str, Values] = json.loads(FILE.read_text())
"""The label, the defaults and the fields of every model."""

FIELDS = {
    model: {name: Field(**described) for name, described in one["fields"].items()} for model, one in MODELS.items()
}
"""The fields of every model."""

LANGUAGES = FIELDS["res.partner"]["lang"].selection
"""The code and label of each installed language."""


def round_half_up(number: float, digits: int = 2) -> float:
    """Return `number` with `digits` decimal places, halves rounded away from zero, as Odoo's `float_round`."""
    scaled = abs(number) * 10**digits
    # a float that misses a half by its last bits only counts as a half
    whole = math.floor(scaled * (1 + 2**-50) + 0.5)
    return math.copysign(whole / 10**digits, number)


def now() -> str:
    """Return the time in UTC as Odoo writes it, without fractions of a second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
