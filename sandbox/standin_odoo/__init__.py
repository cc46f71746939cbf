"""A stand-in for Odoo 19, in memory: its XML-RPC, its records and its rules as far as a quotation needs them.

It starts in a second, and its slowness can be set. `tests/odoo` checks it: the same tests run against a real Odoo.
A feature that it does not have fails loudly, as an unknown field, method or column does in Odoo.
"""
