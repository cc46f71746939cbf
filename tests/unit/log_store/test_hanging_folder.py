"""A folder that hangs, as one on a network does, keeps no log out of S3 and no other log out of the folder."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from log_store import LogStore, LogStoreError
from quotation.document import LogDocument
from quotation.identity import new_tracking_id
from tests.unit.log_store.conftest import Bucket
from tests.unit.log_store.test_store import PREFIX, assert_is_clean, document

WRITERS = 16


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("log_store.store._FOLDER_SECONDS", 0.3)


@contextmanager
def hanging(folder: Path, *logs: LogDocument) -> Iterator[None]:
    """Block the readers of these files until the end of the block."""
    files = [folder / log.file_name for log in logs]
    for file in files:
        os.mkfifo(file)
    try:
        yield
    finally:
        for file in files:
            # opened for writing and closed, it has an end
            os.close(os.open(file, os.O_RDWR))


def in_s3(bucket: Bucket, log: LogDocument) -> bytes:
    return bucket.get(f"{PREFIX}/{log.object_name}")


async def test_logs_reach_s3_while_the_folder_hangs_and_the_folder_when_it_is_back(
    bucket: Bucket, tmp_path: Path
) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    logs = [document(tracking_id=new_tracking_id()) for _ in range(WRITERS)]
    late, later = (document(tracking_id=new_tracking_id()) for _ in range(2))
    with hanging(tmp_path, *logs):
        outcomes = await asyncio.gather(*(store.write(log) for log in logs), return_exceptions=True)
        assert {str(outcome) for outcome in outcomes} == {"Writing local logs took too long."}
        assert [in_s3(bucket, log) for log in logs] == [log.to_bytes() for log in logs]
        with pytest.raises(LogStoreError, match=r"^All writers of local logs are busy\.$") as raised:
            await store.write(late)
        assert_is_clean(raised.value)
        assert in_s3(bucket, late) == late.to_bytes()
    async with asyncio.timeout(20):
        while not (tmp_path / later.file_name).exists():
            await asyncio.gather(store.write(later), return_exceptions=True)
            await asyncio.sleep(0.05)
    await store.write(logs[0])
    assert (tmp_path / logs[0].file_name).read_bytes() == logs[0].to_bytes()


async def test_a_writer_that_hangs_holds_up_only_its_own_log(bucket: Bucket, tmp_path: Path) -> None:
    store = LogStore(bucket.name, PREFIX, tmp_path)
    held, other = (document(tracking_id=new_tracking_id()) for _ in range(2))
    with (tmp_path / held.file_name).with_suffix(".tmp").open("ab") as draft:
        # as a worker of another process does that has stopped in the middle
        fcntl.flock(draft, fcntl.LOCK_EX)
        with pytest.raises(LogStoreError, match="took too long"):
            await store.write(held)
        await store.write(other)
    assert in_s3(bucket, held) == held.to_bytes()
    assert (tmp_path / other.file_name).read_bytes() == other.to_bytes()
