"""The systems that are compared: the product, the prototype, and Temporal and Odoo without the product."""
