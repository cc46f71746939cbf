"""The part of an environment's settings that is about its company."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MODELS = ("res.partner", "crm.lead", "sale.order", "sale.order.line")
"""The models whose records a quotation creates."""


@dataclass(frozen=True)
class Setup:
    """The company of leads and orders, and values for the fields that it requires.

    `company` is an id or a name in Odoo; None is the user's own company. `defaults` has values by model and field.
    """

    company: str | None = None
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


NOTHING = Setup()
"""The user's own company, and no values for its fields."""
