"""Real processes, killed on purpose: gateway, workers, Temporal, Odoo and S3."""
