"""The customers that Odoo has, and what a caller says about them."""

from activities.customers.finding import Customers
from activities.customers.news import facts_missing_in, has_another_name, missing_facts
from activities.customers.rows import CustomerRow, PartnerRow, fields_of_facts

__all__ = [
    "CustomerRow",
    "Customers",
    "PartnerRow",
    "facts_missing_in",
    "fields_of_facts",
    "has_another_name",
    "missing_facts",
]
