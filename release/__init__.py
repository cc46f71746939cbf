"""How a version is released and what is in it: locks, licences, vulnerabilities, SBOM. Not part of the product."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The checkout."""

NAME = "durable-quotations"
"""The name of the distribution."""
