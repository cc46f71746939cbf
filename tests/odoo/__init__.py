"""The facts about Odoo that the product relies on, tested against a real Odoo and the stand-in."""
