"""Links and paths in the documents lead somewhere."""

import re
from pathlib import Path

import pytest

from sandbox.processes import ROOT
from tests.support.documents import PAGES


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page: Path) -> None:
    paths = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`", page.read_text())
    assert [path for path in paths if not (Path(ROOT) / path).exists()] == []


def test_the_index_has_each_page() -> None:
    index = (Path(ROOT) / "docs" / "README.md").read_text()
    listed = set(re.findall(r"\]\(([^)]+)\)", index))
    measured = "../benchmarks/results/results.md"
    assert listed == {page.name for page in PAGES if page.parent.name == "docs"} - {"README.md"} | {measured}


def test_the_sections_that_docstrings_cite_exist() -> None:
    headings = set(re.findall(r"^#+ (.+)$", (Path(ROOT) / "docs" / "reference.md").read_text(), re.MULTILINE))
    folders = (
        "quotation",
        "odoo_client",
        "runtime",
        "log_store",
        "workflows",
        "activities",
        "gateway",
        "operate",
        "sandbox",
    )
    sources = [source for folder in folders for source in (Path(ROOT) / folder).rglob("*.py")]
    cited = {
        section
        for source in sources
        for section in re.findall(r"docs/reference\.md, ([\w ]+)", source.read_text())
    }
    assert cited
    assert cited <= headings
