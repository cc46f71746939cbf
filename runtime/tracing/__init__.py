"""Traces with OpenTelemetry: of a request, its quotation, and each call to Odoo and S3."""
