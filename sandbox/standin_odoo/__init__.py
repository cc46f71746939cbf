"""A stand-in for Odoo 19: its XML-RPC, its records and its rules as far as a quotation goes, in memory.

It starts in a second and its slowness can be set, which the real one's cannot. What it claims is
checked by `tests/odoo`, which runs the same against the real Odoo.
"""
