"""The metrics that Prometheus reads, and those that an expression of it names."""

import re
from collections.abc import Sequence
from functools import cached_property

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

# in this order: a text may hold anything, and a selector the names of labels
_NOT_NAMES = (
    r'"[^"]*"',
    r"\{[^}]*\}",
    r"\[[^\]]*\]",
    r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)",
    r"\b(?:and|or|unless|offset|bool|by|without|on|ignoring|group_left|group_right|inf|nan)\b",
    r"\b[a-z_]+(?=\s*\()",
    r"\$\w+",
    r"\b[0-9][\w.]*",
)


class Scrape:
    """The texts of some processes, read as Prometheus does."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    @cached_property
    def samples(self) -> list[Sample]:
        return [
            sample
            for text in self.texts
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    @cached_property
    def names(self) -> set[str]:
        return {sample.name for sample in self.samples}

    @cached_property
    def labels(self) -> dict[str, set[str]]:
        """The names of each metric's labels; a histogram has one name and no bounds."""
        found: dict[str, set[str]] = {}
        for sample in self.samples:
            name = re.sub(r"_(?:bucket|sum|count)$", "", sample.name)
            found.setdefault(name, set()).update(sample.labels.keys() - {"le"})
        return found

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of the samples with these labels."""
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def metrics_in(expression: str) -> set[str]:
    """Return the names of the metrics in an expression of PromQL."""
    for pattern in _NOT_NAMES:
        expression = re.sub(pattern, " ", expression, flags=re.IGNORECASE)
    return set(re.findall(r"[a-zA-Z_:][\w:]*", expression))
