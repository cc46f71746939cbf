"""Logs that are found again by their tracking ids."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from log_store import LogStore, LogStoreError
from log_store.parsing import Wanted
from quotation.document import Log, LogDocument
from quotation.status import State
from sandbox.ports import free_port
from tests.unit.log_store.conftest import Bucket
from tests.unit.log_store.policies import without_list, without_right
from tests.unit.log_store.s3 import Front
from tests.unit.log_store.test_store import PREFIX, assert_is_clean, document

ID = "quot_abc123def456"
NOW = datetime.now(UTC)


def log(months_ago: int = 0, status: State = State.COMPLETED, **fields: Any) -> LogDocument:
    created = NOW
    for _ in range(months_ago):
        created = created.replace(day=1) - timedelta(days=1)
    ended = created + timedelta(seconds=18) if status.is_final else None
    return document(0, status, **({"created_at": created, "completed_at": ended, "written_at": created} | fields))


async def found(store: LogStore, is_wanted: Wanted = lambda _: True) -> tuple[str, datetime] | None:
    log = await store.find(ID, is_wanted)
    return (log.status, log.created_at) if log else None


async def test_a_log_is_found_whole(bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    written = log(1, owner="ana").placed("default", "dev")
    await store.write(written)
    read = await store.find(ID)
    assert read is not None
    assert read.to_bytes() == written.to_bytes()
    assert (read.owner, read.namespace, read.environment_name) == ("ana", "default", "dev")


async def test_reads_go_back_in_months_until_there_is_a_final_log(front: Front, bucket: Bucket) -> None:
    store = LogStore(bucket.name, PREFIX, None, months=4)
    assert await found(store) is None
    assert front.requests == ["GET"] * 4
    for one in (log(4), log(3, State.QUEUED), log(2), log(1, State.QUEUED)):
        await store.write(one)
    front.requests.clear()
    assert await found(store) == ("completed", log(2).created_at)
    assert front.requests == ["GET"] * 3


async def test_without_a_final_log_the_last_one_counts_and_older_ones_are_too_old(bucket: Bucket) -> None:
    store = LogStore(bucket.name, PREFIX, None, months=2)
    for one in (log(2), log(1, State.QUEUED), log(0, State.QUEUED)):
        await store.write(one)
    assert await found(store) == ("queued", NOW)


async def test_only_what_is_wanted_is_found(bucket: Bucket) -> None:
    store = LogStore(bucket.name, PREFIX, None)
    for one in (log(1, owner="ana"), log(0, owner="bob")):
        await store.write(one)
    assert await found(store, lambda log: log.owner == "ana") == ("completed", log(1).created_at)
    assert await found(store, lambda log: log.owner == "eve") is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", log(tracking_id="quot_000000000000").to_bytes()]
)
async def test_what_is_no_log_of_it_is_passed_over(bucket: Bucket, content: bytes) -> None:
    bucket.put(f"{PREFIX}/{log().object_name}", content)
    store = LogStore(bucket.name, PREFIX, None)
    assert await found(store) is None
    await store.write(log(1))
    assert await found(store) == ("completed", log(1).created_at)


async def test_a_key_that_may_not_list_tells_what_is_missing_from_what_is_forbidden(
    front: Front, bucket: Bucket
) -> None:
    front.policy = without_list
    store = LogStore(bucket.name, PREFIX, None, months=3)
    # nobody has checked this bucket yet
    assert await found(store) is None
    assert bucket.keys == [f"{PREFIX}/_check"]
    front.requests.clear()
    assert await found(store) is None
    assert front.requests == ["GET"] * 4
    await store.write(log(1))
    assert await found(store) == ("completed", log(1).created_at)

    front.policy = without_right("GET")
    with pytest.raises(LogStoreError, match="needs the right GetObject") as refused:
        await store.find(ID)
    assert_is_clean(refused.value)


async def test_a_log_that_only_a_newer_version_can_read_is_not_passed_over(bucket: Bucket) -> None:
    bucket.put(f"{PREFIX}/{log().object_name}", b'{"tracking_id": "%s"}' % ID.encode())
    with pytest.raises(LogStoreError, match="This version cannot read"):
        await LogStore(bucket.name, PREFIX, None).find(ID)


@pytest.mark.usefixtures("bucket")
async def test_without_s3_only_a_final_log_in_the_folder_counts(aws: pytest.MonkeyPatch, tmp_path: Path) -> None:
    aws.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{free_port()}")
    store = LogStore("logs", PREFIX, tmp_path)
    for stored in (None, log(1, State.QUEUED)):
        if stored is not None:
            (tmp_path / stored.file_name).write_bytes(stored.to_bytes())
        with pytest.raises(LogStoreError, match="S3 could not be reached") as away:
            await store.find(ID)
        assert_is_clean(away.value)
    (tmp_path / log(1).file_name).write_bytes(log(1).to_bytes())
    assert await found(store) == ("completed", log(1).created_at)


async def test_the_later_one_of_folder_and_bucket_counts(bucket: Bucket, tmp_path: Path) -> None:
    # the folder of a worker that wrote the first log, and not the last one
    await LogStore(bucket.name, PREFIX, tmp_path).write(log(0, State.QUEUED))
    await LogStore(bucket.name, PREFIX, None).write(log(0, written_at=NOW + timedelta(seconds=18)))
    assert await found(LogStore(bucket.name, PREFIX, tmp_path)) == ("completed", NOW)
    # a retry that ended without a log, after a run whose final log this folder has
    retried = log(0, State.QUEUED, written_at=NOW + timedelta(days=1))
    (tmp_path / log().file_name).write_bytes(log(written_at=NOW + timedelta(seconds=18)).to_bytes())
    await LogStore(bucket.name, PREFIX, None).write(retried)
    assert await found(LogStore(bucket.name, PREFIX, tmp_path)) == ("queued", NOW)


async def test_the_log_of_another_namespace_stays(bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    theirs = log().placed("sales", "dev")
    await store.write(theirs)
    ours = log(written_at=NOW + timedelta(days=1)).placed("service", "dev")
    with pytest.raises(LogStoreError, match="needs an S3_PREFIX") as refused:
        await store.write(ours)
    assert_is_clean(refused.value)
    assert bucket.get(f"{PREFIX}/{ours.object_name}") == theirs.to_bytes()
    assert (tmp_path / ours.file_name).read_bytes() == theirs.to_bytes()


async def test_a_log_of_an_older_version_gives_way_whatever_the_namespace(bucket: Bucket) -> None:
    store = LogStore(bucket.name, PREFIX, None)
    await store.write(log())
    ours = log(written_at=NOW + timedelta(days=1)).placed("service", "dev")
    await store.write(ours)
    assert Log.model_validate_json(bucket.get(f"{PREFIX}/{ours.object_name}")).namespace == "service"
