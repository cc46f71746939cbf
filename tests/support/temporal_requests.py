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
    for sample in await samples(f"http://127.0.0.1:{metrics_port}/metrics", "service_requests"):
        if sample.labels.get("service_name") == "frontend":
            asked[sample.labels["operation"]] += int(sample.value)
    return asked


async def samples(url: str, prefix: str) -> list[Sample]:
    """Return the samples whose names begin with `prefix`."""
    async with httpx2.AsyncClient() as http:
        lines = (await http.get(url)).text.splitlines()
    # Temporal's server tells thousands of others, which take seconds to parse
    text = "\n".join(line for line in lines if line.startswith(prefix)) + "\n"
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]
