"""The findings of a worker about Temporal, its Odoos and its S3, in words for an operator."""

from activities.report.findings import Finding, Kind, print_findings
from activities.report.keys import watch_key
from activities.report.odoo import OdooInspection
from activities.report.servers import inspect_bucket, inspect_folder, inspect_temporal
from activities.report.troubles import Troubles

__all__ = [
    "Finding",
    "Kind",
    "OdooInspection",
    "Troubles",
    "inspect_bucket",
    "inspect_folder",
    "inspect_temporal",
    "print_findings",
    "watch_key",
]
