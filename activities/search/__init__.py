"""Finds records in Odoo by words, as people say them."""

from activities.search.named import find_named_products
from activities.search.products import Candidate, ProductSearch
from activities.search.table import FoundRow, Table
from activities.search.words import fold, said

__all__ = ["Candidate", "FoundRow", "ProductSearch", "Table", "find_named_products", "fold", "said"]
