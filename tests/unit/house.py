"""The project's own files, for tests that look at all of them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]

PACKAGES = (
    "activities",
    "gateway",
    "log_store",
    "odoo_client",
    "operate",
    "quotation",
    "release",
    "runtime",
    "sandbox",
    "workflows",
)
"""The product, what `make run` adds to it, and how it is released."""

TEST_MODULES = sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


MODULES = [
    ROOT / "worker.py",
    *sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")),
]
