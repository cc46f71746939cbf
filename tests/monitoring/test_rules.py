"""Alert rules and dashboard: valid, tested, and about metrics that exist."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import promtool
from sandbox.processes import ROOT, SandboxError
from tests.monitoring import prometheus_rule
from tests.monitoring.scrape import Scrape, metrics_in
from tests.support.documents import blocks

REQUIRE_PROMTOOL = "REQUIRE_PROMTOOL"
"""Set in CI: a machine that cannot have promtool fails there instead of skipping."""

FOLDER = ROOT / "monitoring"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
TESTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "alerts.test.yml").read_text())["tests"]
PANELS: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
QUERIES = [target["expr"] for panel in PANELS for target in panel.get("targets", [])]


@pytest.fixture(scope="module")
def program() -> Path:
    try:
        return promtool.find()
    except SandboxError as error:
        if os.environ.get(REQUIRE_PROMTOOL):
            raise
        pytest.skip(f"no promtool: {error}")


def run(program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_valid(program: Path) -> None:
    run(program, "check", "rules", "alerts.yml")


def test_the_documented_configuration_is_valid(program: Path, tmp_path: Path) -> None:
    [block] = [one for one in blocks(ROOT / "docs" / "operate.md") if one.title == "prometheus.yml"]
    (tmp_path / "prometheus.yml").write_text(block.text)
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    run(program, "check", "config", str(tmp_path / "prometheus.yml"))


def test_the_rules_fire_when_they_should(program: Path) -> None:
    run(program, "test", "rules", "alerts.test.yml")


def test_kubernetes_gets_the_same_rules() -> None:
    assert prometheus_rule.RESOURCE.read_text() == prometheus_rule.resource()


def test_each_rule_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    tested = [case for test in TESTS for case in test["alert_rule_test"]]
    names = [rule["alert"] for rule in RULES]
    assert {case["alertname"] for case in tested if case.get("exp_alerts")} == set(names)
    assert {case["alertname"] for case in tested if not case.get("exp_alerts")} == set(names)


def test_the_queries_of_the_dashboard_are_valid(program: Path, tmp_path: Path) -> None:
    records = [{"record": f"query:{number}", "expr": _filled_in(query)} for number, query in enumerate(QUERIES)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": records}]}))
    run(program, "check", "rules", str(tmp_path / "queries.yml"))


def test_each_metric_of_the_rules_exists(scrape: Scrape) -> None:
    named = {name for rule in RULES for name in metrics_in(rule["expr"])}
    assert named - scrape.names == set()


def test_each_metric_of_the_dashboard_exists(scrape: Scrape) -> None:
    named = {name for query in QUERIES for name in metrics_in(query)}
    assert len(named) > 15
    assert named - scrape.names == set()


def test_the_panels_of_the_dashboard_have_their_places() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_names_are_read_from_an_expression() -> None:
    expression = """
        histogram_quantile(0.9, sum by (le, call) (rate(one_seconds_bucket{a="b", c=~"$d"}[$__rate_interval])))
        > 0.5 * sum(two_total) unless on (environment) count without (x) (three offset 5m)
    """
    assert metrics_in(expression) == {"one_seconds_bucket", "two_total", "three"}


def _filled_in(query: str) -> str:
    return re.sub(r"\$__rate_interval|\$__range", "5m", query).replace("$environment", "dev")
