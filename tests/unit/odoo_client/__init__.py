"""Mirrors `odoo_client/`."""
