"""The findings about Temporal and about the store of the logs."""

from collections.abc import AsyncIterator, Sequence

from temporalio.client import Client
from temporalio.service import RPCError

from activities.report.findings import Finding, Kind, may_be_wrong
from log_store import LogStore, LogStoreError, OutsideError
from quotation.messages import WORKFLOW
from quotation.shown.search_attributes import SEARCH_ATTRIBUTES
from runtime import temporal
from runtime.encryption import check_readable
from runtime.payload_keys import PayloadKey
from runtime.search_attributes import SearchAttributes
from runtime.settings import SettingsError


async def inspect_temporal(keys: Sequence[PayloadKey]) -> AsyncIterator[Finding]:
    """Yield the findings about Temporal, its namespace, the payload keys and the search attributes."""
    try:
        client = await temporal.create_client(keys)
        if problem := await temporal.connection_problem(client):
            yield Finding(Kind.PROBLEM, f"Temporal does not answer: {problem}.")
            return
        yield Finding(Kind.OK, "Temporal answers.")
        if problem := await temporal.namespace_problem(client):
            yield Finding(Kind.PROBLEM, f"Temporal does not show the namespace: {problem}.")
            return
        yield Finding(Kind.OK, f"Temporal has the namespace {client.namespace}.")
        yield await _payload_keys(client, keys)
    except SettingsError as error:
        yield Finding(Kind.PROBLEM, f"{error}.")
        return
    yield await _search_attributes(SearchAttributes(client, SEARCH_ATTRIBUTES))


async def _payload_keys(client: Client, keys: Sequence[PayloadKey]) -> Finding:
    if not await check_readable(client, keys, WORKFLOW):
        return Finding(Kind.LIMIT, "PAYLOAD_KEYS could not be checked: Temporal does not list running quotations.")
    if keys:
        return Finding(Kind.OK, "PAYLOAD_KEYS has the keys of the running quotations.")
    return Finding(Kind.OK, "PAYLOAD_KEYS is not set: Temporal stores quotations without encryption.")


async def _search_attributes(attributes: SearchAttributes) -> Finding:
    try:
        registered = await attributes.registered()
    except RPCError as error:
        return Finding(Kind.LIMIT, f"Temporal did not list its search attributes ({error.status.name}).")
    missing = ", ".join(name for name in SEARCH_ATTRIBUTES if name not in registered)
    if not missing:
        return Finding(Kind.OK, f"Temporal has the search attributes {', '.join(SEARCH_ATTRIBUTES)}.")
    return Finding(
        Kind.LIMIT, f"Temporal lacks the search attributes {missing}: it finds quotations later, or not by them."
    )


async def inspect_bucket(store: LogStore) -> Finding:
    """Return the finding about the bucket of the logs: its rights, and its conditional writes."""
    try:
        await store.check_bucket()
    except OutsideError as error:
        return Finding(Kind.PROBLEM, str(error))
    except LogStoreError as error:
        return Finding(Kind.PROBLEM, may_be_wrong(["S3_BUCKET", "AWS_*"], error))
    return Finding(Kind.OK, f"S3: logs can be written and read in {store.place}, and conditional writes work.")


async def inspect_folder(store: LogStore) -> Finding:
    """Return the finding about the folder of the local logs, if one is set."""
    try:
        await store.check_folder()
    except LogStoreError as error:
        return Finding(Kind.PROBLEM, may_be_wrong(["LOG_DIR"], error))
    if store.folder is None:
        return Finding(Kind.OK, "LOG_DIR is not set, so there are no local logs.")
    return Finding(Kind.OK, f"LOG_DIR: local logs can be written to {store.folder}.")
