"""Links, paths and commands in the documents lead somewhere."""

import re
from pathlib import Path

import pytest

from activities.settings import OdooSettings, WorkerSettings
from gateway.settings import GatewaySettings
from sandbox.processes import ROOT
from sandbox.real_odoo.service import VARIABLES

VARIABLE = re.compile(
    r"\b(?:CODEC|COMPOSE|FORWARDED|GATEWAY|LOG|ODOO|PAYLOAD|S3|TEMPORAL|TRACKING|WORKER)_(?:[A-Z0-9_]|\{NAME\})+"
)
OTHERS = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS", "TEMPORAL_PROFILE"}
OTHERS |= {"TEMPORAL_CONFIG_FILE", "ODOO_CACHE", "TRACKING_ID", "ODOO__{NAME}", *VARIABLES.values()}
"""Of Temporal and of the tests, and placeholders."""

PAGES = sorted([*Path(ROOT).glob("*.md"), *(Path(ROOT) / "docs").glob("*.md")])


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_make_exist(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (Path(ROOT) / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:^|`)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE)
    assert [target for target in named if target not in targets] == []


def test_the_index_has_each_page() -> None:
    index = (Path(ROOT) / "docs" / "README.md").read_text()
    listed = set(re.findall(r"\]\(([^)]+)\)", index))
    assert listed == {page.name for page in PAGES if page.parent.name == "docs"} - {"README.md"}


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


def is_variable(name: str) -> bool:
    """Return True if the product, docker-compose.yml or the tests read a variable of this name."""
    example = (Path(ROOT) / ".env.example").read_text()
    if name in OTHERS or re.search(rf"(?m)^(?:# )?{re.escape(name)}=", example):
        return True
    secrets = f"{WorkerSettings.secret_variables}|{GatewaySettings.secret_variables}"
    plain = name.replace("{NAME}", "DEV")
    if plain.endswith("_FILE"):
        return bool(re.fullmatch(secrets, plain.removesuffix("_FILE")))
    odoo = re.fullmatch(r"ODOO__[A-Z]+__(\w+)", plain)
    if odoo:
        return odoo[1].lower() in OdooSettings.model_fields
    return plain.lower() in WorkerSettings.model_fields | GatewaySettings.model_fields


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_variables_exist(page: Path) -> None:
    named = {name.rstrip("_") for name in VARIABLE.findall(page.read_text())}
    assert [name for name in sorted(named) if not is_variable(name)] == []
