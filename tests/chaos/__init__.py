"""Quotations under every fault that can be produced here, and what Odoo and S3 hold afterwards."""
