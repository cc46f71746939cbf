"""The customers that Odoo has, and what a caller says about them."""

from activities.customers.finding import Customers
from activities.customers.news import has_another_name, missing_facts
from activities.customers.rows import PartnerRow

__all__ = ["Customers", "PartnerRow", "has_another_name", "missing_facts"]
