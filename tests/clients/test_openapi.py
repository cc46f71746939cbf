"""Schemathesis asks whatever /openapi.json lists, rightly and wrongly, and compares the answers."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.processes import BIN, ROOT, environment
from tests.clients.installed import HERE
from tests.clients.settings import AUTHORIZATION


@pytest.mark.timeout(300)
def test_the_gateway_answers_as_its_openapi_document_says(gateway: str, tmp_path: Path) -> None:
    report = tmp_path / "requests.har"
    command: list[str | Path] = [BIN / "schemathesis", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", f"{gateway}/openapi.json", "--header", f"Authorization: {AUTHORIZATION}", "--no-color"]
    # the same examples in each run; one worker, since Python 3.11 must not parse in two threads at once
    command += ["--generation-deterministic", "--max-examples", "10"]
    command += ["--report", "har", "--report-har-path", report]

    # in a folder of its own, where it leaves what it remembers
    settings = environment({"SCHEMATHESIS_HOOKS": "tests.clients.schemathesis_hooks", "PYTHONPATH": str(ROOT)})
    done = subprocess.run(
        command, cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=280, check=False
    )

    assert done.returncode == 0, done.stdout[-20_000:]
    # a refusal is documented everywhere: without a key all of the above would hold, too
    entries = json.loads(report.read_text())["log"]["entries"]
    answered = Counter(entry["response"]["status"] for entry in entries)
    accepted = {
        urlsplit(entry["request"]["url"]).path for entry in entries if 200 <= entry["response"]["status"] < 300
    }
    assert answered[200]
    assert answered[202]
    # tracking ids of the right form, which nothing has
    assert answered[404]
    assert {"/api/quotation/async", "/api/ventas/quotation/async", "/api/products", "/readyz"} <= accepted
