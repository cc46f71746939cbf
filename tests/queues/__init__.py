"""Whose turn it is: many quotations at once, with processes of this product and a stand-in for Odoo."""
