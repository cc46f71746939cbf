"""Counts of the requests that Temporal's server has had, from its metrics."""

import asyncio
from collections import Counter

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


async def asked(metrics_port: int) -> Counter[str]:
    """The requests that Temporal's server has had so far, by operation."""
    # it adds up once a second
    await asyncio.sleep(2)
    asked: Counter[str] = Counter()
    for sample in await samples(f"http://127.0.0.1:{metrics_port}/metrics"):
        if sample.name.startswith("service_requests") and sample.labels.get("service_name") == "frontend":
            asked[sample.labels["operation"]] += int(sample.value)
    return asked


async def samples(url: str) -> list[Sample]:
    async with httpx2.AsyncClient() as http:
        text = (await http.get(url)).text
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]
