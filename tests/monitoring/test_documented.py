"""docs/metrics.md says what both processes serve, and describes each alert."""

import re
from collections.abc import Iterator

import pytest

from sandbox.processes import ROOT
from tests.monitoring.scrape import Scrape
from tests.monitoring.test_rules import RULES

PAGE = (ROOT / "docs" / "metrics.md").read_text()


def rows(heading: str) -> Iterator[list[str]]:
    """Return the cells of each row of the table whose first column has this heading."""
    lines = PAGE.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(f"| {heading} |")]
    for start in starts:
        for line in lines[start + 2 :]:
            if not line.startswith("|"):
                break
            yield [cell.strip() for cell in line[1:-1].split(" | ")]


def documented(heading: str) -> dict[str, set[str]]:
    """Return the labels of each metric."""
    return {name.strip("`"): set(re.findall(r"`(\w+)`", labels)) for name, labels, _ in rows(heading)}


def test_each_metric_of_ours_and_its_labels(scrape: Scrape) -> None:
    own = {name: labels for name, labels in scrape.labels.items() if name.startswith(("gateway_", "worker_"))}
    assert documented("metric") == own


def test_metrics_of_the_sdk_and_their_labels(scrape: Scrape) -> None:
    for name, labels in documented("metric of the SDK").items():
        assert labels <= scrape.labels[name], name


def test_each_alert_and_its_severity() -> None:
    described = {(alert.strip("`"), severity) for alert, severity, *_ in rows("alert")}
    assert described == {(rule["alert"], rule["labels"]["severity"]) for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_summary_of_an_alert_is_a_sentence(rule: dict[str, dict[str, str]]) -> None:
    assert re.fullmatch(r"[A-Z{].+[.?]", rule["annotations"]["summary"])
