"""docs/tutorial.md, followed from top to bottom: each command is the page's own, on a real Odoo."""

import contextlib
import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from sandbox import real_odoo
from sandbox.ports import free_port
from sandbox.processes import ROOT, holds_within
from sandbox.real_odoo import OdooAccess, RealOdooError
from sandbox.real_odoo.layout import locate
from tests.conftest import REQUIRE_REAL_ODOO
from tests.support.documents import Block, blocks
from tests.support.odoo_view import OdooView
from tests.tutorial.reader import Reader, Terminal

PAGE = ROOT / "docs" / "tutorial.md"
PORTS = {name: free_port() for name in (7233, 8233, 8000, 9000)}
SETTINGS = ".tutorial/settings.env"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    if OdooAccess.from_environment() is not None:
        pytest.skip("the tutorial installs an Odoo of its own")
    variables = {"GATEWAY_PORT": str(PORTS[8000]), "TEMPORAL_ADDRESS": f"127.0.0.1:{PORTS[7233]}"}
    variables |= {"ODOO_CACHE": str(locate().root)}
    try:
        # the page's own command is then quick
        real_odoo.start()
    except RealOdooError as error:
        if os.environ.get(REQUIRE_REAL_ODOO):
            raise
        pytest.skip(f"no real Odoo: {error}")
    reader = Reader(tmp_path, PORTS, variables, clone="durable-quotations")
    yield reader
    reader.close()


def follow(reader: Reader, page: Path) -> Iterator[tuple[Block, Terminal]]:
    """Paste each block of commands, and yield it when it does what the page says."""
    found = list(blocks(page))
    for block, following in zip(found, [*found[1:], None], strict=True):
        if block.language == "text":
            continue
        assert block.language == "sh", block
        terminal = reader.paste(block)
        if following and following.language == "text":
            reader.wait_for(terminal, following)
        if not is_server(block):
            reader.wait(terminal, block)
        yield block, terminal


def is_server(block: Block) -> bool:
    """Return True if a block runs until Ctrl-C."""
    return bool(
        re.search(r"^(temporal server|moto_server|python worker\.py$|python -m gateway)", block.text, re.MULTILINE)
    )


def fill_in(settings: Path, odoo: OdooAccess) -> None:
    """Change the four values that the page asks to change."""
    text = settings.read_text()
    values = {"URL": odoo.url, "DB": odoo.db, "USERNAME": odoo.username, "PASSWORD": odoo.password}
    for name, value in values.items():
        text, changed = re.subn(rf"^(ODOO__DEV__{name})='.*'$", rf"\1='{value}'", text, flags=re.MULTILINE)
        assert changed == 1, name
    settings.write_text(text)


def printed_odoo(terminal: Terminal) -> OdooAccess:
    found = dict(re.findall(r"^(ODOO_TEST_\w+)=(.*)$", terminal.text(), re.MULTILINE))
    access = OdooAccess.from_environment({name: shlex.split(value)[0] for name, value in found.items()})
    assert access
    return access


def statuses(terminal: Terminal) -> list[dict[str, Any]]:
    """Return the quotations of which the terminal shows the status."""
    shown = re.findall(r"(?ms)^\{\n.*?^\}", terminal.text())
    return [status for status in map(json.loads, shown) if "elapsed_time" in status]


@pytest.mark.timeout(600)
def test_every_block_does_what_the_page_says(reader: Reader) -> None:
    odoo: OdooAccess | None = None
    addresses = re.findall(r"`(http://localhost:(?:8000|8233)[^`]*)`", PAGE.read_text())

    for block, terminal in follow(reader, PAGE):
        if "make odoo" in block.text:
            odoo = printed_odoo(terminal)
        if SETTINGS in block.text and not block.title:
            assert odoo
            fill_in(reader.place / SETTINGS, odoo)
        if "An unknown product" in block.text:
            looked_at = [statuses(terminal)[0]["page_url"], *map(with_ports, addresses)]
            assert [httpx2.get(address).status_code for address in looked_at] == [200] * len(looked_at)
        if "mcp remove" in block.text:
            stop(reader)

    first, failed, retried = statuses(reader.terminals["Terminal 0"])
    assert (first["status"], failed["status"], retried["status"]) == ("completed", "failed", "completed")
    assert failed["tracking_id"] == retried["tracking_id"]
    added = f"mcp add --transport http quotations http://localhost:{PORTS[8000]}/mcp"
    assert reader.calls_of_claude.splitlines() == [added, "mcp remove quotations"]
    assert odoo
    with contextlib.closing(OdooView(odoo)) as view:
        # an earlier run in the same database had the same key, so the same quotation
        request = {"lead_name": first["result"]["lead_name"], "email": "tutorial@example.com"}
        assert view.counts(request) == (1, 1, 1, 1)
        [order] = view.find(
            "sale.order", ["id", "=", retried["result"]["sale_order_id"]], fields=("name", "origin")
        )
        assert (order["name"], order["origin"]) == (retried["result"]["sale_order_name"], "An unknown product")


def with_ports(address: str) -> str:
    return re.sub(r"\d{4}", lambda found: str(PORTS[int(found[0])]), address)


def stop(reader: Reader) -> None:
    """Press Ctrl-C where a server runs."""
    busy = [terminal for terminal in reader.terminals.values() if terminal.is_busy()]
    assert len(busy) == 4
    for terminal in busy:
        terminal.interrupt()
    assert holds_within(lambda: not any(terminal.is_busy() for terminal in busy), 30)
