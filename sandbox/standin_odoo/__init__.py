"""A stand-in for Odoo 19, in memory: its protocols, its records and its rules as far as a quotation needs them.

It starts in a second, and its slowness can be set. `tests/odoo` checks it: the same tests run against a real Odoo,
and those marked `real_only` show what the stand-in leaves out. Most of that fails loudly, as an unknown field or
method does in Odoo. These differences are silent: a lead and its customer share no e-mail and phone, an edited
line keeps its price, notes are stored as they come, and a new record takes no value for a read-only field.
"""
