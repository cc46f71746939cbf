"""A company's own set-up in its Odoo: mandatory fields, terms, taxes and currencies."""

from activities.company.company import Company, find_company
from activities.company.fields import CompanyFields
from activities.company.prices import Agreed, unit_prices
from activities.company.salesperson import Salespeople
from activities.company.setup import NOTHING, Setup
from activities.company.terms import default_terms

__all__ = [
    "NOTHING",
    "Agreed",
    "Company",
    "CompanyFields",
    "Salespeople",
    "Setup",
    "default_terms",
    "find_company",
    "unit_prices",
]
