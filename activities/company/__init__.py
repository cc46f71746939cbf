"""What a company has set up in its Odoo: itself, its mandatory fields, terms, taxes and currencies."""

from activities.company.company import Company, find_company
from activities.company.fields import CompanyFields
from activities.company.salesperson import Salespeople
from activities.company.setup import NOTHING, Setup

__all__ = ["NOTHING", "Company", "CompanyFields", "Salespeople", "Setup", "find_company"]
