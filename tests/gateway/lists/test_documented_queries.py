"""The queries that the documents show for Temporal's lists: Temporal understands each of them."""

import re
from collections.abc import Iterator

import pytest
from temporalio.client import Client

from quotation.errors import ErrorCode
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from quotation.status import State
from runtime.search_attributes import SearchAttributes
from tests.support.documents import PAGES, blocks, spans


def documented() -> Iterator[str]:
    for page in PAGES:
        for block in blocks(page):
            if block.language == "sql":
                yield block.text.strip()
            elif block.language in {"sh", "console"}:
                yield from re.findall(r'--query "([^"]+)"', block.text)
        # an ellipsis stands for the query in the row above
        yield from (span.removeprefix("… AND ") for span in spans(page) if re.match(r"(?:… AND )?\w+ = '", span))


QUERIES = sorted(set(documented()))


@pytest.mark.parametrize("query", QUERIES)
async def test_temporal_understands_a_documented_query(temporal: Client, query: str) -> None:
    assert await SearchAttributes(temporal, SEARCH_ATTRIBUTES).registered()
    await temporal.count_workflows(query)


@pytest.mark.parametrize("query", QUERIES)
def test_its_values_exist(query: str) -> None:
    assert set(re.findall(r"QuotationStatus = '(\w+)'", query)) <= set(State)
    assert set(re.findall(r"ErrorCode = '(\w+)'", query)) <= set(ErrorCode)
    assert set(re.findall(r"WorkflowType = '(\w+)'", query)) <= {"Quotation", "QuotationLog"}
