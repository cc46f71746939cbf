"""The calls to one Odoo: how many run at once, and what is measured of them."""

from odoo_client.traffic.meter import Meter
from odoo_client.traffic.slots import NoSlotError, Slots, in_a_hurry, on_behalf_of, unreserved

__all__ = ["Meter", "NoSlotError", "Slots", "in_a_hurry", "on_behalf_of", "unreserved"]
