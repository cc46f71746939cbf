"""Two versions of the product at once, over one Temporal, one S3 and one Odoo."""
